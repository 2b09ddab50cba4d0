"""A small tree, a program that stands in for a runtime, and columns that end as they are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from codex_generator.compat.columns import GENERATION, Column
from codex_generator.runtimes.store import Runtime

__all__ = ["REPOSITORY", "column", "generation", "hashes", "make_tree", "runtime", "stand_in"]

REPOSITORY = Path(__file__).parents[3]

STAND_IN = """\
#!{python}
import pathlib, shutil, sys
if sys.argv[1:] == ["--version"]:
    print("codex-cli {version}")
else:
    assert sys.argv[1:4] == ["app-server", "generate-json-schema", "--out"], sys.argv
    flavour = "experimental" if "--experimental" in sys.argv else "stable"
    folder = pathlib.Path(sys.argv[4])
    folder.mkdir()
    bundle = folder / "codex_app_server_protocol.schemas.json"
    shutil.copyfile(pathlib.Path({schema!r}, flavour + ".json"), bundle)
"""


def stand_in(folder: Path, version: str) -> Path:
    """Write a program that says a version, and prints the schema of this repository."""
    file = folder / f"codex-{version}"
    schema = str(REPOSITORY / "schema")
    text = STAND_IN.format(python=sys.executable, version=version, schema=schema)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
    return file


def make_tree(root: Path) -> Path:
    """Make a git repository with a file that git has, one that it ignores, and one it lacks."""
    files = {
        ".gitignore": "ignored\n",
        "packages/types/src/layer.py": "WHERE = __file__\n",
        "deleted": "",
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    (root / "deleted").unlink()
    (root / "ignored").write_text("of this machine", encoding="utf-8")
    (root / "new").write_text("not added yet", encoding="utf-8")
    return root


def runtime(version: str) -> Runtime:
    """Make a runtime that nobody runs."""
    return Runtime(version, Path(f"codex-{version}"), "a test")


def column(name: str, *scripts: str, pinned: bool = False, supported: bool = False) -> Column:
    """Make a column whose commands are lines of Python."""
    commands = tuple((sys.executable, "-c", script) for script in scripts)
    return Column(name, "", lambda _: commands, pinned=pinned, supported=supported)


def generation(script: str) -> Column:
    """Make what the other columns stand on."""
    return column(GENERATION.name, script)


def hashes(root: Path) -> dict[str, bytes]:
    """Return what git knows of a tree, with the content of every file that it does not ignore."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others"]
    names = subprocess.run(
        [*listing, "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout.split("\0")
    return {name: (root / name).read_bytes() for name in names if (root / name).is_file()}
