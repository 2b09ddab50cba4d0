"""Our packages in small, for the tests of what differs between two versions of them."""

from __future__ import annotations

import subprocess
import textwrap
from pathlib import Path

MODELS = """
    class BaseModel: ...
    class Variant(BaseModel):
        def to_wire(self) -> dict[str, object]: ...
"""


def write_packages(
    folder: Path, *, sdk: str = "", types: str = "", rpc: str = "", version: str = "1.0.0"
) -> Path:
    """Write a tree with all packages, each a module that says what is public of it.

    Args:
        folder: that is written to.
        sdk: what is in `openai_codex`.
        types: what is in `codex_app_server_types`.
        rpc: what is in `codex_app_server_rpc`.
        version: of all of them.

    Returns:
        The folder.
    """
    head = f'__version__ = "{version}"\n'
    for name, package, text in (
        ("types", "codex_app_server_types", types),
        ("rpc", "codex_app_server_rpc", rpc),
        ("sdk", "openai_codex", head + textwrap.dedent(sdk)),
    ):
        file = folder / "packages" / name / "src" / package / "__init__.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        source = textwrap.dedent(text)
        listed = "" if "__all__" in source else f"\n__all__ = {_public(source)}\n"
        file.write_text(source + listed, encoding="utf-8")
    return folder


def git(folder: Path, *command: str) -> None:
    """Run git in a folder, as somebody."""
    somebody = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "-C", str(folder), *somebody, *command], check=True)


def _public(source: str) -> list[str]:
    """Return the names that a module defines at its top, and that have no underscore."""
    starts = [line.split("(")[0].split(":")[0].split() for line in source.splitlines()]
    names = [
        words[words[0] in {"class", "def", "async"} and len(words) - 1]
        for words, line in zip(starts, source.splitlines(), strict=True)
        if words and not line.startswith((" ", "@", "from", "import"))
    ]
    return [name for name in names if name.isidentifier() and not name.startswith("_")]
