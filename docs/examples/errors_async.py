"""What can go wrong, how to tell it apart, and what may be tried again.

Run it with `python docs/examples/errors_async.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from openai_codex import (
    AsyncCodex,
    CodexConfig,
    CodexError,
    JsonRpcError,
    OverloadRetry,
    ThreadNotFoundError,
    TurnFailedError,
    TurnTimeoutError,
    UsageError,
    async_retry_on_overload,
)

NOWHERE = "01a1f998-0000-7000-8000-000000000000"


async def attempt(what: str, action: Awaitable[object]) -> None:
    """Do something, and say what went wrong."""
    try:
        await action
    except ThreadNotFoundError:
        print(f"{what}: there is no such thread")
    except TurnFailedError as error:
        print(f"{what}: the turn failed after {len(error.result.items)} items: {error}")
    except TurnTimeoutError as error:
        print(f"{what}: it is {error.result.status.value} after {error.timeout:g} s")
    except JsonRpcError as error:
        print(f"{what}: the runtime answered {error.method} with {error.code}")
    except UsageError as error:
        print(f"{what}: the call is wrong: {error}")
    except CodexError as error:  # the root of all the others
        print(f"{what}: {error}")
    else:
        print(f"{what}: done")


async def main() -> None:
    """Make some mistakes."""
    # Single requests that the runtime was too busy for are sent again, with growing delays.
    async with AsyncCodex(CodexConfig(overload_retry=OverloadRetry())) as codex:
        thread = await codex.thread_start()
        lost = await codex.thread_start(model="no-such-model")
        await attempt("resume nothing", codex.thread_resume(NOWHERE))
        await attempt("say nothing", thread.run(""))
        await attempt("no such model", lost.run("Hello."))
        await attempt("too slow", thread.run("Tell a very long story.", timeout=2))
        # A whole operation may have begun when the overload is told: may it be done twice?
        again = async_retry_on_overload(lambda: thread.run("Hello."), max_attempts=3)
        await attempt("again", again)


if __name__ == "__main__":
    asyncio.run(main())
