"""Whatever is left behind is seen, and called by its name."""

from __future__ import annotations

import asyncio
import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from codex_app_server_rpc.core.feed import Feed

from tests.rpc.processes import on_linux
from tests.soak.endurance import MIB, endure
from tests.soak.footprint import Footprint, settle

pytestmark = on_linux


@pytest.fixture
def before() -> Footprint:
    return Footprint.take()


@pytest.fixture
def later() -> Iterator[ExitStack]:
    """Ends at the end what a test left on purpose."""
    with ExitStack() as stack:
        yield stack


def silent(line: str) -> None:
    """Say nothing."""


async def test_nothing_is_left_where_nothing_happened() -> None:
    assert Footprint.take().left_since(Footprint.take()) == []


def test_a_descriptor_is_seen(before: Footprint, later: ExitStack) -> None:
    for descriptor in os.pipe():
        later.callback(os.close, descriptor)
    (left,) = Footprint.take().left_since(before)
    assert left.startswith("2 x descriptor: pipe:")


def test_a_descriptor_in_the_place_of_another_is_seen(later: ExitStack) -> None:
    read, write = os.pipe()
    later.callback(os.close, read)
    before = Footprint.take()
    os.close(write)
    assert os.open(os.devnull, os.O_RDONLY) == write
    later.callback(os.close, write)
    assert Footprint.take().left_since(before) == [f"1 x descriptor: {os.devnull}"]


def test_a_thread_is_seen(before: Footprint, later: ExitStack) -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="the forgotten")
    thread.start()
    later.callback(thread.join)
    later.callback(end.set)
    assert Footprint.take().left_since(before) == ["1 x thread: the forgotten"]


async def test_a_task_is_seen() -> None:
    before = Footprint.take()
    task = asyncio.create_task(asyncio.Event().wait(), name="the forgotten")
    (left,) = Footprint.take().left_since(before)
    assert left.startswith("1 x task: <Task pending name='the forgotten'")
    task.cancel()
    await asyncio.wait({task})


def test_a_process_is_seen(before: Footprint, later: ExitStack) -> None:
    child = subprocess.Popen(["sleep", "60"])
    later.callback(child.wait)
    later.callback(child.kill)
    while not Path(f"/proc/{child.pid}/cmdline").read_bytes():
        pass  # the system has not quite put the program in its place yet
    assert Footprint.take().left_since(before) == ["1 x process: sleep 60 "]


def test_a_process_that_nobody_has_reaped_is_seen(before: Footprint) -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    (left,) = Footprint.take().left_since(before)
    assert left.startswith("1 x process: ended")
    child.wait()


def test_a_process_that_has_left_the_tree_is_seen(before: Footprint, later: ExitStack) -> None:
    script = "import subprocess as s; print(s.Popen(['sleep', '61'], stdout=s.DEVNULL).pid)"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True)
    later.callback(os.kill, int(done.stdout), 9)
    assert Footprint.take().left_since(before) == ["1 x process: sleep 61 "]


def test_an_object_of_the_project_is_seen(before: Footprint) -> None:
    feeds = [Feed(print), Feed(print)]
    left = Footprint.take().left_since(before)
    assert "2 x object: codex_app_server_rpc.core.feed.Feed" in left
    feeds.clear()
    assert Footprint.take().left_since(before) == []


async def test_what_ends_by_itself_is_waited_for() -> None:
    before = Footprint.take()
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    waiting = asyncio.get_running_loop().call_later(0.05, end.set)
    assert "thread" in str(Footprint.take().left_since(before))
    footprint = await settle(before)
    assert footprint.left_since(before) == []
    waiting.cancel()


# --- memory ----------------------------------------------------------------------------------


async def test_a_string_for_each_piece_of_work_is_too_much() -> None:
    kept: list[str] = []

    async def load(number: int) -> None:
        kept.extend(f"piece {len(kept) + place}" for place in range(number))

    with pytest.raises(AssertionError, match="memory grew"):
        await endure(load, 2000, warm_up=10, step=500, limit=10, report=silent)


async def test_memory_that_python_does_not_know_of_is_seen() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    kept: list[int] = []

    async def load(number: int) -> None:
        for _ in range(number):
            kept.append(libc.malloc(MIB))
            ctypes.memset(kept[-1], 1, MIB)

    try:
        with pytest.raises(AssertionError, match="memory grew"):
            await endure(load, 16, warm_up=1, step=8, limit=10, report=silent)
    finally:
        for block in kept:
            libc.free(block)


async def test_what_is_made_once_is_no_growth() -> None:
    kept: list[str] = []

    async def load(number: int) -> None:
        if not kept:
            kept.extend(f"piece {place}" for place in range(10_000))

    await endure(load, 20, warm_up=0, step=10, limit=10, report=silent)


async def test_a_load_that_leaves_something_fails(
    later: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.soak.footprint.GRACE", 0.1)

    async def load(number: int) -> None:
        for descriptor in os.pipe():
            later.callback(os.close, descriptor)

    with pytest.raises(AssertionError, match=r"left behind: .*pipe"):
        await endure(load, 2, warm_up=1, step=1, limit=10, report=silent)


async def test_a_task_that_nobody_waits_for_fails() -> None:
    async def forgotten() -> None:
        await asyncio.get_running_loop().create_future()

    async def load(number: int) -> None:
        asyncio.ensure_future(forgotten())  # noqa: RUF006 - that is the point
        await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="Task was destroyed but it is pending"):
        await endure(load, 2, warm_up=1, step=1, limit=10, report=silent)


async def test_a_load_that_hangs_fails_and_its_servers_end() -> None:
    children: list[subprocess.Popen[bytes]] = []

    async def load(number: int) -> None:
        children.append(subprocess.Popen(["sleep", "60"]))
        await asyncio.get_running_loop().run_in_executor(None, children[0].wait)

    with pytest.raises(AssertionError, match=r"not done within 0\.2 s"):
        await endure(load, 2, warm_up=1, step=1, limit=0.2, report=silent)
    assert children[0].wait(10) == -9
