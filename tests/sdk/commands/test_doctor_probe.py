"""A program of which nothing is known leaves nothing behind."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

import pytest
from openai_codex.commands.doctor.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

LEAVE = """\
import os, sys, time
reading, writing = os.pipe()
if os.fork() == 0:
    held = os.open(sys.argv[1], os.O_WRONLY)
    os.write(held, b"here")
    os.write(writing, b"here")
    time.sleep(600)
os.read(reading, 4)
"""
"""Leaves a child behind that holds a pipe as long as it lives."""


@pytest.mark.skipif(os.name != "posix", reason="only there children die with their parent")
@pytest.mark.parametrize("then", ["", "time.sleep(600)"], ids=["ends", "hangs"])
def test_what_a_program_has_started_is_killed_with_it(tmp_path: Path, then: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        probe([sys.executable, "-c", LEAVE + then, str(pipe)], 2)

        words = [b"?"]
        while words[-1] and select.select([held], [], [], 20)[0]:
            words.append(os.read(held, 100))
    finally:
        os.close(held)
    assert words == [b"?", b"here", b""]
