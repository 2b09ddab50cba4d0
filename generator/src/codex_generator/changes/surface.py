"""Surface: a schema as the set of facts that a program can depend on.

Everything is flat: a variant of a union and an object inside of an object are types of their own,
named `Owner.variant` and `Owner.field`. Whatever two surfaces do not share is a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from typing import Final

NULL: Final = "null"
ANYTHING: Final = "anything"
SCALARS: Final = frozenset({"string", "integer", "number", "boolean", NULL, ANYTHING})


class Direction(Flag):
    """Who writes a type: a program that uses the packages, the server, both, or nobody."""

    NONE = 0
    SENT = auto()
    READ = auto()


class Form(Enum):
    """What a type is made of."""

    OBJECT = "object"
    ENUM = "enum"
    UNION = "union"
    ALIAS = "alias"


@dataclass(frozen=True)
class Property:
    """One property of an object.

    Attributes:
        alternatives: the types that its value may have, `null` among them.
        required: whether it is always there.
        experimental: whether only the experimental bundle has it.
    """

    alternatives: frozenset[str]
    required: bool
    experimental: bool = False


@dataclass(frozen=True)
class Type:
    """One type.

    Attributes:
        form: what it is made of.
        properties: of an object, by wire name.
        members: values of an enum, or the names of a union's variants, each with whether it is
            experimental.
        alternatives: what an alias stands for.
        direction: who writes it.
        experimental: whether only the experimental bundle has it.
    """

    form: Form
    properties: Mapping[str, Property] = field(default_factory=dict[str, Property])
    members: Mapping[str, bool] = field(default_factory=dict[str, bool])
    alternatives: frozenset[str] = frozenset()
    direction: Direction = Direction.NONE
    experimental: bool = False


@dataclass(frozen=True)
class Call:
    """A request of either side, or a notification.

    Attributes:
        params: name of its params, `None` when there are none.
        response: name of its response, `None` when there is none, or none is known.
        experimental: whether only the experimental bundle has it.
    """

    params: str | None
    response: str | None
    experimental: bool


@dataclass(frozen=True)
class Surface:
    """All of a runtime's protocol.

    Attributes:
        version: of the runtime.
        methods: requests of the client, by wire name.
        notifications: of the server, by wire name.
        server_requests: requests of the server, by wire name.
        types: by name.
    """

    version: str
    methods: Mapping[str, Call]
    notifications: Mapping[str, Call]
    server_requests: Mapping[str, Call]
    types: Mapping[str, Type]

    def plain(self, alternatives: frozenset[str]) -> frozenset[str]:
        """Replace names by what they are: a kind of path by a string, an alias by its union."""
        return frozenset[str]().union(*map(self._plain, alternatives))

    def _plain(self, name: str) -> frozenset[str]:
        head, _, inner = name.rpartition(" ")  # of `list of A or B`, each word
        found = self.types.get(inner)
        if found is None or found.form is not Form.ALIAS:
            return frozenset([name])
        if not head:
            return found.alternatives
        if found.alternatives <= SCALARS:
            return frozenset(f"{head} {scalar}" for scalar in found.alternatives)
        return frozenset([name])
