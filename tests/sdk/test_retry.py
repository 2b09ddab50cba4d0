"""Doing something again that the runtime was too busy for, in the sync and the async way alike."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import (
    CodexError,
    InternalRpcError,
    InvalidArgumentError,
    InvalidRequestError,
    RequestTimeoutError,
    RetryLimitExceededError,
    ServerBusyError,
    TransportClosedError,
    async_retry_on_overload,
    is_retryable_error,
    retry_on_overload,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Retry = Callable[..., object]

OTHERS = [
    InternalRpcError(-32603, "failed"),
    InvalidRequestError(-32600, "no"),
    TransportClosedError(),
    RequestTimeoutError("turn/start", timeout=1),
    CodexError("something"),
    ValueError("not of this library"),
    KeyboardInterrupt(),
]
"""What trying again does not help against."""


def busy(number: int = 0) -> ServerBusyError:
    return ServerBusyError(-32001, f"busy {number}")


class Operation:
    """Fails as it is told, once for each error; then it succeeds."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = errors
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= len(self.errors):
            raise self.errors[self.calls - 1]
        return f"done in {self.calls}"


def never_idle() -> Operation:
    return Operation(*map(busy, range(5000)))


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps; this is how long they would have."""
    slept: list[float] = []

    async def sleep(delay: float) -> None:
        slept.append(delay)

    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return slept


def in_async(op: Callable[[], object], **numbers: Any) -> object:
    async def async_op() -> object:
        return op()

    return asyncio.run(async_retry_on_overload(async_op, **numbers))


@pytest.fixture(params=[retry_on_overload, in_async], ids=["sync", "async"])
def retry(request: pytest.FixtureRequest, delays: list[float]) -> Retry:
    """Either function, under the same name."""
    function: Retry = request.param
    return function


def test_what_succeeds_at_once_is_done_once(retry: Retry, delays: list[float]) -> None:
    operation = Operation()

    assert retry(operation) == "done in 1"
    assert (operation.calls, delays) == (1, [])


@pytest.mark.parametrize("error", [busy(), RetryLimitExceededError(-32001, "worn out")], ids=type)
def test_what_meets_an_overload_is_done_again(
    retry: Retry, delays: list[float], error: ServerBusyError
) -> None:
    operation = Operation(error, error)

    assert retry(operation) == "done in 3"
    assert len(delays) == 2


@pytest.mark.parametrize("error", OTHERS, ids=type)
def test_everything_else_is_raised_at_once(
    retry: Retry, delays: list[float], error: BaseException
) -> None:
    operation = Operation(error)

    with pytest.raises(type(error)) as caught:
        retry(operation)

    assert caught.value is error
    assert (operation.calls, delays) == (1, [])


def test_another_error_after_an_overload_is_raised_at_once(
    retry: Retry, delays: list[float]
) -> None:
    error = InternalRpcError(-32603, "failed")
    operation = Operation(busy(), error)

    with pytest.raises(InternalRpcError) as caught:
        retry(operation, max_attempts=9)

    assert caught.value is error
    assert (operation.calls, len(delays)) == (2, 1)


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_the_last_overload_is_raised_itself(
    retry: Retry, delays: list[float], attempts: int
) -> None:
    operation = never_idle()

    with pytest.raises(ServerBusyError) as caught:
        retry(operation, max_attempts=attempts)

    assert caught.value is operation.errors[attempts - 1]
    assert (operation.calls, len(delays)) == (attempts, attempts - 1)


def test_without_further_word_there_are_three_attempts(retry: Retry) -> None:
    operation = never_idle()

    with pytest.raises(ServerBusyError, match="busy 2"):
        retry(operation)

    assert operation.calls == 3


def test_delays_double_up_to_a_bound(retry: Retry, delays: list[float]) -> None:
    retry(Operation(*map(busy, range(6))), max_attempts=7, jitter_ratio=0)

    assert delays == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_the_first_delay_and_the_bound_can_be_chosen(retry: Retry, delays: list[float]) -> None:
    retry(
        Operation(*map(busy, range(4))),
        max_attempts=5,
        initial_delay_s=3,
        max_delay_s=10.0,
        jitter_ratio=0,
    )

    assert delays == [3, 6, 10, 10]


def test_delays_are_spread_around_their_length(retry: Retry, delays: list[float]) -> None:
    for _ in range(60):
        retry(Operation(busy()), initial_delay_s=1, max_delay_s=10, jitter_ratio=0.5)

    assert 0.5 <= min(delays) < 0.8
    assert 1.2 < max(delays) <= 1.5


def test_no_delay_is_longer_than_the_bound(retry: Retry, delays: list[float]) -> None:
    retry(Operation(*map(busy, range(99))), max_attempts=100, max_delay_s=1.0, jitter_ratio=0.5)

    assert max(delays) <= 1.0


def test_there_need_be_no_delay(retry: Retry, delays: list[float]) -> None:
    retry(Operation(busy(), busy()), initial_delay_s=0, max_delay_s=0)

    assert delays == [0, 0]


def test_attempts_may_be_many(retry: Retry, delays: list[float]) -> None:
    retry(Operation(*map(busy, range(1100))), max_attempts=2000, jitter_ratio=0)

    assert delays[-1] == 2.0


@pytest.mark.parametrize(
    "numbers",
    [
        {"max_attempts": 0},
        {"max_attempts": -1},
        {"initial_delay_s": -0.1},
        {"max_delay_s": -1},
        {"jitter_ratio": -0.1},
        {"jitter_ratio": 1.1},
        {"jitter_ratio": float("nan")},
        *(
            numbers
            for numbers in (
                {"max_attempts": "3"},
                {"max_attempts": None},
                {"max_attempts": float("nan")},
                {"max_attempts": 2.5},
                {"initial_delay_s": "1"},
                {"initial_delay_s": float("nan")},
                {"max_delay_s": float("nan")},
                {"max_delay_s": None},
                {"jitter_ratio": None},
            )
        ),
    ],
    ids=str,
)
def test_numbers_that_make_no_sense_are_refused_before_anything_is_done(
    retry: Retry, numbers: dict[str, Any]
) -> None:
    operation = Operation()

    with pytest.raises(InvalidArgumentError):
        retry(operation, **numbers)

    assert operation.calls == 0


@pytest.mark.parametrize("retry", [retry_on_overload, async_retry_on_overload])
async def test_what_was_called_already_is_no_operation(retry: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"lambda: thread\.run.*not a dict"):
        await retry({})


async def test_a_plain_function_may_give_what_is_to_be_awaited(delays: list[float]) -> None:
    operation = Operation(busy())

    async def later() -> str:
        return operation()

    assert await async_retry_on_overload(lambda: later()) == "done in 2"
    assert len(delays) == 1


async def test_a_delay_can_be_cancelled() -> None:
    calls = 0
    called = asyncio.Event()

    async def operation() -> None:
        nonlocal calls
        calls += 1
        called.set()
        raise busy()

    waiting = asyncio.create_task(
        async_retry_on_overload(operation, initial_delay_s=60, max_delay_s=60)
    )
    await called.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert calls == 1


@pytest.mark.parametrize("error", [busy(), RetryLimitExceededError(-32603, "x")], ids=type)
def test_an_overload_can_be_tried_again(error: ServerBusyError) -> None:
    assert is_retryable_error(error)


@pytest.mark.parametrize("error", OTHERS, ids=type)
def test_nothing_else_can_be_tried_again(error: BaseException) -> None:
    assert not is_retryable_error(error)


def test_both_functions_take_the_same() -> None:
    both = [
        [(name, parameter.kind, parameter.default) for name, parameter in parameters.items()]
        for parameters in (
            inspect.signature(function).parameters
            for function in (retry_on_overload, async_retry_on_overload)
        )
    ]

    assert both[0] == both[1]
    assert [default for _, _, default in both[0][1:]] == [3, 0.25, 2.0, 0.2]
