"""Who answers the runtime's requests: what the thread was given, or else the client."""

from __future__ import annotations

import contextlib
import inspect
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import logger

from openai_codex.arguments import check
from openai_codex.errors import ProtocolError, RequestResolvedError
from openai_codex.requests.changes import FileChanges
from openai_codex.requests.children import children_in
from openai_codex.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable
    from typing import TypeAlias

    from codex_app_server_rpc import Later, Notification, ServerRequest, ServerRequestHandlers
    from codex_app_server_types import JsonValue, WireModel

    from openai_codex.requests.elicitations import ElicitationHandler
    from openai_codex.requests.kinds import RuntimeRequest
    from openai_codex.requests.pending import PendingRequest
    from openai_codex.requests.policies import ApprovalPolicy
    from openai_codex.requests.questions import QuestionHandler
    from openai_codex.tracing.tracer import Tracer

    Outcome: TypeAlias = WireModel | Later | None
    """What the raw client takes from a handler; ``None`` for the safe answer."""

__all__ = ["Answerers", "Responder"]

ASKED: Final = frozenset(
    {
        "item/commandExecution/requestApproval",
        "item/fileChange/requestApproval",
        "item/permissions/requestApproval",
        "item/tool/requestUserInput",
        "mcpServer/elicitation/request",
    }
)
"""The kinds of requests that people are asked."""

_logger = logger("requests")


@dataclass(frozen=True)
class Answerers:
    """Who answers what; ``None`` for nobody.

    Attributes:
        approvals: Decides what the agent may do.
        questions: Answers the agent's questions.
        elicitations: Answers what MCP servers ask.
    """

    approvals: ApprovalPolicy | None = None
    questions: QuestionHandler | None = None
    elicitations: ElicitationHandler | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be called."""
        for name, value in vars(self).items():
            if value is not None:
                from openai_codex.requests.asking import check_callable

                check_callable(name, value)

    def or_else(self, others: Answerers) -> Answerers:
        """Put others in where there is nobody."""
        missing = {name: vars(others)[name] for name, value in vars(self).items() if value is None}
        return replace(self, **missing)


class Responder:
    """Answers the requests of one client's runtime.

    It does not know the client, so that one that is forgotten goes at once.

    Attributes:
        toolbox: Answers those that call a tool.
        tracer: Makes spans of what is asked; ``None`` for a client that is not traced.
    """

    def __init__(
        self,
        answerers: Answerers,
        handlers: ServerRequestHandlers | None,
        tracer: Tracer | None = None,
    ) -> None:
        """Answer by those of the client.

        Args:
            answerers: Who answers on threads that have nobody of their own.
            handlers: Functions in the protocol's words, which come first for their kinds;
                ``otherwise`` comes last.
            tracer: Makes spans of what is asked.

        Raises:
            InvalidArgumentError: The handlers are something else.
        """
        if handlers is not None:
            from codex_app_server_rpc import ServerRequestHandlers

            check("handlers", handlers, "ServerRequestHandlers(...)", ServerRequestHandlers)
        self.tracer: Tracer | None = tracer
        self.toolbox: Toolbox = Toolbox(tracer)
        self._changes = FileChanges()
        self._handlers = handlers
        self._answerers = answerers
        self._of_threads: dict[str, Answerers] = {}
        self._said: set[str] = set()

    def bind(self, thread_id: str, answerers: Answerers) -> None:
        """Give a thread its own; what is not given stays as it was."""
        bound = answerers.or_else(self._of_threads.get(thread_id, Answerers()))
        if bound != Answerers():
            self._of_threads[thread_id] = bound

    def inherit(self, thread_id: str, original_id: str) -> None:
        """Give a thread what another one has."""
        self.bind(thread_id, self._of_threads.get(original_id, Answerers()))

    def note_started(self, notification: Notification) -> None:
        """Take notice of an ``item/started``. Called by the reader: in no time."""
        self._changes.begin(notification)

    def note_completed(self, notification: Notification) -> None:
        """Take notice of an ``item/completed``. Called by the reader: in no time."""
        self._changes.end(notification)
        if notification.thread_id is not None:
            for child in children_in(notification):
                self.inherit(child, notification.thread_id)

    @property
    def extensions(self) -> dict[str, JsonValue] | None:
        """The extensions of MCP that the client knows: forms of any schema, if it answers some."""
        if self._answerers.elicitations is None:
            return None
        return {"openai/form": {}, "openai/elicitation": {"form": {}}}

    def handlers(self) -> ServerRequestHandlers:
        """Make the raw client's handlers."""
        from codex_app_server_rpc import ServerRequestHandlers

        own = self._handlers or ServerRequestHandlers()
        if own.item_tool_call is None:
            own = replace(own, item_tool_call=self.toolbox.answer)
        methods: Collection[str] | None = () if own.otherwise is None else own.otherwise_for
        return replace(
            own,
            otherwise=self.answer,
            otherwise_for=None if methods is None else ASKED.union(methods),
        )

    def answer(self, request: ServerRequest) -> Outcome | Awaitable[Outcome]:
        """Answer a request that has no function of its own.

        It calls a plain function right here, as in a thread of its own.

        Returns:
            The answer; `LATER` if it was parked; ``None`` for the safe answer.
        """
        if self.tracer is not None and request.method in ASKED:
            return self.tracer.asked(request, self._answer)
        return self._answer(request)

    def _answer(self, request: ServerRequest) -> Outcome | Awaitable[Outcome]:
        from openai_codex.requests.asking import After
        from openai_codex.requests.kinds import request_of

        typed = request_of(request, self._changes)
        otherwise = self._last_resort(request.method)
        if typed is not None:
            answerers = self._of_threads.get(typed.thread_id, Answerers()).or_else(self._answerers)
            function = getattr(answerers, typed.answerer)
            if function is not None:
                answer = function(typed)
                if inspect.isawaitable(answer):
                    return After(answer, partial(self._later_outcome, typed))
                return self._outcome(typed, answer)
            if otherwise is None:
                self._say_unanswered(typed, f"there is no {typed.answerer}= to answer it")
        return None if otherwise is None else otherwise(request)

    def _last_resort(
        self, method: str
    ) -> Callable[[ServerRequest], Outcome | Awaitable[Outcome]] | None:
        """Find the user's own function for what nobody else answers, if it is for this method."""
        own = self._handlers
        if own is None or (own.otherwise_for is not None and method not in own.otherwise_for):
            return None
        return own.otherwise

    def pending(
        self,
        requests: Iterable[ServerRequest],
        thread_id: str | None = None,
        turn_id: str | None = None,
    ) -> list[RuntimeRequest]:
        """Make the typed requests of those that are open, of a thread or turn if one is named."""
        from openai_codex.requests.kinds import request_of

        wanted = [
            request
            for request in requests
            if thread_id in (None, request.address[0]) and turn_id in (None, request.address[1])
        ]
        typed: list[RuntimeRequest] = []
        for request in wanted:
            with contextlib.suppress(ProtocolError):  # its own handler has met, or will meet that
                made = request_of(request, self._changes)
                if made is not None:
                    typed.append(made)
        return typed

    def response(
        self, requests: Iterable[ServerRequest], wanted: PendingRequest, answer: object
    ) -> tuple[ServerRequest, WireModel]:
        """Find the open request that a typed one means, and the response to it.

        What is available is looked up in the open one: the other may have been written down once,
        and is not trusted.

        Raises:
            RequestResolvedError: It is not open.
            InvalidArgumentError: That is no answer to it.
        """
        request, typed = self._find(requests, wanted)
        return request, _response(typed, answer)

    def _find(
        self, requests: Iterable[ServerRequest], wanted: PendingRequest
    ) -> tuple[ServerRequest, PendingRequest]:
        """Find the open request that a typed one means, word for word."""
        from openai_codex.requests.kinds import request_of
        from openai_codex.requests.pending import PendingRequest

        check("request", wanted, "a request, as request_from_json gives it", PendingRequest)
        for request in requests:
            if (request.method, request.id) == (wanted.method, wanted.request_id):
                typed = request_of(request, self._changes)
                if typed is not None and typed.key == wanted.key:
                    return request, typed
        raise RequestResolvedError(wanted.method, wanted.request_id)

    async def _later_outcome(self, request: RuntimeRequest, answer: object) -> Outcome:
        from openai_codex.requests.asking import ask

        # Not on the event loop: the schema of a form may keep the check of an answer busy.
        return await ask(partial(self._outcome, request), answer)

    def _outcome(self, request: RuntimeRequest, answer: object) -> Outcome:
        """Say what somebody has answered in the words of the raw client."""
        from codex_app_server_rpc import LATER

        from openai_codex.requests.decisions import Park

        if isinstance(answer, Park):
            return LATER
        if answer is None:
            self._say_unanswered(request, f"{request.answerer}= gives no answer to it")
            return None
        return _response(request, answer)

    def _say_unanswered(self, request: RuntimeRequest, why: str) -> None:
        """Say what was declined for want of an answer, loudly once and then softly."""
        is_new = request.answerer not in self._said
        self._said.add(request.answerer)
        _logger.log(
            logging.WARNING if is_new else logging.INFO,
            "declined %s, in turn %s of thread %s: %s",
            request.describe(),
            request.turn_id,
            request.thread_id,
            why,
        )


def _response(request: PendingRequest, answer: object) -> WireModel:
    """Say an answer in the protocol's words: what is none for this request is refused there."""
    return request.response(answer)
