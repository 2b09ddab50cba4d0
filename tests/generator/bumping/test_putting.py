"""Many files change as one: whoever dies or refuses meanwhile, nothing is half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from codex_generator.bumping.checkout import Change
from codex_generator.bumping.errors import BumpError
from codex_generator.bumping.putting import JOURNAL, finish_last, lay_down, put
from codex_generator.diagnostics import GeneratorError

from tests.generator.bumping.trees import NEW, OLD, contents, is_bumped, make_tree

CHANGES = [
    Change(Path("rendered/changed"), removed=False),
    Change(Path("rendered/deep/down/added"), removed=False),
    Change(Path("rendered/gone/removed"), removed=True),
]

PUT = """
import sys
from pathlib import Path
from codex_generator.bumping.checkout import Change
from codex_generator.bumping.putting import put
changes = [Change(Path(name), removed=name.endswith("removed")) for name in sys.argv[3:]]
put(Path(sys.argv[1]), Path(sys.argv[2]), changes)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    for change in CHANGES:
        if not change.removed:
            (folder / change.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / change.path).write_text(NEW, encoding="utf-8")
    return folder


def left(root: Path) -> list[str]:
    folder = root / ".nox"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_files_are_changed_added_and_removed(root: Path, copy: Path) -> None:
    put(root, copy, CHANGES)

    assert is_bumped(root)
    assert left(root) == []


def test_the_copy_stays_whole(root: Path, copy: Path) -> None:
    before = contents(copy)
    put(root, copy, CHANGES)
    assert contents(copy) == before


def block(root: Path) -> Path:
    """Have a folder stand where a file shall be added: nothing can be renamed to there."""
    place = root / "rendered/deep/down/added/in the way"
    place.mkdir(parents=True)
    return place


def test_where_a_file_cannot_be_put_those_that_were_are_put_back(root: Path, copy: Path) -> None:
    block(root)
    before = contents(root)

    with pytest.raises(BumpError, match=r"cannot be changed, and is as it was: .*added: Is a dir"):
        put(root, copy, CHANGES)

    assert contents(root) == before
    assert left(root) == []


def test_what_the_copy_lacks_changes_nothing(root: Path, copy: Path) -> None:
    before = contents(root)
    (copy / "rendered/changed").unlink()

    with pytest.raises(GeneratorError, match="cannot be changed: No such file"):
        put(root, copy, CHANGES)

    assert contents(root) == before
    assert left(root) == []


def many(root: Path, copy: Path) -> list[Change]:
    """Make a change of so many files that one can die meanwhile."""
    changes = list(CHANGES)
    for number in range(300):
        changes.append(Change(Path(f"rendered/many/{number}"), removed=False))
        file = copy / f"rendered/many/{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(NEW, encoding="utf-8")
    return changes


def is_whole(root: Path) -> bool:
    return is_bumped(root) and len([*(root / "rendered/many").iterdir()]) == 300


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("begun", [False, True], ids=["before", "meanwhile"])
def test_whoever_is_ended_leaves_the_tree_as_it_was_or_all_of_it_done(
    root: Path, copy: Path, number: signal.Signals, begun: bool
) -> None:
    before = contents(root)
    changes = many(root, copy)
    names = [str(change.path) for change in changes]
    command = [sys.executable, "-c", PUT, str(root), str(copy), *names]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    moment = (root / JOURNAL).is_dir if begun else (root / ".nox").is_dir
    wait_until(moment)

    os.killpg(process.pid, number)

    process.wait(30)
    wait_until(lambda: not (root / JOURNAL).exists())
    if contents(root) == before:
        assert not begun
    else:
        assert is_whole(root)


def test_what_a_dead_machine_left_is_finished(root: Path, copy: Path) -> None:
    changes = many(root, copy)
    lay_down(root, copy, changes)
    for number in range(50):  # so far it had come
        place = root / f"rendered/many/{number}"
        place.parent.mkdir(exist_ok=True)
        (root / JOURNAL / f"new/rendered/many/{number}").rename(place)

    assert finish_last(root)

    assert is_whole(root)
    assert not finish_last(root)


def cut_off(root: Path, copy: Path) -> None:
    """Leave what a machine leaves that dies after the first file was put."""
    lay_down(root, copy, CHANGES)
    (root / JOURNAL / "new/rendered/changed").replace(root / "rendered/changed")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rendered/changed", OLD),  # put back, with git
        ("rendered/deep/down/added", "mine"),
        ("rendered/gone/removed", "mine"),
    ],
)
def test_what_somebody_changed_after_that_is_left_alone(
    root: Path, copy: Path, name: str, text: str
) -> None:
    cut_off(root, copy)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")
    before = contents(root)

    with pytest.raises(BumpError, match=f"{name}: was changed after .* remove .*{JOURNAL.name}"):
        finish_last(root)

    assert contents(root) == before
    assert left(root) == [JOURNAL.name]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such lock")
def test_two_that_finish_the_same_do_not_meet(root: Path, copy: Path) -> None:
    changes = many(root, copy)
    lay_down(root, copy, changes)
    finish = "import sys; from pathlib import Path; from codex_generator.bumping import putting"
    finish += "; sys.stdin.read(); print(putting.finish_last(Path(sys.argv[1])))"
    command = [sys.executable, "-c", finish, str(root)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as one,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other,
    ):
        time.sleep(1)  # until both wait for the word
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.close()
        answers = [process.stdout.read() for process in (one, other) if process.stdout is not None]

    assert sorted(answers) == ["False\n", "True\n"]
    assert is_whole(root)


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)
