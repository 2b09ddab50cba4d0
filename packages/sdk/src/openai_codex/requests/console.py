"""Asking the person at the terminal."""

from __future__ import annotations

import json
import shlex
import threading
from typing import TYPE_CHECKING, Final, TextIO

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.decisions import (
    Accept,
    AcceptForSession,
    AcceptWithAmendment,
    Cancel,
    Decline,
)
from openai_codex.requests.details import details_of, subject_of
from openai_codex.requests.elicitations import OpenaiFormElicitation, Submit, UrlElicitation
from openai_codex.requests.questions import answer_of
from openai_codex.requests.terminal import EndOfInput, Terminal, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codex_app_server_types import JsonValue, ToolRequestUserInputQuestion

    from openai_codex.requests.approvals import ApprovalRequest
    from openai_codex.requests.decisions import Decision
    from openai_codex.requests.elicitations import (
        Elicitation,
        ElicitationAnswer,
        FormElicitation,
    )
    from openai_codex.requests.fields import FormField
    from openai_codex.requests.questions import Answers, QuestionRequest

__all__ = ["Console"]


class Console:
    """Asks the person at the terminal, one request after the other.

    For all that is to be asked there is one object, so that no prompt comes between another one
    and its answer::

        console = Console()
        Codex(
            approvals=console.approvals,
            questions=console.questions,
            elicitations=console.elicitations,
        )

    ``y`` and ``n`` accept and decline; the end of the input (Ctrl-D) declines. A line that is
    waited for cannot be called off: when the runtime withdraws a request meanwhile, what is typed
    is thrown away.
    """

    def __init__(self, input: TextIO | None = None, output: TextIO | None = None) -> None:
        """Ask here.

        Args:
            input: Where lines are typed; ``None`` for ``sys.stdin``.
            output: Where they are asked for; ``None`` for ``sys.stdout``.
        """
        self._terminal = Terminal(input, output)
        self._turn = threading.Lock()

    def approvals(self, request: ApprovalRequest) -> Decision:
        """Ask for a decision: show what is asked for, and all that can be decided.

        Args:
            request: What the agent wants to do.
        """
        with self._turn:
            terminal = self._terminal
            terminal.say("")
            terminal.say(f"The agent wants your approval of {subject_of(request)}.")
            for label, text in details_of(request):
                terminal.say(f"{label}:" if text is not None else f"{label}: not told")
                if text is not None:
                    terminal.quote(text)
            decisions = request.decisions
            try:
                labels = [_label(one) for one in decisions]
                yes = decisions.index(Accept()) if Accept() in decisions else None
                return decisions[terminal.choose(labels, yes=yes, no=decisions.index(Decline()))]
            except EndOfInput:
                terminal.say("Declined.")
                return Decline()

    def questions(self, request: QuestionRequest) -> Answers | None:
        """Ask the agent's questions, one after the other; secrets are not shown when typed.

        Args:
            request: The questions.
        """
        with self._turn:
            answers: dict[str, str] = {}
            try:
                for question in request.questions:
                    answer = self._ask(question, may_skip=not request.is_blocking)
                    if answer is not None:
                        answers[question.id] = answer
            except EndOfInput:
                self._terminal.say("No answer.")
                return None
            return answers

    def elicitations(self, request: Elicitation) -> ElicitationAnswer:
        """Let a form be filled in, field by field; or show an address to visit.

        Args:
            request: The form or the address.
        """
        with self._turn:
            terminal = self._terminal
            terminal.say("")
            terminal.say(f"The MCP server {escaped(request.server_name)} asks:")
            terminal.quote(request.message)
            try:
                if isinstance(request, UrlElicitation):
                    return self._visit(request)
                return self._fill_in(request)
            except EndOfInput:
                terminal.say("Declined.")
                return Decline()

    def _ask(self, question: ToolRequestUserInputQuestion, *, may_skip: bool) -> str | None:
        terminal = self._terminal
        options = question.options or []
        terminal.say("")
        terminal.say(f"The agent asks: {escaped(question.header)}")
        terminal.quote(question.question)
        terminal.list([(one.label,) for one in options], [one.description for one in options])
        if options and question.is_other:
            terminal.say("  or an answer of your own")
        if may_skip:
            terminal.say("  or nothing, to leave it open")

        def parse(line: str) -> str | None:
            if line.strip():
                return answer_of(question, line)
            if may_skip:
                return None
            raise InvalidArgumentError("The agent waits for an answer to this.")

        return terminal.read_until("> ", parse, is_secret=question.is_secret)

    def _visit(self, request: UrlElicitation) -> ElicitationAnswer:
        terminal = self._terminal
        terminal.say("It wants you to visit this address in your browser:")
        terminal.quote(request.url)
        terminal.say(f"  on the host {escaped(request.host or '(none)')}")
        return Accept() if terminal.choose(["go on", "decline"], yes=0, no=1) == 0 else Decline()

    def _fill_in(self, request: FormElicitation | OpenaiFormElicitation) -> ElicitationAnswer:
        terminal = self._terminal
        fields = request.fields
        while True:
            names = ", ".join(escaped(field.title) for field in fields)
            terminal.say(f"A form: {names}" if names else "There is nothing to fill in.")
            if terminal.choose(["go on", "decline"], yes=0, no=1) == 1:
                return Decline()
            if fields or not isinstance(request, OpenaiFormElicitation):
                answer = Submit(self._values(fields))
            else:
                answer = self._free(request)
            try:
                request.response(answer)
            except InvalidArgumentError as error:
                terminal.say(f"  {escaped(str(error))}")
            else:
                return answer

    def _values(self, fields: tuple[FormField, ...]) -> dict[str, object]:
        values: dict[str, object] = {}
        for field in fields:
            value = self._value(field)
            if value is not None:
                values[field.name] = value
        return values

    def _value(self, field: FormField) -> JsonValue:
        """Ask for the value of a field; ``None`` to leave it out."""
        terminal = self._terminal
        hints = [_KINDS[field.kind], *field.rules, *(() if field.required else ("optional",))]
        terminal.say(f"{escaped(field.title)} ({', '.join(filter(None, hints))})")
        if field.description is not None:
            terminal.quote(field.description)
        terminal.list([(one.title, one.value) for one in field.options])
        default = field.default
        proposed = "" if default is None else f"[{escaped(_said(field, default))}] "

        def parse(line: str) -> JsonValue:
            if line.strip():
                return field.parse(line)
            if default is not None:
                return default
            return field.parse(line) if field.required else None

        return terminal.read_until(f"{proposed}> ", parse)

    def _free(self, request: OpenaiFormElicitation) -> Submit:
        """Let the whole content be typed as JSON: it is no list of fields."""
        terminal = self._terminal
        terminal.say("It wants JSON of this schema, on one line:")
        terminal.quote(json.dumps(request.requested_schema, indent=2, ensure_ascii=False))

        def parse(line: str) -> Submit:
            try:
                content: JsonValue = json.loads(line)
            except (ValueError, RecursionError):
                content = None
            if not isinstance(content, dict):
                raise InvalidArgumentError("That is no JSON object.")
            return Submit(content)

        return terminal.read_until("> ", parse)


_KINDS: Final[Mapping[str, str]] = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "choice": "one of these",
    "choices": "some of these, with commas between them",
    "json": "JSON",
}

_LABELS: Final[Mapping[type[object], str]] = {
    Accept: "accept",
    AcceptForSession: "accept, and what is like it in this session",
    Decline: "decline",
    Cancel: "decline, and interrupt the turn",
}


def _label(decision: Decision) -> str:
    if not isinstance(decision, AcceptWithAmendment):
        return _LABELS[type(decision)]
    amendment = decision.amendment
    if amendment == "always":
        return "accept, and do not ask again"
    if isinstance(amendment, (tuple, list)):
        words = shlex.join(amendment)
        return f"accept, and from now on all commands that begin with: {words}"
    terms = amendment.to_wire_json().decode()
    return f"accept, with {terms}" + (" in this session" if decision.for_session else "")


def _said(field: FormField, value: JsonValue) -> str:
    """Say a proposed value as it would be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    several = value if isinstance(value, list) else [value]
    titles = {option.value: option.title for option in field.options}
    words = [titles.get(one, one) if isinstance(one, str) else json.dumps(one) for one in several]
    return ", ".join(words)
