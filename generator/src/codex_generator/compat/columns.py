"""Columns: what is checked of each runtime, as commands that run in a copy of the tree."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from codex_generator.compat.copies import Copy

Command: TypeAlias = tuple[str, ...]

RAW_CORE: Final = ("tests/rpc/real_runtime",)
FACADE_CORE: Final = ("tests/end_to_end", "-m", "core", "-n", "2", "--dist", "loadfile")
"""What pytest is given to run the core of a layer's tests on the real runtime: `CODEX_BIN`. The
facade's are many, and wait more than they work."""


@dataclass(frozen=True)
class Column:
    """One thing that is checked of each runtime."""

    name: str
    about: str
    """What holds where it is ok, in words."""
    commands: Callable[[Copy], tuple[Command, ...]]
    """What has to succeed, in this order."""
    pinned: bool = False
    """Whether the packages are those of the tree, and not rendered for the runtime."""
    supported: bool = False
    """Whether it is promised only for the runtimes that the facade supports."""


def _python(*words: str) -> Command:
    return (sys.executable, *words)


def _generation(copy: Copy) -> tuple[Command, ...]:
    generator = _python("-m", "codex_generator")
    return (
        (*generator, "dump", "--codex", str(copy.program)),
        (*generator, "generate"),
        (*generator, "drift"),
    )


def _import(copy: Copy, *packages: str) -> Command:
    importing = _python("-W", "error", "-m", "codex_generator.compat.importing")
    return (*importing, str(copy.root), *packages)


def _pyright(*folders: str) -> Command:
    return _python("-m", "pyright", "--pythonpath", sys.executable, *folders)


def _pytest(copy: Copy, *selection: str) -> Command:
    quiet = ("-q", "-p", "no:cacheprovider", f"--basetemp={copy.temporary}")
    # The runtime may be newer than any before it: to find out whether it will do is the point.
    untested = ("-W", "ignore::codex_app_server_rpc.UntestedRuntimeWarning")
    return _python("-m", "pytest", *quiet, *untested, *selection)


GENERATION: Final = Column(
    "generation",
    "the runtime's schema is rendered without a diagnostic, and a second rendering is the same",
    _generation,
)
"""What all columns that are not pinned stand on."""

COLUMNS: Final = (
    GENERATION,
    Column(
        "import",
        "every module of types and raw client is imported, and every public name is there",
        lambda copy: (_import(copy, "codex_app_server_types", "codex_app_server_rpc"),),
    ),
    Column(
        "types",
        "pyright finds nothing in types and raw client, strict",
        lambda _: (_pyright("packages/types", "packages/rpc"),),
    ),
    Column(
        "raw",
        "the raw client holds conversations with the runtime",
        lambda copy: (_pytest(copy, *RAW_CORE),),
    ),
    Column(
        "facade-types",
        "the facade is imported, every public name is there, and pyright finds nothing in it",
        lambda copy: (_import(copy, "openai_codex"), _pyright("packages/sdk")),
        supported=True,
    ),
    Column(
        "facade",
        "the facade passes the core of the end-to-end tests",
        lambda copy: (_pytest(copy, *FACADE_CORE),),
        supported=True,
    ),
    Column(
        "pinned-raw",
        "the raw client as it is in the tree does likewise",
        lambda copy: (_pytest(copy, *RAW_CORE),),
        pinned=True,
        supported=True,
    ),
    Column(
        "pinned-facade",
        "the facade as it is in the tree does likewise",
        lambda copy: (_pytest(copy, *FACADE_CORE),),
        pinned=True,
        supported=True,
    ),
)
"""All columns of the matrix."""
