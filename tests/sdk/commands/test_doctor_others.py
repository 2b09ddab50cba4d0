"""What is called codex and is not used is named; it runs if that is asked for, told nothing."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex.commands.doctor.program import elsewhere_finding

from tests.sdk.commands.conftest import told
from tests.sdk.commands.stand_ins import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Examine = Callable[..., tuple[int, dict[str, dict[str, Any]]]]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a script is a program on POSIX only")

NOWHERE = ("--codex-bin", "/no/such")


@pytest.fixture
def on_path(bare_machine: Path) -> Path:
    """Give the folder that is all of PATH."""
    (bare_machine / "bin").mkdir()
    return bare_machine / "bin"


def write(path: Path, body: str) -> str:
    """Make a program that runs this Python."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_what_lies_on_path_is_named_and_neither_used_nor_run(
    tmp_path: Path, on_path: Path, examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write(on_path / "codex", f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setitem(sys.modules, "codex_cli_bin", None)

    _, report = examined()

    assert report["runtime"]["status"] == "error"
    assert {"program": other, "version": None} in report["elsewhere"]["details"]["programs"]
    assert "--probe-others" in told(report["elsewhere"])
    assert not (tmp_path / "ran").exists()


def test_a_program_in_a_relative_folder_of_path_is_named_from_the_root(
    on_path: Path, examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = stand_in(on_path, "")
    monkeypatch.chdir(on_path.parent)
    monkeypatch.setenv("PATH", "bin")

    _, report = examined(*NOWHERE)

    assert {"program": other, "version": None} in report["elsewhere"]["details"]["programs"]


def test_its_version_is_asked_for_where_that_is_wanted(on_path: Path, examined: Examine) -> None:
    other = stand_in(on_path, "", version="0.9.0")

    _, report = examined("--probe-others", *NOWHERE)

    assert {"program": other, "version": "0.9.0"} in report["elsewhere"]["details"]["programs"]
    assert f"{other}: 0.9.0" in report["elsewhere"]["notes"]


def test_what_is_asked_for_its_version_is_told_no_secret(
    tmp_path: Path, on_path: Path, examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    write(on_path / "codex", f"open({str(seen)!r}, 'w').write(' '.join(os.environ))")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")

    examined("--probe-others", *NOWHERE)

    names = set(seen.read_text(encoding="utf-8").split())
    assert "PATH" in names
    assert not names & {"HOME", "CODEX_HOME", "OPENAI_API_KEY"}


def test_programs_that_hang_are_waited_for_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = [write(tmp_path / f"{at}" / "codex", "time.sleep(600)") for at in range(6)]
    monkeypatch.setenv("PATH", os.pathsep.join(os.path.dirname(one) for one in programs))
    began = time.monotonic()

    finding = elsewhere_finding(None, 1)

    assert time.monotonic() - began < 5
    assert [f"{one}: says no version" for one in programs] == [*finding.notes[:6]]
