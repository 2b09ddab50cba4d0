"""Log events of the runtime, which writes one JSON object a line if it has ``LOG_FORMAT=json``."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from pydantic_core import from_json

from codex_app_server_rpc.loggers import RUNTIME, logger

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

__all__ = ["EVENT_START", "LONGEST_EVENT", "RuntimeEvent"]

EVENT_START: Final = b'{"timestamp":'
"""How such a line begins."""

LONGEST_EVENT: Final = 64 * 1024
"""The longest line that is waited for, in bytes."""

_LEVELS: Final = {
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
}
_TARGET: Final = re.compile(r"\w{1,80}(?:::\w{1,80}){0,9}")
_MOST_TARGETS: Final = 500
_targets: Final = {"": logger(RUNTIME)}


@dataclass(frozen=True)
class RuntimeEvent:
    """One event.

    Attributes:
        level: Its level, as a number of `logging`.
        target: The part of the runtime that it comes from, such as ``codex_core::exec``.
        text: What it says, with its fields.
        fields: Its fields, the message among them.
    """

    level: int
    target: str
    text: str
    fields: dict[str, JsonValue]

    @classmethod
    def parse(cls, line: bytes) -> RuntimeEvent | None:
        """Read an event from a line; ``None`` if it is none."""
        try:
            event: object = from_json(line)
        except ValueError:
            return None
        members = cast("dict[str, JsonValue]", event) if isinstance(event, dict) else {}
        fields, level = members.get("fields"), _LEVELS.get(str(members.get("level")))
        if not isinstance(fields, dict) or level is None:
            return None
        words = [
            str(value) if name == "message" else f"{name}={value}"
            for name, value in sorted(fields.items(), key=lambda field: field[0] != "message")
        ]
        return cls(level, str(members.get("target", "")), " ".join(words), fields)

    @property
    def logger(self) -> logging.Logger:
        """The logger of its target; that of the runtime if the name is odd, or one too many."""
        found = _targets.get(self.target)
        if found is None:
            if len(_targets) >= _MOST_TARGETS or not _TARGET.fullmatch(self.target):
                return _targets[""]
            found = _targets[""].getChild(self.target.replace("::", "."))
            _targets[self.target] = found
        return found
