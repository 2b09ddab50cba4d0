"""Which of several options a typed text means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["are_numbered", "chosen"]


def chosen(text: str, options: Sequence[Sequence[str]]) -> int | None:
    """Tell which option a text means.

    Args:
        text: What somebody has typed.
        options: The names of each option, the one that people read first.

    Returns:
        The index of the option; ``None`` if it is none of them, or more than one.
    """
    typed = text.strip()
    exact = [index for index, names in enumerate(options) if typed in names]
    if exact:
        return min(exact, key=lambda index: options[index].index(typed))
    if are_numbered(options) and typed.isascii() and typed.isdigit() and len(typed) < 10:
        number = int(typed)
        return number - 1 if 1 <= number <= len(options) else None
    folded = typed.casefold()
    alike = [
        index
        for index, names in enumerate(options)
        if folded in (name.strip().casefold() for name in names)
    ]
    return alike[0] if len(alike) == 1 else None


def are_numbered(options: Sequence[Sequence[str]]) -> bool:
    """Tell whether options can be meant by their numbers: if none of them is a number itself."""
    return not any(name.strip().isdigit() for names in options for name in names)
