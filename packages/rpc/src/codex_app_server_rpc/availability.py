"""What a server knows of the protocol, by its version and the history of the protocol."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, cast

from codex_app_server_types.origin import RUNTIME_VERSION

from codex_app_server_rpc.errors import (
    InvalidArgumentError,
    InvalidRequestError,
    MethodNotFoundError,
    UnsupportedMethodError,
)
from codex_app_server_rpc.generated.history import HISTORY, NEWEST_KNOWN, OLDEST_KNOWN
from codex_app_server_rpc.server_version import is_older, order_of

if TYPE_CHECKING:
    from codex_app_server_rpc.errors import JsonRpcError

__all__ = ["supports", "told_apart"]

_FROM_SOURCE: Final = "0.0.0"
"""What a runtime calls itself that is no release: it says nothing of what it knows."""


def supports(name: str, version: str | None, *, experimental_api: bool) -> bool:
    """Tell whether a server of a version knows a request or a notification.

    Args:
        name: Its wire name, for example ``thread/queue/add``.
        version: The server's version; if it tells nothing, the one that this client is made for.
        experimental_api: Whether the client has opted in to what is experimental.

    Raises:
        InvalidArgumentError: No version of the protocol that is known has such a name, or it is no
            text.
    """
    if not isinstance(cast("object", name), str):
        raise InvalidArgumentError(f"a wire name is text, not {type(name).__name__}")
    if name not in HISTORY:
        near = get_close_matches(name, HISTORY, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise InvalidArgumentError(
            f"no runtime from {OLDEST_KNOWN} to {NEWEST_KNOWN} knows {name!r}{hint}"
        )
    state = _state(name, version)
    return state == "stable" or (state == "experimental" and experimental_api)


def told_apart(error: JsonRpcError, version: str | None) -> JsonRpcError:
    """Give an `UnsupportedMethodError` for a method that the server does not know; else the same.

    The runtime says so with the code of an invalid request, and in words that name the method. The
    code -32601 says so too; but also that a method is not there for the thread's kind of store, and
    counts here only where the version is known not to have the method.

    Args:
        error: What the server answered.
        version: The server's version; ``None`` if it is not known.
    """
    method = error.method
    if method is None:
        return error
    if isinstance(error, InvalidRequestError):
        unknown = error.message.startswith(f"Invalid request: unknown variant `{method}`, expected")
    else:
        unknown = isinstance(error, MethodNotFoundError) and _state(method, version) == "gone"
    if not unknown:
        return error
    changes = HISTORY.get(method, ())
    return UnsupportedMethodError(
        error.code,
        error.message,
        error.data,
        method=method,
        server_version=version,
        client_version=RUNTIME_VERSION,
        since=changes[0][0] if changes else None,
        until=changes[-1][0] if changes and changes[-1][1] == "gone" else None,
    )


def _state(name: str, version: str | None) -> str:
    """Say what a message is in a version: as in the newest known one that is not newer."""
    if version is None or version == _FROM_SOURCE or order_of(version) is None:
        version = RUNTIME_VERSION
    at = OLDEST_KNOWN if is_older(version, OLDEST_KNOWN) else version
    passed = [state for release, state in HISTORY.get(name, ()) if not is_older(at, release)]
    return passed[-1] if passed else "gone"
