"""What the runtime said of itself in the handshake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codex_app_server_rpc.server_version import ServerInfo, server_info

if TYPE_CHECKING:
    from codex_app_server_types import InitializeResponse

__all__ = ["Metadata", "ServerInfo"]


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
            server_info=server_info(response.user_agent, client_name),
        )
