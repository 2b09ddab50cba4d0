"""Schemas that somebody wrote to do harm, or that this library cannot check in full."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest
from openai_codex import InvalidArgumentError
from openai_codex.requests.forms import check_value

SLOW = {"pattern": r"^(\w+ ?)+$"}
"""Takes Python's ``re`` longer than the test would wait, for `TEXT`; and holds up all threads."""
TEXT = "a" * 40 + "!"
SLOW_NAMES: dict[str, Any] = {"patternProperties": {SLOW["pattern"]: {}}}
DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
META = DRAFT["$schema"]

SLOW_SCHEMAS: list[Any] = [
    {"properties": {"a": SLOW}},
    {"additionalProperties": SLOW},
    {"propertyNames": SLOW},
    SLOW_NAMES,
    {**SLOW_NAMES, "additionalProperties": False},
    {**SLOW_NAMES, "unevaluatedProperties": False},
    {"allOf": [SLOW_NAMES], "unevaluatedProperties": {"type": "string"}},
    {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": SLOW}},
    {"properties": {"a": {"not": SLOW}}},
    {"properties": {"a": {"if": SLOW, "then": {"type": "string"}}}},
    *(
        {"$schema": f"http://json-schema.org/draft-0{draft}/schema#", "properties": {"a": SLOW}}
        for draft in (3, 4, 6, 7)
    ),
    # Each would get a validator of the draft that it names once more:
    {**DRAFT, "properties": {"a": {**DRAFT, **SLOW}}},
    {**DRAFT, **SLOW, "properties": {"a": {"$ref": "#"}}},
    {
        **DRAFT,
        "$id": "https://a.b/c",
        "$dynamicAnchor": "meta",
        **SLOW,
        "properties": {"properties": {"additionalProperties": SLOW}},
        "allOf": [{"$ref": META}],
    },
]

CHECK_ALL = """
import json, sys
from openai_codex import InvalidArgumentError
from openai_codex.requests.forms import check_value
from tests.sdk.requests.received import form
text, schemas = json.load(sys.stdin)
for schema in schemas:
    print("before", schema, flush=True)
    try:
        check_value({"a": text, text: text, "properties": {"a": text}}, schema)
    except InvalidArgumentError as error:
        print(error)
(field,) = form(a={"type": "string", **schemas[0]["properties"]["a"]}).fields
assert field.parse(text) == text
print("done")
"""


def test_no_pattern_of_a_schema_is_evaluated() -> None:
    # In a process of its own: nothing in this one could end it when it hangs.
    ended = subprocess.run(
        [sys.executable, "-c", CHECK_ALL],
        input=json.dumps([TEXT, SLOW_SCHEMAS]),
        env={**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])},
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )

    assert ended.stdout.endswith("done\n")


PATTERN = {"pattern": "^b"}
REFERENCE = {"$ref": "#/$defs/A"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (PATTERN, "a"),
        ({"pattern": "("}, "a"),
        ({"pattern": r"^\p{Lu}"}, "a"),  # no pattern of Python's
        ({"not": PATTERN}, "a"),
        ({"not": REFERENCE, "$defs": {"A": PATTERN}}, "a"),
        ({"oneOf": [PATTERN, {"pattern": "^a"}]}, "a"),
        ({"if": PATTERN, "then": {"const": "b"}}, "a"),
        ({"contains": PATTERN, "maxContains": 1}, ["a", "b"]),
        ({"patternProperties": {"^x": {}}, "additionalProperties": False}, {"x": 1}),
        ({"patternProperties": {"^x": {}}, "unevaluatedProperties": False}, {"x": 1}),
        (
            {
                "if": {"prefixItems": [PATTERN]},
                "else": {"items": {}},
                "unevaluatedItems": False,
            },
            ["a", "c"],
        ),
    ],
    ids=str,
)
def test_nothing_is_refused_for_a_pattern(schema: Any, value: Any) -> None:
    check_value(value, schema)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({**PATTERN, "minLength": 2}, "b"),
        ({"properties": {"a": PATTERN}, "additionalProperties": False}, {"b": 1}),
        (
            {"properties": {"a": PATTERN}, "oneOf": [{"required": ["a"]}, {"type": "object"}]},
            {"a": "b"},
        ),
        ({"patternProperties": {"^x": {}}, "required": ["a"]}, {}),
        ({"items": {"type": "string", **PATTERN}}, [1]),
    ],
    ids=str,
)
def test_the_rules_beside_a_pattern_are_checked(schema: Any, value: Any) -> None:
    with pytest.raises(InvalidArgumentError):
        check_value(value, schema)


def test_a_schema_makes_nothing_be_fetched() -> None:
    # If it is broken it waits for an answer, for as long as this process waits for one.
    waited = socket.getdefaulttimeout()
    socket.setdefaulttimeout(1)
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            port = server.getsockname()[1]
            with pytest.raises(InvalidArgumentError, match=r"^the schema of the form is broken: "):
                check_value({}, {"$ref": f"http://127.0.0.1:{port}/schema.json"})

            with pytest.raises(BlockingIOError):
                server.accept()
    finally:
        socket.setdefaulttimeout(waited)
