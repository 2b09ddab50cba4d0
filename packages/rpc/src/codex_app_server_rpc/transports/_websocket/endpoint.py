"""Where a server listens, and what a client has to show there.

Everything that can be wrong with a URL, a header or a token is found here, before anything is
opened. The `websockets` library is an extra of this package, so this module is imported only
once somebody makes a transport that needs it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from codex_app_server_rpc.errors import InvalidArgumentError, UsageError

try:
    from websockets.exceptions import InvalidURI
    from websockets.uri import WebSocketURI, parse_uri
except ImportError as error:
    raise UsageError(
        "the WebSocket and unix-socket transports need the package websockets: "
        "pip install websockets"
    ) from error

__all__ = ["Endpoint"]

_HEADER_NAME: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_SECRET_HEADERS: Final = frozenset({"authorization", "cookie"})
_LOCALHOST: Final = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens.

    Attributes:
        uri: The URL of the opening request.
        name: What messages call it; without credentials and query, which may be secret.
        headers: What is sent with the opening request beside what WebSocket itself needs.
        path: The unix socket to connect to; ``None`` for TCP.
    """

    uri: WebSocketURI
    name: str
    headers: Mapping[str, str]
    path: str | None = None

    @classmethod
    def of_url(
        cls, url: str, headers: Mapping[str, str], *, has_token: bool, allow_plaintext: bool
    ) -> Endpoint:
        """Read a ``ws://`` or ``wss://`` URL.

        Args:
            url: The URL.
            headers: More headers of the opening request.
            has_token: Whether a bearer token will be sent.
            allow_plaintext: Whether secrets may go over the network unencrypted.

        Raises:
            InvalidArgumentError: The URL or a header is malformed, or a secret would go over
                the network unencrypted.
        """
        try:
            uri = parse_uri(url)
        except (InvalidURI, ValueError) as error:
            raise InvalidArgumentError(f"this is no WebSocket URL: {error}") from error
        host = f"[{uri.host}]" if ":" in uri.host else uri.host
        name = f"{'wss' if uri.secure else 'ws'}://{host}:{uri.port}{uri.path}"
        endpoint = cls(uri, name, _checked(headers))
        secret = has_token or uri.user_info or _SECRET_HEADERS & {key.lower() for key in headers}
        if secret and not (uri.secure or endpoint.is_loopback or allow_plaintext):
            raise InvalidArgumentError(
                f"the token would go to {name} unencrypted, for everybody on the way to read: "
                "use wss:// or a tunnel, or force it with allow_plaintext_token=True"
            )
        return endpoint

    @classmethod
    def of_socket(cls, path: str | os.PathLike[str], headers: Mapping[str, str]) -> Endpoint:
        """Take the path of a unix socket.

        Args:
            path: The socket's path.
            headers: More headers of the opening request.

        Raises:
            InvalidArgumentError: A header is malformed.
            UsageError: This Python has no unix sockets.
        """
        if not hasattr(socket, "AF_UNIX"):
            raise UsageError("this Python has no unix sockets: connect by ws:// instead")
        place = os.fspath(path)
        return cls(parse_uri("ws://localhost/"), f"unix://{place}", _checked(headers), place)

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent there stays on this machine."""
        known = self.known_addresses()
        return known is not None and ipaddress.ip_address(known[0].partition("%")[0]).is_loopback

    def known_addresses(self) -> tuple[str, ...] | None:
        """Return the host's addresses if they are known without asking anybody."""
        host = self.uri.host
        if host == "localhost":
            return _LOCALHOST
        try:
            ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return None
        return (host,)

    def addresses(self) -> tuple[str, ...]:
        """Return the host's addresses in the order to try them; may ask the network.

        Raises:
            OSError: The host is not known.
            UnicodeError: The host cannot be a name.
        """
        known = self.known_addresses()
        if known is not None:
            return known
        found = socket.getaddrinfo(self.uri.host, self.uri.port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))

    def request_headers(self, token: str | None) -> dict[str, str]:
        """Return the headers to add to the opening request.

        Args:
            token: The bearer token; ``None`` to send none.

        Raises:
            InvalidArgumentError: The token cannot stand in a header.
        """
        if token is None:
            return dict(self.headers)
        if not token or not _HEADER_VALUE.fullmatch(token):
            raise InvalidArgumentError("a token is printable ASCII text in one line, not empty")
        return {**self.headers, "Authorization": f"Bearer {token}"}


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    """Refuse headers that would be read as something else; say nothing of their values."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidArgumentError(f"the header {name!r} is not printable ASCII in one line")
    return dict(headers)
