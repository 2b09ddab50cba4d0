"""Wanted: what somebody may ask for, and how it is told apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from packaging.version import Version

from codex_generator.diagnostics import GeneratorError
from codex_generator.versions import python_version

LATEST: Final = "latest"
"""The release that npm installs unasked: what its publisher has tagged so.

Not the highest version that there is: one that was found bad stays published, untagged.
"""


_TAGGED: Final = re.compile(r"\Av(?=\d)")
"""What tags of releases begin with."""


def version_in(text: str) -> str | None:
    """Read a version of the runtime.

    What reads as one is one: the path of a file of such a name begins with `./`.

    Args:
        text: in any spelling that `python_version` takes, or the tag of one of our releases; a fix
            of ours, `0.163.0.post1`, stands on the runtime that it is a fix for.

    Returns:
        The version of the runtime, `None` when the text is none.
    """
    try:
        version = python_version(_TAGGED.sub("", text))
    except GeneratorError:
        return None
    parsed = Version(version)
    return version if parsed.pre or parsed.post is None else parsed.base_version


def nearest(version: str, published: list[str], count: int = 3) -> list[str]:
    """Return those of the published versions that stand around one.

    Args:
        version: that is not among them.
        published: all versions.
        count: how many to return.

    Returns:
        The versions, ascending; only final ones, unless the one asked for is none.
    """
    around = Version(version)
    parsed = sorted(map(Version, published))
    kind = [found for found in parsed if around.is_prerelease or not found.is_prerelease]
    above = sum(found < around for found in kind)
    start = max(0, min(above - count + 1, len(kind) - count))
    return [str(found) for found in kind[start : start + count]]


def program_at(text: str) -> Path:
    """Return the path that a text names, whole, with the user's home where it begins with `~`."""
    return Path(text).expanduser().resolve()
