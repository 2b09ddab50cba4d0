"""Notices: whose programs a runtime wheel carries, and under which licences.

The platform packages say nothing of it, but for `Apache-2.0` in npm's description. The texts in
`licenses/` are those of the projects; ripgrep's contains PCRE2 and sljit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from codex_generator.projects import LICENSE
from codex_generator.release.errors import ReleaseError
from codex_generator.templating import fill

TEXTS: Final = Path(__file__).with_name("licenses")


@dataclass(frozen=True)
class Component:
    """Somebody's programs."""

    name: str
    license: str
    """All licences that apply, as an SPDX expression."""
    source: str
    """Where its source is."""
    programs: tuple[str, ...]
    """The names of its programs, without `.exe`."""
    texts: tuple[str, ...] = ()
    """The texts of its licences, in `licenses/`."""


COMPONENTS: Final = (
    Component(
        name="Codex",
        license=LICENSE,
        source="https://github.com/openai/codex",
        programs=(
            "codex",
            "codex-code-mode-host",
            "codex-command-runner",
            "codex-windows-sandbox-setup",
        ),
    ),
    Component(
        name="ripgrep",
        license="(MIT OR Unlicense) AND BSD-3-Clause AND BSD-2-Clause",
        source="https://github.com/BurntSushi/ripgrep",
        programs=("rg",),
        texts=("ripgrep.txt", "PCRE2.md", "sljit.txt"),
    ),
    Component(
        name="bubblewrap",
        license="LGPL-2.0-or-later",
        source="https://github.com/containers/bubblewrap",
        programs=("bwrap",),
        texts=("LGPL-2.0.txt",),
    ),
)


def component_of(path: str) -> Component:
    """Return whose program a file is.

    Args:
        path: of a program in a package, such as `codex-path/rg`.

    Raises:
        ReleaseError: Nobody's that is known: what it may be shipped under is to be found out.
    """
    name = PurePosixPath(path).name.removesuffix(".exe")
    for component in COMPONENTS:
        if name in component.programs:
            return component
    raise ReleaseError(f"{path}: nobody has noted whose program this is, and under which licence")


def license_of(programs: Iterable[str]) -> str:
    """Return the licences of a wheel with some programs, as an SPDX expression."""
    licenses = {LICENSE, *(component_of(path).license for path in programs)}
    return " AND ".join(sorted(licenses))


def notices(programs: Iterable[str], version: str) -> dict[Path, str]:
    """Return the notices that a wheel with some programs has to carry.

    Args:
        programs: their paths in the package.
        version: of the wheel.

    Returns:
        The text of each file, by its path from the project's folder.
    """
    owners: dict[str, list[str]] = {}
    for path in sorted(programs):
        owners.setdefault(component_of(path).name, []).append(path)
    components = [component for component in COMPONENTS if component.name in owners]
    files = {
        Path(f"LICENSE-{text}"): (TEXTS / text).read_text(encoding="utf-8")
        for component in components
        for text in component.texts
    }
    files[Path("NOTICE")] = fill(
        "runtime/NOTICE.jinja", version=version, components=components, owners=owners
    )
    return files
