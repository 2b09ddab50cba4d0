"""Fields of the protocol's types as tables: an extension of griffe.

A heading for each of some 5000 fields makes pages that nobody can read. Each type is shown as its
docstring and one table: names, types, and what the schema says of them.
"""

from __future__ import annotations

from typing import Any

import griffe

_PACKAGE = "codex_app_server_types."


class FieldTables(griffe.Extension):
    """Put the fields of a model, or the values of an enum, into its docstring."""

    def on_class(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        """Add the table to one class."""
        if not cls.path.startswith(_PACKAGE) or cls.path.startswith(f"{_PACKAGE}_"):
            return
        rows = [
            _row(member)
            for name, member in cls.members.items()
            if isinstance(member, griffe.Attribute) and not name.startswith("_")
        ]
        if cls.docstring is not None and rows:
            cls.docstring.parsed.append(griffe.DocstringSectionAttributes(rows))


def _row(field: griffe.Attribute) -> griffe.DocstringAttribute:
    text = field.docstring.value if field.docstring else ""
    # A member of an enum has no type; its value is what one wants to see.
    annotation = field.annotation if field.annotation is not None else field.value
    return griffe.DocstringAttribute(field.name, description=text, annotation=annotation)
