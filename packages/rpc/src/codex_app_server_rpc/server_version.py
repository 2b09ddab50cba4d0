"""Which version the server has: read from its user agent, and compared with others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["ServerInfo", "is_older", "order_of", "server_info", "user_agent_in"]

_USER_AGENT: Final = re.compile(r"(?P<name>.*?)/(?P<version>\d[^\s/]*)(?= \(|$)")
_RELEASE: Final = re.compile(
    r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,99}))?", re.ASCII
)
"""What no release has is not read: Python refuses to make numbers of thousands of digits."""

Order: TypeAlias = "tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]"
"""What versions are ordered by."""


@dataclass(frozen=True)
class ServerInfo:
    """The server's name and version, parsed from its user agent.

    The protocol has no such member: `initialize` answers with ``NAME/VERSION (SYSTEM) …``,
    where the name is that of the client and the version that of the runtime.

    Attributes:
        name: The name; ``None`` if the user agent has another form.
        version: The runtime's version, for example ``0.163.0``; ``None`` likewise.
    """

    name: str | None
    version: str | None


def server_info(user_agent: str, client_name: str) -> ServerInfo:
    """Parse a server's user agent.

    Args:
        user_agent: What the server answered to ``initialize``.
        client_name: The name that the client has given.
    """
    # The name may look like what follows it: "editor/1.2/0.163.0 (...)".
    known = len(client_name) if user_agent.startswith(f"{client_name}/") else 0
    match = _USER_AGENT.match(user_agent, known)
    if match is None:
        return ServerInfo(None, None)
    return ServerInfo(user_agent[: match.end("name")], match["version"])


def user_agent_in(answer: object) -> str:
    """Find the user agent in an answer to ``initialize`` that may lack what it should have."""
    agent = cast("dict[str, object]", answer).get("userAgent") if isinstance(answer, dict) else None
    return agent if isinstance(agent, str) else ""


def is_older(version: str, than: str) -> bool:
    """Tell whether a version is older than another; one that cannot be read is not."""
    one, other = order_of(version), order_of(than)
    return one is not None and other is not None and one < other


def order_of(version: str) -> Order | None:
    """Give what versions are ordered by, as by Semantic Versioning; ``None`` if it is none.

    Args:
        version: As the runtime writes it: ``0.163.0``, or ``0.163.0-alpha.2``, which is older.
    """
    match = _RELEASE.match(version)
    if match is None:
        return None
    major, minor, patch, stage = match.groups()
    parts = tuple(_part(part) for part in stage.split(".")) if stage else ()
    return int(major), int(minor), int(patch), not parts, parts


def _part(text: str) -> tuple[bool, int, str]:
    """Order a part of a pre-release: numbers by value, and before words."""
    return (False, int(text), "") if text.isdigit() else (True, 0, text)
