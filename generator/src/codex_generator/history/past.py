"""The past: the history as the rendered packages and the reference need it."""

from __future__ import annotations

from pathlib import Path

from codex_generator.diagnostics import Diagnostics, InputError, Kind as Fault
from codex_generator.history.extending import snapshot_of
from codex_generator.history.file import HISTORY, read_history
from codex_generator.history.timeline import History, Kind
from codex_generator.ir import Lifetime, Past
from codex_generator.load import Source
from codex_generator.versions import release_names


def read_past(folder: Path, source: Source, diagnostics: Diagnostics) -> Past:
    """Read the history of a schema folder.

    Args:
        folder: the schema folder.
        source: its bundles, which the history has to agree with.
        diagnostics: takes a name that two kinds of messages have.

    Raises:
        InputError: The file is no history, or one that says something else of this runtime.
    """
    history = read_history(folder)
    _check(history, source, f"{folder.name}/{HISTORY}")
    lifetimes: dict[str, Lifetime] = {}
    for kind in Kind:
        for name, changes in history.timelines(kind).items():
            if name in lifetimes:
                reason = f"one of the {kind.value}, and of another kind as well"
                diagnostics.add(Fault.NAME_COLLISION, name, reason)
            states = ((version, state.value) for version, state in changes.items())
            lifetimes[name] = Lifetime(name, tuple(states))
    return Past(history.versions, tuple(lifetimes.values()))


def _check(history: History, source: Source, file: str) -> None:
    release = release_names(source.version)[0]
    known = history.snapshots.get(release)
    if known != snapshot_of(source.stable, source.experimental):
        what = "is not in it" if known is None else "had other messages than its schema has"
        reason = f"{release} {what}: run `python -m codex_generator history`"
        raise InputError(file, "#/versions", reason)
