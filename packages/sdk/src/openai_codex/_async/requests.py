"""What the runtime asks and waits for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, overload

from codex_app_server_types import UNSET, Unset

from openai_codex._primitives import async_aside
from openai_codex.keywords import keywords_checked

if TYPE_CHECKING:
    from codex_app_server_rpc import AsyncClient

    from openai_codex._primitives import AsyncStarted
    from openai_codex.requests.approvals import ApprovalRequest
    from openai_codex.requests.decisions import Decision
    from openai_codex.requests.elicitations import Elicitation, ElicitationAnswer
    from openai_codex.requests.kinds import RuntimeRequest
    from openai_codex.requests.questions import Answers, QuestionRequest
    from openai_codex.requests.responder import Responder

__all__ = ["AsyncRequestCalls"]


class AsyncRequestCalls:
    """The part of `AsyncCodex` that is about requests of the runtime."""

    _started: AsyncStarted[AsyncClient]
    _responder: Responder

    @property
    def pending_requests(self) -> list[RuntimeRequest]:
        """The runtime's requests that wait for an answer, on any thread, the oldest first.

        Those too at which a function is at work.
        """
        client = self._started.value
        return [] if client is None else self._responder.pending(client.server_requests())

    @overload
    async def respond(
        self,
        request: ApprovalRequest,
        answer: Decision,
        *,
        timeout: float | None | Unset = ...,
    ) -> None: ...
    @overload
    async def respond(
        self,
        request: QuestionRequest,
        answer: Answers | None,
        *,
        timeout: float | None | Unset = ...,
    ) -> None: ...
    @overload
    async def respond(
        self,
        request: Elicitation,
        answer: ElicitationAnswer,
        *,
        timeout: float | None | Unset = ...,
    ) -> None: ...
    @keywords_checked
    async def respond(
        self,
        request: RuntimeRequest,
        answer: Decision | Answers | ElicitationAnswer | None,
        *,
        timeout: float | None | Unset = UNSET,
    ) -> None:
        """Answer a request that was parked, or at which a function is still at work.

        Args:
            request: The request, as somebody got it, or as it was written down
                (`request_from_json`).
            answer: The answer: a decision, if it is a request for approval; the answers to
                questions; what an elicitation is answered by.
            timeout: How long sending it may take, in seconds; ``None`` for no limit.

        Raises:
            RequestResolvedError: The runtime waits for no answer to this: it has one, or has given
                the request up, as when its turn was interrupted; or the request that waits is
                another one, word for word.
            InvalidArgumentError: It is no request, or does not offer this answer: it goes on to
                wait.
            TransportClosedError: The client is closed, or the runtime is gone.
            RequestTimeoutError: The runtime did not read the answer in time; it has it once it
                reads.
        """
        client = await self._started.get()
        # The schema of a form may keep the check of an answer busy.
        check = partial(self._responder.response, client.server_requests(), request, answer)
        found, response = await async_aside(check)
        await client.respond(found, response, timeout=timeout)
