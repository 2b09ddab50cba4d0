"""Looking at what callers give, so that errors name it rather than what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc.deadline import is_seconds

from openai_codex.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check", "check_strings", "check_time"]


def check(name: str, value: object, wanted: str, *kinds: type) -> None:
    """Refuse a value of another type; the error does not show the value.

    Args:
        name: What it is called.
        value: The value.
        wanted: What it should be.
        kinds: The types that will do.

    Raises:
        InvalidArgumentError: It has none of these.
    """
    if not isinstance(value, kinds):
        raise InvalidArgumentError(f"{name} is {wanted}, not of type {type(value).__name__}")


def check_strings(name: str, values: Iterable[object]) -> None:
    """Refuse what is no tuple of strings; one string would be taken letter by letter.

    Raises:
        InvalidArgumentError: It is none.
    """
    check(name, values, "a tuple of strings", tuple, list)
    for value in values:
        check(f"an item of {name}", value, "a string", str)


def check_time(name: str, value: object) -> None:
    """Refuse what nobody can wait for.

    Raises:
        InvalidArgumentError: It is neither ``None`` nor a number of seconds over 0.
    """
    if value is not None and not (is_seconds(value) and value > 0):
        raise InvalidArgumentError(
            f"{name} is a number of seconds over 0, or None for no limit; not {value!r}"
        )
