"""Starting a client of a runtime that does not answer, and forgetting one that never started."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from typing import Literal

import pytest
from openai_codex import (
    AsyncCodex,
    CodexConfig,
    InvalidArgumentError,
    RequestTimeoutError,
    TransportClosedError,
)

SILENT = CodexConfig(launch_args_override=(sys.executable, "-c", "import sys; sys.stdin.read()"))


@pytest.mark.parametrize("mode", ["interrupt", "drain", "kill"])
async def test_a_close_gives_up_a_start_that_is_in_work(
    mode: Literal["interrupt", "drain", "kill"],
) -> None:
    codex = AsyncCodex(SILENT)
    starting = [asyncio.create_task(codex.thread_start()) for _ in range(2)]
    await asyncio.sleep(0)

    await asyncio.wait_for(codex.close(mode=mode), 20)

    for outcome in await asyncio.gather(*starting, return_exceptions=True):
        assert isinstance(outcome, TransportClosedError)
    with pytest.raises(TransportClosedError):
        await codex.thread_start()


async def test_a_caller_that_is_cancelled_gives_up_the_start_and_another_may_try() -> None:
    codex = AsyncCodex(SILENT)
    starting = asyncio.create_task(codex.thread_start())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    again = asyncio.create_task(codex.thread_start())
    await asyncio.sleep(0)
    assert not again.done()
    await codex.close()
    with pytest.raises(TransportClosedError):
        await again


async def test_a_client_that_was_never_started_is_forgotten_at_once() -> None:
    codex = AsyncCodex()
    forgotten = weakref.ref(codex)
    gc.disable()
    try:
        del codex
        assert forgotten() is None
    finally:
        gc.enable()


async def test_a_start_has_the_deadline_of_a_request() -> None:
    config = CodexConfig(launch_args_override=SILENT.launch_args_override, request_timeout=0.1)

    with pytest.raises(RequestTimeoutError, match="initialize"):
        await AsyncCodex(config).thread_start()


@pytest.mark.parametrize("timeout", [-1, 0, float("nan"), True, "5"])
def test_a_time_that_nobody_can_wait_for_is_refused(timeout: float) -> None:
    with pytest.raises(InvalidArgumentError, match="request_timeout is a number of seconds"):
        CodexConfig(request_timeout=timeout)
