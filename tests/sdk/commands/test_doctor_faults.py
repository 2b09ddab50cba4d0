"""The doctor finds what is wrong with a runtime, in bounded time and without a traceback."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import MINIMUM_RUNTIME, TESTED_RUNTIME
from codex_app_server_rpc.server_version import is_older
from codex_app_server_types.origin import RUNTIME_VERSION
from openai_codex.commands.doctor.examination import CHECKS

from tests.sdk.commands.conftest import told
from tests.sdk.commands.stand_ins import ANSWER, REFUSE, stand_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Examine = Callable[..., tuple[int, dict[str, dict[str, Any]]]]

posix = pytest.mark.skipif(os.name != "posix", reason="a script is a program on POSIX only")
OK_AGENT = 'AGENT = "codex_python_doctor/0.163.0 (test)"\n'
# What comes before the minimum is refused, and asked no more.
EARLIER = [f"{RUNTIME_VERSION}-alpha.1"] if is_older(MINIMUM_RUNTIME, RUNTIME_VERSION) else []
OTHERS = [*EARLIER, "97.0.0"]
QUICK = ("--timeout", "1")
"""For what hangs."""


def test_a_missing_program_is_named_and_all_that_needs_it_is_skipped(examined: Examine) -> None:
    code, report = examined("--codex-bin", "/no/such/codex")

    assert code == 1
    assert "codex_bin is /no/such/codex, but there is no such file" in told(report["runtime"])
    skipped = [check for check, one in report.items() if one["status"] == "skipped"]
    assert skipped == ["program", *CHECKS[CHECKS.index("handshake") :]]


def test_a_missing_package_says_what_to_install(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "codex_cli_bin", None)

    code, report = examined()

    assert code == 1
    assert "pip install openai-codex-cli-bin==" in told(report["runtime"])
    places = report["runtime"]["details"]["places"]
    assert [place["place"] for place in places] == [
        "codex_bin",
        "CODEX_BIN",
        "openai-codex-cli-bin",
    ]


@posix
def test_a_program_that_is_not_executable_is_told(tmp_path: Path, examined: Examine) -> None:
    path = tmp_path / "codex"
    path.write_text("", encoding="utf-8")

    code, report = examined("--codex-bin", str(path))

    assert code == 1
    assert "is not executable" in told(report["runtime"])


@pytest.mark.skipif(sys.platform != "linux", reason="it is a Linux program")
def test_a_program_for_another_machine_is_told_before_it_is_run(
    tmp_path: Path, examined: Examine
) -> None:
    path = tmp_path / "codex"
    path.write_bytes(b"\xcf\xfa\xed\xfe" + (0x0100000C).to_bytes(4, "little") + bytes(40))
    path.chmod(0o755)

    code, report = examined("--codex-bin", str(path))

    assert code == 1
    assert "it is made for macOS, and this is Linux" in told(report["program"])
    assert report["handshake"]["status"] == "skipped"


@posix
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("print('GNU bash, version 5')", "it says GNU bash, version 5"),
        ("print('codex-cli 0.163.0'); sys.exit(3)", "exit code 3"),
        ("import time; time.sleep(600)", "it did not end within 1 s"),
        ("import os; os.fork() or time.sleep(600)", "it says nothing"),
        ("while True: print('codex' * 1000)", "it says codexcodex"),
        ("print(chr(27) + '[2J')", r"it says \x1b[2J"),
    ],
)
def test_a_program_that_is_not_the_runtime_is_told(
    tmp_path: Path, examined: Examine, body: str, words: str
) -> None:
    path = tmp_path / "codex"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n", encoding="utf-8")
    path.chmod(0o755)

    code, report = examined("--codex-bin", str(path), *QUICK)

    assert code == 1
    assert words in told(report["program"])
    assert report["schema"]["status"] == "skipped"


@posix
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("time.sleep(600)", "did not answer within 1 s"),
        (
            "while True: print('garbage', flush=True); time.sleep(0.01)",
            "lines that are no messages",
        ),
        ("sys.exit('the disk is full')", "the disk is full"),
        ("sys.exit(7)", "with exit code 7"),
        ("import os; os.kill(os.getpid(), 9)", "with exit code -9"),
        ('AGENT = "codex_python_doctor/0.1.0 (test)"\n' + ANSWER + REFUSE, "0.154.0 or newer"),
        ('sys.stdin.readline(); print(\'{"id": 0, "result": 5}\', flush=True)\n', "initialize"),
    ],
    ids=["hangs", "garbage", "says-why", "says-nothing", "killed", "too-old", "wrong-form"],
)
def test_a_handshake_that_fails_is_told(
    tmp_path: Path, examined: Examine, body: str, words: str
) -> None:
    code, report = examined("--codex-bin", stand_in(tmp_path, body), *QUICK)

    assert code == 1
    assert words in told(report["handshake"])
    assert report["handshake"]["advice"]
    assert report["account"]["status"] == "skipped"
    assert report["schema"]["status"] != "skipped"  # it needs no handshake


@posix
def test_a_program_that_is_too_old_is_not_asked_further(tmp_path: Path, examined: Examine) -> None:
    code, report = examined("--codex-bin", stand_in(tmp_path, "", version="0.150.0"))

    assert code == 1
    assert "too old for this library, which needs 0.154.0 or newer" in told(report["program"])
    assert report["handshake"]["status"] == "skipped"


@posix
def test_a_program_that_nobody_has_tested_is_told_with_what_will_do(
    tmp_path: Path, examined: Examine
) -> None:
    agent = 'AGENT = "codex_python_doctor/95.0.0 (test)"\n'
    program = stand_in(tmp_path, agent + ANSWER + REFUSE, version="95.0.0")
    _, report = examined("--codex-bin", program, *QUICK)

    assert report["program"]["status"] == "warning"
    assert f"tested on none newer than {TESTED_RUNTIME}" in told(report["program"])
    assert "newer version of this library" in report["program"]["advice"]
    details = report["program"]["details"]
    assert (details["minimum"], details["tested"]) == (MINIMUM_RUNTIME, TESTED_RUNTIME)
    assert details["made_for"] == RUNTIME_VERSION
    assert report["handshake"]["status"] == "ok"


@posix
def test_a_runtime_that_answers_with_errors_is_told_for_each_question(
    tmp_path: Path, examined: Examine
) -> None:
    code, report = examined("--codex-bin", stand_in(tmp_path, OK_AGENT + ANSWER + REFUSE))

    assert code == 1
    for check in ("configuration", "thread", "sandbox"):
        assert "not today" in told(report[check])
    assert told(report["account"]).startswith("not looked at: the configuration cannot be read")


@posix
def test_words_of_several_lines_are_told_in_one(tmp_path: Path, examined: Examine) -> None:
    refuse = REFUSE.replace("not today", r"not\ntoday\n")
    _, report = examined("--codex-bin", stand_in(tmp_path, OK_AGENT + ANSWER + refuse))

    assert report["configuration"]["summary"] == "config/read: not today (code -32603)"


@posix
def test_a_wire_log_that_cannot_be_written_is_told_by_its_variable(
    tmp_path: Path, examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEX_WIRE_LOG", str(tmp_path / "nowhere" / "log"))

    code, report = examined("--codex-bin", stand_in(tmp_path, OK_AGENT + ANSWER + REFUSE))

    assert code == 1
    assert "CODEX_WIRE_LOG names" in report["handshake"]["summary"]
    assert report["handshake"]["advice"] == "Correct the environment variable, or unset it."


@posix
def test_a_runtime_that_falls_silent_is_waited_for_in_each_question(
    tmp_path: Path, examined: Examine
) -> None:
    program = stand_in(tmp_path, OK_AGENT + ANSWER + "sys.stdin.read()")
    code, report = examined("--codex-bin", program, "--timeout", "0.5")

    assert code == 1
    for check in ("configuration", "account", "thread", "sandbox"):
        assert report[check]["status"] == "error", check
        assert "within 0.5 s" in told(report[check])


@posix
def test_a_runtime_that_dies_between_questions_is_told_for_each_of_them(
    tmp_path: Path, examined: Examine
) -> None:
    body = OK_AGENT + ANSWER + "sys.stdin.readline()\nsys.stdin.readline()\nsys.exit('broken')"
    code, report = examined("--codex-bin", stand_in(tmp_path, body))

    assert code == 1
    for check in ("configuration", "account", "thread", "sandbox"):
        assert report[check]["status"] == "error", check


@posix
@pytest.mark.parametrize(
    ("version", "status", "words"),
    [
        (RUNTIME_VERSION, "warning", "install both again"),
        *((version, "info", f"made for {RUNTIME_VERSION}") for version in OTHERS),
    ],
)
def test_another_schema_is_a_fault_only_of_the_same_version(
    tmp_path: Path, examined: Examine, version: str, status: str, words: str
) -> None:
    program = stand_in(tmp_path, OK_AGENT + ANSWER + REFUSE, version=version)
    _, report = examined("--codex-bin", program)

    assert report["schema"]["status"] == status
    assert words in told(report["schema"])


@pytest.mark.parametrize(
    ("kind", "words", "advice"),
    [
        ("missing", "does not exist", "Make the folder, or let CODEX_HOME name another one."),
        ("file", "is a file", "Let CODEX_HOME name a folder."),
    ],
)
def test_a_home_that_cannot_be_used_is_told(
    tmp_path: Path,
    examined: Examine,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    words: str,
    advice: str,
) -> None:
    home = tmp_path / "elsewhere"
    if kind == "file":
        home.write_text("", encoding="utf-8")
    monkeypatch.setenv("CODEX_HOME", str(home))

    code, report = examined("--codex-bin", "/no/such")

    assert code == 1
    assert f"{home} {words}" in told(report["home"])
    assert report["home"]["advice"] == advice


@pytest.mark.skipif(sys.platform != "linux", reason="it takes a folder that root cannot write")
def test_a_home_that_cannot_be_written_is_told(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEX_HOME", "/proc/sys")

    _, report = examined("--codex-bin", "/no/such")

    assert "/proc/sys cannot be written" in told(report["home"])


@posix
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_secret_of_the_environment_is_written(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    from openai_codex.commands.entry import main

    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:very-secret@proxy")
    program = stand_in(tmp_path, OK_AGENT + ANSWER + REFUSE)

    main(["doctor", "--codex-bin", program, *arguments])

    written = "".join(capfd.readouterr())
    assert "OPENAI_API_KEY" in written
    assert "very-secret" not in written


def test_a_user_without_a_home_is_told(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("CODEX_HOME")
    monkeypatch.setattr("pathlib.Path.home", nobody)

    code, report = examined("--codex-bin", "/no/such")

    assert code == 1
    assert "HOME or CODEX_HOME" in told(report["home"])


def test_a_look_that_fails_is_a_finding_and_the_others_follow_it(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise ValueError("no such \x1b[31mrelease")

    monkeypatch.setattr("platform.release", broken)

    code, report = examined("--codex-bin", "/no/such")

    assert code == 1
    words = r"could not be looked at: ValueError: no such \x1b[31mrelease"
    assert report["python"]["summary"] == words
    assert tuple(report) == CHECKS


@posix
def test_last_words_are_told_without_their_secrets(tmp_path: Path, examined: Examine) -> None:
    program = stand_in(tmp_path, "sys.exit('bad key sk-abcdefghijklmnopqrstuvwxyz012345')")

    _, report = examined("--codex-bin", program)

    assert "bad key" in told(report["handshake"])
    assert "sk-abc" not in str(report)
