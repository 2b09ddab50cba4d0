"""Extending: one more runtime in the history, be it newer or older than those that are known."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from codex_generator.diagnostics import Diagnostics
from codex_generator.history.file import read_history, write_history
from codex_generator.history.timeline import History, Kind, Snapshot, State
from codex_generator.load import FLAVOURS, Bundle, read_definitions, read_version, runtimes_in
from codex_generator.methods import methods_in
from codex_generator.schema import parse
from codex_generator.versions import release_names

ENVELOPES: Final = {
    Kind.METHOD: "ClientRequest",
    Kind.NOTIFICATION: "ServerNotification",
    Kind.SERVER_REQUEST: "ServerRequest",
}


def extend(folder: Path) -> History:
    """Add the runtime whose bundles a schema folder holds to the history that it holds too.

    A second time changes nothing.

    Args:
        folder: the schema folder, with both bundles and their manifest.

    Returns:
        The history as it is now.

    Raises:
        InputError: Something of it cannot be read.
    """
    release = release_names(read_version(folder))[0]
    history = read_history(folder).extended(release, read_snapshot(folder))
    write_history(folder, history)
    return history


def extend_by(folder: Path, past: Path) -> History:
    """Add any runtimes to the history of a schema folder.

    Args:
        folder: the schema folder.
        past: holds a folder with both bundles for each, named by its version.

    Returns:
        The history as it is now.

    Raises:
        GeneratorError: A folder's name is no release, or something of it cannot be read.
    """
    history = read_history(folder)
    for version, bundles in runtimes_in(past).items():
        history = history.extended(release_names(version)[0], read_snapshot(bundles))
    write_history(folder, history)
    return history


def read_snapshot(folder: Path) -> Snapshot:
    """Read which messages the bundles of a folder know.

    Raises:
        InputError: One of them is no bundle.
    """
    stable, experimental = (_envelopes(folder / f"{flavour}.json") for flavour in FLAVOURS)
    return snapshot_of(stable, experimental)


def snapshot_of(stable: Bundle, experimental: Bundle) -> Snapshot:
    """Return which messages two bundles know, and which of them are stable."""
    return {
        kind: dict.fromkeys(methods_in(experimental.definitions, envelope), State.EXPERIMENTAL)
        | dict.fromkeys(methods_in(stable.definitions, envelope), State.STABLE)
        for kind, envelope in ENVELOPES.items()
    }


def _envelopes(file: Path) -> Bundle:
    """Read no more of a bundle than is needed: there may be many."""
    definitions = read_definitions(file)
    places = {name: f"#/definitions/{name}" for name in ENVELOPES.values()}
    return Bundle(
        {
            name: parse(definitions[place], place, Diagnostics())
            for name, place in places.items()
            if place in definitions
        }
    )
