"""Drift: how the tree differs from a fresh rendering.

Three questions, so that no kind of tampering slips through: is the *set* of files the same,
both ways; is every file the same, byte for byte; and does exactly what is rendered carry a
banner?
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from codex_generator.tree import RENDERED_ROOTS, bannered, read_bytes, walk


def find_drift(root: Path, files: Mapping[Path, str]) -> list[str]:
    """Return a line for each difference; none when the tree is as it would be rendered.

    Args:
        root: of the repository.
        files: the fresh rendering, by path from the root.
    """
    with_banner = set(bannered(root))
    present = {path for folder in RENDERED_ROOTS for path in walk(root, folder)}
    found: list[str] = []
    for path, text in sorted(files.items()):
        content = read_bytes(root / path)
        if content is None:
            found.append(f"missing: {path}")
        elif content != text.encode():
            found.append(f"differs: {path}: {_first_difference(content, text.encode())}")
        if content is not None and path not in with_banner:
            found.append(f"no banner: {path}")
    found += [f"not rendered: {path}" for path in sorted(present - files.keys())]
    strangers = with_banner - present - files.keys()
    found += [f"banner on a file that is not rendered: {path}" for path in sorted(strangers)]
    return found


def _first_difference(content: bytes, expected: bytes) -> str:
    ours, theirs = content.split(b"\n"), expected.split(b"\n")
    pairs = zip(ours, theirs, strict=False)
    same = next(
        (index for index, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs))
    )
    return f"line {same + 1}"
