"""Tools in the words of ``thread/start`` (``dynamicTools``), and how two lists of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError
from openai_codex.tools.definition import Tool

if TYPE_CHECKING:
    from codex_app_server_types import DynamicToolSpec, JsonValue, NamespaceDynamicToolSpec

__all__ = ["Changes", "checked_tools", "specs"]


def checked_tools(tools: Iterable[Tool[..., object]]) -> tuple[Tool[..., object], ...]:
    """Refuse what cannot be the tools of one thread.

    Raises:
        InvalidArgumentError: Something is no tool, or a method without its object; two have one
            name, or a namespace has two descriptions.
    """
    check("tools", tools, "a list of tools", Iterable)
    described: dict[str, str] = {}
    names: set[str] = set()
    checked = tuple(tools)
    for one in checked:
        check("a tool", one, "made by @tool", Tool)
        if one.is_method:
            raise InvalidArgumentError(
                f"tool {one.full_name} is a method: give that of an object, as thing.{one.name}"
            )
        if one.full_name in names:
            raise InvalidArgumentError(f"there are two tools of the name {one.full_name}")
        names.add(one.full_name)
        group = one.namespace
        if group and described.setdefault(group.name, group.description) != group.description:
            raise InvalidArgumentError(f"namespace {group.name} has two descriptions")
    return checked


def specs(tools: Sequence[Tool[..., object]]) -> list[DynamicToolSpec]:
    """Say tools in the words of the protocol.

    Args:
        tools: Tools that can be those of one thread.

    Returns:
        The tools in their order; those of a namespace together, where its first one stands.
    """
    import codex_app_server_types as types

    made: list[DynamicToolSpec] = []
    groups: dict[str, NamespaceDynamicToolSpec] = {}
    for one in tools:
        name, description, schema = one.name, one.description, one.input_schema
        if one.namespace is None:
            made.append(
                types.FunctionDynamicToolSpec(
                    name=name, description=description, input_schema=schema
                )
            )
            continue
        inner = types.FunctionDynamicToolNamespaceTool(
            name=name, description=description, input_schema=schema
        )
        if one.defer_loading:
            inner.defer_loading = True
        group = groups.get(one.namespace.name)
        if group is None:
            group = groups[one.namespace.name] = types.NamespaceDynamicToolSpec(
                name=one.namespace.name, description=one.namespace.description, tools=[]
            )
            made.append(group)
        group.tools.append(inner)
    return made


@dataclass(frozen=True)
class Changes:
    """How the tools of a thread differ from those that its model was told of.

    Attributes:
        new: Those that the model does not know.
        gone: Those that it knows, and that have no function any more.
        changed: Those whose description or parameters are not what it knows.
    """

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]

    @classmethod
    def between(cls, told: JsonValue, tools: Sequence[Tool[..., object]]) -> Changes:
        """Compare tools with what a thread was started with.

        Args:
            told: Its ``dynamicTools``.
            tools: The tools that it has now.

        Raises:
            ValueError: These are no ``dynamicTools``.
        """
        before = _by_name(told)
        now = _by_name([spec.to_wire() for spec in specs(tools)])
        return cls(
            new=tuple(name for name in now if name not in before),
            gone=tuple(name for name in before if name not in now),
            changed=tuple(n for n in now if n in before and now[n] != before[n]),
        )

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.new or self.gone or self.changed)

    def __str__(self) -> str:
        """List them in one line."""
        kinds = {"new": self.new, "gone": self.gone, "changed": self.changed}
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)


def _by_name(told: JsonValue) -> dict[str, JsonValue]:
    """Give what is said of each tool, by its full name."""
    found: dict[str, JsonValue] = {}
    if not isinstance(told, list):
        raise ValueError("the tools are no list")
    for spec in told:
        match spec:
            case {"type": "namespace", "name": str(group), "tools": [*inner]}:
                for tool in inner:
                    name, details = _details(tool)
                    found[f"{group}.{name}"] = {**details, "group": spec.get("description")}
            case _:
                name, details = _details(spec)
                found[name] = details
    return found


def _details(spec: JsonValue) -> tuple[str, dict[str, JsonValue]]:
    name = spec.get("name") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(name, str) or spec.get("type") != "function":
        raise ValueError("something among the tools is no function")
    return name, {
        "description": spec.get("description"),
        "inputSchema": spec.get("inputSchema"),
        "deferLoading": bool(spec.get("deferLoading")),
    }
