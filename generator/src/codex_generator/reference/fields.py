"""Fields: the rows of a model, and the spelling of types with links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from codex_generator.ir import Field, Model
from codex_generator.reference.pages import Piece, Row, Spelling
from codex_generator.reference.places import Places

_NULL: Final = " | None"
_NAMES: Final = re.compile(r'("(?:\\.|[^"\\])*"|[A-Za-z_][A-Za-z0-9_]*)')


class Page:
    """One page, as the place from which links start."""

    def __init__(self, path: str, places: Places) -> None:
        """Take the page's path from the reference's root, and the places of all types."""
        self.path = path
        self._places = places

    def spell(self, annotation: str) -> Spelling:
        """Return an annotation with links to the types that it names."""
        return tuple(self._piece(part) for part in _NAMES.split(annotation) if part)

    def rows(self, model: Model, names: Mapping[str, str] | None = None) -> tuple[Row, ...]:
        """Return the fields of a model.

        Args:
            model: whose fields.
            names: what they are called in Python, where that is not their own name.
        """
        return tuple(self._row(field, (names or {}).get(field.name)) for field in model.fields)

    def _row(self, field: Field, name: str | None) -> Row:
        python = name or field.name
        nullable = field.content.endswith(_NULL)
        return Row(
            wire=field.wire,
            python="" if python == field.wire else python,
            type=self._constant(field) or self.spell(field.content.removesuffix(_NULL)),
            presence=_presence(field, nullable=nullable),
            default="" if field.is_tag else field.stated_default,
            description=field.description,
            experimental=field.experimental,
        )

    def _constant(self, field: Field) -> Spelling:
        return (Piece(field.stated_default),) if field.is_tag and field.stated_default else ()

    def _piece(self, text: str) -> Piece:
        place = self._places.of(text)
        return Piece(text) if place is None else Piece(text, place.seen_from(self.path))


def _presence(field: Field, *, nullable: bool) -> str:
    if field.is_tag:
        return "always"
    return ("required" if field.required else "optional") + (", nullable" if nullable else "")
