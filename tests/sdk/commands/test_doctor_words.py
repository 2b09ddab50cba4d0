"""How findings are made of what is there, and how they are written down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openai_codex import __version__
from openai_codex.commands.doctor.findings import Finding, Status, as_json
from openai_codex.commands.doctor.machine import kind_of, misfit
from openai_codex.commands.doctor.report import conclusion, paragraph
from openai_codex.commands.doctor.surroundings import environment_finding, packages_finding
from openai_codex.commands.entry import main

from tests.sdk.commands.stand_ins import stand_in

FAULT = Finding(
    "home",
    Status.error,
    "/home/somebody/.codex cannot be written: Permission denied",
    "Give yourself the right to write there, or let CODEX_HOME name another folder.",
    ("a note that is longer than the narrowest of all terminals",),
)


@pytest.mark.parametrize("width", [30, 40, 80])
def test_a_paragraph_keeps_to_the_width_where_words_allow(width: int) -> None:
    lines = paragraph(FAULT, width=width, colours=False).splitlines()

    assert all(len(line) <= width for line in lines)
    assert lines[0].startswith("FAIL  home:")
    assert all(line.startswith("      ") for line in lines[1:])


def test_what_is_not_written_to_a_terminal_is_not_broken() -> None:
    assert len(paragraph(FAULT, width=None, colours=False).splitlines()) == 3


def test_only_the_status_is_coloured() -> None:
    plain = paragraph(FAULT, width=80, colours=False)

    coloured = paragraph(FAULT, width=80, colours=True)

    assert coloured.replace("\x1b[31;1m", "").replace("\x1b[0m", "") == plain
    assert coloured.startswith("\x1b[31;1mFAIL\x1b[0m  ")


def test_the_conclusion_names_what_is_wrong() -> None:
    odd = Finding("program", Status.warning, "odd")

    assert conclusion([FAULT, odd], width=None) == "Turns do not run: see home."
    assert conclusion([odd], width=None) == "Turns run. See program."
    assert conclusion([], width=None) == "Turns run."


def test_the_report_has_a_shape_that_programs_can_rely_on() -> None:
    assert as_json([FAULT.after(0.0123)]) == {
        "version": 1,
        "sdk_version": __version__,
        "ok": False,
        "findings": [
            {
                "check": "home",
                "status": "error",
                "summary": FAULT.summary,
                "advice": FAULT.advice,
                "notes": [*FAULT.notes],
                "details": {},
                "duration_ms": 12,
            }
        ],
    }


def test_packages_of_different_versions_are_odd() -> None:
    versions = {"codex-app-server-sdk-core": "1", "codex-app-server-rpc": "1"}
    finding = packages_finding({**versions, "codex-app-server-types": "0"}.get)

    assert finding.status is Status.warning
    assert "versions differ: facade 1, raw client 1, types 0" in finding.summary


def test_another_package_of_the_same_name_is_odd() -> None:
    finding = packages_finding(lambda _: "0.163.0")

    assert finding.status is Status.warning
    assert "openai-codex 0.163.0 is installed too" in finding.summary


def test_variables_are_named_and_those_of_logins_are_told_apart() -> None:
    finding = environment_finding({"OPENAI_API_KEY": "sk-1", "RUST_LOG": "debug", "EMPTY": ""})

    assert finding.status is Status.info
    assert finding.details == {"login": ["OPENAI_API_KEY"], "other": ["RUST_LOG"]}
    assert "sk-1" not in str(finding)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy"])
def test_a_proxy_that_takes_local_servers_in_is_told(name: str) -> None:
    finding = environment_finding({name: "http://proxy"})

    assert "NO_PROXY" in str(finding.advice)
    assert environment_finding({name: "http://proxy", "no_proxy": "localhost"}).advice is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x7fELF" + bytes(14) + b"\x3e\0", ("Linux", "x86_64")),
        (b"\x7fELF" + bytes(14) + b"\xb7\0", ("Linux", "aarch64")),
        (b"\x7fELF" + bytes(14) + b"\x08\0", ("Linux", "unknown")),
        (b"\xcf\xfa\xed\xfe\x0c\0\0\x01", ("macOS", "aarch64")),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", ("macOS", "x86_64")),
        (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86", ("Windows", "x86_64")),
        (b"MZ", ("Windows", "unknown")),
        (b"#!/usr/bin/env node", ("script", "")),
        (b"", ("unknown", "")),
    ],
)
def test_the_kind_of_a_program_is_told_from_its_head(
    tmp_path: Path, head: bytes, kind: tuple[str, str]
) -> None:
    (tmp_path / "codex").write_bytes(head)

    assert kind_of(tmp_path / "codex") == kind


def test_the_installed_runtime_fits_this_machine() -> None:
    from codex_cli_bin import bundled_codex_path

    assert misfit(*kind_of(bundled_codex_path())) is None


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["heal"],
        ["doctor", "--timeout", "0"],
        ["doctor", "--timeout", "nan"],
        ["doctor", "--timeout", "soon"],
        ["doctor", "--config", "model"],
        ["doctor", "--config", "=5"],
        ["doctor", "--codex-bin", ""],
        ["doctor", "--jso"],
    ],
)
def test_a_wrong_command_line_is_refused_with_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["doctor", "--jsn"], ["run", "hi", "--foo"]])
def test_what_a_command_does_not_know_is_told_with_the_usage_of_the_command(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    written = capsys.readouterr().err
    assert written.startswith(f"usage: python -m openai_codex {arguments[0]} [")
    assert f"unrecognized arguments: {arguments[-1]}" in written


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out == f"openai_codex {__version__}\n"


@pytest.mark.skipif(os.name != "posix", reason="only there a pipe breaks like that")
def test_a_reader_that_has_enough_is_no_reason_to_complain() -> None:
    command = [sys.executable, "-m", "openai_codex", "doctor", "--codex-bin", "/no/such"]
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is full here")
def test_a_full_disk_is_told_in_a_sentence() -> None:
    command = [sys.executable, "-m", "openai_codex", "doctor", "--json", "--codex-bin", "/no/such"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("The system refuses: ")
    assert "Traceback" not in done.stderr


def test_what_the_system_refuses_to_show_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").mkdir(exist_ok=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    (tmp_path / "bin").mkdir()
    program = stand_in(tmp_path / "bin", "")

    assert main(["doctor", "--json", "--codex-bin", program]) == 1
    findings = {one["check"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["schema"]["status"] == "error"
    assert "could not be looked at" in findings["schema"]["summary"]


def test_json_is_the_only_thing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json", "--codex-bin", "/no/such"])

    assert json.loads(capsys.readouterr().out)["ok"] is False
