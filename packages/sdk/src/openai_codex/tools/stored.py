"""What the model of a thread was told of its tools, as the runtime has written it down.

The runtime keeps the tools of ``thread/start`` and offers them to the model again whenever the
thread is resumed; but no request gives them back. They stand in the first line of the thread's
file (``thread.path``), whose format is the runtime's own and no part of the protocol. So this
takes only what it understands, and nothing depends on it but a warning: see
docs/decisions/0018-tools-of-a-resumed-thread.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import logger

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

__all__ = ["stored_tools"]

LONGEST_LINE: Final = 16 * 1024 * 1024
"""How much of the file is read, in bytes. Its first line has the instructions too: some 20 kB."""

_logger = logger("tools")


def stored_tools(path: str | None) -> JsonValue:
    """Read the tools that a thread was started with.

    Args:
        path: The thread's file; ``None`` for a thread that is kept in memory only.

    Returns:
        Its ``dynamicTools``, which is a list; ``None`` if they cannot be known.
    """
    from pydantic_core import from_json

    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            first: JsonValue = from_json(file.readline(LONGEST_LINE))
    except (OSError, ValueError) as error:  # not here, not yet written, or compressed
        _logger.debug("the tools of the thread in %s are not known: %s", path, error)
        return None
    payload = first.get("payload") if isinstance(first, dict) else None
    if isinstance(payload, dict) and "cli_version" in payload:
        return payload.get("dynamic_tools") or []  # without tools, there is no such member
    _logger.debug("the tools of the thread in %s are not known: another format", path)
    return None
