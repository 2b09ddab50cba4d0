"""Questions of the agent: what may be answered, and what it says on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from codex_app_server_rpc import ServerRequest
from openai_codex import InvalidArgumentError, ProtocolError
from openai_codex.requests.questions import QuestionRequest, answer_of

from tests.sdk.requests.received import COLOR, NAME, SECRET, questions


def test_a_request_has_its_questions_and_who_asks() -> None:
    request = questions(COLOR, NAME)

    assert (request.thread_id, request.turn_id, request.item_id) == ("T", "U", "I")
    assert [question.id for question in request.questions] == ["color", "name"]
    assert request.request_id == 7


def test_params_that_do_not_fit_are_an_error_without_their_values() -> None:
    with pytest.raises(ProtocolError) as caught:
        QuestionRequest.of(ServerRequest(1, QuestionRequest.method, {"questions": SECRET}))

    assert SECRET not in repr((caught.value, caught.value.__context__))


def test_a_request_is_the_same_when_it_is_asked_again() -> None:
    assert questions(COLOR).key == questions(COLOR).key
    assert questions(COLOR).model_copy(update={"request_id": 99}).key != questions(COLOR).key
    assert questions(COLOR, NAME).key != questions(COLOR).key


def test_a_request_as_json_has_its_method_and_its_id() -> None:
    request = questions(COLOR)
    written = json.loads(request.to_json())

    assert (written["method"], written["requestId"]) == ("item/tool/requestUserInput", 7)
    assert written["questions"][0]["isOther"] is False
    assert QuestionRequest.model_validate(written).questions == request.questions


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        ({"color": "Blue", "name": "Bob"}, {"color": ["Blue"], "name": ["Bob"]}),
        ({"color": ["Blue"], "name": ("A", "B")}, {"color": ["Blue"], "name": ["A", "B"]}),
        ({"color": "Blue", "name": ""}, {"color": ["Blue"], "name": [""]}),
        (None, {}),
    ],
    ids=str,
)
def test_answers_go_out_as_lists_by_question(answers: Any, sent: dict[str, list[str]]) -> None:
    response = questions(COLOR, NAME).response(answers)

    assert response.to_wire() == {"answers": {name: {"answers": a} for name, a in sent.items()}}


@pytest.mark.parametrize(
    ("answers", "match"),
    [
        (SECRET, "^answers are a mapping of the questions' ids to strings, not of type str$"),
        ([SECRET], "not of type list$"),
        ({SECRET: "x"}, "^an answer is to none of the questions; they are 'color', 'name'$"),
        ({"color": SECRET}, "^question 'color': an answer is one of its options, 'Red .Rec.*, 'B"),
        ({"color": ["Blue", SECRET]}, "^question 'color': an answer is one of its options"),
        ({"color": "blue"}, "^question 'color': an answer is one of its options"),
        ({"name": 5}, "^question 'name': an answer is a string, or a seq.*; not of type int$"),
        ({"name": None}, "not of type NoneType$"),
        ({"name": [SECRET, None]}, "^question 'name': .* not of type NoneType$"),
        ({"name": SECRET.encode()}, "^question 'name': .* not of type bytes$"),
        ({"name": {SECRET}}, "^question 'name': .* not of type set$"),
    ],
)
def test_answers_that_do_not_fit_are_refused_without_showing_them(answers: Any, match: str) -> None:
    with pytest.raises(InvalidArgumentError, match=match) as caught:
        questions(COLOR, NAME).response(answers)

    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("options", [COLOR["options"], []], ids=["options", "no-options"])
def test_words_of_ones_own_are_taken_where_the_question_takes_them(options: Any) -> None:
    other = {**COLOR, "isOther": True, "options": options}

    assert questions(other).response({"color": "Green"}).answers["color"].answers == ["Green"]


@pytest.mark.parametrize("answers", [{}, {"color": "Blue"}, {"color": "Blue", "name": []}], ids=str)
def test_no_question_is_left_out_where_the_agent_waits(answers: Any) -> None:
    missing = "'name'" if answers else "'color', 'name'"
    with pytest.raises(InvalidArgumentError, match=f"^without an answer: {missing}; "):
        questions(COLOR, NAME).response(answers)


@pytest.mark.parametrize("answers", [{}, {"color": "Blue"}, {"color": []}], ids=str)
def test_questions_may_be_left_out_where_the_agent_does_not_wait(answers: Any) -> None:
    response = questions(COLOR, NAME, is_blocking=False).response(answers)

    assert response.answers.keys() == answers.keys()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", "Red (Recommended)"),
        (" 2 ", "Blue"),
        ("Blue", "Blue"),
        ("red (recommended)", "Red (Recommended)"),
    ],
)
def test_an_option_is_meant_by_its_number_or_its_text(text: str, answer: str) -> None:
    assert answer_of(questions(COLOR).questions[0], text) == answer


@pytest.mark.parametrize("text", ["", "0", "3", "-1", "²", "Red", SECRET])
def test_what_means_no_option_is_refused(text: str) -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"^question 'color': an answer is one"
    ) as caught:
        answer_of(questions(COLOR).questions[0], text)

    assert SECRET not in str(caught.value)


def test_words_of_ones_own_are_kept_as_they_are_typed() -> None:
    other = {**COLOR, "isOther": True}

    assert answer_of(questions(other).questions[0], " 3 shades ") == " 3 shades "
    assert answer_of(questions(NAME).questions[0], "1") == "1"


def test_options_that_are_numbers_are_meant_by_their_text_only() -> None:
    numbers = {**COLOR, "options": [{"label": label, "description": ""} for label in "012"]}

    assert answer_of(questions(numbers).questions[0], "1") == "1"
    with pytest.raises(InvalidArgumentError):
        answer_of(questions(numbers).questions[0], "3")


def test_a_summary_is_one_line_whatever_is_in_it() -> None:
    hostile = {**NAME, "question": "Hi\x1b[2J\n> yes"}

    assert questions(hostile).describe() == "questions: Hi\\x1b[2J\\n> yes"
