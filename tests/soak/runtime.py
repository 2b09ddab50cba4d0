"""The same with the real runtime: a new one, with a model and a home, for each load."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from openai_codex import CodexConfig
from openai_codex.testing import Gate, IsolatedHome, ModelServer, Reply

from tests.rpc.driver import Driver
from tests.soak.cancellations import cancel_turns, ways
from tests.soak.footprint import MARK
from tests.soak.site import Site

__all__ = ["cancel_runtime_turns", "run_runtime_cycles"]


async def run_runtime_cycles(driver: Driver, number: int) -> None:
    """Start and close so many runtimes, one after the other, with a turn on each."""
    for _ in range(number):
        async with _site(driver) as site:
            result = await site.run((await site.thread()).run, "say")
            assert result.final_response == "done"


async def cancel_runtime_turns(driver: Driver, number: int) -> None:
    """Start so many turns on one runtime and be done with each in another way."""
    async with _site(driver) as site:
        await cancel_turns(site, number, ways(site, real=True))
        result = await site.run((await site.thread()).run, "say")
        assert result.final_response == "done"
        assert not site.left(), site.left()


@asynccontextmanager
async def _site(driver: Driver) -> AsyncGenerator[Site, None]:
    """Open the facade on a runtime of its own, whose model answers only to "say"."""
    never = Gate()
    with (
        IsolatedHome() as home,
        ModelServer(
            lambda request: Reply.text("done" if request.prompt == "say" else never)
        ) as model,
    ):
        site = Site(driver)
        env = {**home.env, MARK: os.environ[MARK]}
        await site.open_codex(
            CodexConfig(cwd=home.workspace, env=env, config_overrides=model.config_overrides())
        )
        try:
            yield site
        finally:
            await site.close()
