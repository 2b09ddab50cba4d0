"""Who this client says it is, and what it says it can do (``initialize``)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from codex_app_server_rpc.params import scrub

__all__ = ["ClientIdentity", "initialize_params"]


@dataclass(frozen=True)
class ClientIdentity:
    """Who the client is; goes into the server's user agent and its compliance logs.

    Attributes:
        name: The client's name, for example ``my_editor``.
        version: The client's own version.
        title: Its name as people read it.
    """

    name: str
    version: str
    title: str | None = None


def initialize_params(
    identity: ClientIdentity,
    *,
    experimental_api: bool,
    opt_out_notification_methods: tuple[str, ...] = (),
) -> bytes:
    """Make the params of ``initialize``.

    Without the protocol's types, whose loading takes as long as the server takes to start: it is
    done while the server starts.

    Args:
        identity: Who the client is.
        experimental_api: Whether to opt in to methods and fields that are not stable.
        opt_out_notification_methods: Notifications the server need not send, exact names.

    Returns:
        The JSON text of ``InitializeParams``; what is not asked for is left out.
    """
    info = {"name": identity.name, "version": identity.version}
    if identity.title is not None:
        info["title"] = identity.title
    capabilities: dict[str, object] = {"experimentalApi": experimental_api}
    if opt_out_notification_methods:
        capabilities["optOutNotificationMethods"] = opt_out_notification_methods
    return json.dumps({"clientInfo": scrub(info), "capabilities": capabilities}).encode()
