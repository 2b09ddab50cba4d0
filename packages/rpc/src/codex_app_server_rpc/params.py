"""From keyword arguments to the params of a request.

What the caller did not give is not sent; what is given as ``None`` is sent as ``null``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from codex_app_server_types import UNSET

from codex_app_server_rpc.errors import InvalidArgumentError

if TYPE_CHECKING:
    from codex_app_server_types import WireModel

__all__ = ["encode_params", "first_reason", "optional_params_of", "params_of", "reasons", "scrub"]

ModelT = TypeVar("ModelT", bound="WireModel")


def params_of(model: type[ModelT], /, **arguments: object) -> ModelT:
    """Build the params of a request from a caller's keyword arguments.

    Args:
        model: The params type of the method.
        **arguments: The arguments by their Python names; ``UNSET`` ones are left out.

    Returns:
        The validated params.

    Raises:
        InvalidArgumentError: An argument has the wrong type or value; it is named.
    """
    given = {name: value for name, value in arguments.items() if value is not UNSET}
    try:
        return model.model_validate(given)
    except ValueError as error:  # pydantic's ValidationError is one
        raise InvalidArgumentError(f"{model.__name__}: {first_reason(error)}") from error


def optional_params_of(model: type[ModelT], /, **arguments: object) -> ModelT | None:
    """Build params that the protocol lets a caller leave out altogether.

    Args:
        model: The params type of the method.
        **arguments: As in `params_of`.

    Returns:
        The validated params, or ``None`` if no argument was given.

    Raises:
        InvalidArgumentError: An argument has the wrong type or value; it is named.
    """
    if all(value is UNSET for value in arguments.values()):
        return None
    return params_of(model, **arguments)


def encode_params(params: WireModel | None) -> bytes | None:
    """Turn params into the JSON text that goes on the wire.

    Lone surrogates, which no UTF-8 text can hold and which would end the server's reader, are
    replaced by U+FFFD.

    Args:
        params: The params, or ``None`` for none.

    Returns:
        The JSON text, or ``None``.

    Raises:
        InvalidArgumentError: A value cannot be written as JSON.
    """
    if params is None:
        return None
    try:
        return params.to_wire_json()
    except ValueError as error:
        try:
            return _encode_scrubbed(params)
        except ValueError:
            raise InvalidArgumentError(f"{type(params).__name__}: {error}") from error


def _encode_scrubbed(params: WireModel) -> bytes:
    from pydantic_core import to_json

    scrubbed = scrub(params.model_dump(by_alias=True, exclude_unset=True))
    return to_json(scrubbed, inf_nan_mode="null")


def scrub(value: object) -> object:
    """Replace what no UTF-8 text can hold, in all the strings of a value."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        members = cast("dict[object, object]", value)
        return {scrub(key): scrub(item) for key, item in members.items()}
    if isinstance(value, (list, tuple)):
        return [scrub(item) for item in cast("list[object]", value)]
    return value


def reasons(error: ValueError) -> list[str]:
    """Say what is wrong with a value, each as ``PLACE: REASON``; never the value itself."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return [str(error)]
    return [
        ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"])))
        for one in error.errors(include_url=False, include_input=False)
    ]


def first_reason(error: ValueError) -> str:
    """Say the first thing that is wrong with a value, and how many more there are."""
    first, *others = reasons(error)
    return first + (f" (and {len(others)} more)" if others else "")
