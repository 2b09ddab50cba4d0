"""Answers that are values of a type, on the real runtime, for both halves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import (
    InvalidArgumentError,
    OutputValidationError,
    TurnFailedError,
    TurnTimeoutError,
    UsageError,
)
from openai_codex.testing import Gate, Reply
from pydantic import BaseModel, Field, TypeAdapter
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from openai_codex import Codex
    from openai_codex.testing import ModelServer


class City(BaseModel):
    name: str
    people: int = Field(default=0, ge=0)


@dataclass
class Country:
    name: str
    cities: list[City]


class Word(TypedDict):
    text: str


LYON = '{"name": "Lyon", "people": 522250}'


@pytest.mark.parametrize(
    ("output_type", "text", "output"),
    [
        (City, LYON, City(name="Lyon", people=522250)),
        (City, '{"name": "Nowhere", "people": null}', City(name="Nowhere")),
        (Country, f'{{"name": "France", "cities": [{LYON}]}}', None),
        (Word, '{"text": "yes"}', Word(text="yes")),
        (list[City], f'{{"value": [{LYON}]}}', [City(name="Lyon", people=522250)]),
        (int, '{"value": 42}', 42),
        (TypeAdapter(int | None), '{"value": null}', None),
    ],
    ids=str,
)
def test_the_answer_is_a_value_of_the_type(
    codex: Codex, model: ModelServer, output_type: Any, text: str, output: Any
) -> None:
    model.add(text, text)
    thread = codex.thread_start()

    result = thread.run("Tell me.", output_type=output_type)
    followed = thread.turn("Again.", output_type=output_type)
    events = [event.method for event in followed.stream()]

    if output_type is Country:
        output = Country("France", [City(name="Lyon", people=522250)])
    assert result.output == followed.run().output == output
    assert result.final_response == text
    assert events[-1] == "turn/completed"


def test_the_model_is_held_to_the_schema(codex: Codex, model: ModelServer) -> None:
    model.add(LYON)

    codex.thread_start().run("A city.", output_type=City)

    form = model.requests[0].body["text"]["format"]
    assert (form["type"], form["strict"]) == ("json_schema", True)
    assert form["schema"] == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "people": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
        },
        "required": ["name", "people"],
        "additionalProperties": False,
    }


def test_without_a_type_there_is_no_output(codex: Codex, model: ModelServer) -> None:
    model.add(LYON, LYON)
    thread = codex.thread_start()

    assert thread.run("A city.").output is None
    assert thread.run("A city.", output_schema={"type": "object"}).output is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Lyon, of course.", "it is no JSON: "),
        ('{"name": "Lyon"', "it is no JSON: "),
        ('{"name": 5, "people": 1}', "name: Input should be a valid string"),
        ('{"name": "Lyon", "people": -1}', "people: Input should be greater than or equal to 0"),
        ("[]", "Input should be an object"),
    ],
)
def test_an_answer_of_another_form_is_an_error_that_has_it(
    codex: Codex, model: ModelServer, text: str, error: str
) -> None:
    model.add(text, "Fine.")
    thread = codex.thread_start()

    with pytest.raises(OutputValidationError) as caught:
        thread.run("A city.", output_type=City)

    assert caught.value.text == caught.value.result.final_response == text
    assert len(caught.value.errors) == 1
    assert caught.value.errors[0].startswith(error)
    assert error in str(caught.value)
    assert thread.run("And now?").final_response == "Fine."


def test_commentary_is_no_answer(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text(LYON, phase="commentary"))

    with pytest.raises(OutputValidationError, match="there is no final answer") as caught:
        codex.thread_start().run("A city.", output_type=City)

    assert caught.value.text is None


def test_an_answer_can_be_asked_for_again(codex: Codex, model: ModelServer) -> None:
    model.add("Lyon.", '{"name": null, "people": 1}', LYON)
    thread = codex.thread_start()

    result = thread.run("A city.", output_type=City, retries=2, source="test")

    assert result.output == City(name="Lyon", people=522250)
    assert "it is no JSON" in model.requests[1].prompt
    assert "- name: Input should be a valid string" in model.requests[2].prompt
    schemas = [json.dumps(request.body["text"]["format"]) for request in model.requests]
    assert len(set(schemas)) == 1


def test_it_is_asked_for_again_no_more_often_than_allowed(codex: Codex, model: ModelServer) -> None:
    model.add("Lyon.", "Paris.")

    with pytest.raises(OutputValidationError) as caught:
        codex.thread_start().run("A city.", output_type=City, retries=1)

    assert caught.value.text == "Paris."
    model.assert_exhausted()


def test_all_attempts_share_the_time(codex: Codex, model: ModelServer) -> None:
    model.add("Lyon.", Reply.text("Pa", Gate()))

    with pytest.raises(TurnTimeoutError) as caught:
        codex.thread_start().run("A city.", output_type=City, retries=1, timeout=3)

    assert caught.value.timeout < 3


def test_a_turn_that_is_not_completed_has_no_output(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text('{"na', gate), Reply.failure(400, "no"))
    thread = codex.thread_start()
    handle = thread.turn("A city.", output_type=City)
    gate.wait_reached()
    handle.interrupt()
    interrupted = handle.run()
    failed = thread.run("A city.", output_type=City, check=False)

    assert (interrupted.status, failed.status) == ("interrupted", "failed")
    for result in (interrupted, failed):
        with pytest.raises(UsageError, match=f"has no output: it is {result.status}"):
            _ = result.output
    model.add(Reply.failure(400, "no"))
    with pytest.raises(TurnFailedError):
        thread.run("A city.", output_type=City, retries=3)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"output_type": dict[str, int]}, "the output is a map"),
        ({"output_type": 5}, "^output_type: Unable to generate pydantic-core schema for 5$"),
        ({"output_type": {"type": "object"}}, "^output_type is a type, not a dict: see output_sch"),
        ({"output_type": "City"}, "^output_type is a type, not a str"),
        ({"output_type": City, "output_schema": {}}, "^output_type or output_schema"),
        ({"output_type": City, "output_schema": None}, "^output_type or output_schema"),
        ({"retries": 1}, "^retries is how often"),
        ({"retries": -1, "output_type": City}, "^retries is how often"),
        ({"retries": "1", "output_type": City}, "^retries is a number"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_is_refused(
    codex: Codex, model: ModelServer, options: dict[str, Any], match: str
) -> None:
    thread = codex.thread_start()

    with pytest.raises(InvalidArgumentError, match=match):
        thread.run("A city.", **options)
    if "retries" not in options:
        with pytest.raises(InvalidArgumentError, match=match):
            thread.turn("A city.", **options)

    assert not model.requests
