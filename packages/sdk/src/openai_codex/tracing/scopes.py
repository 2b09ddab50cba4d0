"""Where spans begin and end in the calls of the facade; nothing for a client without them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from openai_codex.errors import ThreadBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeAlias

    from codex_app_server_rpc.starting import TurnParams
    from codex_app_server_types import (
        ThreadForkResponse,
        ThreadResumeResponse,
        ThreadStartResponse,
    )

    from openai_codex.tracing.tracer import Tracer
    from openai_codex.tracing.turns import TurnSpan

    ThreadResponse: TypeAlias = ThreadStartResponse | ThreadResumeResponse | ThreadForkResponse

__all__ = ["FOLLOWED", "ThreadResponse", "join_traced", "thread_traced", "turn_traced"]

FOLLOWED: Final = ("item/started",)
"""What a span is made of beside what a result is made of."""


def _nothing(response: ThreadResponse) -> None:
    """Take no notice."""


@contextmanager
def thread_traced(
    tracer: Tracer | None, method: str
) -> Generator[Callable[[ThreadResponse], None]]:
    """Have a span around a request that gives a thread.

    Args:
        tracer: Makes it; ``None`` for no span.
        method: The protocol method, which is the span's name.

    Yields:
        What is to be called with the response.
    """
    if tracer is None:
        yield _nothing
        return
    with tracer.thread_call(method) as note:
        yield note


@contextmanager
def turn_traced(
    tracer: Tracer | None, params: TurnParams, *, waits: bool
) -> Generator[TurnSpan | None]:
    """Have the span of a turn around the request that starts it; it lives on after that.

    There is none of a turn that does not start because its thread is busy.

    Args:
        tracer: Makes it; ``None`` for no span.
        params: What starts the turn.
        waits: Whether it waits for its thread.

    Yields:
        The turn's span; ``None`` if there is none.
    """
    if tracer is None:
        yield None
        return
    span = tracer.turn(params, waits=waits)
    try:
        with span.current():
            yield span
    except ThreadBusyError:
        span.drop()
        raise
    except BaseException as error:
        span.fail(error)
        raise


def join_traced(tracer: Tracer | None, params: TurnParams, turn_id: str | None) -> TurnSpan | None:
    """Have the span of a turn that has taken what would have started another one.

    Args:
        tracer: Makes it; ``None`` for no span.
        params: What would have started a turn.
        turn_id: The turn that runs.

    Returns:
        The turn's span; ``None`` if it is told elsewhere already.
    """
    return None if tracer is None or turn_id is None else tracer.joined(params, turn_id)
