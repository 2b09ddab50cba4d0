"""Facts: what programs can depend on, of everything that is public in our packages.

A type is written as the set of its alternatives: `int | None` is `{"int", "None"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

PACKAGES: Final = ("codex_app_server_types", "codex_app_server_rpc", "openai_codex")
"""What users import, lowest layer first."""

PUBLIC_MODULES: Final = (
    "codex_app_server_types",
    "codex_app_server_types.lenient",
    "codex_app_server_types.origin",
    "codex_app_server_types.stability",
    "codex_app_server_rpc",
    "codex_app_server_rpc.redaction",
    "codex_app_server_rpc.transcripts",
    "openai_codex",
    "openai_codex.errors",
    "openai_codex.testing",
    "openai_codex.types",
)
"""What users import from; the modules below are the project's own.

What is public in several of them is told of in the first.
"""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function.

    Attributes:
        types: what may be given.
        kind: how it is given, in the words of `inspect.Parameter.kind`.
        position: its place among those that may be given by position; `None` for others.
        default: what is taken when it is not given, as it is written; `None` if it has to be given.
    """

    types: frozenset[str]
    kind: str
    position: int | None
    default: str | None


@dataclass(frozen=True)
class Function:
    """A function, or a method of a class.

    Attributes:
        parameters: by name, without `self`.
        returns: what it returns.
        is_async: whether it has to be awaited.
        experimental: whether it needs the opt-in to the experimental protocol.
    """

    parameters: Mapping[str, Parameter]
    returns: frozenset[str]
    is_async: bool
    experimental: bool = False


@dataclass(frozen=True)
class Attribute:
    """An attribute of a class, a property, or a constant of a module.

    Attributes:
        types: what it may be; empty where only its value tells.
        value: what it is unless something else is set, as it is written; `None` without one.
        experimental: whether it needs the opt-in to the experimental protocol.
    """

    types: frozenset[str]
    value: str | None
    experimental: bool = False


@dataclass(frozen=True)
class Alias:
    """Another name for a type, most often of a union.

    Attributes:
        types: what it stands for.
        experimental: whether it needs the opt-in to the experimental protocol.
    """

    types: frozenset[str]
    experimental: bool = False


Member: TypeAlias = Function | Attribute


@dataclass(frozen=True)
class Class:
    """A class.

    Attributes:
        bases: the names of what it is made from.
        members: by name; what comes from a public base is told of there.
        inherited: names of what comes from public bases.
        is_enum: whether its attributes are its members.
        is_model: whether it is made by giving its attributes.
        experimental: whether it needs the opt-in to the experimental protocol.
    """

    bases: tuple[str, ...]
    members: Mapping[str, Member]
    inherited: frozenset[str]
    is_enum: bool
    is_model: bool
    experimental: bool = False


Fact: TypeAlias = Class | Function | Attribute | Alias


@dataclass(frozen=True)
class Export:
    """What a public module has under one name.

    Attributes:
        path: where it is defined; the same for each of its names.
        fact: what it is.
    """

    path: str
    fact: Fact


@dataclass(frozen=True)
class Api:
    """All that is public of our packages.

    Attributes:
        version: of the packages.
        modules: what each public module has, by name.
    """

    version: str
    modules: Mapping[str, Mapping[str, Export]]
