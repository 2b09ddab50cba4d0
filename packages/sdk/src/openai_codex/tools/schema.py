"""JSON Schema as the runtime passes it on to the model.

It leaves out whatever it does not know: defaults, limits, patterns, formats, the kinds of a
tuple's items. So these are said in words too, in the description; the arguments are checked by
them in any case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

    JsonObject: TypeAlias = dict[str, JsonValue]

__all__ = ["outspoken"]

_PASSED_ON: Final = frozenset(
    {"$defs", "$ref", "additionalProperties", "allOf", "anyOf", "const", "description", "enum"}
    | {"items", "minItems", "oneOf", "properties", "required", "type"}
)
"""What the runtime tells the model (seen at 0.163)."""
_SAYS_NOTHING: Final = frozenset({"title", "discriminator"})
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("$defs", "properties")
_SINGLE: Final = ("additionalProperties", "items")


def outspoken(schema: JsonObject) -> JsonObject:
    """Say in the descriptions what the runtime leaves out.

    Args:
        schema: A JSON Schema, as pydantic makes it.

    Returns:
        The same, with longer descriptions.
    """
    made = dict(schema)
    for key in _MAPS:
        members = made.get(key)
        if isinstance(members, dict):
            made[key] = {name: _outspoken(member) for name, member in members.items()}
    for key in _LISTS:
        members = made.get(key)
        if isinstance(members, list):
            made[key] = [_outspoken(member) for member in members]
    for key in _SINGLE:
        if key in made:
            made[key] = _outspoken(made[key])
    words = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in schema.items()
        if key not in _PASSED_ON | _SAYS_NOTHING
    ]
    kinds = made.get("prefixItems")
    if isinstance(kinds, list) and kinds and "items" not in made:
        # The runtime would have all items of a tuple be strings.
        unlike = [kind for at, kind in enumerate(kinds) if kind not in kinds[:at]]
        made["items"] = unlike[0] if len(unlike) == 1 else {"anyOf": unlike}
    if words:
        said = made.get("description")
        made["description"] = " ".join([*([str(said)] if said else []), f"({', '.join(words)})"])
    return made


def _outspoken(node: JsonValue) -> JsonValue:
    return outspoken(node) if isinstance(node, dict) else node
