"""Who this client says it is, and what it says it can do (``initialize``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from codex_app_server_rpc.errors import InvalidArgumentError
from codex_app_server_rpc.params import scrub

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

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
    extensions: Mapping[str, JsonValue] | None = None,
    request_attestation: bool = False,
) -> bytes:
    """Make the params of ``initialize``.

    Without the protocol's types, whose loading takes as long as the server takes to start: it is
    done while the server starts.

    Args:
        identity: Who the client is.
        experimental_api: Whether to opt in to methods and fields that are not stable.
        opt_out_notification_methods: Notifications the server need not send, exact names.
        extensions: Extensions of MCP that the client knows, by name, each with its settings.
        request_attestation: Whether the server may ask for attestations.

    Returns:
        The JSON text of ``InitializeParams``; what is not asked for is left out.

    Raises:
        InvalidArgumentError: The extensions cannot be written as JSON.
    """
    info = {"name": identity.name, "version": identity.version}
    if identity.title is not None:
        info["title"] = identity.title
    capabilities: dict[str, object] = {"experimentalApi": experimental_api}
    if opt_out_notification_methods:
        capabilities["optOutNotificationMethods"] = opt_out_notification_methods
    if extensions is not None:
        capabilities["extensions"] = _plain(extensions)
    if request_attestation:
        capabilities["requestAttestation"] = True
    return json.dumps({"clientInfo": scrub(info), "capabilities": capabilities}).encode()


def _plain(extensions: Mapping[str, JsonValue]) -> object:
    """Check that a mapping can be sent; any other mapping in it becomes a `dict`."""
    if not isinstance(cast("object", extensions), Mapping):
        raise InvalidArgumentError(
            f"extensions is a mapping of names to settings, not of type {type(extensions).__name__}"
        )
    try:
        text = json.dumps(dict(extensions), default=_as_dict, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"extensions cannot be written as JSON: {error}") from error
    return scrub(json.loads(text))


def _as_dict(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise TypeError(f"a value of type {type(value).__name__}")
