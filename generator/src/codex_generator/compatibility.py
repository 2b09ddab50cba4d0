"""Compatibility: which runtimes the packages work with, beside the one that they are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypedDict, cast

from codex_generator.diagnostics import GeneratorError, InputError
from codex_generator.history.timeline import order_of
from codex_generator.ir import Compatibility
from codex_generator.load import read_valid
from codex_generator.versions import release_names

COMPATIBILITY: Final = "compatibility.json"


class _File(TypedDict):
    minimum: str
    tested: str


_SCHEMA: Final = {
    "type": "object",
    "properties": {"minimum": {"type": "string"}, "tested": {"type": "string"}},
    "required": ["minimum", "tested"],
    "additionalProperties": False,
}


def read_compatibility(folder: Path, version: str) -> Compatibility:
    """Read which runtimes the packages work with.

    The file says on which they were driven. The runtime that they are made from is one of them,
    whatever it says: so a new one, and an old one, needs no change of the file.

    Args:
        folder: the schema folder.
        version: of the packages.

    Raises:
        InputError: The file does not say so, or not by the names of releases.
    """
    file = folder / COMPATIBILITY
    content = cast("_File", read_valid(file, _SCHEMA))
    pinned = release_names(version)[0]
    try:
        return Compatibility(
            minimum=min(content["minimum"], pinned, key=order_of),
            tested=max(content["tested"], pinned, key=order_of),
        )
    except GeneratorError as error:
        raise InputError(f"{folder.name}/{COMPATIBILITY}", "#", str(error)) from error
