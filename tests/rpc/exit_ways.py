"""The ways in which the end of a program can be seen, for tests that run on one system.

Each takes away what this system offers beyond it. The kqueue is a fake that stands on a pidfd, so
the descriptor is a real one that becomes readable when the process ends.
"""

from __future__ import annotations

import os
import select
import sys
from dataclasses import dataclass

import pytest

__all__ = ["WAYS", "FakeKqueue", "see_the_end_by"]

needs_pidfd = pytest.mark.skipif(sys.platform != "linux", reason="stands on a pidfd of Linux")

WAYS: list[object] = [
    pytest.param("pidfd", marks=needs_pidfd),
    pytest.param("kqueue", marks=needs_pidfd),
    "asking",
    "asking without waitid",
    "threads",
]
"""What `see_the_end_by` knows, as parameters of a test."""

_pidfd_open = getattr(os, "pidfd_open", None)


@dataclass
class Kevent:
    """A fake of ``select.kevent``."""

    ident: int
    filter: int
    flags: int
    fflags: int


class FakeKqueue:
    """A fake of ``select.kqueue`` that watches one process."""

    instances: list[FakeKqueue]

    def __init__(self) -> None:
        self.events: list[Kevent] = []
        self.descriptor: int | None = None
        self.instances.append(self)

    def control(self, changelist: list[Kevent], max_events: int, timeout: float) -> list[Kevent]:
        assert _pidfd_open is not None
        self.events += changelist
        self.descriptor = _pidfd_open(changelist[0].ident)
        return []

    def fileno(self) -> int:
        assert self.descriptor is not None
        return self.descriptor

    def close(self) -> None:
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def see_the_end_by(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one way only, of those in `WAYS`."""
    if way == "pidfd":
        return
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    if way == "kqueue":
        monkeypatch.setattr(FakeKqueue, "instances", [], raising=False)
        monkeypatch.setattr(select, "kqueue", FakeKqueue, raising=False)
        monkeypatch.setattr(select, "kevent", Kevent, raising=False)
        monkeypatch.setattr(select, "KQ_FILTER_PROC", -5, raising=False)
        monkeypatch.setattr(select, "KQ_EV_ADD", 1, raising=False)
        monkeypatch.setattr(select, "KQ_NOTE_EXIT", 0x80000000, raising=False)
    else:
        monkeypatch.delattr(select, "kqueue", raising=False)
    if way == "asking without waitid":
        monkeypatch.delattr(os, "waitid")
    if way == "threads":
        monkeypatch.delattr(select, "poll")
