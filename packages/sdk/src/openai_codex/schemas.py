"""From the JSON Schema of a Python type to one that a model can be held to.

A model keeps to a schema word by word if that schema says everything (OpenAI's *structured
outputs*): each object names all of its properties, requires all of them and allows no others.
Python types say less: a field may be left out, and then has a default. Such a field becomes one
that may be ``null``, and `Strict.relaxed` takes these nulls away again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_codex.errors import InvalidArgumentError

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_types import JsonValue

    JsonObject: TypeAlias = dict[str, JsonValue]

__all__ = ["Strict"]

_KEPT: Final = frozenset(
    {"type", "description", "enum", "const", "pattern", "minItems", "maxItems"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
"""What a strict schema may say of a value."""
_FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_PASSED_OVER: Final = frozenset(
    {"$defs", "$ref", "title", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"discriminator", "anyOf", "oneOf", "allOf", "properties", "required", "items", "prefixItems"}
    | {"additionalProperties", "format"}
)
"""What is no word about single values, or is looked at by itself."""
_WRAPPED: Final = "value"
"""Where the value stands if it is no object: a strict schema describes one."""
_NULL: Final[JsonObject] = {"type": "null"}


class Strict:
    """A strict schema, and the way back from values that keep to it.

    Attributes:
        schema: The schema, of an object.
    """

    def __init__(self, schema: JsonObject) -> None:
        """Make a schema strict.

        Args:
            schema: As pydantic gives it for a type.

        Raises:
            InvalidArgumentError: A part of it cannot be said strictly; it is named.
        """
        definitions = schema.get("$defs")
        self._definitions = definitions if isinstance(definitions, dict) else {}
        self._recursive: dict[str, JsonObject] = {}
        # The properties whose null stands for their default, which may not be known; by identity.
        self._defaults: dict[int, tuple[JsonObject, JsonValue]] = {}
        whole = self._converted(schema, "the output", ())
        whole = dict(self._resolved(whole))
        self._is_wrapped = whole.get("type") != "object"
        if self._is_wrapped:
            whole = _closed({_WRAPPED: whole})
        if self._recursive:
            whole["$defs"] = dict(self._recursive)
        self.schema: JsonObject = whole

    def relaxed(self, value: JsonValue) -> JsonValue:
        """Take from a value what the type it was made for does not know.

        Args:
            value: What keeps to the schema; what does not is left for the type to refuse.
        """
        value = self._relaxed(value, self.schema)
        if self._is_wrapped and isinstance(value, dict) and set(value) == {_WRAPPED}:
            value = value[_WRAPPED]
        return value

    # --- there -----------------------------------------------------------------------------

    def _converted(self, node: JsonValue, path: str, inside: tuple[str, ...]) -> JsonObject:
        """Make one node strict.

        Args:
            node: The node.
            path: Where it is, for the error.
            inside: The definitions that it is part of.
        """
        if not isinstance(node, dict):
            raise _unsayable(path, "may be anything")
        reference = node.get("$ref")
        if isinstance(reference, str):
            return self._referred(reference.rpartition("/")[2], node, path, inside)
        made: JsonObject = {key: value for key, value in node.items() if key in _KEPT}
        for alternatives in ("anyOf", "oneOf", "allOf"):
            options = node.get(alternatives)
            if isinstance(options, list):
                if alternatives == "allOf" and len(options) > 1:
                    raise _unsayable(path, "must be several things at once")
                made["anyOf"] = [self._converted(option, path, inside) for option in options]
        match node.get("type"):
            case "object":
                made.update(self._object(node, path, inside))
            case "array":
                made["items"] = self._item(node, path, inside)
            case _:
                if not {"type", "anyOf", "enum", "const"} & made.keys():
                    raise _unsayable(path, "may be anything")
        return _described(made, node)

    def _referred(
        self, name: str, node: JsonObject, path: str, inside: tuple[str, ...]
    ) -> JsonObject:
        if name in inside:
            self._recursive[name] = {}  # put there by whoever is at work on it
        else:
            made = self._converted(self._definitions.get(name), path, (*inside, name))
            if name not in self._recursive:
                said: JsonObject = {key: node[key] for key in ("description",) if key in node}
                return {**made, **said}
            self._recursive[name] = made
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, node: JsonObject, path: str, inside: tuple[str, ...]) -> JsonObject:
        properties, required = node.get("properties"), node.get("required")
        others = node.get("additionalProperties", properties is None)
        if isinstance(others, dict) or (others and not properties):
            raise _unsayable(path, "is a map, whose keys are not known beforehand")
        made: JsonObject = {}
        for name, member in properties.items() if isinstance(properties, dict) else ():
            made[name] = converted = self._converted(member, f"{path}.{name}", inside)
            is_required = isinstance(required, list) and name in required
            if not is_required and "const" not in converted and not _takes_null(converted):
                made[name] = self._nullable(converted, _node(member).get("default"))
        return _closed(made)

    def _item(self, node: JsonObject, path: str, inside: tuple[str, ...]) -> JsonObject:
        """Give what all items of an array have in common."""
        kinds = node.get("prefixItems")
        if not isinstance(kinds, list) or not kinds:
            return self._converted(node.get("items"), f"{path}[]", inside)
        first, *others = [self._converted(kind, f"{path}[]", inside) for kind in kinds]
        if "maxItems" not in node or any(other != first for other in others):
            raise _unsayable(path, "is a tuple of different things")
        return first

    def _nullable(self, node: JsonObject, default: JsonValue) -> JsonObject:
        """Let a property be null, which stands for its default."""
        made: JsonObject = {"anyOf": [node, _NULL]}
        self._defaults[id(made)] = made, default
        return made

    # --- and back --------------------------------------------------------------------------

    def _relaxed(self, value: JsonValue, node: JsonObject, *, fill: bool = False) -> JsonValue:
        """Take from a value the nulls that stand for defaults.

        Args:
            value: The value.
            node: Its schema.
            fill: Whether to put known defaults in their place: they may be all that tells the
                value of one type from that of another.
        """
        options = node.get("anyOf")
        if isinstance(options, list):
            choices = [self._resolved(_node(option)) for option in options]
            for choice in choices:
                if _fits(value, choice):
                    fill = sum("properties" in one for one in choices) > 1
                    return self._relaxed(value, choice, fill=fill)
        properties, items = node.get("properties"), node.get("items")
        if isinstance(value, dict) and isinstance(properties, dict):
            made: JsonObject = {}
            for name, member in value.items():
                inner = _node(properties.get(name))
                if member is not None or id(inner) not in self._defaults:
                    made[name] = self._relaxed(member, self._resolved(inner))
                elif fill and self._defaults[id(inner)][1] is not None:
                    made[name] = self._defaults[id(inner)][1]
            return made
        if isinstance(value, list) and isinstance(items, dict):
            return [self._relaxed(item, self._resolved(items)) for item in value]
        return value

    def _resolved(self, node: JsonObject) -> JsonObject:
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        return self._recursive[reference.rpartition("/")[2]]


def _fits(value: JsonValue, choice: JsonObject) -> bool:
    """Tell whether a value is meant by one of several choices; scalars need none."""
    properties = choice.get("properties")
    if isinstance(value, dict) and isinstance(properties, dict):
        return set(value) == set(properties) and all(
            _node(properties[name]).get("const", member) == member for name, member in value.items()
        )
    return isinstance(value, list) and "items" in choice


def _closed(properties: JsonObject) -> JsonObject:
    """Make the schema of an object of just these properties."""
    required: list[JsonValue] = list(properties)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _takes_null(node: JsonObject) -> bool:
    options = node.get("anyOf")
    return node.get("type") == "null" or (isinstance(options, list) and _NULL in options)


def _described(made: JsonObject, node: JsonObject) -> JsonObject:
    """Say in words what a strict schema cannot say: pydantic holds the model to it anyway."""
    words = [f"{key}: {value}" for key, value in node.items() if key not in _KEPT | _PASSED_OVER]
    form = node.get("format")
    if form in _FORMATS:
        made["format"] = form
    elif form is not None:
        words.append(f"format: {form}")
    if words:
        said = made.get("description")
        made["description"] = " ".join([*([str(said)] if said else []), f"({', '.join(words)})"])
    return made


def _node(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _unsayable(path: str, reason: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{path} {reason}: no model can be held to that")
