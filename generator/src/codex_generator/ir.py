"""The intermediate representation: final facts, in the order in which they are rendered.

Everything that needs a decision is decided before it gets here: Python names, annotations as
text, defaults, documents wrapped to width, imports. Templates only write it down. Values are
frozen, so a stage cannot change what another has made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Field:
    """One field of a model."""

    name: str
    wire: str
    annotation: str
    """Annotation in the model."""
    argument: str
    """Annotation of a method's parameter that fills the field, without `Unset`."""
    required: bool
    default: str
    """Source of the default, or `""` when the field is required."""
    aliased: bool
    """Whether the wire name is not what the alias generator would make of the name."""
    is_tag: bool
    doc: tuple[str, ...]
    content: str = ""
    """Annotation of what the wire holds: with `None` only where `null` fits."""
    stated_default: str = ""
    """The default that the schema states, as JSON; `""` where it states none, or `null`."""
    description: str = ""
    """The schema's own words, as they are: see `doc` for what docstrings say."""
    experimental: bool = False


@dataclass(frozen=True)
class Model:
    """A pydantic model."""

    name: str
    base: str
    """Name of the base class in `_model`: `WireModel`, `Variant` or `UnknownVariant`."""
    fields: tuple[Field, ...]
    doc: tuple[str, ...]
    uses: frozenset[str]
    """Protocol types and support names that the rendered class refers to."""
    description: str = ""
    experimental: bool = False


@dataclass(frozen=True)
class Member:
    """One member of an enum."""

    name: str
    value: str
    doc: tuple[str, ...]
    description: str = ""
    experimental: bool = False


@dataclass(frozen=True)
class Enumeration:
    """An open enum of strings."""

    name: str
    members: tuple[Member, ...]
    doc: tuple[str, ...]
    description: str = ""
    experimental: bool = False

    @property
    def uses(self) -> frozenset[str]:
        """Name the support class that every enum stands on."""
        return frozenset(["OpenEnum"])


@dataclass(frozen=True)
class Alias:
    """A type alias: a union, a nullable type, or a name for a scalar."""

    name: str
    annotation: str
    doc: tuple[str, ...]
    uses: frozenset[str]
    adapter: bool = False
    """Whether a `TypeAdapter` is rendered beside it."""
    variants: tuple[str, ...] = ()
    """Names of a union's variants, without the one for what a newer server sends."""
    unknown: str = ""
    """Name of that one."""
    description: str = ""
    experimental: bool = False


Declaration: TypeAlias = Model | Enumeration | Alias


@dataclass(frozen=True)
class Import:
    """`from <module> import <names>`."""

    module: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """One module of the types package."""

    name: str
    doc: tuple[str, ...]
    imports: tuple[tuple[Import, ...], ...]
    """By section: the standard library, other packages, our own."""
    declarations: tuple[Declaration, ...]
    exports: tuple[str, ...]


@dataclass(frozen=True)
class Parameter:
    """One keyword of a protocol method."""

    name: str
    field: str
    """Name of the model's field that it fills."""
    annotation: str
    required: bool
    doc: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """One client request as a Python function."""

    wire: str
    name: str
    parameters: tuple[Parameter, ...]
    params_model: str
    """Name of the params type, or `""` when the method has no params."""
    params_function: str
    """`params_of`, `optional_params_of`, or `""` when there is nothing to build."""
    response: str
    decoder: str
    """Source of the function that decodes the response."""
    doc: tuple[str, ...]
    description: str
    experimental: bool


@dataclass(frozen=True)
class MethodModule:
    """The methods of one domain."""

    name: str
    class_name: str
    methods: tuple[Method, ...]
    collections: tuple[str, ...]
    """Names from `collections.abc` that the annotations use."""
    params_functions: tuple[str, ...]
    """Names of the functions that build params."""


@dataclass(frozen=True)
class Notification:
    """One server notification."""

    wire: str
    payload: str
    description: str
    experimental: bool


@dataclass(frozen=True)
class ServerRequest:
    """One request from the server, and the handler that answers it."""

    wire: str
    handler: str
    params: str
    decoder: str
    """Name of what decodes the params: the model, or the adapter of a union."""
    response: str
    doc: tuple[str, ...]
    description: str
    experimental: bool


@dataclass(frozen=True)
class Stability:
    """What is not in the stable bundle, by Python name."""

    types: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    members: tuple[tuple[str, str], ...]
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Lifetime:
    """Since when the protocol has a message, and what became of it."""

    wire: str
    changes: tuple[tuple[str, str], ...]
    """A runtime's release, and from there on `experimental`, `stable` or `gone`; oldest first."""


@dataclass(frozen=True)
class Past:
    """What is known of the protocols of all runtimes that were looked at."""

    versions: tuple[str, ...]
    """The releases that were looked at, oldest first."""
    lifetimes: tuple[Lifetime, ...]
    """Of every message: requests of both sides, and notifications."""


@dataclass(frozen=True)
class Compatibility:
    """The runtimes that the packages work with, by the names of their releases."""

    minimum: str
    """The oldest."""
    tested: str
    """The newest that they were driven on."""


@dataclass(frozen=True)
class Protocol:
    """Everything that the templates render."""

    version: str
    hashes: tuple[tuple[str, str], ...]
    """Each flavour of the schema, and the SHA-256 of its file in hex."""
    modules: tuple[Module, ...]
    methods: tuple[MethodModule, ...]
    notifications: tuple[Notification, ...]
    server_requests: tuple[ServerRequest, ...]
    stability: Stability
    past: Past
    compatibility: Compatibility
