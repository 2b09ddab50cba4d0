"""What can be decided about a request for approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from codex_app_server_types import (
        GrantedPermissionProfile,
        NetworkPolicyAmendment,
        RequestPermissionProfile,
    )

__all__ = [
    "Accept",
    "AcceptForSession",
    "AcceptWithAmendment",
    "Cancel",
    "Decision",
    "Decline",
    "Park",
]


@dataclass(frozen=True)
class Accept:
    """Allow it, this time. Permissions are granted for the turn."""


@dataclass(frozen=True)
class AcceptForSession:
    """Allow it, and what is like it, for as long as the runtime has the thread loaded."""


@dataclass(frozen=True)
class AcceptWithAmendment:
    """Allow it, in other terms than it was asked for.

    Attributes:
        amendment: Of a command: the beginning of all commands that are allowed from now on, which
            the runtime writes down in its rules and heeds in all threads; or a rule for a host of
            the network. Of permissions: those that are granted, a part of what was asked for. Of
            a tool of an MCP server: ``"always"``, not to be asked again.
        for_session: Of permissions: whether they are granted for as long as the runtime has the
            thread loaded, rather than for the turn.
    """

    amendment: (
        tuple[str, ...]
        | list[str]
        | NetworkPolicyAmendment
        | GrantedPermissionProfile
        | RequestPermissionProfile
        | Literal["always"]
    )
    for_session: bool = False

    def __post_init__(self) -> None:
        """Take a list for what is a tuple here."""
        if isinstance(self.amendment, list):
            object.__setattr__(self, "amendment", tuple(self.amendment))


@dataclass(frozen=True)
class Decline:
    """Do not allow it; the agent is told, and goes on."""


@dataclass(frozen=True)
class Cancel:
    """Do not allow it, and interrupt the turn."""


@dataclass(frozen=True)
class Park:
    """Let the request wait: somebody answers it later, by ``codex.respond(request, answer)``."""


Decision: TypeAlias = Accept | AcceptForSession | AcceptWithAmendment | Decline | Cancel
"""What can be decided; each request tells in ``decisions`` which of it is available."""
