"""The command line does what its table says, and answers bad input with a sentence."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from codex_generator.release.cli import main

from tests.release.stand_ins import LINUX, MAC, package, program, tarball

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/update_sdk_artifacts.py"
TAG = "macosx_11_0_arm64"


def pyproject(folder: Path) -> str:
    return (folder / "pyproject.toml").read_text(encoding="utf-8")


def mac_program(folder: Path, release: str) -> Path:
    """Write the runtime's program for a Mac, which holds the name of its release."""
    file = folder / "codex"
    file.write_bytes(program(MAC, f"codex-cli {release}\n"))
    file.chmod(0o755)
    return file


def test_the_script_is_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "stage-sdk", "out", "--sdk-version", "rust-v1.2.3"]

    done = subprocess.run(
        [*command, "--runtime-version", "1.2.3-alpha.1.2"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "staged out\n"
    assert '"codex-app-server-sdk-core==1.2.3"' in pyproject(tmp_path / "out")
    assert '"openai-codex-cli-bin==1.2.3a1.post2"' in pyproject(tmp_path / "out")


def test_generate_types_renders_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("schema", "packages", "docs/protocol"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    stale = tmp_path / "packages/types/src/codex_app_server_types/turn.py"
    stale.unlink()

    assert main(["--root", str(tmp_path), "generate-types"]) == 0

    assert capsys.readouterr().out == "1 file(s) changed\n"
    assert stale.read_bytes() == (ROOT / stale.relative_to(tmp_path)).read_bytes()


def test_stage_sdk_core_takes_any_release(tmp_path: Path) -> None:
    out = tmp_path / "core"

    assert main(["stage-sdk-core", str(out), "--sdk-version", "0.0.0-dev"]) == 0

    assert '"codex-app-server-rpc==0.0.0.dev0"' in pyproject(out / "sdk")


@pytest.mark.parametrize(
    ("option", "release", "named", "version"),
    [
        ("--codex-version", "rust-v0.116.0-alpha.1", "0.116.0-alpha.1", "0.116.0a1"),
        ("--runtime-version", "1.2.3", "1.2.3", "1.2.3"),
    ],
)
def test_stage_runtime_takes_a_tag_or_a_version(
    tmp_path: Path, option: str, release: str, named: str, version: str
) -> None:
    codex, out = mac_program(tmp_path, named), tmp_path / "runtime"
    arguments = ["stage-runtime", str(out), str(codex), option, release, "--platform-tag", TAG]

    assert main(arguments) == 0

    assert f'\nversion = "{version}"\n' in pyproject(out)
    assert (out / "platform-tag.txt").read_text(encoding="utf-8") == f"{TAG}\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--codex-version", "latest", "--platform-tag", TAG], "'latest' is no release: "),
        (["--codex-version", "0.116.0", "--platform-tag", "any"], "no runtime wheel has the plat"),
        (
            ["--codex-version", "9.9.9", "--platform-tag", TAG],
            "names release 9.9.9 nowhere",
        ),
        (["--codex-version", "0.116.0", "--platform-tag", "win_arm64"], "its header says darwin"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    codex = mac_program(tmp_path, "0.116.0")

    assert main(["stage-runtime", str(tmp_path / "out"), str(codex), *arguments]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(rf"error: [^\n]*{re.escape(reason)}[^\n]*\n", printed.err)
    assert [path.name for path in tmp_path.iterdir()] == ["codex"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["stage-everything"],
        ["stage-sdk-core", "out"],
        ["stage-sdk", "out", "--sdk-version", "1.2.3"],
        ["stage-runtime", "out", "codex", "--platform-tag", TAG],
        ["stage-runtime", "out", "codex", "--codex-version", "1.2.3"],
        [
            *("stage-runtime", "out", "codex", "--platform-tag", TAG),
            *("--codex-version", "1.2.3", "--runtime-version", "1.2.3"),
        ],
    ],
)
def test_a_wrong_command_line_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: update_sdk_artifacts.py" in capsys.readouterr().err


def test_an_unknown_platform_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dist = tmp_path / "dist"

    assert main(["stage", "--dist", str(dist), "--platform", "linux-riscv"]) == 1

    assert (
        "there is no platform 'linux-riscv': expected host, linux-x64, " in capsys.readouterr().err
    )
    assert not dist.exists()


def test_a_tarball_of_npm_can_be_staged(tmp_path: Path) -> None:
    source = tarball(package(LINUX), tmp_path / "codex.tgz")
    out = tmp_path / "out"
    options = ["--runtime-version", "0.163.0", "--platform-tag", "musllinux_1_1_x86_64"]

    assert main(["stage-runtime", str(out), str(source), *options]) == 0

    assert (out / "src/codex_cli_bin/codex-resources/bwrap").is_file()
