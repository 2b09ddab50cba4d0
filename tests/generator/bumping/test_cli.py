"""The command line of a bump tells what came of it, also by its exit code."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from codex_generator.bumping import bump, cli
from codex_generator.bumping.arguments import add_arguments
from codex_generator.bumping.errors import BumpError
from codex_generator.runtimes.store import Runtime, Store

from tests.generator.bumping.trees import (
    NEW,
    OLD,
    FakeWork,
    contents,
    is_bumped,
    lanes,
    make_tree,
    program,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")


HEARD = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Leave the tests' own handlers as they were."""
    before = {number: signal.getsignal(number) for number in HEARD}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(
    root: Path, monkeypatch: pytest.MonkeyPatch, *options: str, tests: str = "", version: str = NEW
) -> int:
    """Run the command line on a tree, whose work and checks are stand-ins."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    asked = parser.parse_args([str(program(root.parent, version)), *options])
    fake = partial(bump.Bump, checks=lanes(tests=tests), work=FakeWork)
    monkeypatch.setattr(cli, "Bump", fake)
    return cli.run(asked, root, Store(root / ".nox/.cache"))


def test_all_goes_well(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, monkeypatch) == 0

    first, *_, verdict = lines = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{OLD} -> {NEW}: the runtime is from ")
    assert not any("Python index" in line for line in lines)
    assert verdict == f"4 files changed: the tree is made for {NEW} now; read it, then commit"
    assert is_bumped(root)


def test_nothing_is_to_be_done(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, monkeypatch, version=OLD) == 0
    assert capsys.readouterr().out == f"{OLD} is pinned already: nothing is to be done\n"


def test_what_is_older_than_the_minimum_is_told_of_first(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, monkeypatch, version="0.9.0") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"the facade is for {OLD} and newer: not all can succeed"


@pytest.mark.parametrize("record", [False, True])
def test_what_nobody_can_install_is_told_of(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, record: bool
) -> None:
    site = root.parent / "site"
    papers = site / "openai_codex_cli_bin-1.1.0.dist-info"
    papers.mkdir(parents=True)
    if record:
        (papers / "RECORD").touch()
    found = Runtime(NEW, program(root.parent, NEW), "the cache", site)
    answers: dict[str, object] = {"target": found, "_schema": root / "schema"}
    for name, answer in answers.items():

        def given(*_: object, answer: object = answer) -> object:
            return answer

        monkeypatch.setattr(bump.Bump, name, given)

    assert run(root, monkeypatch) == 0

    note = f"the runtime {NEW} was not on the Python index: "
    assert (note in capsys.readouterr().out) is not record


def test_whoever_closes_the_terminal_stops_it_but_for_nohup(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(root, monkeypatch, version=OLD) == 0
    assert signal.getsignal(signal.SIGHUP) is signal.default_int_handler

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert run(root, monkeypatch, version=OLD) == 0
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_a_second_bump_at_once_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with bump.alone(root), pytest.raises(BumpError, match="another bump"):
        run(root, monkeypatch)
    assert run(root, monkeypatch) == 0


def test_the_page_of_a_dry_run_is_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def report(self: FakeWork) -> str:
        page = self.copy / "docs/changes" / f"{NEW}.md"
        page.parent.mkdir(parents=True)
        page.write_text("what came of it", encoding="utf-8")
        return ""

    monkeypatch.setattr(FakeWork, "report", report)
    assert run(root, monkeypatch, "--dry-run") == 0

    verdict = capsys.readouterr().out.splitlines()[-1]
    assert verdict.startswith("the tree is as it was (--dry-run); the page on it is ")
    assert Path(verdict.split()[-1]).read_text(encoding="utf-8") == "what came of it"


@pytest.mark.parametrize(
    ("options", "code", "verdict"),
    [
        ((), 1, "the tree is as it was"),
        (("--dry-run",), 1, "the tree is as it was (--dry-run)"),
        (
            ("--keep-going",),
            cli.PARTLY,
            f"4 files changed: what worked for {NEW} is in the tree, and is no whole",
        ),
    ],
)
def test_what_fails_is_told_last(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: int,
    verdict: str,
) -> None:
    assert run(root, monkeypatch, *options, tests="raise SystemExit('42 is no str')") == code

    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("did not succeed:") for line in lines)
    assert any("42 is no str" in line for line in lines)
    assert lines[-1] == verdict


def test_a_stopped_bump_says_that_nothing_has_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(root)
    ended = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(600)"

    assert run(root, monkeypatch, tests=ended) == 130

    assert capsys.readouterr().err == "stopped: the tree is as it was\n"
    assert contents(root) == before


def test_who_stops_what_is_done_already_is_told_that_it_is_done(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(folder: Path, *, ignore_errors: bool) -> None:
        shutil.rmtree(folder, ignore_errors=ignore_errors)
        raise KeyboardInterrupt

    monkeypatch.setattr(bump, "shutil", SimpleNamespace(rmtree=interrupted))

    assert run(root, monkeypatch) == 0

    assert "4 files changed" in capsys.readouterr().out
    assert is_bumped(root)
