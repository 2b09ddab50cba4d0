"""What has no rule is reported, all at once, and ends the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.diagnostics import Diagnostics, DiagnosticsError, InputError, Kind
from codex_generator.errata import VariantNameErratum, read_errata, variant_names
from codex_generator.load import load
from codex_generator.schema import Json, parse
from codex_generator.tree import produce

from tests.generator.schemas import STRING, constant, lower, reference, struct, write_schema

SLASH = VariantNameErratum(1, "Form", "openai/form", "SlashForm", "Two tags, one name.")


def form(*tags: str) -> Json:
    """Make a union with a variant for each tag."""
    return {"oneOf": [struct({"mode": constant(tag)}) for tag in tags]}


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


def test_an_erratum_names_a_variant() -> None:
    diagnostics = Diagnostics()
    definitions = {"Form": parse(form("openai/form", "openaiForm"), "#/Form", diagnostics)}
    assert variant_names((SLASH,), definitions, diagnostics) == {
        ("Form", "openai/form"): "SlashForm"
    }
    assert diagnostics.sorted() == ()


@pytest.mark.parametrize("tags", [("openai/form",), ("openaiForm",), ("openai/form", "url")])
def test_an_erratum_about_a_name_that_is_clear_is_diagnosed(tags: tuple[str, ...]) -> None:
    diagnostics = Diagnostics()
    definitions = {"Form": parse(form(*tags), "#/Form", diagnostics)}
    variant_names((SLASH,), definitions, diagnostics)
    assert [found.kind for found in diagnostics.sorted()] == [Kind.STALE_ERRATUM]


def test_an_erratum_about_a_union_that_is_gone_is_diagnosed() -> None:
    diagnostics = Diagnostics()
    variant_names((SLASH,), {}, diagnostics)
    assert [found.kind for found in diagnostics.sorted()] == [Kind.STALE_ERRATUM]


@pytest.mark.parametrize(
    "text",
    [
        '[{"number": 1, "kind": "guess", "reason": "?"}]',
        '[{"number": 1, "kind": "response", "method": "a", "reason": "?"}]',
        '[{"number": 2, "kind": "response", "method": "a", "response": "B", "reason": "?"}]',
    ],
)
def test_errata_that_are_incomplete_or_misnumbered_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read_errata(errata_file(tmp_path, text))


def test_every_erratum_gives_its_reason() -> None:
    assert all(entry.reason.endswith(".") for entry in read_errata())
