"""A place of work: one of the two clients and its facade, each with a server of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

# The two clients are alike by name only, so what passes through here has no static type.
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import OverloadRetry, TransportClosedError
from openai_codex import AsyncCodex, Codex, CodexConfig, SlowConsumerError

from tests.rpc.driver import Driver, SyncDriver

__all__ = ["PATIENCE", "Site", "command", "word_of"]

PATIENCE = 30.0
"""How long anything may take here before it counts as hanging, in seconds."""

HANDLER_TIMEOUT = 2.0
"""How long a handler may take here, in seconds: enough for one that does nothing."""

PROGRAM = Path(__file__).with_name("server.py")

_thread_numbers = count(1)


def command(*arguments: str) -> list[str]:
    """Make the command line of the server."""
    return [sys.executable, "-S", "-E", str(PROGRAM), *arguments]


class Site:
    """One of the two clients, raw and as the facade.

    Attributes:
        driver: Which of the two it is.
        random: Where its users get what shall vary.
        resting: Whether nothing new is to be begun.
        ending: Whether the end has begun: then the loss of a connection is no surprise.
    """

    def __init__(self, driver: Driver, seed: int = 0) -> None:
        self.driver = driver
        self.random = Random(seed)
        self.resting = False
        self.ending = False
        self._client: Any = None
        self._codex: Any = None

    @property
    def is_sync(self) -> bool:
        """Whether it is the sync client."""
        return isinstance(self.driver, SyncDriver)

    @property
    def client(self) -> Any:
        """The raw client."""
        return self._client

    @property
    def codex(self) -> Any:
        """The facade."""
        return self._codex

    # --- life ------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start both servers and shake hands."""
        self._client = await self.driver.open(
            self.driver.stdio_class(command("with-a-family")),
            handlers=self.driver.handlers(item_file_change_request_approval=_approve),
            handler_timeout=HANDLER_TIMEOUT,
            overload_retry=OverloadRetry(first_delay=0.001),
            max_in_flight=16,
        )
        await self.open_codex(CodexConfig(launch_args_override=tuple(command())))

    async def open_codex(self, setup: CodexConfig) -> None:
        """Start one server only, with the facade."""
        if self.is_sync:
            self._codex = await self.run(Codex, setup)
        else:
            self._codex = AsyncCodex(setup)
            await self._codex.__aenter__()

    async def close(self, **options: Any) -> None:
        """Close both."""
        self.ending = True
        for opened in (self._client, self._codex):
            if opened is not None:
                await self.run(opened.close, **options)

    async def lose(self) -> None:
        """Have both servers die, in the middle of whatever happens."""
        self.ending = True
        with pytest.raises(TransportClosedError):
            await self.read("/die 7")
        with pytest.raises(TransportClosedError):
            await self.thread("die")

    def left(self) -> list[str]:
        """Name the tables that are not empty, as they are when nobody is at work."""
        tables = ("in_flight", "waiting", "server_requests", "active_turns", "consumers", "queued")
        return [
            f"{name}: {getattr(stats, name)}"
            for opened in (self.client, None if self.ending else self.codex)  # or it would refuse
            if opened is not None
            for name in tables
            if getattr(stats := opened.stats(), name)
        ]

    # --- work ------------------------------------------------------------------------------

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method of the client, or of what it made."""
        return await self.driver.run(function, *args, **kwargs)

    async def read(self, path: str, **options: Any) -> str:
        """Read a "file" with the raw client; its path says what the server does."""
        response = await self.run(self.client.fs_read_file, path=path, **options)
        text: str = response.data_base64
        return text

    async def start_turn(self, text: str, **options: Any) -> Any:
        """Start a turn with the raw client on a new thread; the text says what happens in it."""
        params = types.TurnStartParams(
            thread_id=f"raw-{next(_thread_numbers)}",
            input=[types.TextUserInput(type="text", text=text)],
        )
        return await self.run(self.client.start_turn, params, **options)

    async def thread(self, name: str = "") -> Any:
        """Start a thread with the facade."""
        return await self.run(self.codex.thread_start, service_name=name)

    async def follow(self, events: Any) -> list[Any]:
        """Read a stream to its end."""
        seen, dropped = await self.follow_with_gaps(events)
        assert not dropped
        return seen

    async def follow_with_gaps(self, events: Any) -> tuple[list[Any], int]:
        """Read a stream to its end, and count what was dropped on the way."""
        seen: list[Any] = []
        dropped = 0
        while True:
            try:
                if self.is_sync:
                    await self.run(seen.extend, events)
                else:
                    async for event in events:
                        seen.append(event)
            except SlowConsumerError as error:
                dropped += error.dropped
            else:
                return seen, dropped


async def _approve(params: Any) -> types.FileChangeRequestApprovalResponse:
    """Accept what is asked for, but take too long with some."""
    if params.item_id == "never":
        await asyncio.get_running_loop().create_future()
    return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})


def word_of(events: list[Any]) -> str:
    """Give the agent's last message in what was read of a turn."""
    items = [event.params["item"] for event in events if event.method == "item/completed"]
    text: str = items[-1]["text"]
    return text
