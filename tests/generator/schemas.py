"""Small schemas for the tests of the generator: written, loaded and lowered in one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from codex_generator.diagnostics import Diagnostics
from codex_generator.history.extending import extend
from codex_generator.ir import Alias, Declaration, Enumeration, Field, Model
from codex_generator.lower.context import Context
from codex_generator.lower.definitions import lower_definitions
from codex_generator.schema import Json, parse

Definitions = Mapping[str, Json]
DeclarationT = TypeVar("DeclarationT", Model, Enumeration, Alias)

STRING: Json = {"type": "string"}


def struct(required: Definitions | None = None, **optional: Json) -> dict[str, Json]:
    """Make the schema of an object from its required and its optional properties."""
    return {
        "type": "object",
        "properties": {**(required or {}), **optional},
        "required": list(required or {}),
    }


def reference(name: str) -> Json:
    """Make a `$ref` to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def constant(value: str) -> Json:
    """Make the schema of a tag."""
    return {"type": "string", "enum": [value]}


def envelope(methods: Definitions, *, required: bool = True) -> dict[str, Json]:
    """Make a union of JSON-RPC envelopes from the params of each method."""
    keys = ["method", "params"] if required else ["method"]
    arms: list[Json] = [
        {
            "type": "object",
            "properties": {"method": constant(method), "params": params},
            "required": keys,
        }
        for method, params in methods.items()
    ]
    return {"oneOf": arms}


def lower(definitions: Definitions) -> tuple[Mapping[str, Declaration], list[str]]:
    """Lower definitions; return what was declared, and the kinds of what was diagnosed."""
    diagnostics = Diagnostics()
    schemas = {
        name: parse(raw, f"#/definitions/{name}", diagnostics) for name, raw in definitions.items()
    }
    context = Context(schemas, diagnostics)
    lower_definitions(context)
    return context.declarations, [found.kind.value for found in diagnostics.sorted()]


def declared(kind: type[DeclarationT], name: str, definitions: Definitions) -> DeclarationT:
    """Lower definitions without a diagnostic and return one declaration."""
    declarations, diagnosed = lower(definitions)
    assert diagnosed == []
    found = declarations[name]
    assert isinstance(found, kind)
    return found


def field_of(schema: Json, *, required: bool = False, **others: Json) -> Field:
    """Lower an object with the one property `thing` and return its field."""
    owner = struct({"thing": schema}) if required else struct(thing=schema)
    return declared(Model, "Owner", {"Owner": owner, **others}).fields[0]


def write_schema(root: Path, definitions: Definitions, stable: Definitions | None = None) -> Path:
    """Write `schema/` below a folder; the stable bundle is the whole one unless given."""
    folder = root / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    bundles = {"stable": definitions if stable is None else stable, "experimental": definitions}
    for flavour, content in bundles.items():
        bundle = {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": content}
        (folder / f"{flavour}.json").write_text(json.dumps(bundle), encoding="utf-8")
    write_manifest(folder)
    compatibility = json.dumps({"minimum": "1.0.0", "tested": "1.3.0"})
    (folder / "compatibility.json").write_text(compatibility, encoding="utf-8")
    return folder


def write_manifest(folder: Path) -> None:
    """Write a manifest that fits the bundles of a folder, and add them to its history."""
    files = {
        f"{flavour}.json": {
            "sha256": hashlib.sha256((folder / f"{flavour}.json").read_bytes()).hexdigest()
        }
        for flavour in ("stable", "experimental")
    }
    manifest = json.dumps({"version": "1.2.3", "files": files})
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    extend(folder)
