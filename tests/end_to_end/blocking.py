"""The async facade behind blocking calls, so that one test body serves both halves.

`Blocking` runs each coroutine method to its end on one event loop and wraps what comes out. The
tests keep the sync facade's types; that both halves have the same members is checked elsewhere.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, cast

from openai_codex import (
    AsyncChatgptLoginHandle,
    AsyncCodex,
    AsyncDeviceCodeLoginHandle,
    AsyncThread,
    AsyncTurnEvents,
    AsyncTurnHandle,
    AsyncTurnText,
    Codex,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from openai_codex import CodexConfig

WRAPPED = (
    AsyncChatgptLoginHandle,
    AsyncCodex,
    AsyncDeviceCodeLoginHandle,
    AsyncGenerator,
    AsyncThread,
    AsyncTurnEvents,
    AsyncTurnHandle,
    AsyncTurnText,
)


class Blocking:
    """One async object, used from sync code."""

    def __init__(self, target: object, loop: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> object:
        attribute = getattr(self._target, name)
        if not callable(attribute):
            return attribute

        def call(*args: object, **kwargs: object) -> object:
            result = attribute(*args, **kwargs)
            if inspect.isawaitable(result):
                result = self._loop.run_until_complete(result)
            is_wrapped = isinstance(result, WRAPPED)
            return Blocking(cast("object", result), self._loop) if is_wrapped else result

        return call

    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        iterator = cast("AsyncIterator[object]", self._target)
        try:
            return self._loop.run_until_complete(anext(iterator))
        except StopAsyncIteration:
            raise StopIteration from None

    def __repr__(self) -> str:
        return repr(self._target).replace("<Async", "<").removeprefix("Async")

    def __enter__(self) -> Blocking:
        self._loop.run_until_complete(cast("Any", self._target).__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.run_until_complete(cast("Any", self._target).__aexit__(*error))


def open_async(config: CodexConfig, loop: asyncio.AbstractEventLoop, **options: Any) -> Codex:
    """Make an `AsyncCodex` that is started at once and looks like a `Codex`."""
    blocking = Blocking(AsyncCodex(config, **options), loop)
    blocking.__enter__()
    return cast("Codex", blocking)
