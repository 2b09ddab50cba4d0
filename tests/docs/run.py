"""Run the programs of one page, as a user would: ``python -m tests.docs.run docs/index.md``.

On the real runtime, with a scripted model, in a home and a folder of its own. The page is the
file of its code: tracebacks name its lines.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, TextIO

from openai_codex import AsyncCodex, Codex, CodexConfig
from openai_codex.testing import IsolatedHome, ModelServer

from tests.docs.model import answer
from tests.docs.pages import ROOT, Block, PageError, read_blocks
from tests.docs.programs import GRANTED, Program, Step, is_test, programs

Namespace = dict[str, Any]


class SyncRun:
    """A program outside of an event loop, and what it takes for granted."""

    def __init__(self) -> None:
        self.names: Namespace = {"__name__": "__main__"}

    def __enter__(self) -> SyncRun:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for value in list(self.names.values()):
            if isinstance(value, Codex):
                value.close()

    def execute(self, code: CodeType) -> None:
        """Run a block."""
        exec(code, self.names)

    def grant(self, name: str) -> None:
        """Define a name, and those that it comes from, unless a block has."""
        if name in self.names:
            return
        if name != "codex":
            self.grant("codex" if name == "thread" else "thread")
        names = self.names
        if name == "codex":
            names[name] = Codex(CodexConfig(experimental_api=True))
        elif name == "thread":
            names[name] = names["codex"].thread_start()
        elif name == "handle":
            names[name] = names["thread"].turn("Hello.", if_busy="wait")
        else:
            names[name] = names["thread"].run("Hello.", if_busy="wait")


class AsyncRun:
    """A program in an event loop, and what it takes for granted."""

    def __init__(self) -> None:
        self.names: Namespace = {"__name__": "__main__"}
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> AsyncRun:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for value in list(self.names.values()):
            if isinstance(value, AsyncCodex):
                self._loop.run_until_complete(value.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def execute(self, code: CodeType) -> None:
        """Run a block; it is a coroutine if it has an `await`."""
        pending = eval(code, self.names)
        if pending is not None:
            self._loop.run_until_complete(pending)

    def grant(self, name: str) -> None:
        """Define a name, and those that it comes from, unless a block has."""
        self._loop.run_until_complete(self._grant(name))

    async def _grant(self, name: str) -> None:
        if name in self.names:
            return
        if name != "codex":
            await self._grant("codex" if name == "thread" else "thread")
        names = self.names
        if name == "codex":
            names[name] = AsyncCodex(CodexConfig(experimental_api=True))
        elif name == "thread":
            names[name] = await names["codex"].thread_start()
        elif name == "handle":
            names[name] = await names["thread"].turn("Hello.", if_busy="wait")
        else:
            names[name] = await names["thread"].run("Hello.", if_busy="wait")


def run_page(path: Path) -> int:
    """Run all programs of a page, and give the number of blocks that were run."""
    blocks = read_blocks(path)
    outputs: dict[int, str] = {}
    for program in programs(blocks):
        run = AsyncRun() if program.is_async else SyncRun()
        with run:
            for step in _steps(program):
                outputs[step.block.line] = _run_step(run, step)
    _compare(blocks, outputs)
    return len(outputs)


def _steps(program: Program) -> Iterator[Step]:
    return (step for step in program.steps if "not run" not in step.block.remarks)


def _run_step(run: SyncRun | AsyncRun, step: Step) -> str:
    """Run a block, and give what it prints."""
    block = step.block
    if is_test(block):
        return _run_tests(block)
    # The lines above are blank, so that tracebacks have the numbers of the page.
    source = "\n" * (block.line - 1) + block.code
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if isinstance(run, AsyncRun) else 0
    code = compile(source, str(ROOT / block.page), "exec", flags=flags, dont_inherit=True)
    for name in GRANTED:
        if name in step.needs:
            run.grant(name)
    printed = io.StringIO()
    with contextlib.redirect_stdout(_Tee(printed, sys.stdout)):
        _expect(block, run, code)
    for name in step.closes:
        run.names.pop(name, None)
    return printed.getvalue()


def _expect(block: Block, run: SyncRun | AsyncRun, code: CodeType) -> None:
    """Run a block that raises what the page says, or nothing."""
    expected = block.remarks.get("raises")
    try:
        run.execute(code)
    except Exception as error:
        if type(error).__name__ != expected:
            raise
    else:
        if expected:
            raise PageError(f"{block.place}: {expected} was not raised")


def _run_tests(block: Block) -> str:
    """Run a block of tests, as a user of our plugin does."""
    path = Path(f"test_line_{block.line}.py")
    path.write_text(block.code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PageError(f"{block.place}: the tests fail:\n{done.stdout}{done.stderr}")
    return done.stdout


def _compare(blocks: list[Block], outputs: dict[int, str]) -> None:
    """Compare what the page says is printed with what was."""
    before: Block | None = None
    for block in blocks:
        if "prints" in block.remarks:
            if before is None or before.line not in outputs:
                raise PageError(f"{block.place}: no block before it was run")
            pattern = ".*".join(re.escape(part) for part in block.code.strip().split("…"))
            printed = outputs[before.line].strip()
            if not re.fullmatch(pattern, printed, re.DOTALL):
                raise PageError(f"{block.place}: the block before it printed\n{printed}")
        if block.language == "python":
            before = block


class _Tee(io.TextIOBase):
    """Keeps what is printed, and prints it."""

    def __init__(self, *streams: TextIO) -> None:
        self._streams = streams

    def write(self, text: str) -> int:
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self._streams:
            stream.flush()


def main() -> None:
    """Run the page that the command line names."""
    path = Path(sys.argv[1]).resolve()
    with ModelServer(answer) as model, IsolatedHome() as home:
        home.configure(model.config_overrides())
        os.environ.clear()
        os.environ.update(home.process_env)
        os.chdir(home.workspace)
        count = run_page(path)
        os.chdir(home.path.parent)
    print(f"{count} blocks were run", file=sys.stderr)


if __name__ == "__main__":
    main()
