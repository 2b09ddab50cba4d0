"""Smallest valid values of the protocol's definitions, made from the schema itself."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft7Validator

__all__ = [
    "client_methods",
    "minimal",
    "minimal_params",
    "notification_methods",
    "problems",
    "server_requests",
]

Schema = dict[str, Any]

BUNDLE = Path(__file__).parents[2] / "schema" / "experimental.json"


@lru_cache(maxsize=1)
def bundle() -> Schema:
    """Read the server's own bundle."""
    return cast("Schema", json.loads(BUNDLE.read_text(encoding="utf-8")))


def client_methods() -> list[str]:
    """List every request that a client may make."""
    return _methods("ClientRequest")


def notification_methods() -> list[str]:
    """List every notification of the server."""
    return _methods("ServerNotification")


def server_requests() -> list[str]:
    """List every request that the server may make."""
    return _methods("ServerRequest")


def minimal_params(union: str, method: str) -> Any:
    """Make the smallest params of a method of one of the bundle's envelope unions.

    Returns:
        The params; ``None`` where a message of the method needs none.
    """
    arm = next(arm for arm in _arms(union) if _method(arm) == method)
    return minimal(arm["properties"]["params"]) if "params" in arm["required"] else None


def minimal(schema: Schema | str) -> Any:
    """Make the smallest value that a schema, or the definition of a name, allows."""
    return _make(_definition(schema) if isinstance(schema, str) else schema)


def problems(name: str, value: object) -> list[str]:
    """Say what the schema has against a value of the definition of a name."""
    home = "v2/" if name in bundle()["definitions"].get("v2", {}) else ""
    schema = {"$ref": f"#/definitions/{home}{name}", "definitions": bundle()["definitions"]}
    validator: Any = Draft7Validator(schema)  # its stubs know only part of it
    return [str(error.message) for error in validator.iter_errors(value)]


def _make(schema: Schema | bool) -> Any:
    """Follow a schema to its smallest value; the order of the cases is that of JSON Schema."""
    if isinstance(schema, bool):
        return {}
    if "$ref" in schema:
        return _make(_resolve(schema["$ref"]))
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            arms = [arm for arm in schema[key] if arm != {"type": "null"}]
            value = _make(arms[0])
            own = {name: part for name, part in schema.items() if name != key}
            return {**value, **_make_object(own)} if "properties" in own else value
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _make_typed(schema)


def _make_typed(schema: Schema) -> Any:
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = next(name for name in cast("list[str]", kind) if name != "null")
    if kind == "object":
        return _make_object(schema)
    if kind == "array":
        return [_make(schema["items"]) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return {"string": "/x", "boolean": True, "null": None}[kind]


def _make_object(schema: Schema) -> Schema:
    properties = schema.get("properties", {})
    return {name: _make(properties[name]) for name in schema.get("required", [])}


def _resolve(reference: str) -> Schema:
    found: Any = bundle()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return cast("Schema", found)


def _definition(name: str) -> Schema:
    definitions = bundle()["definitions"]
    return cast("Schema", definitions["v2"].get(name) or definitions[name])


def _arms(union: str) -> list[Schema]:
    return cast("list[Schema]", bundle()["definitions"][union]["oneOf"])


def _method(arm: Schema) -> str:
    return cast("str", arm["properties"]["method"]["enum"][0])


def _methods(union: str) -> list[str]:
    return sorted(_method(arm) for arm in _arms(union))
