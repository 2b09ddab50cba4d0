"""Putting: many files change as if they were one.

What is to change is first laid down whole in a journal beside the tree, which gets its name by one
rename: before that, nothing has happened. A process of its own, which waits for that, renames file
after file into its place: it needs no space, takes a fraction of a second, and hears neither Ctrl-C
nor what ends the process that began. If a file cannot be put, those that were are put back. Should
the machine itself die, the journal is still there, and the next bump finishes it first, unless
somebody has changed since what it is about.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypedDict, cast

from codex_generator.bumping.checkout import Change
from codex_generator.bumping.errors import BumpError
from codex_generator.release.outputs import failures_told, scratch_folder

JOURNAL: Final = Path(".nox", "bump-journal")
"""Where the journal is, from the root: git ignores it, and it is on the disk of the tree."""

_NOTHING: Final = 4
"""The exit code of the process that puts if there was nothing to put."""

_PLAN: Final = "plan.json"
_OLD: Final = "old"
_NEW: Final = "new"


class _Plan(TypedDict):
    written: list[str]
    removed: list[str]


def put(root: Path, copy: Path, changes: Sequence[Change]) -> None:
    """Bring changes of a copy into the tree: all of them, or none.

    Args:
        root: of the tree.
        copy: of the tree, with the changes.
        changes: what to bring.

    Raises:
        GeneratorError: It cannot be done; the tree is as it was.
    """
    command = [sys.executable, "-m", __name__, str(root)]
    # It waits for the end of its stdin: that comes too if this process dies, at whatever moment.
    process = subprocess.Popen(
        command,
        start_new_session=True,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    stopped: BaseException | None = None
    try:
        lay_down(root, copy, changes)
    except BaseException as error:  # what was laid down before an interruption is put all the same
        stopped = error
    said = _wait(process)
    if process.returncode == _NOTHING:
        if stopped is not None:
            raise stopped
        return  # another bump has just finished it
    if process.returncode:
        raise BumpError(f"{root}: cannot be changed, and is as it was: {said.strip()}")


def _wait(process: subprocess.Popen[str]) -> str:
    """Let the process begin, and wait for its end, which cannot be stopped any more."""
    while True:
        try:
            return process.communicate()[1]
        except KeyboardInterrupt:
            continue


def lay_down(root: Path, copy: Path, changes: Sequence[Change]) -> None:
    """Write the journal: once it is there, the changes will be made, whatever happens.

    Args:
        root: of the tree.
        copy: of the tree, with the changes.
        changes: what to bring.

    Raises:
        ReleaseError: It cannot be written; the tree is as it was.
    """
    journal = root / JOURNAL
    with failures_told(root, "changed"):
        journal.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(journal) as scratch:
            filled = scratch / "journal"
            _fill(filled, root, copy, changes)
            filled.rename(journal)


def finish_last(root: Path) -> bool:
    """Finish a bump that was killed while it was putting, if there is one.

    Args:
        root: of the tree.

    Returns:
        Whether there was one.

    Raises:
        BumpError: It cannot be finished; the tree is as it was before that bump, or as somebody has
            made it since.
    """
    journal = root / JOURNAL
    if not journal.parent.is_dir():
        return False
    with _alone(journal.parent):
        if not journal.is_dir():
            return False
        plan = cast("_Plan", json.loads((journal / _PLAN).read_text(encoding="utf-8")))
        for name in _changed_by_others(root, journal, plan):
            reason = "was changed after a bump had begun to change the tree"
            raise BumpError(f"{name}: {reason}; to leave it at that, remove {journal}")
        _finish(root, journal, plan)
    return True


@contextmanager
def _alone(folder: Path) -> Generator[None, None, None]:
    """Have other processes wait: of two that put the same, each would miss what the other put.

    The lock is on the folder itself: a file for it would need space, which the disk may not have.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl  # which Windows does not have

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _changed_by_others(root: Path, journal: Path, plan: _Plan) -> Iterator[str]:
    """Yield what is neither as it was nor as the journal says that it has been put."""
    for name in plan["written"]:
        if (journal / _NEW / name).exists() is not _is_same(root / name, journal / _OLD / name):
            yield name
    for name in plan["removed"]:
        if (root / name).exists() and not _is_same(root / name, journal / _OLD / name):
            yield name


def _is_same(file: Path, old: Path) -> bool:
    """Tell whether a file is what it was, which may be none."""
    if not (file.is_file() and old.is_file()):
        return file.is_file() is old.is_file()
    modes = {each.stat().st_mode for each in (file, old)}
    return len(modes) == 1 and file.read_bytes() == old.read_bytes()


def _finish(root: Path, journal: Path, plan: _Plan) -> None:
    try:
        for name in plan["written"]:
            _place(journal / _NEW / name, root / name)
        for name in plan["removed"]:
            (root / name).unlink(missing_ok=True)
            _remove_empty((root / name).parent)
    except OSError as error:
        _put_back(root, journal, plan)
        raise BumpError(f"{error.filename}: {error.strerror}") from error
    finally:
        shutil.rmtree(journal, ignore_errors=True)


def _fill(journal: Path, root: Path, copy: Path, changes: Sequence[Change]) -> None:
    plan: _Plan = {"written": [], "removed": []}
    for change in changes:
        plan["removed" if change.removed else "written"].append(change.path.as_posix())
        if (root / change.path).is_file():
            _copy(root / change.path, journal / _OLD / change.path)
        if not change.removed:
            _copy(copy / change.path, journal / _NEW / change.path)
    (journal / _PLAN).write_text(json.dumps(plan), encoding="utf-8")


def _place(file: Path, target: Path) -> None:
    """Rename a file into its place, unless it is there already."""
    if file.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def _put_back(root: Path, journal: Path, plan: _Plan) -> None:
    for name in (*plan["written"], *plan["removed"]):
        old, target = journal / _OLD / name, root / name
        # What could not be put is still there: whatever hindered it is no hindrance now.
        with suppress(OSError):
            if old.exists():
                _place(old, target)
            else:
                target.unlink(missing_ok=True)
                _remove_empty(target.parent)


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, target)


def _remove_empty(folder: Path) -> None:
    """Remove a folder, and those above, as far as there is nothing in them."""
    with suppress(OSError):
        while True:
            folder.rmdir()
            folder = folder.parent


def _main(root: Path) -> int:
    """Be the process that puts, once there is something to put."""
    sys.stdin.read()
    try:
        return 0 if finish_last(root) else _NOTHING
    except BumpError as error:
        shutil.rmtree(root / JOURNAL, ignore_errors=True)  # who began is told, and may begin again
        with suppress(OSError):  # who began may be gone
            print(error, file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    os._exit(_main(Path(sys.argv[1])))  # nothing is left to do, and nothing may go wrong any more
