"""Asking somewhere else: on a web page, in a chat, in another process."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from openai_codex.requests.asking import check_callable, is_async
from openai_codex.requests.decisions import Park

if TYPE_CHECKING:
    from openai_codex.requests.pending import PendingRequest

__all__ = ["ask_elsewhere"]

RequestT = TypeVar("RequestT", bound="PendingRequest")


def ask_elsewhere(
    notify: Callable[[RequestT], object],
) -> Callable[[RequestT], Park | Awaitable[Park]]:
    """Hand each request to somebody, and let it wait for an answer.

    What this gives may stand for ``approvals``, ``questions`` and ``elicitations`` alike. The
    request is answered by ``codex.respond(request, answer)``, whenever that may be.

    Args:
        notify: Takes a request, plain or async; what it gives is not looked at. If it raises, the
            request gets its safe answer: there is nobody to answer it.

    Raises:
        InvalidArgumentError: It is no function.
    """
    check_callable("notify", notify)

    async def tell(request: RequestT) -> Park:
        result = notify(request)
        if inspect.isawaitable(result):
            await result
        return Park()

    def tell_plainly(request: RequestT) -> Park | Awaitable[Park]:
        result = notify(request)
        return _parked_after(result) if inspect.isawaitable(result) else Park()

    return tell if is_async(notify) else tell_plainly


async def _parked_after(notified: Awaitable[object]) -> Park:
    await notified
    return Park()
