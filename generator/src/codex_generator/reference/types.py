"""Types: the sections of what is described at no call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from codex_generator.ir import Alias, Declaration, Enumeration, Field, Model, Module, Protocol
from codex_generator.names import adapter_name
from codex_generator.reference.fields import Page
from codex_generator.reference.pages import Described, Piece, TypePage, Value, Variant
from codex_generator.reference.places import (
    Place,
    Places,
    page_of_module,
    place_of_method,
    place_of_notification,
    place_of_server_request,
)
from codex_generator.support import PACKAGE

_CALLS: Final[Mapping[str, Callable[[str], Place]]] = {
    "ClientRequest": place_of_method,
    "ServerNotification": place_of_notification,
    "ServerRequest": place_of_server_request,
}
"""Where the calls of each envelope are described."""

_KINDS: Final[Mapping[type[Declaration], str]] = {
    Model: "Model",
    Enumeration: "Enum",
    Alias: "Alias",
}


@dataclass(frozen=True)
class Types:
    """Makes the pages of types."""

    places: Places

    def pages(self, protocol: Protocol) -> tuple[TypePage, ...]:
        """Return the pages of the modules that have something to describe."""
        return tuple(page for module in protocol.modules for page in self._of(module))

    def _of(self, module: Module) -> Iterator[TypePage]:
        page = Page(page_of_module(module.name), self.places)
        here = [found for found in module.declarations if self.places.has_section(found.name)]
        sections = tuple(self._described(found, page) for found in sorted(here, key=_name))
        if sections:
            yield TypePage(page.path, f"Types: {module.name}", sections)

    def _described(self, found: Declaration, page: Page) -> Described:
        described = Described(
            name=found.name,
            anchor=self.places[found.name].anchor,
            kind=_KINDS[type(found)],
            experimental=found.experimental,
            description=found.description,
        )
        if isinstance(found, Model):
            return replace(described, rows=page.rows(found))
        if isinstance(found, Enumeration):
            return replace(described, values=_values(found))
        if found.adapter:
            described = replace(described, adapter=(self._adapter(found, page),))
        if not found.variants:
            return replace(described, spelling=page.spell(found.annotation))
        return replace(
            described,
            kind="Union",
            variants=tuple(self._variant(found.name, name, page) for name in found.variants),
            tag=self._tag(found),
            unknown=(self._here(found.unknown, page),),
        )

    def _variant(self, union: str, name: str, page: Page) -> Variant:
        field = self._tag_field(name)
        tag = "" if field is None else field.stated_default
        if not self.places.is_part(name):
            return Variant(tag, page.spell(name))
        # All that there is to say of a variant of an envelope is told where its call is.
        found = self._here(name, page)
        if union in _CALLS:
            found = replace(found, link=_CALLS[union](json.loads(tag)).seen_from(page.path))
        return Variant(tag, (found,))

    def _here(self, name: str, page: Page) -> Piece:
        place = self.places[name]
        return Piece(name, place.seen_from(page.path), place.anchor)

    def _adapter(self, found: Alias, page: Page) -> Piece:
        name = adapter_name(found.name)
        place = replace(self.places[found.name], anchor=f"{PACKAGE}.{name}")
        return Piece(name, place.seen_from(page.path), place.anchor)

    def _tag(self, union: Alias) -> str:
        field = self._tag_field(union.variants[0])
        return "" if field is None else field.wire

    def _tag_field(self, variant: str) -> Field | None:
        found = self.places.declaration(variant)
        fields = found.fields if isinstance(found, Model) else ()
        return next((field for field in fields if field.is_tag), None)


def _name(found: Declaration) -> str:
    return found.name.lower()


def _values(found: Enumeration) -> tuple[Value, ...]:
    return tuple(
        Value(member.value, member.name, member.description, member.experimental)
        for member in found.members
    )
