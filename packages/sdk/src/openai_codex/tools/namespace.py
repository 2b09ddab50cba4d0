"""What tools and groups of them may be called, as the runtime has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError

__all__ = ["ToolNamespace", "check_name"]

_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NAMESPACE: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_LONGEST_DESCRIPTION: Final = 1024
"""Of a namespace, in characters."""
_RESERVED: Final = frozenset(
    {"functions", "multi_tool_use", "file_search", "web", "browser", "image_gen", "computer"}
    | {"container", "terminal", "python", "python_user_visible", "api_tool", "tool_search"}
    | {"submodel_delegator"}
)
"""Namespaces that the model's provider keeps for itself."""
_MCP: Final = "mcp"
"""The runtime keeps this name, and all that begin with it and ``__``, for MCP servers."""


@dataclass(frozen=True)
class ToolNamespace:
    """A group of tools that belong together.

    Attributes:
        name: Its name: letters, digits, ``_`` and ``-``, 64 at most.
        description: What its tools are for, for the model; 1,024 characters at most.
    """

    name: str
    description: str

    def __post_init__(self) -> None:
        """Refuse what the runtime would."""
        for field in ("name", "description"):
            check(f"{field} of a namespace", getattr(self, field), "a string", str)
        if not _NAMESPACE.fullmatch(self.name):
            raise InvalidArgumentError(
                f"a namespace is called by 1 to 64 letters, digits, _ and -; not {self.name!r}"
            )
        if self.name in _RESERVED or _is_of_mcp(self.name):
            raise InvalidArgumentError(f"the namespace {self.name} is reserved: choose another")
        if not 0 < len(self.description) <= _LONGEST_DESCRIPTION:
            raise InvalidArgumentError(
                f"the description of namespace {self.name} has 1 to 1,024 characters"
            )


def check_name(name: str) -> None:
    """Refuse what the runtime does not let a tool be called.

    Raises:
        InvalidArgumentError: It is no name for a tool.
    """
    if not _NAME.fullmatch(name):
        raise InvalidArgumentError(
            f"a tool is called by 1 to 128 letters, digits, _ and -; not {name!r}"
        )
    if _is_of_mcp(name):
        raise InvalidArgumentError(f"the name {name} is for tools of MCP servers: choose another")


def _is_of_mcp(name: str) -> bool:
    return name == _MCP or name.startswith(f"{_MCP}__")
