"""Dumping takes the schema from a runtime, byte for byte, and says which runtime that was."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest
from codex_generator.cli import main
from codex_generator.history.file import read_history
from codex_generator.runtime import installed_runtime

RUNTIME = """\
#!{python}
import pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("codex-cli 0.200.0-alpha.3")
else:
    assert sys.argv[1:4] == ["app-server", "generate-json-schema", "--out"], sys.argv
    folder = pathlib.Path(sys.argv[4])
    folder.mkdir()
    flavour = "experimental" if "--experimental" in sys.argv else "stable"
    text = '{{ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": {{}} }}'
    text += " " * len(flavour)
    (folder / "codex_app_server_protocol.schemas.json").write_text(text)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")


def runtime(folder: Path, text: str = RUNTIME) -> Path:
    """Write a script that stands in for the runtime."""
    file = folder / "codex"
    file.write_text(text.format(python=sys.executable), encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def dump(root: Path, codex: Path) -> int:
    """Run the command line."""
    return main(["--root", str(root), "dump", "--codex", str(codex)])


def test_both_flavours_are_kept_byte_for_byte(tmp_path: Path) -> None:
    assert dump(tmp_path, runtime(tmp_path)) == 0
    for flavour in ("stable", "experimental"):
        text = (tmp_path / f"schema/{flavour}.json").read_text(encoding="utf-8")
        assert text == (
            '{ "$schema": "http://json-schema.org/draft-07/schema#", "definitions": {} }'
            + " " * len(flavour)
        )


def test_the_manifest_carries_the_version_that_python_packages_have(tmp_path: Path) -> None:
    dump(tmp_path, runtime(tmp_path))
    manifest = json.loads((tmp_path / "schema/manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == "0.200.0a3"


def test_a_runtime_that_is_missing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dump(tmp_path, tmp_path / "nowhere") == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'nowhere'}: cannot be run: ")


def test_a_runtime_that_fails_is_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codex = runtime(tmp_path, "#!{python}\nimport sys\nsys.exit('no such flag')\n")
    assert dump(tmp_path, codex) == 1
    assert capsys.readouterr().err == f"{codex}: exit code 1: no such flag\n"


def test_a_runtime_that_says_nothing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codex = runtime(tmp_path, "#!{python}\n")
    assert dump(tmp_path, codex) == 1
    assert capsys.readouterr().err == f"{codex}: prints no version\n"


@pytest.mark.parametrize("failure", ["sys.exit('out of ink')", "sys.exit()"])
def test_a_dump_that_fails_half_way_changes_nothing(tmp_path: Path, failure: str) -> None:
    assert dump(tmp_path, runtime(tmp_path)) == 0
    before = {file: file.read_bytes() for file in (tmp_path / "schema").iterdir()}
    only_stable = RUNTIME.replace(
        "    flavour =", f"    if '--experimental' in sys.argv: {failure}\n    flavour ="
    ).replace('"definitions": ', '"definitions":  ')

    assert dump(tmp_path, runtime(tmp_path, only_stable)) == 1

    assert {file: file.read_bytes() for file in (tmp_path / "schema").iterdir()} == before


def test_the_home_of_whoever_dumps_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("HOME", str(home))
    # The runtime leaves no traces in a home that is temporary itself.
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    assert dump(tmp_path, installed_runtime()) == 0
    assert list(home.iterdir()) == []


def test_the_runtime_has_its_place_in_the_history(tmp_path: Path) -> None:
    dump(tmp_path, runtime(tmp_path))
    assert read_history(tmp_path / "schema").versions == ("0.200.0-alpha.3",)
