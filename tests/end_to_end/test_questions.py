"""Questions of the agent, on the real runtime."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import Client, ClientIdentity, ServerRequestHandlers, StdioTransport
from codex_app_server_types import TurnStartParams
from openai_codex import Console, Park, QuestionRequest
from openai_codex.launch import command_line, environment
from openai_codex.testing import Reply

from tests.sdk.requests.received import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc import ServerRequest
    from codex_app_server_types import ToolRequestUserInputResponse
    from openai_codex import Answers, Codex, CodexConfig
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

    def __call__(self, request: QuestionRequest) -> Answers | None:
        self.requests.append(request)
        return self._answers


@pytest.fixture
def asking(config: CodexConfig, model: ModelServer) -> CodexConfig:
    """A runtime whose model asks both questions."""
    model.add(Reply.tool_call("request_user_input", QUESTIONS), "Thank you.")
    return replace(config, config_overrides=(*config.config_overrides, ANYTIME))


def told(model: ModelServer) -> Any:
    """Return what the model was told of the answers."""
    model.assert_exhausted()
    return json.loads(model.requests[1].tool_outputs["call_1"])


def test_the_model_is_told_the_answers(
    opened: Callable[..., Codex], asking: CodexConfig, model: ModelServer
) -> None:
    person = Person({"color": "Blue", "name": ["Bob", "user_note: or Bill"]})
    thread = opened(asking, questions=person).thread_start()

    assert thread.run("Ask me.").final_response == "Thank you."

    assert told(model) == {
        "answers": {
            "color": {"answers": ["Blue"]},
            "name": {"answers": ["Bob", "user_note: or Bill"]},
        }
    }
    (request,) = person.requests
    assert [question.id for question in request.questions] == ["color", "name"]
    assert (request.thread_id, request.item_id) == (thread.id, "call_1")


def test_a_thread_has_somebody_of_its_own(
    opened: Callable[..., Codex], asking: CodexConfig, model: ModelServer
) -> None:
    codex = opened(asking, questions=Person({"name": "Ann"}))

    codex.thread_start(questions=Person({"name": "Bob"})).run("Ask me.")

    assert told(model) == {"answers": {"name": {"answers": ["Bob"]}}}


@pytest.mark.parametrize("answers", [None, {}], ids=["none", "empty"])
def test_no_answer_lets_the_turn_go_on(
    opened: Callable[..., Codex], asking: CodexConfig, model: ModelServer, answers: Answers | None
) -> None:
    person = Person(answers)
    result = opened(asking, questions=person).thread_start().run("Ask me.")

    assert result.final_response == "Thank you."
    assert told(model) == {"answers": {}}
    assert not person.requests[0].is_blocking


def test_without_anybody_the_turn_goes_on_and_the_log_tells(
    opened: Callable[..., Codex],
    asking: CodexConfig,
    model: ModelServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    opened(asking).thread_start().run("Ask me.")

    assert told(model) == {"answers": {}}
    assert "questions: Which color? Which name?" in caplog.text


def test_answers_that_do_not_fit_become_no_answer(
    opened: Callable[..., Codex],
    asking: CodexConfig,
    model: ModelServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    opened(asking, questions=Person({"colour": "s3cr3t"})).thread_start().run("Ask me.")

    assert told(model) == {"answers": {}}
    assert "an answer is to none of the questions; they are 'color', 'name'" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_the_person_at_the_terminal_answers(
    opened: Callable[..., Codex], asking: CodexConfig, model: ModelServer
) -> None:
    console = Console(typed("2", "Zoe"))

    opened(asking, questions=console.questions).thread_start().run("Ask me.")

    assert told(model) == {
        "answers": {"color": {"answers": ["Blue"]}, "name": {"answers": ["Zoe"]}}
    }


def park(request: QuestionRequest) -> Park:
    return Park()


def test_questions_can_be_answered_later(
    opened: Callable[..., Codex], asking: CodexConfig, model: ModelServer
) -> None:
    codex = opened(asking, questions=park)
    handle = codex.thread_start().turn("Ask me.")
    while not handle.pending_requests:
        codex.account()
    [request] = handle.pending_requests
    assert isinstance(request, QuestionRequest)

    codex.respond(request, {"color": "Red"})

    assert handle.run().final_response == "Thank you."
    assert told(model) == {"answers": {"color": {"answers": ["Red"]}}}


def test_the_questions_of_a_plan_block(asking: CodexConfig, model: ModelServer) -> None:
    """Plans are experimental: only the raw client can make them."""
    blocking: list[bool] = []

    def answer(request: ServerRequest) -> ToolRequestUserInputResponse:
        questions = QuestionRequest.of(request)
        blocking.append(questions.is_blocking)
        return questions.response({"color": "Red", "name": "Ann"})

    transport = StdioTransport(command_line(asking), env=environment(asking), cwd=asking.cwd)
    client = Client(
        transport,
        identity=ClientIdentity("tests", "1.0"),
        handlers=ServerRequestHandlers(otherwise=answer),
        experimental_api=True,
    )
    said = [{"type": "text", "text": "Plan it."}]
    with client:
        thread_id = client.thread_start().thread.id
        params = {"threadId": thread_id, "input": said, **PLAN_MODE}
        with client.start_turn(TurnStartParams.from_wire(params)) as stream:
            assert [*stream][-1].method == "turn/completed"

    assert blocking == [True]
    assert told(model)["answers"].keys() == {"color", "name"}
