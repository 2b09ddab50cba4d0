"""Who this client says it is, and what it says it can do (``initialize``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import codex_app_server_types as t

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
) -> t.InitializeParams:
    """Build the params of ``initialize``.

    Args:
        identity: Who the client is.
        experimental_api: Whether to opt in to methods and fields that are not stable.
        opt_out_notification_methods: Notifications the server need not send, exact names.

    Returns:
        The params; what is not asked for is left out.
    """
    import codex_app_server_types as t

    info = t.ClientInfo(name=identity.name, version=identity.version)
    if identity.title is not None:
        info.title = identity.title
    capabilities = t.InitializeCapabilities(experimental_api=experimental_api)
    if opt_out_notification_methods:
        capabilities.opt_out_notification_methods = list(opt_out_notification_methods)
    return t.InitializeParams(client_info=info, capabilities=capabilities)
