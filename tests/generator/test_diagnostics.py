"""What has no rule is reported, all at once, and ends the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.diagnostics import Diagnostics, DiagnosticsError, Kind
from codex_generator.load import load
from codex_generator.schema import Json
from codex_generator.tree import produce

from tests.generator.schemas import STRING, lower, reference, struct, write_schema


def errata_file(folder: Path, text: str) -> Path:
    """Write a file of errata."""
    file = folder / "errata.json"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "pattern": "a+"}, "unsupported-keyword"),
        ({"type": "string", "const": "a"}, "unsupported-keyword"),
        ({"type": "array", "items": [STRING]}, "unsupported-shape"),
        ({"allOf": [reference("Other"), reference("Other")]}, "unsupported-shape"),
        ({"oneOf": [STRING], "anyOf": [STRING]}, "unsupported-shape"),
        ({"enum": [1]}, "unsupported-shape"),
        ({"type": "integer", "enum": [True]}, "unsupported-shape"),
        ({"type": "number", "enum": [1.5]}, "unsupported-shape"),
        ({"enum": []}, "unsupported-shape"),
        (False, "unsupported-shape"),
        ({"oneOf": [STRING], "properties": {"a": STRING}}, "unsupported-shape"),
    ],
)
def test_a_schema_without_a_rule_is_diagnosed(schema: Json, kind: str) -> None:
    _, diagnosed = lower({"Owner": struct({"thing": schema}), "Other": struct()})
    assert diagnosed == [kind]


def test_every_diagnostic_of_a_run_is_reported(tmp_path: Path) -> None:
    write_schema(
        tmp_path,
        {
            "A": struct({"a": {"type": "string", "pattern": "a+"}}),
            "B": struct({"bC": STRING, "b_c": STRING}),
            "CResponse": struct(),
        },
    )
    with pytest.raises(DiagnosticsError) as caught:
        produce(tmp_path, errata_file(tmp_path, "[]"))
    assert str(caught.value).splitlines() == [
        "#/definitions/A/properties/a: unsupported-keyword: no rule for 'pattern'",
        "#/definitions/B: name-collision: 'bC' and 'b_c' are both 'b_c'",
        "CResponse: response-without-method: no method is answered by it",
        "3 diagnostic(s): nothing was written",
    ]


@pytest.mark.parametrize("envelope", ["ClientRequest", "ServerRequest", "ServerNotification"])
def test_an_envelope_without_its_method_is_diagnosed(tmp_path: Path, envelope: str) -> None:
    write_schema(tmp_path, {envelope: {"oneOf": [struct({"params": STRING})]}})
    with pytest.raises(DiagnosticsError, match="an envelope without its method"):
        produce(tmp_path, errata_file(tmp_path, "[]"))


@pytest.mark.parametrize(
    ("definitions", "stable", "kind"),
    [
        ({"A": struct(a=reference("A"))}, None, Kind.REFERENCE_CYCLE),
        ({}, {"A": struct()}, Kind.STABLE_ONLY),
    ],
)
def test_what_is_found_late_ends_the_run_too(
    tmp_path: Path, definitions: dict[str, Json], stable: dict[str, Json] | None, kind: Kind
) -> None:
    write_schema(tmp_path, definitions, stable)
    with pytest.raises(DiagnosticsError) as caught:
        produce(tmp_path, errata_file(tmp_path, "[]"))
    assert [found.kind for found in caught.value.diagnostics] == [kind]


def test_unequal_definitions_of_one_name_are_diagnosed(tmp_path: Path) -> None:
    folder = write_schema(tmp_path, {"Id": STRING, "v2": {"Id": {"type": "integer"}}})
    diagnostics = Diagnostics()
    load(folder, diagnostics)
    assert {found.kind for found in diagnostics.sorted()} == {Kind.NAME_COLLISION}


def test_equal_definitions_of_one_name_are_one(tmp_path: Path) -> None:
    printed: Json = {
        "type": "string",
        "title": "Id",
        "$schema": "http://json-schema.org/draft-07/schema#",
    }
    folder = write_schema(tmp_path, {"Id": printed, "v2": {"Id": STRING}})
    diagnostics = Diagnostics()
    source = load(folder, diagnostics)
    assert diagnostics.sorted() == ()
    assert set(source.experimental.definitions) == {"Id"}
