"""Published runtimes, of some hundred bytes: scripts, as npm and the Python index have them."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
from codex_generator.release.platforms import platform_named

from tests.release.stand_ins import File, tarball

HOST = platform_named("host")
VENDOR = f"package/vendor/{HOST.target}"

METADATA = "Metadata-Version: 2.1\nName: openai-codex-cli-bin"

SCRIPT = """\
#!{python}
import pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("codex-cli {release}")
else:
    folder = pathlib.Path(sys.argv[4])
    folder.mkdir()
    (folder / "codex_app_server_protocol.schemas.json").write_text("{{}}")
"""


def script(release: str) -> str:
    """Write a program that says a release and prints schemas, as the runtime does."""
    return SCRIPT.format(python=sys.executable, release=release)


def package(release: str, target: Path, program: str = f"{VENDOR}/bin/codex") -> Path:
    """Write npm's package of a release, with a neighbour beside the program."""
    files = {
        program: File(script(release).encode()),
        f"{VENDOR}/codex-resources/bwrap": File(b"neighbour"),
        "package/package.json": File(b"{}", 0o644),
    }
    return tarball(files, target)


def wheel(version: str, folder: Path) -> None:
    """Write the index's wheel of a version."""
    info = f"openai_codex_cli_bin-{version}.dist-info"
    file = folder / f"openai_codex_cli_bin-{version}-py3-none-any.whl"
    texts = {
        "codex_cli_bin/__init__.py": "",
        "codex_cli_bin/bin/codex": script(version),
        f"{info}/METADATA": f"{METADATA}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in texts.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o100755 << 16
            archive.writestr(member, text)
        archive.writestr(record, "".join(f"{name},,\n" for name in [*texts, record]))


def take_for_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pip take a folder of wheels for the index, during a test."""
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))


def program(folder: Path, text: str) -> Path:
    """Write a program somewhere."""
    file = folder / "some-program"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
    return file
