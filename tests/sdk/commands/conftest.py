"""A machine on which nothing is installed, and a look at what the doctor finds there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex.commands.entry import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


Report = dict[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nothing of the developer's be found; gives the folder of what is there instead."""
    for name in ("CODEX_BIN", "OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    (home / "codex").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CODEX_HOME", str(home / "codex"))
    monkeypatch.setenv("PATH", str(home / "bin"))
    return home


@pytest.fixture
def examined(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Report]]:
    """Run ``doctor --json`` with these arguments, and give its exit code and its findings."""

    def examine(*arguments: str) -> tuple[int, Report]:
        code = main(["doctor", "--json", *arguments])
        report = json.loads(capsys.readouterr().out)
        assert report["version"] == 1
        assert report["ok"] is (code == 0)
        return code, {finding["check"]: finding for finding in report["findings"]}

    return examine


def told(finding: dict[str, Any]) -> str:
    """Give all words of a finding."""
    return "\n".join([finding["summary"], *finding["notes"], str(finding["advice"])])
