"""Text of the schema reaches source code through one filter, and cannot get out of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from codex_generator.escaping import docstring, literal
from codex_generator.schema import Json
from codex_generator.tree import produce

from tests.generator.schemas import constant, struct, write_schema

HOSTILE = [
    'three """ quotes',
    '"""',
    '""""',
    '"starts with a quote',
    'ends with a quote"',
    'ends with two""',
    "ends with a backslash\\",
    "ends with two\\\\",
    '\\"',
    '\\"""',
    "braces {x} {{ y }} {% raw %} {# comment #} #}",
    "percent %s %(x)s and ${HOME}",
    "a null \x00 byte",
    "a bell \x07 and an escape \x1b[31m",
    "line separators \u2028 \u2029 \x85 \x0b \x0c",
    "turned around \u202e \u2066 and joined \u200d",
    "a lone surrogate \ud800",
    "astral \U0001f600 and private \U000f0000",
    "a tab\tin the middle",
    "'''single'''",
    "import os  # noqa",
    "\\N{BULLET} \\u0041 \\x41",
]


def content(docstring: str) -> str:
    """Return the text of a docstring that stands in four columns, or in none."""
    first, *rest = docstring.split("\n")
    return "\n".join(
        [first.removeprefix(" "), *(line.removeprefix("    ") for line in rest)]
    ).removesuffix("\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_worth_its_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_docstring_of_one_line_is_worth_its_text(text: str) -> None:
    assert content(ast.literal_eval(docstring([text]))) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_docstring_of_several_lines_is_worth_its_text(text: str) -> None:
    lines = [text, "", f"more: {text}"]
    assert content(ast.literal_eval(docstring(lines, 4))) == "\n".join(lines)


@pytest.mark.parametrize("text", HOSTILE)
def test_source_is_printable_whatever_the_text(text: str) -> None:
    assert literal(text).isprintable()
    assert docstring([text]).isprintable()


def test_hostile_text_survives_every_template_and_the_formatter(tmp_path: Path) -> None:
    # Each text as the description of a class, a field, a member and a variant, and as a value.
    definitions: dict[str, Json] = {}
    for number, text in enumerate(HOSTILE):
        definitions[f"Struct{number}"] = {
            **struct(thing={"type": "string", "description": text, "default": text}),
            "description": f"Start. {text}",
        }
        definitions[f"Enum{number}"] = {
            "oneOf": [{"type": "string", "enum": [f"x{text}"], "description": text}]
        }
        definitions[f"Union{number}"] = {
            "oneOf": [{**struct({"type": constant(f"x{text}")}), "title": f"Arm{number}"}]
        }
    write_schema(tmp_path, definitions)
    errata = tmp_path / "errata.json"
    errata.write_text("[]", encoding="utf-8")
    files = produce(tmp_path, errata)
    source = files[Path("packages/types/src/codex_app_server_types/unlisted.py")]
    strings = {
        content(node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for text in HOSTILE:
        plain = text.strip()
        assert plain in strings, "as the description of a field and a member"
        assert f"x{text}" in strings, "as a value and a tag"
        assert any(found.startswith("Start.") and plain in found for found in strings)
