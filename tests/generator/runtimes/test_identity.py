"""Which runtime a program is, it says itself; what says nothing of the kind is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from codex_generator.runtimes.errors import NotTheRuntimeError, OtherVersionError
from codex_generator.runtimes.identity import check_identity, identify

from tests.generator.runtimes.published import program, script

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")


def test_the_runtime_says_its_version(tmp_path: Path) -> None:
    assert identify(program(tmp_path, script("0.200.0-alpha.3"))) == "0.200.0a3"


def test_a_number_of_0_may_be_left_out(tmp_path: Path) -> None:
    check_identity(program(tmp_path, script("0.200.0-alpha")), "0.200.0a0")


def test_what_rebuilds_a_release_is_made_from_it(tmp_path: Path) -> None:
    check_identity(program(tmp_path, script("0.200.0-alpha.3")), "0.200.0a3.post2")


def test_a_runtime_of_another_version_is_refused(tmp_path: Path) -> None:
    file = program(tmp_path, script("0.200.0"))
    with pytest.raises(OtherVersionError, match=r"says that it is 0\.200\.0, and not 0\.201\.0$"):
        check_identity(file, "0.201.0")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#!/bin/sh\necho Python 3.10.13\n", "`--version` prints 'Python 3.10.13'"),
        ("#!/bin/sh\necho codex-cli main\n", "'main' is no release"),
        ("#!/bin/sh\necho codex-cli 1.2.3 and more\n", "prints 'codex-cli 1.2.3 and more'"),
        ("#!/bin/sh\n", "it prints no version"),
        ("#!/bin/sh\nexit 3\n", "exit code 3"),
        ("\x7fELF and nothing behind it", "cannot be run: Exec format error"),
    ],
)
def test_another_program_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(NotTheRuntimeError) as caught:
        identify(program(tmp_path, text))
    assert reason in str(caught.value)
    assert "not the Codex runtime" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_program_that_may_not_be_run_is_refused(tmp_path: Path) -> None:
    file = program(tmp_path, script("0.200.0"))
    file.chmod(0o644)
    with pytest.raises(NotTheRuntimeError, match="cannot be run: Permission denied"):
        identify(file)


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    file = program(tmp_path, "#!/bin/sh\nexec sleep 1000\n")
    with pytest.raises(NotTheRuntimeError, match="no answer within"):
        identify(file, patience=0.2)


def test_a_folder_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(NotTheRuntimeError, match="there is no such program"):
        identify(tmp_path)
