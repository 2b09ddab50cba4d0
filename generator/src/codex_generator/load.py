"""Load `schema/`: read it, check it, and hand it on as `Schema` values.

The folder holds the server's own bundle for each flavour, byte for byte, and a manifest with
the runtime's version and the SHA-256 of each file. Nothing is lowered before the whole folder
has proved good: a file that is truncated, changed, not Draft 7 or has a dangling reference
ends the run with one `InputError`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import jsonschema
from jsonschema.exceptions import SchemaError, ValidationError
from packaging.version import Version

from codex_generator.diagnostics import Diagnostics, InputError, Kind
from codex_generator.schema import Json, Schema, definition_name, parse
from codex_generator.versions import python_version

MANIFEST: Final = "manifest.json"
DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
FLAVOURS: Final = ("stable", "experimental")
_NAMESPACE = re.compile(r"v[0-9]+")
"""A key of `definitions` that holds a namespace of definitions and is none itself."""


@dataclass(frozen=True)
class Bundle:
    """Every definition of one flavour, by its unqualified name."""

    definitions: Mapping[str, Schema]


@dataclass(frozen=True)
class Source:
    """The whole content of `schema/`."""

    version: str
    """Version of the runtime, which is the version of every package."""
    stable: Bundle
    experimental: Bundle
    hashes: Mapping[str, str]
    """SHA-256 of the server's own file of each flavour, in hex."""


def load(folder: Path, diagnostics: Diagnostics) -> Source:
    """Read and check the schema folder.

    Args:
        folder: holds `manifest.json` and a file per flavour.
        diagnostics: takes what is well-formed, yet has no rule.

    Raises:
        InputError: when a file cannot be used.
    """
    manifest = _manifest(folder)
    stable, experimental = (
        _bundle(folder / f"{name}.json", manifest, diagnostics) for name in FLAVOURS
    )
    version = read_version(folder)
    hashes = {name: digest(folder / f"{name}.json") for name in FLAVOURS}
    return Source(version, stable, experimental, hashes)


def read_version(folder: Path) -> str:
    """Read which runtime's schema a folder holds.

    Raises:
        InputError: When its manifest does not say so.
    """
    version = _manifest(folder).get("version")
    if not isinstance(version, str):
        raise InputError(_shown(folder / MANIFEST), "#/version", "expected a string")
    return version


def runtimes_in(folder: Path) -> dict[str, Path]:
    """Find the bundles of several runtimes.

    Args:
        folder: holds a folder with both bundles for each, named by its version.

    Returns:
        These folders by version, oldest first.

    Raises:
        GeneratorError: There is none, or the name of one is no release.
    """
    folders = [found for found in folder.iterdir() if found.is_dir()] if folder.is_dir() else []
    if not folders:
        raise InputError(str(folder), "the folder", "holds no folder of a runtime")
    versions = {python_version(found.name): found for found in folders}
    return {version: versions[version] for version in sorted(versions, key=Version)}


def read_json(file: Path) -> Json:
    """Read one JSON file.

    Raises:
        InputError: with line and column when it is not JSON.
    """
    try:
        return cast("Json", json.loads(file.read_bytes().decode("utf-8")))
    except OSError as error:
        raise InputError(_shown(file), "the file", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(_shown(file), f"byte {error.start}", "not UTF-8") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise InputError(_shown(file), place, f"not JSON: {error.msg}") from error


def read_valid(file: Path, schema: Mapping[str, object]) -> Json:
    """Read one JSON file that has to be of a certain form.

    Args:
        file: the file.
        schema: its form, as JSON Schema.

    Raises:
        InputError: When it is not JSON, or of another form.
    """
    raw = read_json(file)
    try:
        jsonschema.validate(raw, schema)
    except ValidationError as error:
        place = "/".join(["#", *map(str, error.absolute_path)])
        raise InputError(_shown(file), place, error.message) from error
    return raw


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _manifest(folder: Path) -> Mapping[str, Json]:
    file = folder / MANIFEST
    return _object(read_json(file), file)


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _object(raw: Json, file: Path) -> Mapping[str, Json]:
    if not isinstance(raw, Mapping):
        raise InputError(_shown(file), "#", "expected a JSON object")
    return raw


def read_bundle(file: Path, diagnostics: Diagnostics) -> Bundle:
    """Read one flavour, without judging it whole as `load` does: in a fraction of the time.

    Args:
        file: as the server printed it.
        diagnostics: takes what is well-formed, yet has no rule.

    Raises:
        InputError: When it is no bundle.
    """
    definitions = read_definitions(file)
    _check_references(file, definitions)
    return _merged(definitions, diagnostics)


def _bundle(file: Path, manifest: Mapping[str, Json], diagnostics: Diagnostics) -> Bundle:
    definitions = read_definitions(file)
    _check_draft7(file, definitions)
    _check_references(file, definitions)
    # Last, because whoever broke the file learns more from what is broken.
    _check_hash(file, manifest)
    return _merged(definitions, diagnostics)


def read_definitions(file: Path) -> dict[str, Json]:
    """Read the definitions of one bundle as they are, by their places in it.

    Raises:
        InputError: When it is no bundle.
    """
    raw = _object(read_json(file), file)
    if raw.get("$schema") != DRAFT_7:
        reason = f"not Draft 7: it calls itself {raw.get('$schema')!r}"
        raise InputError(_shown(file), "#/$schema", reason)
    nested = raw.get("definitions")
    if not isinstance(nested, Mapping):
        raise InputError(_shown(file), "#/definitions", "expected a JSON object")
    return dict(_definitions(nested))


def _merged(definitions: Mapping[str, Json], diagnostics: Diagnostics) -> Bundle:
    merged: dict[str, tuple[str, Json]] = {}
    for place, definition in sorted(definitions.items()):
        name = definition_name(place)
        if name in merged and _essence(merged[name][1]) != _essence(definition):
            reason = f"not equal to {merged[name][0]}, which has the same name"
            diagnostics.add(Kind.NAME_COLLISION, place, reason)
        merged.setdefault(name, (place, definition))
    return Bundle(
        {name: parse(raw, place, diagnostics) for name, (place, raw) in sorted(merged.items())}
    )


def _check_hash(file: Path, manifest: Mapping[str, Json]) -> None:
    files = manifest.get("files")
    entry = files.get(file.name) if isinstance(files, Mapping) else None
    expected = entry.get("sha256") if isinstance(entry, Mapping) else None
    if expected != digest(file):
        reason = f"its SHA-256 is not the one of {MANIFEST}: restore it, or dump both anew"
        raise InputError(_shown(file), "the file", reason)


def _definitions(raw: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for name, definition in raw.items():
        if _NAMESPACE.fullmatch(name) and isinstance(definition, Mapping):
            for inner, nested in definition.items():
                yield f"#/definitions/{name}/{inner}", nested
        else:
            yield f"#/definitions/{name}", definition


def _check_draft7(file: Path, definitions: Mapping[str, Json]) -> None:
    # Namespaces are no schemas, so Draft 7 would not look into them: check them flat.
    try:
        jsonschema.Draft7Validator.check_schema({"definitions": definitions})
    except SchemaError as error:
        path = [str(part) for part in error.absolute_path]
        place = "/".join(path[1:]) if path[:1] == ["definitions"] else "#"
        raise InputError(_shown(file), place, f"not Draft 7: {error.message}") from error


def _check_references(file: Path, definitions: Mapping[str, Json]) -> None:
    for start, definition in definitions.items():
        for place, reference in _references(definition, start):
            if reference not in definitions:
                raise InputError(_shown(file), place, f"dangling $ref to {reference!r}")


def _references(raw: Json, place: str) -> Iterator[tuple[str, Json]]:
    if isinstance(raw, Mapping):
        if "$ref" in raw and not place.endswith("/properties"):
            yield place, raw["$ref"]
        for key, child in raw.items():
            if key != "default":
                yield from _references(child, f"{place}/{key}")
    elif isinstance(raw, (list, tuple)):
        for index, child in enumerate(cast("list[Json]", raw)):
            yield from _references(child, f"{place}/{index}")


def _essence(definition: Json) -> Json:
    # A definition printed as a file of its own also carries `$schema` and its own name.
    if not isinstance(definition, Mapping):
        return definition
    return {key: value for key, value in definition.items() if key not in {"$schema", "title"}}
