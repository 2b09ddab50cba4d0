"""Questions of the agent to the user, and what may be answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias, cast

from codex_app_server_types import (
    ToolRequestUserInputAnswer,
    ToolRequestUserInputParams,
    ToolRequestUserInputResponse,
)

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.choices import chosen
from openai_codex.requests.pending import Answerer, PendingRequest, shown

if TYPE_CHECKING:
    from codex_app_server_types import ToolRequestUserInputQuestion

    from openai_codex.requests.decisions import Park

__all__ = ["Answers", "QuestionHandler", "QuestionRequest", "answer_of"]

Answers: TypeAlias = Mapping[str, "str | Sequence[str]"]
"""The answer to each question, or several to one, by the id of the question."""

QuestionHandler: TypeAlias = Callable[
    ["QuestionRequest"], "Answers | Park | None | Awaitable[Answers | Park | None]"
]
"""Answers questions of the agent; ``None`` for no answer."""


class QuestionRequest(PendingRequest, ToolRequestUserInputParams):
    """Questions that the agent has for the user.

    ``item/tool/requestUserInput``; the fields are those of its params. Each of ``questions`` has an
    ``id``, a ``header``, the ``question`` itself, and perhaps ``options``; then others than those
    can be answered if ``is_other``. The answer to one that ``is_secret`` is not to be shown.
    """

    method: ClassVar[str] = "item/tool/requestUserInput"
    answerer: ClassVar[Answerer] = "questions"

    def response(self, answers: Answers | None) -> ToolRequestUserInputResponse:
        """Say answers in the protocol's words.

        Args:
            answers: The answers; ``None`` for none at all. A question may be left out if the
                request is not blocking (``is_blocking``).

        Raises:
            InvalidArgumentError: They do not fit the questions. The error names the question, and
                what can be answered; never the answer, which may be a secret.
        """
        if answers is None:
            return ToolRequestUserInputResponse(answers={})
        if not isinstance(cast("object", answers), Mapping):
            raise InvalidArgumentError(
                "answers are a mapping of the questions' ids to strings, not of type "
                f"{type(answers).__name__}"
            )
        questions = {question.id: question for question in self.questions}
        if any(name not in questions for name in answers):
            # The name itself is not shown: who mixes up ids and answers has put an answer there.
            asked = ", ".join(shown(repr(name)) for name in questions)
            raise InvalidArgumentError(f"an answer is to none of the questions; they are {asked}")
        given = {name: _strings(questions[name], answer) for name, answer in answers.items()}
        # The turn goes on without the answer to a question that does not block: the runtime itself
        # may give up on it. What blocks was asked because nothing can be done without an answer,
        # so one that is missing is more likely forgotten than refused; ``None`` refuses them all.
        missing = [shown(repr(name)) for name in questions if not given.get(name)]
        if self.is_blocking and missing:
            raise InvalidArgumentError(
                f"without an answer: {', '.join(missing)}; the agent waits for one to each of its "
                "questions, or for None in place of all answers"
            )
        return ToolRequestUserInputResponse(
            answers={
                name: ToolRequestUserInputAnswer(answers=strings) for name, strings in given.items()
            }
        )

    def describe(self) -> str:
        """Say in a line what is asked."""
        return f"questions: {shown(' '.join(question.question for question in self.questions))}"


def answer_of(question: ToolRequestUserInputQuestion, text: str) -> str:
    """Give the answer that a typed text means.

    Args:
        question: The question.
        text: The label of an option, or its number counted from 1; or words of one's own, where
            the question takes them.

    Raises:
        InvalidArgumentError: It is none of the options, and has to be. The text is not shown.
    """
    labels = [option.label for option in question.options or ()]
    found = chosen(text, [(label,) for label in labels])
    if found is not None:
        return labels[found]
    _check_answer(question, text)
    return text


def _strings(question: ToolRequestUserInputQuestion, answer: object) -> list[str]:
    several = [answer] if isinstance(answer, str) else answer
    if not isinstance(several, Sequence) or isinstance(several, (bytes, bytearray)):
        raise _wrong_type(question, answer)
    strings: list[str] = []
    for one in cast("Sequence[object]", several):
        if not isinstance(one, str):
            raise _wrong_type(question, one)
        _check_answer(question, one)
        strings.append(one)
    return strings


def _check_answer(question: ToolRequestUserInputQuestion, answer: str) -> None:
    labels = [option.label for option in question.options or ()]
    if labels and not question.is_other and answer not in labels:
        options = ", ".join(shown(repr(label)) for label in labels)
        raise InvalidArgumentError(
            f"question {shown(repr(question.id))}: an answer is one of its options, {options}"
        )


def _wrong_type(question: ToolRequestUserInputQuestion, answer: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"question {shown(repr(question.id))}: an answer is a string, or a sequence of strings; "
        f"not of type {type(answer).__name__}"
    )
