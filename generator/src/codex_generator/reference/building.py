"""Building: the pages, and the overviews that lead to them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Final

from codex_generator.ir import Module, Protocol
from codex_generator.reference.calls import Calls
from codex_generator.reference.facade import FACADE
from codex_generator.reference.pages import CallPage, Count, Entry, Group, Overview, Reference
from codex_generator.reference.places import (
    METHODS,
    NOTIFICATIONS,
    SERVER_REQUESTS,
    TYPES,
    Place,
    Places,
    page_of_module,
)
from codex_generator.reference.types import Types

_REQUESTS: Final = f"{METHODS}/index.md"
_NOTIFICATIONS: Final = f"{NOTIFICATIONS}/index.md"
_TYPES: Final = f"{TYPES}/index.md"


def build_reference(protocol: Protocol) -> Reference:
    """Return the pages of a protocol."""
    places = Places(protocol)
    calls = Calls(places).pages(protocol)
    types = Types(places).pages(protocol)
    with_page = {page.path for page in types}
    return Reference(
        version=protocol.version,
        counts=_counts(protocol, calls),
        calls=calls,
        types=types,
        requests=_overview(_REQUESTS, "Client requests", calls),
        notifications=_overview(_NOTIFICATIONS, "Notifications", calls),
        index_of_types=Overview(
            _TYPES,
            "Types",
            tuple(_types(module, places, with_page) for module in protocol.modules),
        ),
    )


def _counts(protocol: Protocol, calls: Iterable[CallPage]) -> tuple[Count, ...]:
    folders = {
        METHODS: ("Client requests", _REQUESTS),
        NOTIFICATIONS: ("Notifications", _NOTIFICATIONS),
        "": ("Server requests", SERVER_REQUESTS),
    }
    found = [
        Count(
            *folders[folder],
            len(marks := _marks(calls, folder)),
            sum(marks),
        )
        for folder in folders
    ]
    types = [found for module in protocol.modules for found in module.declarations]
    return (*found, Count("Types", _TYPES, len(types), sum(kind.experimental for kind in types)))


def _marks(pages: Iterable[CallPage], folder: str) -> list[bool]:
    return [
        call.experimental
        for page in pages
        if posixpath.dirname(page.path) == folder
        for call in page.calls
    ]


def _overview(path: str, title: str, pages: Iterable[CallPage]) -> Overview:
    folder = posixpath.dirname(path)
    inside = [page for page in pages if posixpath.dirname(page.path) == folder]
    return Overview(path, title, tuple(_group(page, path) for page in inside))


def _group(page: CallPage, path: str) -> Group:
    name = posixpath.basename(page.path).removesuffix(".md")
    entries = tuple(
        Entry(
            call.wire,
            Place(page.path, call.anchor).seen_from(path),
            call.experimental,
            FACADE.get(call.wire, ()),
        )
        for call in page.calls
    )
    return Group(name, posixpath.basename(page.path), entries)


def _types(module: Module, places: Places, with_page: set[str]) -> Group:
    page = page_of_module(module.name)
    entries = [
        Entry(found.name, place.seen_from(_TYPES), found.experimental)
        for found in sorted(module.declarations, key=lambda found: found.name.lower())
        if (place := places.listed(found.name)) is not None
    ]
    link = posixpath.basename(page) if page in with_page else ""
    return Group(module.name, link, tuple(entries))
