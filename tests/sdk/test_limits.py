"""When a turn's time is up, on a clock that the tests set."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from openai_codex import InvalidArgumentError, TurnIdleTimeoutError, TurnResult, TurnTimeoutError
from openai_codex.limits import TurnClock, TurnLimits
from openai_codex.types import TurnStatus

RESULT = TurnResult(
    id="U",
    status=TurnStatus.interrupted,
    error=None,
    started_at=None,
    completed_at=None,
    duration_ms=None,
    final_response=None,
)


@dataclass
class Turn:
    """A turn as its clock sees it, and the time."""

    time: float = 100.0
    active_at: float = 100.0
    waits_for_client: bool = False
    is_over: bool = False

    def now(self) -> float:
        return self.time

    def clock(self, timeout: float | None = None, idle_timeout: float | None = None) -> TurnClock:
        return TurnClock(TurnLimits(timeout, idle_timeout), self.now)


def test_without_limits_there_is_no_end_to_patience() -> None:
    turn = Turn()
    clock = turn.clock()
    turn.time += 1e9
    assert not clock.is_running
    assert clock.patience(turn) is None
    assert clock.overtime(turn) is None
    assert clock.idle(turn) is None


def test_a_turn_is_overtime_once_its_timeout_has_passed_and_not_before() -> None:
    turn = Turn()
    clock = turn.clock(timeout=5)
    turn.time += 4.5
    assert clock.overtime(turn) is None
    assert clock.patience(turn) == 0.5
    turn.time += 0.5
    assert clock.overtime(turn) is TurnTimeoutError
    assert clock.patience(turn) == 0


def test_progress_does_not_stop_the_wall_clock() -> None:
    turn = Turn()
    clock = turn.clock(timeout=5)
    turn.time = turn.active_at = 106.0
    assert clock.overtime(turn) is TurnTimeoutError


def test_a_turn_is_idle_once_nothing_has_happened_for_its_idle_timeout() -> None:
    turn = Turn()
    clock = turn.clock(idle_timeout=2)
    turn.time = turn.active_at = 150.0
    turn.time += 1.5
    assert clock.idle(turn) is None
    assert clock.patience(turn) == 0.5
    turn.time += 0.5
    assert clock.idle(turn) is TurnIdleTimeoutError


def test_what_the_runtime_waits_for_stops_the_idle_clock_but_not_the_wall_clock() -> None:
    turn = Turn(waits_for_client=True)
    clock = turn.clock(timeout=60, idle_timeout=2)
    turn.time += 50
    assert clock.idle(turn) is None
    assert clock.patience(turn) == 2
    turn.time += 10
    assert clock.overtime(turn) is TurnTimeoutError


def test_the_idle_clock_starts_anew_when_the_answer_was_given() -> None:
    turn = Turn(waits_for_client=True)
    clock = turn.clock(idle_timeout=2)
    turn.time += 50
    turn.active_at, turn.waits_for_client = turn.time, False
    assert clock.idle(turn) is None
    assert clock.patience(turn) == 2


def test_a_turn_that_is_over_is_never_late() -> None:
    turn = Turn(is_over=True)
    clock = turn.clock(timeout=1, idle_timeout=1)
    turn.time += 10
    assert clock.overtime(turn) is None
    assert clock.idle(turn) is None


def test_patience_ends_with_whichever_clock_runs_out_first() -> None:
    turn = Turn()
    assert turn.clock(timeout=5, idle_timeout=2).patience(turn) == 2
    assert turn.clock(timeout=2, idle_timeout=5).patience(turn) == 2


@pytest.mark.parametrize(
    ("kind", "waited", "words"),
    [
        (TurnTimeoutError, 7.0, "turn U was not over within 7 s"),
        (TurnIdleTimeoutError, 3.0, "nothing happened in turn U for 3 s"),
    ],
)
def test_the_error_says_what_was_waited_for_and_how_long(
    kind: type[TurnTimeoutError], waited: float, words: str
) -> None:
    error = Turn().clock(timeout=7, idle_timeout=3).error(kind, RESULT)
    assert type(error) is kind
    assert isinstance(error, TimeoutError)
    assert error.timeout == waited
    assert str(error) == words
    assert error.result == replace(RESULT)


@pytest.mark.parametrize("value", [0, -1, float("nan"), "5", True])
@pytest.mark.parametrize("name", ["timeout", "idle_timeout"])
def test_what_is_no_time_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InvalidArgumentError, match=f"^{name} is a number of seconds"):
        TurnLimits(**{name: value})  # type: ignore[arg-type]  # that is the point


def test_an_unknown_way_to_cancel_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="'interrupt' or 'detach', not 'ignore'"):
        TurnLimits(on_cancel="ignore")  # type: ignore[arg-type]  # that is the point
