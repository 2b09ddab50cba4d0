"""Servers that end too early, in every way a program can."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from tests.misbehaving.server.manners import (
    Turn,
    answers,
    behave,
    complain,
    encode,
    wait_for,
    write,
    write_bytes,
)


def _die(way: str) -> None:
    """End with an exit code, or by a signal that ``way`` names."""
    if way.isdigit():
        os._exit(int(way))
    os.kill(os.getpid(), signal.Signals[way])
    signal.pause()


def dead_at_once(way: str) -> None:
    complain("error: unexpected argument\n")
    _die(way)


def dead_at(method: str, way: str) -> None:
    """End in the middle of a request."""
    wait_for(method)
    complain(f"died at {method}\n")
    _die(way)


def dead_after(method: str, way: str) -> None:
    """Obey a request, then end."""
    write(*answers(wait_for(method)))
    complain(f"died after {method}\n")
    _die(way)


def dead_in_a_turn(way: str) -> None:
    """End in the middle of a turn, and of a line."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started(), turn.delta("hel"), turn.message("hel"))
    write_bytes(encode(turn.completed())[:-9])
    complain("died in a turn\n")
    _die(way)


def dead_after_a_turn(way: str) -> None:
    """Run a turn in one write with its answer, and end."""
    write(*answers(wait_for("turn/start")))
    complain("died after a turn\n")
    _die(way)


def dead_at_interrupt(way: str) -> None:
    """Begin a turn, and end when it is to be interrupted."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started(), turn.message("hel"))
    dead_at("turn/interrupt", way)


def dead_at_the_end(way: str) -> None:
    """Behave well, and fail when stdin ends."""
    behave()
    complain("could not save anything\n")
    _die(way)


def dead_with_strange_words() -> None:
    wait_for("fs/readFile")
    complain(b"\x1b[31mERROR\x1b[0m gr\xc3\xb6\xc3\x9fer \xff\xfe\n")
    _die("1")


def dead_after_its_stdout() -> None:
    """Close stdout first, and then say why."""
    wait_for("fs/readFile")
    os.close(1)
    time.sleep(0.2)
    complain("there is no more to say\n")
    _die("3")


def survived_by_a_child() -> None:
    """End, but leave a child in a session of its own that holds all streams open."""
    wait_for("fs/readFile")
    waiting = "import sys; sys.stdin.buffer.read()"
    subprocess.Popen([sys.executable, "-S", "-E", "-c", waiting], start_new_session=True)
    complain("left a child behind\n")
    _die("5")
