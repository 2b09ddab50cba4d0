"""Surfaces: from the two bundles of a runtime to what its users depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from codex_generator.changes.reading import read_types
from codex_generator.changes.surface import Call, Direction, Form, Surface, Type
from codex_generator.diagnostics import Diagnostics
from codex_generator.errata import Erratum
from codex_generator.load import FLAVOURS, Bundle, read_bundle
from codex_generator.methods import match_requests, methods_in, read_events
from codex_generator.schema import Schema

__all__ = ["read_surface"]

_ENVELOPES: Final = {
    *("ClientNotification", "ClientRequest", "ServerNotification", "ServerRequest"),
    *("JSONRPCError", "JSONRPCErrorError", "JSONRPCMessage", "JSONRPCNotification"),
    *("JSONRPCRequest", "JSONRPCResponse"),
}


def read_surface(folder: Path, version: str, errata: tuple[Erratum, ...]) -> Surface:
    """Read the protocol of one runtime.

    What the schema has no rule for is no matter here: it is compared as far as it is understood.

    Args:
        folder: holds a bundle of each flavour.
        version: of the runtime.
        errata: name responses that no rule matches.

    Raises:
        InputError: When a bundle cannot be used.
    """
    stable, full = (read_bundle(folder / f"{name}.json", Diagnostics()) for name in FLAVOURS)
    methods = _requests(full, stable, "ClientRequest", errata)
    server_requests = _requests(full, stable, "ServerRequest", errata)
    notifications = _events(full, stable)
    types = _stability(*(read_types(_plain(bundle)) for bundle in (full, stable)))
    sent = [call.params for call in methods.values()]
    sent += [call.response for call in server_requests.values()]
    read = [call.response for call in methods.values()]
    read += [call.params for call in (*server_requests.values(), *notifications.values())]
    directions = dict.fromkeys(types, Direction.NONE)
    for roots, direction in ((sent, Direction.SENT), (read, Direction.READ)):
        for name in _reached(types, filter(None, roots)):
            directions[name] |= direction
    return Surface(
        version,
        methods,
        notifications,
        server_requests,
        {name: replace(found, direction=directions[name]) for name, found in types.items()},
    )


def _plain(bundle: Bundle) -> dict[str, Schema]:
    """Return the definitions without the envelopes, which methods and notifications tell of."""
    return {name: found for name, found in bundle.definitions.items() if name not in _ENVELOPES}


def _requests(
    full: Bundle, stable: Bundle, envelope: str, errata: tuple[Erratum, ...]
) -> dict[str, Call]:
    known = methods_in(stable.definitions, envelope)
    arms = full.definitions[envelope].arms if envelope in full.definitions else ()
    matched = match_requests(arms, full.definitions, errata)
    calls = {
        arm: Call(None, None, arm not in known) for arm in methods_in(full.definitions, envelope)
    }
    for request in matched.requests:
        experimental = request.wire not in known
        calls[request.wire] = Call(request.params, request.response, experimental)
    return calls


def _events(full: Bundle, stable: Bundle) -> dict[str, Call]:
    envelope = "ServerNotification"
    known = methods_in(stable.definitions, envelope)
    arms = full.definitions[envelope].arms if envelope in full.definitions else ()
    return {
        event.wire: Call(event.payload, None, event.wire not in known)
        for event in read_events(arms, Diagnostics())
    }


def _stability(full: Mapping[str, Type], stable: Mapping[str, Type]) -> dict[str, Type]:
    """Mark what the stable bundle does not have."""
    marked: dict[str, Type] = {}
    for name, found in full.items():
        known = stable.get(name)
        if known is None:
            marked[name] = replace(found, experimental=True)
            continue
        properties = {
            wire: replace(part, experimental=wire not in known.properties)
            for wire, part in found.properties.items()
        }
        members = {member: member not in known.members for member in found.members}
        marked[name] = replace(found, properties=properties, members=members)
    return marked


def _reached(types: Mapping[str, Type], roots: Iterable[str]) -> set[str]:
    """Follow references from some types to all that they are made of."""
    reached: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name in reached or name not in types:
            continue
        reached.add(name)
        pending += _references(name, types[name])
    return reached


def _references(name: str, found: Type) -> Iterable[str]:
    parts = [found.alternatives, *(part.alternatives for part in found.properties.values())]
    for alternatives in parts:
        for alternative in alternatives:
            # `list of A or B` names what it refers to between words that are no types.
            yield from alternative.split(" ")
    if found.form is Form.UNION:
        for member in found.members:
            yield member
            yield f"{name}.{member}"
