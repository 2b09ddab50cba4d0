"""Questions of the agent, on the real runtime."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import ServerRequest
from openai_codex.requests.console import Console
from openai_codex.requests.questions import QuestionRequest
from openai_codex.testing import Reply

from tests.end_to_end.asking import asked
from tests.sdk.requests.received import typed

if TYPE_CHECKING:
    from codex_app_server_types import WireModel
    from openai_codex import CodexConfig
    from openai_codex.requests.questions import Answers
    from openai_codex.testing import ModelServer

QUESTIONS = {
    "questions": [
        {
            "id": "color",
            "header": "Color",
            "question": "Which color?",
            "options": [
                {"label": "Red", "description": "hot"},
                {"label": "Blue", "description": "cold"},
            ],
        },
        {
            "id": "name",
            "header": "Name",
            "question": "Which name?",
            "options": [
                {"label": "Ann", "description": "short"},
                {"label": "Bob", "description": "shorter"},
            ],
        },
    ]
}
PLAN_MODE = {
    "collaborationMode": {
        "mode": "plan",
        "settings": {
            "model": "gpt-5.5",
            "reasoning_effort": None,
            "developer_instructions": None,
        },
    }
}
ANYTIME = "features.default_mode_request_user_input=true"


class Person:
    """Somebody who gives the same answers to all questions."""

    def __init__(self, answers: Answers | None) -> None:
        self.requests: list[QuestionRequest] = []
        self._answers = answers

    def __call__(self, request: ServerRequest) -> WireModel:
        assert request.method == QuestionRequest.method
        typed = QuestionRequest.of(request)
        self.requests.append(typed)
        return typed.response(self._answers)


@pytest.fixture
def asking(config: CodexConfig, model: ModelServer) -> CodexConfig:
    """A runtime whose model asks both questions."""
    model.add(Reply.tool_call("request_user_input", QUESTIONS), "Thank you.")
    return replace(config, config_overrides=(*config.config_overrides, ANYTIME))


def told(model: ModelServer) -> Any:
    """Return what the model was told of the answers."""
    model.assert_exhausted()
    return json.loads(model.requests[1].tool_outputs["call_1"])


def test_the_model_is_told_the_answers(asking: CodexConfig, model: ModelServer) -> None:
    person = Person({"color": "Blue", "name": ["Bob", "user_note: or Bill"]})
    with asked(asking, person) as thread:
        assert thread.run("Ask me.") == "completed"

    assert told(model) == {
        "answers": {
            "color": {"answers": ["Blue"]},
            "name": {"answers": ["Bob", "user_note: or Bill"]},
        }
    }
    (request,) = person.requests
    assert [question.id for question in request.questions] == ["color", "name"]
    assert request.item_id == "call_1"


def test_a_question_that_does_not_block_may_be_left_open(
    asking: CodexConfig, model: ModelServer
) -> None:
    person = Person({"name": "Zoe"})
    with asked(asking, person) as thread:
        assert thread.run("Ask me.") == "completed"

    assert not person.requests[0].is_blocking
    assert told(model) == {"answers": {"name": {"answers": ["Zoe"]}}}


def test_the_questions_of_a_plan_block(asking: CodexConfig, model: ModelServer) -> None:
    person = Person({"color": "Red", "name": "Ann"})
    with asked(asking, person, experimental_api=True) as thread:
        assert thread.run("Plan it.", **PLAN_MODE) == "completed"

    assert person.requests[0].is_blocking
    assert told(model)["answers"].keys() == {"color", "name"}


def test_no_answer_lets_the_turn_go_on(asking: CodexConfig, model: ModelServer) -> None:
    with asked(asking, Person(None)) as thread:
        assert thread.run("Ask me.") == "completed"

    assert told(model) == {"answers": {}}


def test_answers_that_do_not_fit_become_no_answer(
    asking: CodexConfig, model: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    with asked(asking, Person({"colour": "s3cr3t"})) as thread:
        assert thread.run("Ask me.") == "completed"

    assert told(model) == {"answers": {}}
    assert "an answer is to none of the questions; they are 'color', 'name'" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_the_person_at_the_terminal_answers(asking: CodexConfig, model: ModelServer) -> None:
    console = Console(typed("2", "Zoe"))

    def answer(request: ServerRequest) -> WireModel:
        questions = QuestionRequest.of(request)
        return questions.response(console.questions(questions))

    with asked(asking, answer) as thread:
        assert thread.run("Ask me.") == "completed"

    assert told(model) == {
        "answers": {"color": {"answers": ["Blue"]}, "name": {"answers": ["Zoe"]}}
    }
