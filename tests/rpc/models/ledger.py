"""What ought to come of the calls that are made: a naive account of them.

Each `Entry` stands for one call. Events move it, by simple rules: what the server answers, what
time it is, who is interrupted. From that follows how the call *must* have ended by now, how it
*may* have ended, and until when it may go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codex_app_server_rpc import (
    JsonRpcError,
    RequestTimeoutError,
    ServerBusyError,
    TransportClosedError,
)
from codex_app_server_rpc.defaults import STOP_GRACE

from tests.rpc.models.far_end import Asked
from tests.rpc.models.worlds import Call

__all__ = ["Entry", "Event", "Reading", "Starting", "Turn", "outcome"]

BUSY, INTERRUPTED, LATE, LOST, REFUSED = "busy", "interrupted", "late", "lost", "refused"


def outcome(call: Call, interruption: type[BaseException]) -> str:
    """Say in a word how a call has ended."""
    error = call.error
    if error is None:
        return str(call.value)
    names: list[tuple[type[BaseException], str]] = [
        (interruption, INTERRUPTED),
        (RequestTimeoutError, LATE),
        (TransportClosedError, LOST),
        (ServerBusyError, BUSY),
        (JsonRpcError, REFUSED),
    ]
    return next((name for kind, name in names if isinstance(error, kind)), repr(error))


@dataclass(eq=False)
class Turn:
    """A turn of the server.

    Attributes:
        is_over: Whether it has ended, or its thread was closed.
        is_closed: Whether its thread was closed: nothing more will come of it.
    """

    thread: str
    id: str
    is_over: bool = False
    is_closed: bool = False


@dataclass(eq=False)
class Event:
    """A notification that was delivered."""

    number: int
    method: str
    thread: str
    turn: str


class Entry:
    """One call.

    Attributes:
        must: How it must have ended by now; ``None`` if it need not have ended.
        may: How it may have ended.
        until: When it must have ended, in one of these ways.
    """

    def __init__(self, name: str, call: Call, now: float = 0, grace: float | None = None) -> None:
        self.name = name
        self.call = call
        self.must: str | None = None
        self.may: set[str] = set()
        self.until = None if grace is None else now + grace

    @property
    def goes_on(self) -> bool:
        return not self.call.done

    def check(self, now: float, interruption: type[BaseException]) -> None:
        """Compare with what has come of the call."""
        if self.call.done:
            come = outcome(self.call, interruption)
            assert come in self.may | {self.must}, (self.name, come, self.must, self.may)
        else:
            assert self.must is None
            assert self.until is None or now < self.until

    def interrupt(self, now: float) -> None:
        self.must = INTERRUPTED

    def lose(self, now: float) -> None:
        self.must = LOST


class Reading(Entry):
    """A request that waits for its answer, and may be sent again.

    Attributes:
        asked: The requests that the server got for it, in order.
        sleeps: Whether it waits to be sent again.
        may_be_blocked: Whether it may be on its way, with the server not reading.
        late_at: When its time was up.
    """

    def __init__(self, name: str, call: Call, deadline: float | None, attempts: int) -> None:
        super().__init__(name, call)
        self.deadline = deadline
        self.attempts = attempts
        self.asked: list[Asked] = []
        self.sleeps = False
        self.may_be_blocked = False
        self.late_at: float | None = None

    @property
    def waits_for_answer(self) -> bool:
        """Whether the server owes it an answer."""
        return self.goes_on and bool(self.asked) and not self.asked[-1].answered

    def ask(self, asked: Asked) -> None:
        assert not self.asked or self.sleeps
        assert len(self.asked) < self.attempts
        self.asked.append(asked)
        self.sleeps = False
        self.may = set()

    def answer(self, kind: str, now: float, value: str = "") -> None:
        if kind == "good":
            self.succeed(value, now)
        elif kind == "bad":
            self.must = REFUSED
        elif len(self.asked) >= self.attempts:
            self.must = BUSY
        else:
            self.sleeps = True
            self.may = {BUSY}  # if the delay would go beyond the deadline

    def succeed(self, value: str, now: float) -> None:
        self.must = value

    def pass_time(self, now: float) -> None:
        is_late = self.deadline is not None and now >= self.deadline
        if is_late and self.must is None and LOST not in self.may:
            self.late_at = now
            self.expire(self.deadline or now)

    def expire(self, deadline: float) -> None:
        self.must = LATE

    def check(self, now: float, interruption: type[BaseException]) -> None:
        super().check(now, interruption)
        if self.goes_on and self.may == {BUSY}:
            self.may = set()

    def lose(self, now: float) -> None:
        if self.sleeps:  # it will find out when it wakes up
            self.may, self.until = {LOST}, now + 3
        else:
            self.must = LOST


class Starting(Reading):
    """The start of a turn, and then the reading of its events.

    Attributes:
        turn: The turn, once the server has named it.
        phase: ``starting``, ``following``, ``undoing`` or ``leaving``.
        given: The numbers of the events that it is to get.
        got: The numbers of the events that it got.
        closed: Whether its thread was closed, and nothing came of a turn there since.
        stream: The client's stream.
        stopper: Somebody else who stops the turn.
        owes_interrupt: Whether the server must now be asked to interrupt the turn.
        was_refused: Whether that was refused because the turn had not started yet.
    """

    def __init__(
        self, name: str, call: Call, deadline: float | None, attempts: int, **how: Any
    ) -> None:
        super().__init__(name, call, deadline, attempts)
        self.thread: str = how["thread"]
        self.interrupts: bool = how["interrupts"]
        self.stops: bool = how["stops"]
        self.turn: Turn | None = None
        self.phase = "starting"
        self.given: list[int] = []
        self.got: list[int] = []
        self.closed = False
        self.stream: Any = None
        self.stopper: Entry | None = None
        self.owes_interrupt = False
        self.was_refused = False

    @property
    def is_reserved(self) -> bool:
        """Whether it waits for the name of its turn."""
        return self.goes_on and self.turn is None

    @property
    def gives_up(self) -> bool:
        """Whether it is about to end the turn, and then to end itself."""
        return self.goes_on and self.phase in {"undoing", "leaving"}

    def bind(self, turn: Turn, held: list[Event]) -> None:
        """Learn which turn it is; what was held of it comes first."""
        self.turn = turn
        over = False
        for event in held:
            if event.turn == turn.id and not over:
                self.given.append(event.number)
                over = event.method == "turn/completed"
        if self.phase == "starting":
            self.phase = "following"
        else:
            self.owes_interrupt = not self.may_be_blocked
        if over or self.closed:
            self.end()

    def end(self) -> None:
        """The turn is over."""
        self.owes_interrupt = False
        if self.must is None:
            self.must = "True" if self.phase == "following" else next(iter(self.may))

    def answer(self, kind: str, now: float, value: str = "") -> None:
        if self.phase == "undoing":  # there is no turn to be ended
            self.must = next(iter(self.may))
        else:
            super().answer(kind, now, value)

    def expire(self, deadline: float) -> None:
        if self.phase == "starting":
            self._give_up(LATE, deadline)

    def interrupt(self, now: float) -> None:
        if self.phase == "starting":
            self._give_up(INTERRUPTED, now)
        elif self.phase == "following" and self.stops and self.must is None:
            self.phase, self.may, self.until = "leaving", {INTERRUPTED}, now + STOP_GRACE
            self.owes_interrupt = not self.may_be_blocked
        else:
            self.must = INTERRUPTED

    def lose(self, now: float) -> None:
        if self.phase in {"undoing", "leaving"}:
            self.must = next(iter(self.may))
        else:
            super().lose(now)

    def _give_up(self, reason: str, now: float) -> None:
        """Wait for the name of the turn, if there may be one."""
        self.phase, self.may, self.until = "undoing", {reason}, now + STOP_GRACE
        was_sent = self.waits_for_answer or self.may_be_blocked
        if not was_sent or not (self.interrupts or reason == LATE):
            self.must = reason
