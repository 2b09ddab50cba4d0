"""What lowering carries along: the definitions it reads, and the declarations it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.ir import Declaration
from codex_generator.names import is_type_name
from codex_generator.schema import Schema
from codex_generator.support import SUPPORT


@dataclass
class Context:
    """State of one lowering run.

    Schemas inside of properties that need a name of their own are put on a worklist, so that
    no shape has to know how every other shape is lowered.
    """

    definitions: Mapping[str, Schema]
    diagnostics: Diagnostics
    documents: Mapping[str, str] = field(default_factory=dict[str, str])
    """What a type is for, for those that the schema does not describe."""
    variant_names: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """Names from the errata, by union and tag."""
    declarations: dict[str, Declaration] = field(default_factory=dict[str, Declaration])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    """The definition that each declaration was made for."""
    pending: list[tuple[str, Schema]] = field(default_factory=list[tuple[str, Schema]])
    owner: str = ""

    def declare(self, declaration: Declaration, place: str) -> None:
        """Add a declaration, unless its name is taken or is no name."""
        name = declaration.name
        if not is_type_name(name):
            self.diagnostics.add(Kind.NAME_COLLISION, place, f"{name!r} cannot name a class")
        elif name in SUPPORT:
            reason = f"{name!r} is a name that rendered modules use for something else"
            self.diagnostics.add(Kind.NAME_COLLISION, place, reason)
        elif name in self.declarations:
            reason = f"{name!r} is also made for {self.owners[name]}"
            self.diagnostics.add(Kind.NAME_COLLISION, place, reason)
        else:
            self.declarations[name] = declaration
            self.owners[name] = self.owner

    def inline(self, name: str, schema: Schema) -> None:
        """Ask for a declaration for a schema found inside of another."""
        self.pending.append((name, schema))

    def unsupported(self, schema: Schema, reason: str) -> None:
        """Record a shape that has no rule."""
        self.diagnostics.add(Kind.UNSUPPORTED_SHAPE, schema.place, reason)

    def document(self, name: str, fallback: str) -> str:
        """Return what to say of a type that the schema does not describe."""
        return self.documents.get(name, fallback)
