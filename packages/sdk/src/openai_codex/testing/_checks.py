"""What is checked of a script where it is written, so that it does not fail where it is played."""

from __future__ import annotations

from openai_codex.testing._gate import Gate

__all__ = ["check_pieces", "check_seconds"]


def check_pieces(pieces: tuple[object, ...]) -> None:
    """Check what a message is made of.

    Raises:
        TypeError: A piece is neither a string nor a gate.
    """
    for piece in pieces:
        if not isinstance(piece, str | Gate):
            raise TypeError(f"a message is made of strings and gates, not {piece!r}")


def check_seconds(seconds: object) -> None:
    """Check how long a delay is.

    Raises:
        TypeError: It is no number.
        ValueError: It is negative, or NaN.
    """
    if not isinstance(seconds, int | float):
        raise TypeError(f"a delay is a number of seconds, not {seconds!r}")
    if not seconds >= 0:
        raise ValueError(f"a delay is 0 seconds or more, not {seconds!r}")
