"""What the runtime said of itself in the handshake."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from openai_codex.errors import RuntimeTooOldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_app_server_types import InitializeResponse

__all__ = ["OLDEST_RUNTIME", "Metadata", "ServerInfo", "check_runtime", "is_older"]

OLDEST_RUNTIME: Final = "0.154.0"
"""The oldest runtime that this library works with."""

_USER_AGENT = re.compile(r"(?P<name>.*?)/(?P<version>\d[^\s/]*)(?= \(|$)")


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


@dataclass(frozen=True)
class Metadata:
    """What ``initialize`` reported.

    Attributes:
        user_agent: The server's user agent, as it came.
        codex_home: The runtime's home: configuration, logins, threads.
        platform_family: ``unix`` or ``windows``.
        platform_os: For example ``linux``, ``macos`` or ``windows``.
        server_info: Name and version, parsed from the user agent.
    """

    user_agent: str
    codex_home: str
    platform_family: str
    platform_os: str
    server_info: ServerInfo

    @property
    def serverInfo(self) -> ServerInfo:  # noqa: N802  # the spelling that users know
        """The same as ``server_info``."""
        return self.server_info

    @classmethod
    def of(cls, response: InitializeResponse, client_name: str) -> Metadata:
        """Read the answer to ``initialize``.

        Args:
            response: The answer.
            client_name: The name that the client has given.
        """
        return cls(
            user_agent=response.user_agent,
            codex_home=response.codex_home,
            platform_family=response.platform_family,
            platform_os=response.platform_os,
            server_info=_server_info(response.user_agent, client_name),
        )


def user_agent_in(answer: object) -> str:
    """Find the user agent in an answer to ``initialize`` that lacks what it should have."""
    agent = cast("dict[str, object]", answer).get("userAgent") if isinstance(answer, dict) else None
    return agent if isinstance(agent, str) else ""


def check_runtime(user_agent: str, client_name: str, argv: Sequence[str] = ()) -> None:
    """Refuse a runtime that is too old; one whose version cannot be read is given a chance.

    Args:
        user_agent: What the runtime reported.
        client_name: The name that the client has given.
        argv: The command line that started it, for the error.

    Raises:
        RuntimeTooOldError: It is older than `OLDEST_RUNTIME`.
    """
    version = _server_info(user_agent, client_name).version
    if version is not None and is_older(version, OLDEST_RUNTIME):
        raise RuntimeTooOldError(version=version, minimum=OLDEST_RUNTIME, argv=argv)


def is_older(version: str, than: str) -> bool:
    """Tell whether a runtime's version is older than another; one that cannot be read is not."""
    one, other = _release(version), _release(than)
    return one is not None and other is not None and one < other


def _server_info(user_agent: str, client_name: str) -> ServerInfo:
    # The name may look like what follows it: "editor/1.2/0.163.0 (...)".
    known = len(client_name) if user_agent.startswith(f"{client_name}/") else 0
    match = _USER_AGENT.match(user_agent, known)
    if match is None:
        return ServerInfo(None, None)
    return ServerInfo(user_agent[: match.end("name")], match["version"])


def _release(version: str) -> tuple[int, ...] | None:
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return None if match is None else tuple(int(part) for part in match.groups())
