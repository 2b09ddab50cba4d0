"""The tree: which files of the repository are rendered, and how they get there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codex_generator.assembly import assemble
from codex_generator.asyncsync import HALVES, derive
from codex_generator.compatibility import read_compatibility
from codex_generator.diagnostics import Diagnostics
from codex_generator.errata import ERRATA, read_errata
from codex_generator.history.past import read_past
from codex_generator.load import load
from codex_generator.render import (
    DOCS,
    PACKAGES,
    REFERENCE,
    RPC_GENERATED,
    TYPES,
    formatted,
    render,
    write_files,
)

SCHEMA: Final = Path("schema")

RENDERED_ROOTS: Final = (
    TYPES,
    RPC_GENERATED,
    PACKAGES / "runtime",
    PACKAGES / "bundle",
    *(Path(half.target) for half in HALVES),
    REFERENCE,
)
"""Folders in which every file is rendered."""

BANNER_WORDS: Final = ("GENERATED", "DO NOT EDIT")
_BANNER_LINES: Final = 3
"""A banner stands at the top; further down the words may be quoted."""

_BUILD_OUTPUT: Final = {"__pycache__", "build", "dist", ".pytest_cache", ".mypy_cache"}


def produce(root: Path, errata_file: Path = ERRATA) -> dict[Path, str]:
    """Render every file, formatted, without touching the tree.

    Args:
        root: of the repository.
        errata_file: what the schema does not say.

    Returns:
        The text of each file, by its path from the root.

    Raises:
        GeneratorError: when the input is bad, or anything has no rule.
    """
    diagnostics = Diagnostics()
    folder = root / SCHEMA
    source = load(folder, diagnostics)
    past = read_past(folder, source, diagnostics)
    compatibility = read_compatibility(folder, source.version)
    protocol = assemble(source, read_errata(errata_file), past, compatibility, diagnostics)
    diagnostics.raise_if_any()
    return formatted({**render(protocol), **derive(root)})


def update(root: Path, files: dict[Path, str]) -> list[Path]:
    """Bring the tree up to date: write what differs, remove what is no longer rendered.

    Args:
        root: of the repository.
        files: from `produce`.

    Returns:
        The paths that changed.
    """
    changed = {
        path: text for path, text in files.items() if read_bytes(root / path) != text.encode()
    }
    write_files(root, changed)
    stale = [path for path in bannered(root) if path not in files]
    for path in stale:
        (root / path).unlink()
    return sorted([*changed, *stale])


def bannered(root: Path) -> Iterator[Path]:
    """Yield the files of the packages and documents that carry a banner, from the root."""
    for path in (*walk(root, PACKAGES), *walk(root, DOCS)):
        head = (read_bytes(root / path) or b"").split(b"\n", _BANNER_LINES)[:_BANNER_LINES]
        if all(word.encode() in b"\n".join(head) for word in BANNER_WORDS):
            yield path


def walk(root: Path, folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, from the root, without what builds leave behind."""
    for path in sorted((root / folder).rglob("*")):
        parts = path.relative_to(root).parts
        left_behind = any(part in _BUILD_OUTPUT or part.endswith(".egg-info") for part in parts)
        if path.is_file() and not left_behind:
            yield path.relative_to(root)


def read_bytes(file: Path) -> bytes | None:
    """Return the content of a file, `None` when there is none."""
    return file.read_bytes() if file.is_file() else None
