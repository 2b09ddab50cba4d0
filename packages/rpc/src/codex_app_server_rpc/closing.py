"""How a client can be closed."""

from __future__ import annotations

from codex_app_server_rpc.deadline import check_limit
from codex_app_server_rpc.errors import InvalidArgumentError

__all__ = ["check_close"]


def check_close(mode: str, timeout: float) -> None:
    """Refuse what a client cannot be closed with, before anything is done.

    Args:
        mode: The ``mode`` of `Client.close`.
        timeout: The ``timeout`` of `Client.close`, in seconds.

    Raises:
        InvalidArgumentError: There is no such mode, or the timeout is no time.
    """
    if mode not in ("interrupt", "drain", "kill"):
        raise InvalidArgumentError(f"mode is 'interrupt', 'drain' or 'kill', not {mode!r}")
    check_limit(timeout)
