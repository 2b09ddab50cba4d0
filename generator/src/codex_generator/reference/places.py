"""Places: on which page, and where on it, everything is described.

A type that exists for one call alone is described there: nobody has to leave the page of a method
for its params, and nothing is said twice. All others have a place on the page of their module.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from codex_generator.domains import ENVELOPES, domain_of, family_of
from codex_generator.ir import Alias, Declaration, Model, Protocol
from codex_generator.names import snake_case
from codex_generator.support import PACKAGE

INDEX: Final = "index.md"
SERVER_REQUESTS: Final = "server-requests.md"
METHODS: Final = "methods"
NOTIFICATIONS: Final = "notifications"
TYPES: Final = "types"


@dataclass(frozen=True)
class Place:
    """A page, from the reference's root, and an anchor on it.

    The anchor of a type is its full name, as the site's other references have it: so are their
    links to types resolved.
    """

    page: str
    anchor: str

    def seen_from(self, page: str) -> str:
        """Return a link to it that stands on some page."""
        if page == self.page:
            return f"#{self.anchor}"
        return f"{posixpath.relpath(self.page, posixpath.dirname(page) or '.')}#{self.anchor}"


def anchor_of(wire: str) -> str:
    """Return the anchor of a call: `thread/name/set` -> `thread-name-set`."""
    return snake_case(wire).replace("_", "-")


def place_of_method(wire: str) -> Place:
    """Return where a client request is described."""
    return Place(f"{METHODS}/{domain_of(wire)}.md", anchor_of(wire))


def place_of_notification(wire: str) -> Place:
    """Return where a notification is described."""
    return Place(f"{NOTIFICATIONS}/{family_of(wire)}.md", anchor_of(wire))


def place_of_server_request(wire: str) -> Place:
    """Return where a server request is described."""
    return Place(SERVER_REQUESTS, anchor_of(wire))


def place_of_type(module: str, name: str) -> Place:
    """Return where a type is described that has a section on the page of its module."""
    return Place(page_of_module(module), f"{PACKAGE}.{name}")


def page_of_module(name: str) -> str:
    """Return the page of a module's types."""
    return f"{TYPES}/{name}.md"


class Places:
    """Where each type is described."""

    def __init__(self, protocol: Protocol) -> None:
        """Find a place for every type of the protocol."""
        self._declarations: dict[str, Declaration] = {}
        self._places: dict[str, Place] = {}
        for module in protocol.modules:
            for found in module.declarations:
                self._declarations[found.name] = found
                self._places[found.name] = place_of_type(module.name, found.name)
        self._at_calls = dict(_at_calls(protocol, self._declarations))
        self._places |= self._at_calls
        self._parts = dict(self._within_unions(protocol))
        self._places |= self._parts

    def __getitem__(self, name: str) -> Place:
        """Return where a type of the protocol is described."""
        return self._places[name]

    def of(self, name: str) -> Place | None:
        """Return where a type is described; `None` for what is no type of the protocol."""
        return self._places.get(name)

    def is_part(self, name: str) -> bool:
        """Tell whether a type is described by the union that it belongs to."""
        return name in self._parts

    def declaration(self, name: str) -> Declaration | None:
        """Return the declaration of a type; `None` for what is no type of the protocol."""
        return self._declarations.get(name)

    def has_section(self, name: str) -> bool:
        """Tell whether a type has a section of its own on the page of its module."""
        return name not in self._at_calls and name not in self._parts

    def _within_unions(self, protocol: Protocol) -> Iterator[tuple[str, Place]]:
        # What takes the unknown is told by its union; so is all of an envelope, whose variants
        # say no more than which params belong to which method.
        for module in protocol.modules:
            for found in module.declarations:
                if isinstance(found, Alias) and found.variants:
                    page = self._places[found.name].page
                    inside = found.variants if module.name in ENVELOPES.values() else ()
                    for name in (*inside, found.unknown):
                        yield name, Place(page, f"{PACKAGE}.{name}")


def _at_calls(
    protocol: Protocol, declarations: Mapping[str, Declaration]
) -> Iterator[tuple[str, Place]]:
    used_by_types = frozenset[str]().union(
        *(
            found.uses
            for module in protocol.modules
            if module.name not in ENVELOPES.values()
            for found in module.declarations
        )
    )
    named = list(_named(protocol))
    times = Counter(name for name, _ in named)
    for name, place in named:
        is_model = isinstance(declarations.get(name), Model)
        if is_model and times[name] == 1 and name not in used_by_types:
            yield name, Place(place.page, f"{PACKAGE}.{name}")


def _named(protocol: Protocol) -> Iterable[tuple[str, Place]]:
    for module in protocol.methods:
        for method in module.methods:
            place = place_of_method(method.wire)
            yield from ((method.params_model, place), (method.response, place))
    for notification in protocol.notifications:
        yield notification.payload, place_of_notification(notification.wire)
    for request in protocol.server_requests:
        place = place_of_server_request(request.wire)
        yield from ((request.params, place), (request.response, place))
