"""What the pages of the protocol reference say: final facts, in the order in which they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Piece:
    """A part of a type's spelling: a name with its link, or what stands between names."""

    text: str
    link: str = ""
    """Relative to the page that it stands on; `""` where there is nothing to link to."""
    anchor: str = ""
    """Of the type itself, where it is described right here."""


Spelling: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True)
class Name:
    """A name of one of the packages, as a person writes it."""

    text: str
    target: str
    """The full name that it is known by in the API reference."""


@dataclass(frozen=True)
class Row:
    """One field of a table."""

    wire: str
    python: str
    """Its name in Python, or `""` where that is the same."""
    type: Spelling
    presence: str
    """Whether it has to be there and may be `null`, in words."""
    default: str
    """As JSON; `""` where there is none."""
    description: str
    experimental: bool


@dataclass(frozen=True)
class Table:
    """The fields of params, of a result or of a payload."""

    title: str
    type: Spelling
    description: str
    rows: tuple[Row, ...]
    note: str = ""
    """A sentence in place of the rows."""


@dataclass(frozen=True)
class Call:
    """A client request, a notification or a server request."""

    wire: str
    anchor: str
    experimental: bool
    lifetime: str
    """Since when the protocol has it, in words."""
    description: str
    names: tuple[Name, ...]
    """What makes or answers it in Python, lowest layer first."""
    tables: tuple[Table, ...]
    answer: str = ""
    """What answers a server request when nobody else does, in words."""
    answer_json: str = ""
    """The same as JSON, where it is always the same."""


@dataclass(frozen=True)
class Entry:
    """A line of an overview."""

    name: str
    link: str
    experimental: bool = False
    facade: tuple[Name, ...] = ()
    payload: Spelling = ()


@dataclass(frozen=True)
class Group:
    """The entries of one page."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Value:
    """One value of an enum."""

    value: str
    python: str
    description: str
    experimental: bool


@dataclass(frozen=True)
class Variant:
    """One variant of a union."""

    tag: str
    """What tells it apart, as JSON; `""` where its structure does."""
    type: Spelling


@dataclass(frozen=True)
class Described:
    """One type."""

    name: str
    anchor: str
    kind: str
    experimental: bool
    description: str
    rows: tuple[Row, ...] = ()
    values: tuple[Value, ...] = ()
    variants: tuple[Variant, ...] = ()
    tag: str = ""
    """The wire name of the field that tells variants apart."""
    unknown: Spelling = ()
    """The variant for what a newer server sends."""
    spelling: Spelling = ()
    """What a name for another type stands for."""
    adapter: Spelling = ()
    """What decodes it, where it has no class that does."""


@dataclass(frozen=True)
class CallPage:
    """The calls of one domain, or of one kind."""

    path: str
    title: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class TypePage:
    """The types of one module that are described at no call."""

    path: str
    title: str
    types: tuple[Described, ...]


@dataclass(frozen=True)
class Overview:
    """All calls of one kind, or all types, with their places."""

    path: str
    title: str
    column: str
    """What is told of each entry beside its name."""
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Count:
    """How many there are of something, and how many of them are experimental."""

    name: str
    link: str
    total: int
    experimental: int


@dataclass(frozen=True)
class Reference:
    """The whole protocol reference."""

    version: str
    runtimes: tuple[str, ...]
    """The releases whose protocols were looked at, oldest first."""
    counts: tuple[Count, ...]
    calls: tuple[CallPage, ...]
    types: tuple[TypePage, ...]
    requests: Overview
    notifications: Overview
    index_of_types: Overview
