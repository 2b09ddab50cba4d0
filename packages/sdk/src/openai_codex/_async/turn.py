"""A turn that runs: follow it, collect it, stop it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Generic, cast

from codex_app_server_types import UNSET, Unset

from openai_codex.errors import (
    CodexTimeoutError,
    InvalidRequestError,
    SlowConsumerError,
    TransportClosedError,
    TurnFailedError,
    UsageError,
)
from openai_codex.inputs import wire_input
from openai_codex.keywords import keywords_checked
from openai_codex.limits import TurnClock, TurnLimits
from openai_codex.refusals import explained
from openai_codex.results import COLLECTED, OutputT_co, TurnCollector, get_ready
from openai_codex.text import AnswerText

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from codex_app_server_rpc import AsyncClient, AsyncTurnStream, Notification
    from codex_app_server_types import TurnSteerResponse
    from typing_extensions import Self

    from openai_codex.errors import TurnTimeoutError
    from openai_codex.inputs import Input
    from openai_codex.output import OutputFormat
    from openai_codex.requests.kinds import RuntimeRequest
    from openai_codex.requests.responder import Responder
    from openai_codex.results import TurnResult
    from openai_codex.tracing.turns import TurnSpan
    from openai_codex.usage import UsageLedger

__all__ = ["AsyncTurnEvents", "AsyncTurnHandle", "AsyncTurnText"]

__tracebackhide__ = True  # pytest shows the frames of users


class AsyncTurnHandle(Generic[OutputT_co]):
    """A turn that was started. Made by `AsyncThread.turn`.

    As a context manager it stops the turn, if it still runs, when the context is left.

    Attributes:
        id: The turn's id.
        thread_id: The id of its thread.
    """

    def __init__(
        self,
        client: AsyncClient,
        stream: AsyncTurnStream,
        limits: TurnLimits,
        clock: TurnClock,
        usage: UsageLedger,
        responder: Responder,
        form: OutputFormat[OutputT_co] | None = None,
        span: TurnSpan | None = None,
    ) -> None:
        """Bind a turn to its events; use `AsyncThread.turn`."""
        assert stream.turn_id is not None  # `AsyncClient.start_turn` has bound it
        if span is not None:
            span.name(stream.turn_id)
        self._client = client
        self._stream = stream
        self._limits = limits
        self._clock = clock
        self._collector = TurnCollector(
            stream.thread_id, stream.turn_id, usage.before(stream.thread_id, stream.turn_id)
        )
        self._answer = AnswerText()
        self._responder = responder
        self._form = form
        self._span = span
        self.thread_id: str = stream.thread_id
        self.id: str = stream.turn_id

    @property
    def pending_requests(self) -> list[RuntimeRequest]:
        """The runtime's requests in this turn that wait for an answer, the oldest first.

        Answer them by `AsyncCodex.respond`.
        """
        return self._responder.pending(self._client.server_requests(), self.thread_id, self.id)

    def stream(self) -> AsyncTurnEvents:
        """Follow the turn's notifications up to its ``turn/completed``.

        Each notification is delivered once, to one consumer. After the stream, `run` gives the
        result at once. Whoever leaves the iteration early stops the turn, unless the turn was
        started with ``on_cancel="detach"``.

        Returns:
            An iterator over notifications of this turn only; look at ``method``, or match
            ``payload``.
        """
        self._answer.miss()  # what is read there passes by `text_stream`
        return self._events()

    def text_stream(self) -> AsyncTurnText:
        """Follow the text of the turn's final answer as it grows.

        Commentary is left out. A model that does not say which of its messages is the answer has
        all of them given; and what the model breaks off, because it is steered or loses its
        connection, stays given though the answer is another one. After the text, `run` gives the
        result at once. Whoever leaves the iteration early stops the turn, as with `stream`; of a
        turn that runs on then, another text stream gives the rest.

        Returns:
            An iterator over pieces of text, which together are the answer.
        """
        return AsyncTurnText(self._events(), self._collector, self._answer)

    @keywords_checked
    async def run(self, *, check: bool = True) -> TurnResult[OutputT_co]:
        """Wait for the turn's end and put its result together.

        What `stream` has delivered before counts too.

        Args:
            check: Whether to raise an error if the turn fails.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            TurnFailedError: The turn failed, and ``check`` is true.
            OutputValidationError: The answer is not of the ``output_type``.
            TurnTimeoutError: The turn took longer than it may; it is interrupted.
            IncompleteTurnError: Events that the result needs never came, or were dropped because
                nobody waited for the turn for too long.
            UsageError: The stream was closed before the turn was over.
            TransportClosedError: The runtime is gone.
        """
        get_ready()
        self._answer.miss()
        events = self._events()
        while await _passes(events):
            pass
        if not self._stream.is_over:
            raise UsageError("the turn's stream was closed before its end: there is no result")
        result = self._collector.result()
        if check and result.status == "failed":
            raise TurnFailedError(result)
        if self._form is None:
            return cast("TurnResult[OutputT_co]", result)
        return self._form.typed(result)

    @keywords_checked
    async def steer(
        self, input: str | Input, *, timeout: float | None | Unset = UNSET
    ) -> TurnSteerResponse:
        """Say more to the running turn (``turn/steer``).

        Args:
            input: What to say: text, an input, or a list of these.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted.
            InvalidArgumentError: The input is empty.
            UsageError: The turn is over.
            InvalidRequestError: The turn is of a kind that takes no more input.
            RequestTimeoutError: The runtime did not answer in time.
        """
        said = wire_input(input)
        if self._stream.is_over:
            raise self._over()
        try:
            with explained():
                return await self._client.turn_steer(
                    thread_id=self.thread_id, expected_turn_id=self.id, input=said, timeout=timeout
                )
        except InvalidRequestError as error:
            if "no active turn" in error.message:  # it has ended meanwhile
                raise self._over() from error
            raise

    @keywords_checked
    async def interrupt(self, *, timeout: float | None | Unset = UNSET) -> None:
        """Stop the turn (``turn/interrupt``); nothing happens to one that is over.

        The turn is over when its ``turn/completed`` comes, with status ``interrupted``.

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Raises:
            RequestTimeoutError: The runtime did not answer in time.
        """
        # The runtime may leave an interrupt of a finished turn unanswered until the next one.
        if not self._stream.is_over:
            with explained():
                await self._stream.interrupt(timeout=timeout)

    async def close(self) -> None:
        """Let go of the turn: stop it, if it still runs, and stop listening; idempotent.

        It takes some seconds at most. A turn that was started with ``on_cancel="detach"`` runs on.
        """
        try:
            if self._limits.on_cancel == "interrupt":
                await self._stream.stop()
            else:
                await self._stream.close()
        finally:
            if self._span is not None:
                stopped = self._limits.on_cancel == "interrupt"
                self._span.leave("interrupted" if stopped else "inProgress")

    async def __aenter__(self) -> Self:
        """Return the handle itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the turn."""
        await self.close()

    def __repr__(self) -> str:
        """Name the turn and its thread."""
        return f"{type(self).__name__}(id={self.id!r}, thread_id={self.thread_id!r})"

    def _over(self) -> UsageError:
        return UsageError(f"turn {self.id} is over: what is to be said needs a turn of its own")

    def _events(self) -> AsyncTurnEvents:
        return AsyncTurnEvents(self._stream, self._collector, self._limits, self._clock, self._span)


class AsyncTurnEvents:
    """An iterator over the notifications of one turn. Made by `AsyncTurnHandle.stream`.

    Leaving it before the turn's end stops the turn: at once at the end of its context, and else
    when the iterator is let go of, which in ``for event in handle.stream(): break`` is right after
    the loop.
    """

    _begun = False

    def __init__(
        self,
        stream: AsyncTurnStream,
        collector: TurnCollector,
        limits: TurnLimits,
        clock: TurnClock,
        span: TurnSpan | None = None,
    ) -> None:
        """Follow a stream, and let the collector see what it delivers."""
        self._stream = stream
        self._collector = collector
        self._limits = limits
        self._clock = clock if clock.is_running else None
        self._span = span

    def __aiter__(self) -> AsyncIterator[Notification]:
        """Iterate over the turn's notifications."""
        return self

    async def __anext__(self) -> Notification:
        """Wait for the next notification.

        Raises:
            TurnTimeoutError: The turn took longer than it may; it is interrupted.
            SlowConsumerError: Events were dropped here, because they were not read in time.
            TransportClosedError: The runtime is gone.
        """
        begun, self._begun = self._begun, True
        clock = self._clock
        try:
            notification = await (self._next(clock) if clock else self._stream.next())
        except SlowConsumerError as error:
            self._collector.miss(error)
            self._begun = False  # whoever is left because of that can be followed again
            raise
        except UsageError:
            self._begun = begun  # as it was before somebody tried that had no business here
            raise
        except Exception as error:
            if self._span is not None:
                self._span.fail(error)
            raise
        except BaseException as error:  # cancelled, or interrupted by Ctrl-C
            if self._limits.on_cancel == "interrupt":
                await self._stream.stop()
            if self._span is not None:
                self._span.fail(error)
            raise
        if notification is None:
            raise StopAsyncIteration
        if notification.method in COLLECTED:
            self._collector.add(notification)
        if self._span is not None:
            self._span.note(notification, self._collector)
        return notification

    async def close(self) -> None:
        """Leave the stream: stop the turn, if it still runs; idempotent.

        It takes some seconds at most. A turn that was started with ``on_cancel="detach"`` runs on,
        and can be followed again.
        """
        if self._limits.on_cancel == "interrupt":
            await self._stream.stop()

    async def __aenter__(self) -> Self:
        """Return the iterator itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the stream."""
        await self.close()

    def __del__(self) -> None:
        """Stop the turn of an iteration that was left early."""
        if self._begun and self._limits.on_cancel == "interrupt" and not self._stream.is_closed:
            self._stream.stop_later()

    async def _next(self, clock: TurnClock) -> Notification | None:
        # Before each event, since a flood of them must not outrun the clock.
        kind = clock.overtime(self._stream)
        while kind is None:
            try:
                return await self._stream.next(clock.patience(self._stream))
            except CodexTimeoutError:
                kind = clock.overtime(self._stream) or clock.idle(self._stream)
        raise await self._timed_out(clock, kind)

    async def _timed_out(self, clock: TurnClock, kind: type[TurnTimeoutError]) -> TurnTimeoutError:
        """Stop the turn, and make the error with what came of it."""
        if self._span is not None:
            self._span.overtime(kind)
        await self._stream.stop()
        self._clock = None  # from here on nothing has to be waited for
        with contextlib.suppress(TransportClosedError):
            while await _passes(self):
                pass
        return clock.error(kind, self._collector.so_far())


class AsyncTurnText:
    """An iterator over the text of a turn's answer. Made by `AsyncTurnHandle.text_stream`.

    Leaving it before the turn's end stops the turn, as with `AsyncTurnEvents`.
    """

    def __init__(
        self, events: AsyncTurnEvents, collector: TurnCollector, answer: AnswerText
    ) -> None:
        """Follow the events of a turn, of whose answer something may have been given already."""
        self._events = events
        self._collector = collector
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[str]:
        """Iterate over the text."""
        return self

    async def __anext__(self) -> str:
        """Wait for the next piece.

        Raises:
            TurnFailedError: The turn failed, after the text so far.
            TurnTimeoutError: The turn took longer than it may; it is interrupted.
            SlowConsumerError: Events were dropped here, because they were not read in time; what
                is missing of a message comes with its completion.
            TransportClosedError: The runtime is gone.
        """
        while True:
            try:
                event = await self._events.__anext__()
            except SlowConsumerError:
                self._answer.miss()
                raise
            except StopAsyncIteration:
                self._check()
                raise
            text = self._answer.added_by(event)
            if text:
                return text

    async def close(self) -> None:
        """Leave the text: stop the turn, if it still runs; idempotent."""
        await self._events.close()

    async def __aenter__(self) -> Self:
        """Return the iterator itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the text."""
        await self.close()

    def _check(self) -> None:
        result = self._collector.so_far()
        if result.status == "failed":
            raise TurnFailedError(result)


async def _passes(events: AsyncTurnEvents) -> bool:
    """Let the next event pass to the collector; tell whether there was one."""
    try:
        await events.__anext__()
    except StopAsyncIteration:
        return False
    except SlowConsumerError:
        pass  # the collector knows what is missing
    return True
