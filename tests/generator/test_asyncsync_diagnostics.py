"""What the async-to-sync derivation refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from codex_generator.asyncsync import DerivationError, Half, derive

FACADE = "packages/sdk/src/openai_codex"
THREAD = f"{FACADE}/_async/thread.py"
PRIMITIVES = f"{FACADE}/_primitives.py"
NO_PHRASES: Mapping[str, str] = {}


def problems(
    root: Path, source: str, *, primitives: str = "", phrases: Mapping[str, str] = NO_PHRASES
) -> tuple[str, ...]:
    """Derive a facade of one module and return what is reported about it."""
    (root / THREAD).parent.mkdir(parents=True)
    (root / THREAD).write_text(source, encoding="utf-8")
    (root / PRIMITIVES).write_text(primitives, encoding="utf-8")
    with pytest.raises(DerivationError) as caught:
        derive(root, halves=[Half(FACADE, phrases)])
    return caught.value.messages


def test_asyncio_is_sent_to_the_primitives(tmp_path: Path) -> None:
    source = "async def f():\n    return await asyncio.gather(a(), b())\n"
    reason = f"asyncio has no sync twin: pair what it does in {PRIMITIVES}"
    assert problems(tmp_path, source) == (f"{THREAD}:2: {reason}",)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("class A(AsyncUnknown): ...", "AsyncUnknown"),
        ("self.run_async()", "run_async"),
        ("def __await__(self): ...", "__await__"),
        ("f: Awaitable", "Awaitable"),
        ("f: abc.Awaitable[int]", "Awaitable"),
        ("from httpx import AsyncClient", "AsyncClient"),
        ("x = 'await it'", "await"),
        ("# We await the turn.", "await"),
        ("# The keyword ``await``.", "await"),
        ("# `| Awaitable[]`", "Awaitable"),
        ("# `from a, Awaitable`", "Awaitable"),
        ("# The async client.", "async"),
        ("# Awaiting it is enough.", "Awaiting"),
        ("x = 'asynchronous'", "asynchronous"),
        ("# Takes a coroutine.", "coroutine"),
        ("# One per event loop.", "event loop"),
    ],
)
def test_a_word_that_would_remain_is_reported_with_its_line(
    tmp_path: Path, line: str, word: str
) -> None:
    reason = f"'{word}' would remain in the sync half: pair or reword it"
    assert problems(tmp_path, f"x = 1\n\n{line}\n") == (f"{THREAD}:3: {reason}",)


def test_a_word_inside_a_docstring_is_reported_with_its_own_line(tmp_path: Path) -> None:
    (message,) = problems(tmp_path, '"""One.\n\nTwo.\nasync.\n"""\n')
    assert message.startswith(f"{THREAD}:4: 'async'")


@pytest.mark.parametrize(
    "docstring",
    [
        "Do.\n\nExample:\n    x\n\nThen await it.\n",
        "Do.\n\nArgs:\n    x: What to await next.\n",
        "Make an Awaitable[int] that one may await.",
    ],
)
def test_prose_in_a_docstring_is_not_taken_for_code(tmp_path: Path, docstring: str) -> None:
    message = problems(tmp_path, f'"""{docstring}"""\n')[-1]
    assert ": 'await' would remain" in message


def test_lines_are_those_of_the_source_also_behind_a_mended_expression(tmp_path: Path) -> None:
    (message,) = problems(tmp_path, "async def f():\n    (\n    await x()\n    ).y()\n# async\n")
    assert message.startswith(f"{THREAD}:5: ")


def test_everything_that_is_wrong_is_reported_together(tmp_path: Path) -> None:
    source = "import asyncio\n# async\nasync def f(): await task\n"
    messages = problems(tmp_path, source, primitives="class AsyncLock: ...\n")
    places = [message.split(": ")[0] for message in messages]
    assert places == [f"{PRIMITIVES}:1", f"{THREAD}:3", f"{THREAD}:1", f"{THREAD}:2"]


def test_the_error_prints_every_message(tmp_path: Path) -> None:
    messages = ("a.py:1: one", "b.py:2: two")
    assert str(DerivationError(messages)) == "a.py:1: one\nb.py:2: two"


def test_a_phrase_that_is_never_used_is_reported(tmp_path: Path) -> None:
    phrases = {"left": "right", "one": "two"}
    (message,) = problems(tmp_path, "leftover = one\n", phrases=phrases)
    assert message.endswith("asyncsync/rules.py: rule 'left' is never used")


def test_source_that_is_not_python_is_reported(tmp_path: Path) -> None:
    (message,) = problems(tmp_path, "x = 1\nasync def f(:\n")
    assert message.startswith(f"{THREAD}:2: not valid Python: ")


def test_derived_source_that_is_not_python_is_reported(tmp_path: Path) -> None:
    source = "x = 1\nif x:\n    from typing import Awaitable\n"
    (message,) = problems(tmp_path, source)
    assert message.startswith(f"{FACADE}/_sync/thread.py:")
    assert ": not valid Python: " in message


def test_a_primitive_without_its_twin_is_reported(tmp_path: Path) -> None:
    primitives = (
        "from codex_app_server_rpc import AsyncClient\ndef sleep(): ...\n"
        "from anyio import sleep as async_sleep, Event as AsyncEvent\n"
    )
    (message,) = problems(tmp_path, "x = 1\n", primitives=primitives)
    assert message == f"{PRIMITIVES}:3: AsyncEvent has no sync twin Event"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "class A:\n    def close(self): ...\n    async def aclose(self): ...\n",
            "3: close and aclose would both become close",
        ),
        (
            "from codex_app_server_types import Thread\nclass AsyncThread: ...\n",
            "2: Thread and AsyncThread would both become Thread",
        ),
        (
            "if x:\n    Thread = 1\nelse:\n    AsyncThread: int = 1\n",
            "4: Thread and AsyncThread would both become Thread",
        ),
        (
            "from mine import Iterator\nfrom collections.abc import AsyncIterator\na.b = 1\n",
            "2: Iterator and AsyncIterator would both become Iterator",
        ),
    ],
)
def test_names_that_would_merge_are_reported(tmp_path: Path, source: str, message: str) -> None:
    assert problems(tmp_path, source) == (f"{THREAD}:{message}",)


@pytest.mark.parametrize("statement", ["await task", "await self.ready"])
def test_a_statement_that_only_awaits_is_reported(tmp_path: Path, statement: str) -> None:
    reason = "awaiting what is not a call would do nothing in the sync half"
    assert problems(tmp_path, f"async def f():\n    {statement}\n") == (f"{THREAD}:2: {reason}",)
