"""Bad input ends with one message that names file, place and reason, and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from codex_generator.cli import main
from codex_generator.diagnostics import Diagnostics
from codex_generator.load import load
from codex_generator.schema import Json

from tests.generator.schemas import STRING, reference, struct, write_schema

GOOD: dict[str, Json] = {"Turn": struct({"id": STRING})}


def failure(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the generator, expect it to fail and to write nothing, and return its message."""
    before = {path for path in root.rglob("*") if path.is_file()}
    assert main(["--root", str(root), "generate"]) == 1
    assert {path for path in root.rglob("*") if path.is_file()} == before
    out, err = capsys.readouterr()
    assert out == ""
    (message,) = err.splitlines()
    return message


def test_a_truncated_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_schema(tmp_path, GOOD) / "stable.json"
    file.write_text('{\n  "definitions": {\n', encoding="utf-8")
    assert failure(tmp_path, capsys) == (
        "schema/stable.json: line 3 column 1: not JSON: "
        "Expecting property name enclosed in double quotes"
    )


def test_a_file_that_is_not_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_schema(tmp_path, GOOD) / "experimental.json"
    file.write_bytes(b'{"a": "\xff"}')
    assert failure(tmp_path, capsys) == "schema/experimental.json: byte 7: not UTF-8"


def test_a_file_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (write_schema(tmp_path, GOOD) / "stable.json").unlink()
    message = failure(tmp_path, capsys)
    assert message.startswith("schema/stable.json: the file: ")


def test_a_file_that_is_no_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_schema(tmp_path, GOOD)
    (folder / "stable.json").write_text("[]", encoding="utf-8")
    assert failure(tmp_path, capsys) == "schema/stable.json: #: expected a JSON object"


def test_a_file_that_is_not_the_one_of_the_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_schema(tmp_path, GOOD) / "experimental.json"
    file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert failure(tmp_path, capsys) == (
        "schema/experimental.json: the file: its SHA-256 is not the one of manifest.json: "
        "restore it, or dump both anew"
    )


def test_what_is_broken_is_told_before_that_the_file_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_schema(tmp_path, {"Turn": struct(item=reference("Item")), "Item": struct()})
    stable = file / "stable.json"
    text = stable.read_text(encoding="utf-8")
    stable.write_text(text.replace("/definitions/Item", "/definitions/Itme"), encoding="utf-8")
    assert "dangling $ref to '#/definitions/Itme'" in failure(tmp_path, capsys)


@pytest.mark.parametrize("dialect", [None, "https://json-schema.org/draft/2020-12/schema"])
def test_another_dialect_is_not_draft_7(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dialect: str | None
) -> None:
    file = write_schema(tmp_path, GOOD) / "stable.json"
    bundle = {**json.loads(file.read_text(encoding="utf-8")), "$schema": dialect}
    file.write_text(json.dumps(bundle), encoding="utf-8")
    message = failure(tmp_path, capsys)
    assert message == f"schema/stable.json: #/$schema: not Draft 7: it calls itself {dialect!r}"


def test_a_bundle_without_definitions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_schema(tmp_path, GOOD) / "stable.json"
    file.write_text('{"$schema": "http://json-schema.org/draft-07/schema#"}', encoding="utf-8")
    assert failure(tmp_path, capsys) == (
        "schema/stable.json: #/definitions: expected a JSON object"
    )


def test_a_manifest_without_a_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_schema(tmp_path, GOOD) / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    del manifest["version"]
    file.write_text(json.dumps(manifest), encoding="utf-8")
    assert failure(tmp_path, capsys) == "schema/manifest.json: #/version: expected a string"


def test_a_schema_that_is_not_draft_7(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_schema(tmp_path, {"Turn": {"type": "strin"}})
    message = failure(tmp_path, capsys)
    assert message.startswith("schema/stable.json: #/definitions/Turn/type: not Draft 7: 'strin'")


def test_a_schema_that_is_not_draft_7_inside_of_a_namespace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_schema(tmp_path, {"v2": {"Turn": {"required": "id"}}})
    message = failure(tmp_path, capsys)
    assert message.startswith("schema/stable.json: #/definitions/v2/Turn/required: not Draft 7:")


def test_a_dangling_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_schema(tmp_path, {"Turn": struct(item=reference("Item"))}, stable=GOOD)
    assert failure(tmp_path, capsys) == (
        "schema/experimental.json: #/definitions/Turn/properties/item: "
        "dangling $ref to '#/definitions/Item'"
    )


def test_a_reference_out_of_its_namespace_dangles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_schema(tmp_path, {"v2": {"Item": struct()}, "Turn": struct(item=reference("Item"))})
    assert "dangling $ref to '#/definitions/Item'" in failure(tmp_path, capsys)


def test_the_manifest_is_read_before_the_bundles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_schema(tmp_path, GOOD)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    (folder / "stable.json").unlink()
    assert failure(tmp_path, capsys).startswith("schema/manifest.json: line 1 column 2: not JSON")


def test_a_property_may_be_called_ref(tmp_path: Path) -> None:
    # `$ref` is a keyword where a schema stands, and a name like any other below `properties`.
    folder = write_schema(tmp_path, {"Turn": struct({"$ref": STRING})})
    loaded = load(folder, Diagnostics()).experimental.definitions["Turn"]
    assert set(loaded.properties) == {"$ref"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"minimum": "1.0.0"}', "#: 'tested' is a required property"),
        ('{"minimum": 1, "tested": "1.0.0"}', "#/minimum: 1 is not of type 'string'"),
        ('{"minimum": "old", "tested": "1.0.0"}', "#: 'old' is no release"),
    ],
)
def test_a_file_that_does_not_say_which_runtimes_will_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, reason: str
) -> None:
    (write_schema(tmp_path, GOOD) / "compatibility.json").write_text(content, encoding="utf-8")
    assert failure(tmp_path, capsys).startswith(f"schema/compatibility.json: {reason}")
