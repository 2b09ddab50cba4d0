"""What can go wrong, how to tell it apart, and what may be tried again.

Run it with `python docs/examples/errors.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from openai_codex import (
    Codex,
    CodexConfig,
    CodexError,
    JsonRpcError,
    OverloadRetry,
    ThreadNotFoundError,
    TurnFailedError,
    TurnTimeoutError,
    UsageError,
    retry_on_overload,
)

NOWHERE = "01a1f998-0000-7000-8000-000000000000"


def attempt(what: str, action: Callable[[], object]) -> None:
    """Do something, and say what went wrong."""
    try:
        action()
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


def main() -> None:
    """Make some mistakes."""
    # Single requests that the runtime was too busy for are sent again, with growing delays.
    with Codex(CodexConfig(overload_retry=OverloadRetry())) as codex:
        thread = codex.thread_start()
        lost = codex.thread_start(model="no-such-model")
        attempt("resume nothing", lambda: codex.thread_resume(NOWHERE))
        attempt("say nothing", lambda: thread.run(""))
        attempt("no such model", lambda: lost.run("Hello."))
        attempt("too slow", lambda: thread.run("Tell a very long story.", timeout=2))
        # A whole operation may have begun when the overload is told: may it be done twice?
        attempt("again", lambda: retry_on_overload(lambda: thread.run("Hello."), max_attempts=3))


if __name__ == "__main__":
    main()
