"""A bump does all of it or nothing: whatever fails, the tree is as it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from codex_generator.bumping.checkout import Change
from codex_generator.bumping.errors import BumpError
from codex_generator.bumping.ledger import Ledger, Outcome
from codex_generator.bumping.putting import lay_down
from codex_generator.bumping.work import Work
from codex_generator.diagnostics import Diagnostic, DiagnosticsError, GeneratorError, Kind
from codex_generator.runtimes.errors import NotTheRuntimeError
from codex_generator.runtimes.store import Runtime

from tests.generator.bumping.trees import (
    NEW,
    OLD,
    FakeWork,
    bump,
    contents,
    git,
    is_bumped,
    lanes,
    ledger,
    make_tree,
    program,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    file = program(tmp_path)
    return Runtime(NEW, file, str(file))


def outcomes(ledger: Ledger) -> dict[str, Outcome]:
    return {entry.name: entry.outcome for entry in ledger.entries}


def test_all_goes_well(root: Path, runtime: Runtime) -> None:
    told = ledger()

    bump(root).run(runtime, told)

    assert is_bumped(root)
    assert told.changed == 4
    assert not told.failed
    assert git(root, "status", "--porcelain").split("\n")[:2] == [
        " M rendered/changed",
        " D rendered/gone/removed",
    ]


def test_git_learns_nothing_of_the_copy(root: Path, runtime: Runtime) -> None:
    bump(root).run(runtime, ledger())

    assert git(root, "worktree", "list").count("\n") == 1
    assert git(root, "branch", "--all").split() == ["*", git(root, "branch", "--show-current")[:-1]]
    assert git(root, "remote") == ""


def test_a_dry_run_changes_nothing(root: Path, runtime: Runtime) -> None:
    before, told = contents(root), ledger()

    bump(root, dry_run=True).run(runtime, told)

    assert told.changed is None
    assert contents(root) == before
    assert {*outcomes(told).values()} == {Outcome.OK}


def failing(step: str, error: BaseException) -> type[Work]:
    """Give work that fails in a step, after it has changed what it could."""

    def fail(self: Work) -> str:
        (self.copy / "rendered/changed").write_text("half made", encoding="utf-8")
        raise error

    return type("FailingWork", (FakeWork,), {step: fail})


ERRORS: list[BaseException] = [
    GeneratorError("no"),
    DiagnosticsError((Diagnostic("#/x", Kind.UNSUPPORTED_KEYWORD, "no rule for 'not'"),)),
    OSError(28, "No space left on device"),
]
STEPS = ["take_schema", "settle_errata", "report", "mention", "render"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_step_that_fails_leaves_the_tree_as_it_was(
    root: Path, runtime: Runtime, step: str, error: BaseException
) -> None:
    before, told = contents(root), ledger()

    bump(root, work=failing(step, error)).run(runtime, told)

    assert told.changed is None
    assert contents(root) == before
    (first, *others) = told.failed
    assert first.outcome is Outcome.FAILED
    assert str(error) in first.words
    assert {entry.outcome for entry in others} <= {Outcome.NOT_REACHED}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a mistake of ours")])
def test_what_nobody_expects_leaves_the_tree_as_it_was(
    root: Path, runtime: Runtime, step: str, error: BaseException
) -> None:
    before = contents(root)

    with pytest.raises(type(error)):
        bump(root, work=failing(step, error), keep_going=True).run(runtime, ledger())

    assert contents(root) == before


def test_a_check_that_fails_leaves_the_tree_as_it_was(root: Path, runtime: Runtime) -> None:
    before, told = contents(root), ledger()
    checks = lanes(types="raise SystemExit('42 is no str')", tests="import time; time.sleep(600)")

    bump(root, checks=checks).run(runtime, told)

    assert told.changed is None
    assert contents(root) == before
    assert outcomes(told)["types"] is outcomes(told)["tests"] is Outcome.FAILED
    (types,) = (entry for entry in told.failed if entry.name == "types")
    assert "42 is no str" in types.words
    assert types.log is not None
    assert "42 is no str" in types.log.read_text(encoding="utf-8")


def test_the_checks_see_the_bumped_copy_and_the_runtime(root: Path, runtime: Runtime) -> None:
    told = ledger()
    look = f"""
import os, subprocess, sys
assert open("rendered/changed").read() == {NEW!r}
sys.path.insert(0, os.environ["CODEX_RUNTIME_WHEEL"])
import codex_cli_bin
said = subprocess.check_output([codex_cli_bin.bundled_codex_path(), "--version"], text=True)
assert said == "codex-cli {NEW}\\n", said
assert subprocess.check_output(["git", "status", "--porcelain"]) == b""
"""
    bump(root, checks=lanes(tests=look)).run(runtime, told)

    assert told.failed == []


def test_what_worked_is_left_if_that_is_asked_for(root: Path, runtime: Runtime) -> None:
    told = ledger()
    checks = lanes(tests="raise SystemExit('one failed')")

    bump(root, checks=checks, keep_going=True).run(runtime, told)

    assert told.changed == 4
    assert is_bumped(root)
    assert [entry.name for entry in told.failed] == ["tests"]
    assert outcomes(told)["types"] is Outcome.OK


def test_where_nothing_is_rendered_there_is_nothing_to_check(root: Path, runtime: Runtime) -> None:
    told = ledger()
    work = failing("render", DiagnosticsError(()))

    bump(root, work=work, keep_going=True).run(runtime, told)

    assert outcomes(told)["schema"] is Outcome.OK
    assert {entry.name: entry.outcome for entry in told.failed} == {
        "render": Outcome.FAILED,
        **dict.fromkeys(("tests", "lint", "types"), Outcome.NOT_REACHED),
    }
    assert f'"{NEW}"' in (root / "schema/manifest.json").read_text(encoding="utf-8")


def test_what_somebody_changes_meanwhile_is_not_written_over(root: Path, runtime: Runtime) -> None:
    mine = root / "rendered/same"
    checks = lanes(tests=f"open({str(mine)!r}, 'w').write('mine')")

    with pytest.raises(BumpError, match="comes to nothing: rendered/same: is not committed"):
        bump(root, checks=checks).run(runtime, ledger())

    assert mine.read_text(encoding="utf-8") == "mine"
    assert (root / "rendered/changed").read_text(encoding="utf-8") == OLD


@pytest.mark.parametrize("change", ["changed", "staged", "new", "removed"])
def test_a_dirty_tree_is_refused(root: Path, tmp_path: Path, change: str) -> None:
    file = root / ("stranger" if change == "new" else "rendered/same")
    if change == "removed":
        file.unlink()
    else:
        file.write_text("mine", encoding="utf-8")
    if change == "staged":
        git(root, "add", ".")
    before = contents(root)

    with pytest.raises(BumpError) as caught:
        bump(root).target(str(program(tmp_path)))

    name = file.relative_to(root).as_posix()
    assert str(caught.value) == f"{name}: is not committed: commit or stash it, then bump"
    assert contents(root) == before


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BumpError, match="is no git checkout with a commit"):
        bump(tmp_path).target("latest")


def test_a_part_of_a_checkout_is_refused(root: Path) -> None:
    with pytest.raises(BumpError, match="is no git checkout of its own"):
        bump(root / "rendered").target("latest")


@pytest.mark.parametrize("wanted", [OLD, f"rust-v{OLD}", f"{OLD}.post1", "a program"])
def test_there_is_nothing_to_do_for_what_is_pinned(root: Path, tmp_path: Path, wanted: str) -> None:
    before = contents(root)
    asked = str(program(tmp_path, OLD)) if wanted == "a program" else wanted

    assert bump(root).target(asked) is None

    assert contents(root) == before


def test_another_program_is_refused(root: Path, tmp_path: Path) -> None:
    before = contents(root)
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho Python 3.10.13\n", encoding="utf-8")
    other.chmod(0o755)

    with pytest.raises(NotTheRuntimeError, match=r"prints 'Python 3\.10\.13'"):
        bump(root).target(str(other))

    assert contents(root) == before


def test_a_runtime_that_prints_no_schema_changes_nothing(root: Path, tmp_path: Path) -> None:
    before = contents(root)
    mute = tmp_path / "mute"
    mute.write_text(f"#!/bin/sh\necho codex-cli {NEW}\n", encoding="utf-8")
    mute.chmod(0o755)
    found = bump(root).target(str(mute))
    assert found is not None

    with pytest.raises(GeneratorError, match="printed no codex_app_server_protocol"):
        bump(root).run(found, ledger())

    assert contents(root) == before


HOOKS = ["pre-commit", "prepare-commit-msg", "post-checkout", "post-commit"]


def test_hooks_are_not_run(
    root: Path, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in HOOKS:
        (hooks / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    configured = tmp_path / "gitconfig"
    configured.write_text(f'[core]\nhooksPath = "{hooks}"\n', encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configured))

    bump(root).run(runtime, ledger())

    assert is_bumped(root)


def test_what_git_tells_of_another_repository_is_not_heard(
    root: Path, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_tree(tmp_path / "other")
    before = contents(other), git(other, "log"), git(other, "status")
    told = ledger()
    look = "import subprocess; subprocess.run(['git', 'rm', '--quiet', 'mode'], check=True)"
    with monkeypatch.context() as environment:
        environment.setenv("GIT_DIR", str(other / ".git"))
        environment.setenv("GIT_INDEX_FILE", str(other / ".git/index"))

        bump(root, checks=lanes(tests=look)).run(runtime, told)

    assert is_bumped(root)
    assert not told.failed
    assert (contents(other), git(other, "log"), git(other, "status")) == before


def test_a_file_that_git_is_not_to_tell_of_is_not_written_over(root: Path, tmp_path: Path) -> None:
    git(root, "config", "status.showUntrackedFiles", "no")
    mine = root / "rendered/deep/down/added"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")

    with pytest.raises(BumpError, match="rendered/deep/: is not committed"):
        bump(root).target(str(program(tmp_path)))


def test_what_git_says_against_a_folder_is_told(root: Path) -> None:
    (root / ".git/config").write_text("[core\n", encoding="utf-8")

    with pytest.raises(BumpError, match=r"is no git checkout with a commit: .*bad config line 1"):
        bump(root).target("latest")


def test_a_bump_that_was_cut_off_is_finished_and_told_of(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "rendered").mkdir(parents=True)
    (copy / "rendered/changed").write_text(NEW, encoding="utf-8")
    lay_down(root, copy, [Change(Path("rendered/changed"), removed=False)])

    with pytest.raises(BumpError, match="was cut off while it changed the tree has been finished"):
        bump(root).target(str(program(tmp_path)))

    assert (root / "rendered/changed").read_text(encoding="utf-8") == NEW
