"""Whether an answer keeps to the schema of `run --output-schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openai_codex.commands.run.answers import AnswerSchema

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

NUMBER: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
}


def test_an_answer_that_keeps_to_the_schema_has_no_problem() -> None:
    assert AnswerSchema(NUMBER).problem_of('{"n": 4}') is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"n": "four"}', "schema: n: 'four' is not of type 'integer'."),
        ("{}", "schema: 'n' is a required property."),
        ("It is four.", "schema: it is no JSON: "),
        ("[" * 100_000, "schema: it is no JSON: "),
        (None, "There is no answer"),
    ],
)
def test_an_answer_that_breaks_the_schema_is_told_with_the_place(
    answer: str | None, words: str
) -> None:
    assert words in (AnswerSchema(NUMBER).problem_of(answer) or "")


@pytest.mark.parametrize("reference", ["#/nowhere", "#", "https://example.com/schema"])
def test_a_reference_that_cannot_be_followed_is_told(reference: str) -> None:
    problem = AnswerSchema({"$ref": reference}).problem_of("4")

    assert (problem or "").startswith("Whether the answer keeps to the schema cannot be told: ")
