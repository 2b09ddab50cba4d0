"""Servers that close their streams, do not use them, or will not end."""

from __future__ import annotations

import os
import signal

from tests.misbehaving.server.manners import answers, behave, wait_for, write


def _sleep() -> None:
    """Do nothing, for ever."""
    while True:
        signal.pause()


def unread_stdin() -> None:
    """Answer one read, then leave stdin unread."""
    write(*answers(wait_for("fs/readFile")))
    _sleep()


def closed_stdin() -> None:
    """Close stdin before the first read is answered, but live on."""
    request = wait_for("fs/readFile")
    os.close(0)
    write(*answers(request))
    _sleep()


def closed_stdout() -> None:
    """Close stdout in place of answering, but live on until stdin ends."""
    wait_for("fs/readFile")
    os.close(1)
    while os.read(0, 65536):
        pass
    os._exit(0)


def closed_stderr() -> None:
    os.close(2)
    behave()


def all_closed() -> None:
    """Close every stream, but live on."""
    wait_for("fs/readFile")
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    _sleep()


def stopped() -> None:
    """Have itself stopped, so that it can neither answer nor see that it should end."""
    wait_for("fs/readFile")
    os.kill(os.getpid(), signal.SIGSTOP)
    behave()


def deaf_to_the_end() -> None:
    """Outlive the end of stdin, but not SIGTERM."""
    behave()
    _sleep()


def deaf_to_everything() -> None:
    """Outlive the end of stdin and SIGTERM, with a turn that never ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    behave()
    _sleep()
