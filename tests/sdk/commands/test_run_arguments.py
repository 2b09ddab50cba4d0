"""What `run` refuses before anything starts, and what it says when nothing can."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from codex_app_server_types import (
    CodexErrorInfo,
    CodexErrorInfoValue,
    ResponseStreamConnectionFailedCodexErrorInfo,
    TurnError,
)
from openai_codex.commands.entry import main
from openai_codex.commands.run.failures import turn_sentence
from openai_codex.places import install_command

from tests.sdk.commands.stand_ins import stand_in


class Terminal(io.StringIO):
    """Stands for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["hi", "--sandbox", "none"],
        ["hi", "--approval-mode", "on_request"],
        ["hi", "--timeout", "-5"],
        ["hi", "--resume", "T1", "--ephemeral"],
        ["hi", "--json", "--plain"],
        ["hi", "there"],
    ],
)
def test_a_wrong_command_line_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", *arguments])

    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["  "], "PROMPT is empty."),
        (["hi", "--image", "no.png"], "--image is no.png, but there is no such file"),
        (["hi", "--cwd", "nowhere"], "--cwd is nowhere, but there is no such folder"),
        (["hi", "--output-schema", "no.json"], "which cannot be read"),
        (["hi", "--output-schema", "bad.json"], "which is not JSON"),
        (["hi", "--output-schema", "list.json"], "which holds no JSON object"),
        (["hi", "--output-schema", "kind.json"], "which is no JSON Schema: type: 'objekt' is not"),
        (["hi", "--output-schema", "draft.json"], "which is no JSON Schema: "),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text("{", encoding="utf-8")
    Path("list.json").write_text("[]", encoding="utf-8")
    Path("kind.json").write_text('{"type": "objekt"}', encoding="utf-8")
    Path("draft.json").write_text('{"$schema": 5}', encoding="utf-8")

    assert main(["run", *arguments]) == 2
    written = capsys.readouterr()
    assert words in written.err
    assert written.out == ""


def test_a_prompt_that_is_not_text_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9")))

    assert main(["run", "-"]) == 2
    assert "stdin is not UTF-8 (at byte 3)" in capsys.readouterr().err


def test_a_terminal_without_rich_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setitem(sys.modules, "rich", None)

    assert main(["run", "hi"]) == 1
    assert "pip install rich" in capsys.readouterr().err


def test_a_missing_runtime_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "hi", "--codex-bin", "/no/such/codex"]) == 1

    written = capsys.readouterr()
    assert written.err == (
        "--codex-bin is /no/such/codex, but there is no such file. Correct it, or leave it out to "
        "use the package openai-codex-cli-bin.\n"
    )


def test_a_missing_runtime_that_the_environment_names_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CODEX_BIN", "/no/such/codex")

    assert main(["run", "hi"]) == 1
    assert "CODEX_BIN is /no/such/codex, but" in capsys.readouterr().err


def test_a_runtime_that_is_not_installed_is_told_in_words_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "codex_cli_bin", None)

    assert main(["run", "hi"]) == 1
    written = capsys.readouterr().err
    assert "neither --codex-bin nor" in written
    assert written.endswith(f"Install it with `{install_command()}`.\n")


def test_a_turn_that_cannot_begin_has_a_result_with_the_reason_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "hi", "--json", "--codex-bin", "/no/such/codex"]) == 1

    written = capsys.readouterr()
    line = json.loads(written.out)
    assert (line["type"], line["turn_id"], line["status"]) == ("result", None, "failed")
    assert line["error"] == {"message": written.err.rstrip("\n")}


@pytest.mark.skipif(sys.platform == "win32", reason="a script is a program on POSIX only")
def test_a_runtime_that_dies_is_told_with_its_last_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = stand_in(tmp_path, "sys.exit('the disk is \\x1b[31mfull')")

    assert main(["run", "hi", "--codex-bin", program]) == 1

    written = capsys.readouterr().err
    assert "the disk is full" in written
    assert "openai_codex doctor" in written
    assert "\x1b" not in written


@pytest.mark.parametrize(
    ("info", "advice"),
    [
        (CodexErrorInfoValue.unauthorized, "Log in"),
        (CodexErrorInfoValue.usage_limit_exceeded, "account_rate_limits"),
        (CodexErrorInfoValue.server_overloaded, "try again later"),
        (CodexErrorInfoValue.context_window_exceeded, "begin another one"),
        (CodexErrorInfoValue.other, None),
        (None, None),
    ],
)
def test_a_failure_comes_with_advice(info: CodexErrorInfo | None, advice: str | None) -> None:
    said = turn_sentence(TurnError(message="It broke", codex_error_info=info), "codex")

    assert said.startswith("The turn failed: It broke.")
    assert (advice is None) == said.endswith("It broke.")
    assert advice is None or advice in said


def test_a_page_that_some_other_server_has_answered_is_one_sentence() -> None:
    error = TurnError(message="status 501: <html>\n  <h1>Error</h1>\n</html>, url: http://x")

    said = turn_sentence(error, "codex")

    assert said == "The turn failed: status 501: <html> <h1>Error</h1> </html>, url: http://x."


def test_an_http_status_has_its_advice_too() -> None:
    info = ResponseStreamConnectionFailedCodexErrorInfo.from_wire(
        {"responseStreamConnectionFailed": {"httpStatusCode": 401}}
    )

    assert "Log in" in turn_sentence(TurnError(message="no", codex_error_info=info), "codex")
