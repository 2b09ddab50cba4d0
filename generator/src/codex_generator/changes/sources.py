"""Sources: whose protocols are compared."""

from __future__ import annotations

import tempfile
from pathlib import Path

from codex_generator.changes.compare import compare
from codex_generator.changes.pages import Comparison
from codex_generator.changes.surface import Surface
from codex_generator.changes.surfaces import read_surface
from codex_generator.diagnostics import InputError
from codex_generator.dump import dump
from codex_generator.errata import read_errata
from codex_generator.load import FLAVOURS, MANIFEST, read_version
from codex_generator.runtimes.identity import identify

__all__ = ["compare_schemas"]


def compare_schemas(old: Path, new: Path) -> Comparison:
    """Compare the protocols of two runtimes.

    Args:
        old: a folder with a bundle of each flavour, or the program of a runtime, which prints them.
        new: likewise.

    Raises:
        GeneratorError: When there is no such thing, or it cannot be read.
    """
    before, after = _surface(old), _surface(new)
    return Comparison(before.version, after.version, compare(before, after))


def _surface(source: Path) -> Surface:
    if source.is_dir():
        missing = [name for name in FLAVOURS if not (source / f"{name}.json").is_file()]
        if missing:
            raise InputError(str(source), "the folder", f"has no {missing[0]}.json")
        named = (source / MANIFEST).is_file()
        version = read_version(source) if named else source.resolve().name
        return read_surface(source, version, read_errata())
    if not source.exists():
        reason = "there is no such folder or program, and it reads as no version"
        raise InputError(str(source), "the source", reason)
    identify(source)  # another program would be asked for a schema, and say anything
    with tempfile.TemporaryDirectory() as scratch:
        version = dump(source.resolve(), Path(scratch))
        return read_surface(Path(scratch), version, read_errata())
