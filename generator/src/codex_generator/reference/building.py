"""Building: the pages, and the overviews that lead to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Protocol as Shape

from codex_generator.domains import family_of
from codex_generator.ir import Module, Protocol
from codex_generator.reference.calls import Calls
from codex_generator.reference.facade import facade_names
from codex_generator.reference.fields import Page
from codex_generator.reference.lifetimes import lifetimes_in_words
from codex_generator.reference.pages import Count, Entry, Group, Overview, Reference
from codex_generator.reference.places import (
    METHODS,
    NOTIFICATIONS,
    SERVER_REQUESTS,
    TYPES,
    Places,
    place_of_method,
    place_of_notification,
)
from codex_generator.reference.types import Types

_REQUESTS: Final = f"{METHODS}/index.md"
_NOTIFICATIONS: Final = f"{NOTIFICATIONS}/index.md"
_TYPES: Final = f"{TYPES}/index.md"


class _Markable(Shape):
    @property
    def experimental(self) -> bool: ...


def build_reference(protocol: Protocol) -> Reference:
    """Return the pages of a protocol."""
    places = Places(protocol)
    calls = Calls(places, lifetimes_in_words(protocol.past)).pages(protocol)
    types = Types(places).pages(protocol)
    return Reference(
        version=protocol.version,
        runtimes=protocol.past.versions,
        counts=_counts(protocol),
        calls=calls,
        types=types,
        requests=_requests(protocol),
        notifications=_notifications(protocol, places),
        index_of_types=_index_of_types(protocol, places),
    )


def _counts(protocol: Protocol) -> tuple[Count, ...]:
    methods = [method for module in protocol.methods for method in module.methods]
    types = [found for module in protocol.modules for found in module.declarations]
    return (
        _count("Client requests", _REQUESTS, methods),
        _count("Notifications", _NOTIFICATIONS, protocol.notifications),
        _count("Server requests", SERVER_REQUESTS, protocol.server_requests),
        _count("Types", _TYPES, types),
    )


def _count(name: str, link: str, found: Collection[_Markable]) -> Count:
    return Count(name, link, len(found), sum(part.experimental for part in found))


def _requests(protocol: Protocol) -> Overview:
    groups = [
        _group(
            module.name,
            (
                Entry(
                    method.wire,
                    place_of_method(method.wire).seen_from(_REQUESTS),
                    method.experimental,
                    facade=facade_names(method.wire),
                )
                for method in module.methods
            ),
        )
        for module in protocol.methods
    ]
    return Overview(_REQUESTS, "Client requests", "Facade", tuple(groups))


def _notifications(protocol: Protocol, places: Places) -> Overview:
    page = Page(_NOTIFICATIONS, places)
    families: dict[str, list[Entry]] = {}
    for found in protocol.notifications:
        entry = Entry(
            found.wire,
            place_of_notification(found.wire).seen_from(_NOTIFICATIONS),
            found.experimental,
            payload=page.spell(found.payload),
        )
        families.setdefault(family_of(found.wire), []).append(entry)
    groups = tuple(_group(name, entries) for name, entries in sorted(families.items()))
    return Overview(_NOTIFICATIONS, "Notifications", "Payload", groups)


def _index_of_types(protocol: Protocol, places: Places) -> Overview:
    groups = (_types(module, places) for module in protocol.modules)
    return Overview(_TYPES, "Types", "", tuple(group for group in groups if group.entries))


def _types(module: Module, places: Places) -> Group:
    return _group(
        module.name,
        (
            Entry(found.name, places[found.name].seen_from(_TYPES), found.experimental)
            for found in sorted(module.declarations, key=lambda found: found.name.lower())
            if places.has_section(found.name)
        ),
    )


def _group(name: str, entries: Iterable[Entry]) -> Group:
    return Group(name, tuple(entries))
