"""Ending a program with everything that it started. For both clients where a client is needed."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_app_server_rpc import TransportClosedError
from codex_app_server_rpc.transports._process.descendants import Descendants
from codex_app_server_rpc.transports._process.process import ServerProcess

from tests.rpc.conftest import Connect
from tests.rpc.driver import Driver, scripted
from tests.rpc.exit_ways import WAYS, see_the_end_by
from tests.rpc.processes import descendants, end, has_ended, is_gone, on_linux, open_descriptors

SLEEPER = [sys.executable, "-S", "-E", "-c", "import signal; signal.pause()"]


@on_linux
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("manner", ["follow_the_end", "ignore_every_end"])
async def test_no_process_of_the_tree_outlives_a_close(
    manner: str, driver: Driver, connect: Connect
) -> None:
    others = descendants(os.getpid())
    client = await connect("raise_a_family", manner)
    family = json.loads((await driver.run(client.fs_read_file, path="/x")).data_base64)
    tree = descendants(os.getpid()) - others
    assert {client.pid, *family} < tree  # and the guardian
    await driver.run(client.close)
    assert [pid for pid in tree if not has_ended(pid)] == []
    assert descendants(os.getpid()) <= others
    assert is_gone(client.pid)


@on_linux
async def test_an_abort_ends_the_whole_tree_without_waiting(driver: Driver) -> None:
    transport = driver.stdio_class(scripted("raise_a_family", "ignore_every_end"))
    client = await driver.open(transport)
    family = json.loads((await driver.run(client.fs_read_file, path="/x")).data_base64)
    transport.abort()
    transport.abort()
    assert [pid for pid in (transport.pid, *family) if not has_ended(pid)] == []
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x", timeout=20)
    await driver.run(client.close)
    assert is_gone(transport.pid)


@pytest.mark.parametrize("way", WAYS)
async def test_what_a_dead_program_left_in_its_group_is_ended_before_it_is_reaped(
    way: str, driver: Driver, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by(way, monkeypatch)
    client = await connect("leave_a_grandchild", "same")
    grandchild = int((await driver.run(client.fs_read_file, path="/x")).data_base64)
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x", timeout=20)
    try:
        # Without waitid, asking reaps, and a group whose leader is reaped is not signalled.
        assert way == "asking without waitid" or has_ended(grandchild)
    finally:
        end(grandchild)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that is not to be killed."""
    with subprocess.Popen(SLEEPER) as process:
        yield process
        process.kill()


def told(folder: Path, pid: int, *, parent: int, birth: int, name: str = "x") -> None:
    """Write what the kernel would tell about a process into a folder like /proc."""
    (folder / f"{pid}" / "task" / f"{pid}").mkdir(parents=True, exist_ok=True)
    fields = ["S", str(parent), *["0"] * 17, str(birth), "0"]
    (folder / f"{pid}" / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")
    (folder / f"{pid}" / "task" / f"{pid}" / "children").write_text("")


def told_children(folder: Path, pid: int, *children: int) -> None:
    """Write whose parent a process is."""
    text = "".join(f"{child} " for child in children)
    (folder / f"{pid}" / "task" / f"{pid}" / "children").write_text(text)


@on_linux
@pytest.mark.parametrize("name", ["x", "a) S 1 (b", "two words"])
def test_a_descendant_that_was_seen_is_killed(
    name: str, stranger: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    told(tmp_path, 10, parent=1, birth=5)
    told(tmp_path, stranger.pid, parent=10, birth=7, name=name)
    told_children(tmp_path, 10, stranger.pid)
    family = Descendants(10, str(tmp_path))
    family.look()
    family.kill()
    assert stranger.wait(20) == -9


@on_linux
def test_a_process_whose_id_was_used_again_is_left_alone(
    stranger: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    told(tmp_path, 10, parent=1, birth=5)
    told(tmp_path, stranger.pid, parent=10, birth=7)
    told_children(tmp_path, 10, stranger.pid)
    family = Descendants(10, str(tmp_path))
    family.look()
    told(tmp_path, stranger.pid, parent=10, birth=8)
    family.kill()
    assert not has_ended(stranger.pid, within=0.2)


@on_linux
def test_a_process_that_is_another_s_child_by_now_is_left_alone(
    stranger: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    told(tmp_path, 10, parent=1, birth=5)
    told(tmp_path, stranger.pid, parent=1, birth=7)
    told_children(tmp_path, 10, stranger.pid)
    family = Descendants(10, str(tmp_path))
    family.look()
    family.kill()
    assert not has_ended(stranger.pid, within=0.2)


@on_linux
def test_what_a_descendant_starts_after_it_was_seen_is_killed_with_it(
    stranger: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    told(tmp_path, 10, parent=1, birth=5)
    told(tmp_path, 4_000_001, parent=10, birth=6)  # no such process
    told_children(tmp_path, 10, 4_000_001)
    family = Descendants(10, str(tmp_path))
    family.look()
    told(tmp_path, stranger.pid, parent=4_000_001, birth=7)
    told_children(tmp_path, 4_000_001, stranger.pid)
    family.kill()
    assert stranger.wait(20) == -9


def test_a_kernel_that_tells_nothing_is_no_obstacle(tmp_path: Path) -> None:
    family = Descendants(10, str(tmp_path))
    family.look()
    family.kill()


def test_a_process_that_is_dropped_is_ended_and_reaped() -> None:
    opened = open_descriptors()
    process = ServerProcess(scripted("ignore_every_end"))
    pid = process.pid
    del process
    gc.collect()
    assert is_gone(pid)
    assert open_descriptors() == opened


@on_linux
def test_a_process_that_is_dropped_takes_its_tree_along() -> None:
    others = descendants(os.getpid())
    process = ServerProcess(scripted("raise_a_family", "ignore_every_end"))
    process.stdin.write(b'{"id": 1, "method": "fs/readFile", "params": {"path": "/x"}}\n')
    answer = json.loads(process.stdout.readline())
    family = json.loads(answer["result"]["dataBase64"])
    tree = descendants(os.getpid()) - others
    assert {process.pid, *family} < tree  # and the guardian
    del process
    gc.collect()
    assert [pid for pid in tree if not has_ended(pid)] == []
    assert descendants(os.getpid()) <= others


@on_linux
async def test_a_close_that_was_prepared_also_ends_what_was_orphaned_since(
    driver: Driver,
) -> None:
    transport = driver.stdio_class(scripted("raise_a_family", "follow_the_end"))
    client = await driver.open(transport)
    answer = await driver.run(client.fs_read_file, path="/x")
    _, parent, orphan = json.loads(answer.data_base64)
    transport.prepare_close()
    end(parent)
    assert has_ended(parent)
    try:
        await driver.run(client.close)
        assert has_ended(orphan)
    finally:
        end(orphan)


@on_linux
def test_finishing_with_a_process_sweeps_what_it_left_anywhere() -> None:
    others = descendants(os.getpid())
    process = ServerProcess(scripted("raise_a_family", "follow_the_end"))
    process.stdin.write(b'{"id": 1, "method": "fs/readFile", "params": {"path": "/x"}}\n')
    process.stdout.readline()
    tree = descendants(os.getpid()) - others
    process.prepare_end()
    process.stdin.close()
    assert process.wait(20)
    process.finish()
    process.finish()
    assert process.exit_code == 0
    assert [pid for pid in tree if not has_ended(pid)] == []
