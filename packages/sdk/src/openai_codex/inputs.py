"""What is said in a turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openai_codex.errors import InvalidArgumentError

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_types import UserInput

__all__ = ["RunInput", "wire_input"]

RunInput: TypeAlias = "str | UserInput | Sequence[str | UserInput]"
"""Text, an input of the protocol (``UserInput``), or a list of these."""


def wire_input(value: RunInput) -> list[UserInput]:
    """Bring what the user said into the form of the protocol.

    Args:
        value: Text, an input, or a list of these.

    Returns:
        The inputs of ``turn/start``.

    Raises:
        InvalidArgumentError: There is nothing in it.
    """
    parts = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
    if not parts or value == "":
        raise InvalidArgumentError("the input is empty: a turn needs something to answer")
    return [_wire_part(part) for part in parts]


def _wire_part(part: str | UserInput) -> UserInput:
    from codex_app_server_types import TextUserInput

    return TextUserInput(text=part) if isinstance(part, str) else part
