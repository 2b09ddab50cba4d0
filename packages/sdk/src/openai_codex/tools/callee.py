"""What can be read of a function: its parameters, its documentation, how it is called."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Final, cast

from openai_codex.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Callee", "callee_of"]

_OF_CLASS: Final = "a class method is a tool once it has its class: tool(TheClass.method)"


@dataclass(frozen=True)
class Callee:
    """What is known of something that can be called.

    Attributes:
        name: What it is called in the program; ``None`` if it has no name.
        documentation: Its docstring, or ``""``.
        parameters: Those that a caller can still give, without ``self``.
        scope: The names of its module, to which its annotations refer.
        is_async: Whether calling it gives a coroutine.
        is_method: Whether it stands in a class, and wants an object.
    """

    name: str | None
    documentation: str
    parameters: tuple[inspect.Parameter, ...]
    scope: dict[str, object]
    is_async: bool
    is_method: bool


def callee_of(function: Callable[..., object]) -> Callee:
    """Read a function, a bound method, a ``functools.partial`` or an object with ``__call__``.

    Raises:
        InvalidArgumentError: It is none of these, or nothing that gives one result.
    """
    _check_kind(function)
    inner, given = _without_partials(function)
    code = inner if hasattr(inner, "__name__") else cast("object", type(inner).__call__)
    if inspect.isgeneratorfunction(code) or inspect.isasyncgenfunction(code):
        raise InvalidArgumentError(f"{_called(code)} is a generator: a tool returns one result")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"the parameters of {_called(code)} are not known") from error
    parameters = [one for one in signature.parameters.values() if one.name not in given]
    if _is_in_class(function) and [one.name for one in parameters[:1]] == ["cls"]:
        raise InvalidArgumentError(_OF_CLASS)
    is_method = _is_in_class(function) and [one.name for one in parameters[:1]] == ["self"]
    source = inspect.unwrap(cast("Callable[..., object]", getattr(code, "__func__", code)))
    return Callee(
        name=getattr(inner, "__name__", None),
        documentation=inspect.cleandoc(code.__doc__ or inner.__doc__ or ""),
        parameters=tuple(parameters[1:] if is_method else parameters),
        scope=_scope(source),
        is_async=inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(code),
        is_method=is_method,
    )


def _check_kind(function: object) -> None:
    kind = type(function).__name__
    if isinstance(function, classmethod):
        raise InvalidArgumentError(_OF_CLASS)
    if isinstance(function, staticmethod):
        raise InvalidArgumentError("@tool stands below @staticmethod, next to the function")
    if isinstance(function, type):
        raise InvalidArgumentError(
            f"a tool is made of a function, not of class {_called(function)}"
        )
    if not callable(function):
        raise InvalidArgumentError(f"a tool is made of a function, not of type {kind}")


def _without_partials(function: object) -> tuple[object, set[str]]:
    """Give what ``functools.partial`` calls, and the keywords that it gives itself.

    These are nobody's business any more: they may be secrets.
    """
    given: set[str] = set()
    while isinstance(function, partial):
        bound = cast("partial[object]", function)
        given.update(bound.keywords)
        function = bound.func
    return function, given


def _is_in_class(function: object) -> bool:
    """Tell whether a function was defined in the body of a class."""
    if not isinstance(function, FunctionType):
        return False
    home = function.__qualname__.rpartition(".")[0]
    return bool(home) and not home.endswith("<locals>")


def _scope(source: object) -> dict[str, object]:
    names: dict[str, object] = dict(getattr(source, "__globals__", {}))
    for one in getattr(source, "__type_params__", ()):  # def f[T](...)
        names[one.__name__] = one
    return names


def _called(thing: object) -> str:
    return getattr(thing, "__qualname__", type(thing).__qualname__)
