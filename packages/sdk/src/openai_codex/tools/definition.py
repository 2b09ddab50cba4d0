"""The decorator that makes a tool of a function, and what it makes."""

from __future__ import annotations

import copy
import inspect
from functools import update_wrapper
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    TypeVar,
    cast,
    overload,
)

from openai_codex.arguments import check, check_time
from openai_codex.errors import InvalidArgumentError
from openai_codex.tools.callee import callee_of
from openai_codex.tools.limiter import Limiter
from openai_codex.tools.namespace import ToolNamespace, check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType

    from codex_app_server_types import JsonValue

    from openai_codex.tools.parameters import Parameters

__all__ = ["Tool", "tool"]

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Tool(Generic[P, R_co]):
    """A function that the model can call. Made by `tool`.

    It can be called like the function. In a class it is a method: ``agent.search`` is the tool
    of that object.

    Attributes:
        function: The function.
        name: Its name for the model.
        namespace: The group that it belongs to; ``None`` for none.
        description: What it does, for the model.
        timeout: How long a call may take, in seconds; ``None`` for no limit.
        max_concurrency: How many calls are at work at once, the next ones waiting; ``None`` for no
            limit.
        defer_loading: Whether the model has to look for it before it can call it.
        is_async: Whether the function is a coroutine function.
        is_method: Whether it belongs to an object that it has not got yet.
        parameters: What it takes, as the model is told, and how arguments are checked.
        limiter: Counts the calls at work, for ``max_concurrency``.
    """

    def __init__(
        self,
        function: Callable[P, R_co],
        *,
        name: str | None = None,
        namespace: ToolNamespace | None = None,
        description: str | None = None,
        timeout: float | None = None,
        max_concurrency: int | None = None,
        defer_loading: bool = False,
        scope: Mapping[str, object] | None = None,
    ) -> None:
        """Describe a function; see `tool`.

        Args:
            function: As for `tool`.
            name: As for `tool`.
            namespace: As for `tool`.
            description: As for `tool`.
            timeout: As for `tool`.
            max_concurrency: As for `tool`.
            defer_loading: As for `tool`.
            scope: Names that the annotations refer to, beside those of the function's module.
        """
        if isinstance(function, Tool):
            raise InvalidArgumentError(f"{function!r} is a tool already")
        callee = callee_of(function)
        self.function: Callable[P, R_co] = function
        self.name: str = _name(name, callee.name, function)
        _check_settings(self.name, namespace, timeout, max_concurrency, defer_loading)
        self.namespace: ToolNamespace | None = namespace
        self.timeout: float | None = timeout
        self.max_concurrency: int | None = max_concurrency
        self.defer_loading: bool = defer_loading
        self.is_async: bool = callee.is_async
        self.is_method: bool = callee.is_method
        said, of_parameters = _documentation(callee.documentation)
        self.description: str = _description(description, said, self.name)
        self.limiter: Limiter = Limiter(max_concurrency)
        from openai_codex.tools.parameters import Parameters  # which loads pydantic

        self.parameters: Parameters = Parameters(
            callee, tool=self.name, descriptions=of_parameters, scope=scope or {}
        )
        update_wrapper(self, function)

    @property
    def full_name(self) -> str:
        """Its name, behind that of its namespace."""
        return self.name if self.namespace is None else f"{self.namespace.name}.{self.name}"

    @property
    def input_schema(self) -> dict[str, JsonValue]:
        """The JSON Schema of its parameters."""
        return self.parameters.schema

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function itself."""
        return self.function(*args, **kwargs)

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Tool[P, R_co]: ...
    @overload
    def __get__(
        self: Tool[Concatenate[Any, Q], R], instance: object, owner: type | None = None
    ) -> Tool[Q, R]: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Tool[..., Any]:
        """Give the tool of an object, if it is a method; all of them share one limit."""
        if instance is None or not self.is_method:
            return self
        bind = cast("Callable[[object, type | None], Callable[..., Any]]", self.function.__get__)
        bound: Tool[..., Any] = copy.copy(self)
        bound.function = bind(instance, owner)
        bound.is_method = False
        update_wrapper(bound, bound.function)
        return bound

    def __repr__(self) -> str:
        """Name the tool."""
        return f"Tool({self.full_name!r})"


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(
    *,
    name: str | None = ...,
    namespace: ToolNamespace | None = ...,
    description: str | None = ...,
    timeout: float | None = ...,
    max_concurrency: int | None = ...,
    defer_loading: bool = ...,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    namespace: ToolNamespace | None = None,
    description: str | None = None,
    timeout: float | None = None,
    max_concurrency: int | None = None,
    defer_loading: bool = False,
) -> Tool[P, R] | Callable[[Callable[P, R]], Tool[P, R]]:
    """Make a tool of a function, plain or async: ``@tool``, or ``@tool(timeout=30)``.

    Its parameters are what pydantic knows: numbers, text, models, dataclasses, ``TypedDict``,
    ``Literal``, ``Annotated``, lists, mappings, and all of these nested. What they are for stands
    in the docstring, in Google's, NumPy's or Sphinx's style, or in ``Annotated[int, Field(...)]``.

    Args:
        function: The function; or a bound method, a ``functools.partial``, an object that can be
            called.
        name: What the model calls it by; that of the function if not given.
        namespace: The group of tools that it belongs to.
        description: What it does, for the model; what the docstring says if not given.
        timeout: How long a call may take, in seconds, its time in line included; ``None`` for no
            limit.
        max_concurrency: How many calls of it are at work at once; the next ones wait in line.
        defer_loading: Whether the model has to look for it before it can call it, so that it
            costs nothing until then; only in a namespace.

    Returns:
        The tool, which can be called like the function.

    Raises:
        InvalidArgumentError: The runtime knows no such names, there is no description, or a
            parameter is of no type that a model could give.
    """

    def make(function: Callable[P, R]) -> Tool[P, R]:
        return Tool(
            function,
            name=name,
            namespace=namespace,
            description=description,
            timeout=timeout,
            max_concurrency=max_concurrency,
            defer_loading=defer_loading,
            scope=_names_around((make.__code__, tool.__code__)),
        )

    return make if function is None else make(function)


def _names_around(codes: tuple[CodeType, ...]) -> dict[str, object]:
    """Collect the names of the function in which a tool is made, to which its types may refer.

    Args:
        codes: What of this module stands between.
    """
    names: dict[str, object] = {}
    place = inspect.currentframe()
    while place is not None and place.f_code in (*codes, _names_around.__code__):
        place = place.f_back
    while place is not None and place.f_locals is not place.f_globals:
        names = {**place.f_locals, **names}
        if place.f_code.co_flags & inspect.CO_OPTIMIZED:  # a function; else the body of a class
            break
        place = place.f_back
    return names


def _name(given: object, own: str | None, function: object) -> str:
    check("name", given, "a string", str, type(None))
    if given is None and own is None:
        raise InvalidArgumentError(
            f"an object of {type(function).__qualname__} has no name of its own: give one, as name"
        )
    name = str(own if given is None else given)
    check_name(name)
    return name


def _check_settings(
    name: str,
    namespace: object,
    timeout: object,
    max_concurrency: object,
    defer_loading: object,
) -> None:
    check("namespace", namespace, "a ToolNamespace", ToolNamespace, type(None))
    check_time("timeout", timeout)
    check("max_concurrency", max_concurrency, "a number", int, type(None))
    if isinstance(max_concurrency, int) and max_concurrency < 1:
        raise InvalidArgumentError("max_concurrency is at least 1: else it is never called")
    check("defer_loading", defer_loading, "True or False", bool)
    if defer_loading and namespace is None:
        raise InvalidArgumentError(
            f"tool {name} is in no namespace: the model looks for namespaces, so defer_loading "
            "needs one"
        )


def _description(given: object, said: str, name: str) -> str:
    check("description", given, "a string", str, type(None))
    description = said if given is None else str(given)
    if not description:
        raise InvalidArgumentError(
            f"the model must know what tool {name} does: give it a docstring, or a description"
        )
    return description


def _documentation(docstring: str) -> tuple[str, dict[str, str]]:
    """Read what a docstring says of a function and of its parameters."""
    from docstring_parser import parse

    parsed = parse(docstring)  # one of no known style is all description
    said = [text for text in (parsed.short_description, parsed.long_description) if text]
    return "\n\n".join(said), {
        parameter.arg_name: parameter.description
        for parameter in parsed.params
        if parameter.description
    }
