"""`python -m openai_codex doctor` on the real runtime."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex.commands.doctor.examination import CHECKS

if TYPE_CHECKING:
    from openai_codex.testing import IsolatedHome, ModelServer

PROVIDER = """\
model_provider = "mine"
model_providers.mine = { name = "mine", base_url = "http://127.0.0.1:9", wire_api = "responses", \
env_key = "MY_PROVIDER_KEY" }
"""


def examine(home: IsolatedHome) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the doctor in a home, as a program of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "openai_codex", "doctor", "--json"],
        cwd=home.workspace,
        env=home.process_env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stderr == ""
    findings = json.loads(done.stdout)["findings"]
    assert tuple(finding["check"] for finding in findings) == CHECKS
    return done.returncode, {finding["check"]: finding for finding in findings}


def test_all_is_well_where_a_turn_can_run(home: IsolatedHome, model: ModelServer) -> None:
    home.configure(model.config_overrides())

    code, report = examine(home)

    wrong = {check: one for check, one in report.items() if one["status"] not in ("ok", "info")}
    assert (code, wrong) == (0, {})
    assert report["runtime"]["details"]["place"] == "openai-codex-cli-bin"
    assert report["handshake"]["details"]["codex_home"] == str(home.codex_home)
    assert report["configuration"]["details"]["model_provider"] == "scripted"
    assert report["sandbox"]["details"] == {"exit_code": 0, "was_written": False}
    assert report["schema"]["status"] == "ok"
    assert not model.requests


def test_nobody_logged_in_keeps_turns_from_running(home: IsolatedHome) -> None:
    code, report = examine(home)

    assert code == 1
    assert report["account"]["status"] == "error"
    assert "login" in report["account"]["advice"]


def test_a_login_is_told_without_its_key(home: IsolatedHome) -> None:
    login = home.codex_home / "auth.json"
    login.write_text(json.dumps({"OPENAI_API_KEY": "sk-very-secret"}), encoding="utf-8")

    code, report = examine(home)

    assert code == 0
    assert report["account"]["summary"] == "an API key"
    assert "sk-very-secret" not in json.dumps(report)


@pytest.mark.parametrize("text", ["model = ", "model = 5", 'sandbox_mode = "none"'])
def test_a_broken_configuration_is_told_with_its_file(home: IsolatedHome, text: str) -> None:
    (home.codex_home / "config.toml").write_text(text, encoding="utf-8")

    code, report = examine(home)

    assert code == 1
    assert report["configuration"]["status"] == "error"
    assert str(home.codex_home / "config.toml") in report["configuration"]["advice"]
    assert report["account"]["status"] == "skipped"
    assert report["thread"]["status"] == "error"
    assert "\\n" not in report["configuration"]["summary"]


def test_a_provider_that_does_not_exist_is_told(home: IsolatedHome) -> None:
    (home.codex_home / "config.toml").write_text('model_provider = "nobody"', encoding="utf-8")

    code, report = examine(home)

    assert code == 1
    assert "`nobody` not found" in report["thread"]["summary"]
    assert report["account"]["status"] == "skipped"
    assert str(home.codex_home / "config.toml") in report["configuration"]["advice"]


def test_a_provider_without_its_key_is_told(home: IsolatedHome) -> None:
    (home.codex_home / "config.toml").write_text(PROVIDER, encoding="utf-8")

    code, report = examine(home)

    assert code == 1
    assert report["configuration"]["advice"] == "Set the environment variable MY_PROVIDER_KEY."
