"""The file: a history as it is kept, a line for each message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypedDict, cast

from codex_generator.diagnostics import GeneratorError, InputError
from codex_generator.history.timeline import History, Kind, State, order_of
from codex_generator.load import read_valid

HISTORY: Final = "history.json"

_Section = dict[str, dict[str, str]]


class _File(TypedDict):
    versions: list[str]
    methods: _Section
    notifications: _Section
    server_requests: _Section


_STATES: Final = {"enum": [state.value for state in State]}
_SECTION: Final = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": _STATES},
}
_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "versions": {"type": "array", "items": {"type": "string"}},
        **{kind.value: _SECTION for kind in Kind},
    },
    "required": ["versions", *(kind.value for kind in Kind)],
    "additionalProperties": False,
}


def read_history(folder: Path) -> History:
    """Read the history that a schema folder holds.

    Args:
        folder: the schema folder.

    Returns:
        The history; an empty one where there is no file yet.

    Raises:
        InputError: The file is no history.
    """
    file = folder / HISTORY
    if not file.exists():
        return History()
    content = cast("_File", read_valid(file, _SCHEMA))
    try:
        _check_versions(content)
    except GeneratorError as error:
        raise InputError(f"{folder.name}/{HISTORY}", "#/versions", str(error)) from error
    return _history(content)


def write_history(folder: Path, history: History) -> None:
    """Write a history into a schema folder: equal histories give equal bytes."""
    (folder / HISTORY).write_text("".join(_lines(history)), encoding="utf-8")


def _lines(history: History) -> Iterator[str]:
    yield f'{{\n  "versions": {json.dumps(history.versions, indent=4)[:-1]}  ]'
    for kind in Kind:
        yield f',\n  "{kind.value}": {{'
        timelines = history.timelines(kind).items()
        lines = (f"\n    {json.dumps(name)}: {json.dumps(changes)}" for name, changes in timelines)
        yield ",".join(lines)
        yield "\n  }"
    yield "\n}\n"


def _check_versions(content: _File) -> None:
    versions = content["versions"]
    if versions != sorted(set(versions), key=order_of):
        raise GeneratorError("expected each once, oldest first")
    known = set(versions)
    for kind in Kind:
        for name, changes in content[kind.value].items():
            for version in changes.keys() - known:
                raise GeneratorError(f"{version!r}, of {name}, is not among them")


def _history(content: _File) -> History:
    snapshots: dict[str, dict[Kind, dict[str, State]]] = {
        version: {kind: {} for kind in Kind} for version in content["versions"]
    }
    for kind in Kind:
        for name, changes in content[kind.value].items():
            state = State.GONE
            for version, snapshot in snapshots.items():
                state = State(changes.get(version, state))
                if state is not State.GONE:
                    snapshot[kind][name] = state
    return History(snapshots)
