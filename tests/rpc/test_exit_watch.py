"""Seeing that a child has ended, on systems that tell it in different ways."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from codex_app_server_rpc.transports._process.exit_watch import ExitWatch

from tests.rpc.exit_ways import WAYS, FakeKqueue, see_the_end_by
from tests.rpc.processes import has_ended, is_gone, open_descriptors

Child = subprocess.Popen[bytes]


@pytest.fixture
def child() -> Iterator[Child]:
    """Give a child that lives until its stdin ends."""
    command = [sys.executable, "-S", "-E", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process


def stop(child: Child) -> None:
    """Let the child end."""
    assert child.stdin is not None
    child.stdin.close()


@pytest.mark.parametrize("way", WAYS)
def test_the_end_is_seen(way: str, child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    see_the_end_by(way, monkeypatch)
    watch = ExitWatch(child)
    assert not watch.has_ended()
    assert not watch.wait(0.05)
    stop(child)
    assert watch.wait(20)
    assert watch.has_ended()
    watch.close()
    assert watch.descriptor is None


@pytest.mark.parametrize("way", [way for way in WAYS if way != "asking without waitid"])
def test_seeing_the_end_does_not_reap(
    way: str, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by(way, monkeypatch)
    watch = ExitWatch(child)
    stop(child)
    assert watch.wait(20)
    assert child.returncode is None
    assert not is_gone(child.pid)
    watch.close()


@pytest.mark.parametrize("way", WAYS)
def test_an_end_before_the_watch_is_seen_too(
    way: str, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(child)
    assert has_ended(child.pid)
    see_the_end_by(way, monkeypatch)
    watch = ExitWatch(child)
    assert watch.wait(20)
    watch.close()


@pytest.mark.parametrize("way", WAYS)
def test_an_end_that_somebody_else_reaped_is_seen_too(
    way: str, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by(way, monkeypatch)
    watch = ExitWatch(child)
    stop(child)
    os.waitpid(child.pid, 0)
    assert watch.wait(20)
    watch.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_closed_watch_holds_nothing_open(
    way: str, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by(way, monkeypatch)
    before = open_descriptors()
    watch = ExitWatch(child)
    watch.close()
    watch.close()
    assert open_descriptors() == before


def test_a_kqueue_is_asked_for_the_exit_of_the_process(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by("kqueue", monkeypatch)
    watch = ExitWatch(child)
    [queue] = FakeKqueue.instances
    [event] = queue.events
    assert (event.ident, event.filter, event.flags) == (child.pid, -5, 1)
    assert event.fflags == 0x80000000
    assert watch.descriptor == queue.descriptor
    watch.close()
    assert queue.descriptor is None


def test_a_kqueue_that_knows_no_such_process_tells_that_it_ended(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by("kqueue", monkeypatch)

    def refuse(*_: object) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(FakeKqueue, "control", refuse)
    monkeypatch.delattr(os, "waitid")
    watch = ExitWatch(child)
    assert watch.descriptor is None
    assert watch.has_ended()
    assert watch.wait(0)
    watch.close()
