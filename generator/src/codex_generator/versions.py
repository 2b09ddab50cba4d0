"""Versions: from a runtime release to the version of a Python package, and back.

A release is tagged `rust-v0.116.0-alpha.1` and calls itself `0.116.0-alpha.1`; the packages made
from it are `0.116.0a1`. What is no release, such as a branch or `latest`, is refused: a version
that is published cannot be taken back.
"""

from __future__ import annotations

import re
from typing import Final

from packaging.version import InvalidVersion, Version

from codex_generator.diagnostics import GeneratorError

_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_RELEASE: Final = re.compile(
    rf"(?:rust-v)?(?P<core>{_NUMBER}\.{_NUMBER}\.{_NUMBER})"
    rf"(?:-(?P<stage>alpha|beta|rc|dev)(?:\.(?P<number>{_NUMBER}))?(?:\.(?P<post>{_NUMBER}))?)?"
)
_STAGES: Final = {"alpha": "a", "beta": "b", "rc": "rc", "dev": ".dev"}
_NAMES: Final = {"a": "alpha", "b": "beta", "rc": "rc"}


def python_version(release: str) -> str:
    """Return the version of the Python packages of a release.

    Args:
        release: a release's tag or name, such as `rust-v1.2.3`, `0.116.0-alpha.1`,
            `1.2.3-alpha.1.2` (the second rebuild of an alpha: `1.2.3a1.post2`) or `0.0.0-dev`;
            or the version itself, in its normal form, such as `0.116.0a1` or `0.163.0.post1`.

    Raises:
        GeneratorError: It is none of these.
    """
    found = _RELEASE.fullmatch(release)
    if found is None:
        return _normal_version(release)
    version = found["core"]
    if found["stage"]:
        version += f"{_STAGES[found['stage']]}{found['number'] or 0}"
    if found["post"]:
        version += f".post{found['post']}"
    # Python knows no rebuild of a development version: `1.2.3.dev4.post5` is none.
    return _normal_version(version, shown=release)


def release_names(version: str) -> tuple[str, ...]:
    """Return what the runtime that a version was made from may call itself.

    Args:
        version: of a Python package: `0.116.0a1`, `0.163.0.post1`, `0.0.0.dev0`.

    Returns:
        The release's name, such as `0.116.0-alpha.1`, most likely first: a number that is 0 may
        not be said, a `.post1` is a fix of ours on the same release or the release's own, and
        what is built from no release calls itself by the next one.
    """
    parsed = Version(version)
    core = ".".join(map(str, parsed.release))
    if parsed.dev is not None:
        return (*_numbered(f"{core}-dev", parsed.dev), core)
    if parsed.pre is None:
        return (core,)
    names = _numbered(f"{core}-{_NAMES[parsed.pre[0]]}", parsed.pre[1])
    return names if parsed.post is None else (f"{names[0]}.{parsed.post}", *names)


def runtime_version(version: str) -> Version:
    """Return the version of the runtime that packages were made from: without `.postN`."""
    return Version(version.partition(".post")[0])


def _numbered(name: str, number: int) -> tuple[str, ...]:
    return (f"{name}.{number}",) if number else (f"{name}.0", name)


def _normal_version(version: str, *, shown: str | None = None) -> str:
    try:
        parsed = Version(version)
    except InvalidVersion:
        parsed = None
    whole = parsed and len(parsed.release) == 3 and not parsed.local and not parsed.epoch
    if parsed and parsed.is_devrelease and (parsed.pre or parsed.post is not None):
        whole = False
    if not whole or str(parsed) != version:
        raise GeneratorError(
            f"{(shown or version)!r} is no release: expected a tag such as rust-v1.2.3 or "
            "rust-v1.2.3-alpha.4, or a version such as 1.2.3, 1.2.3a4 or 1.2.3.post1"
        )
    return version
