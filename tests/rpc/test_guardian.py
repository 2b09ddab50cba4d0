"""What happens to the server when this process dies, of whatever cause. For both clients.

The program that dies is `careless_program`, run as a process of its own.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from codex_app_server_rpc.transports._process import guardian
from codex_app_server_rpc.transports._process.process import ServerProcess

from tests.rpc.driver import scripted
from tests.rpc.processes import (
    descendants,
    end,
    has_ended,
    is_gone,
    on_linux,
    open_descriptors,
)

CARELESS = Path(__file__).with_name("careless_program.py")

both_clients = pytest.mark.parametrize("kind", ["sync", "async"])


class Program:
    """A careless program that runs.

    Attributes:
        pid: Its process id.
        words: What it has printed: the server's process id, and what else it has to say.
        tree: Every process that descends from it.
    """

    def __init__(self, process: subprocess.Popen[str], words: int) -> None:
        assert process.stdout is not None
        self.pid = process.pid
        self.words = [int(process.stdout.readline()) for _ in range(words)]
        self.tree = descendants(process.pid)


@contextmanager
def careless(kind: str, how: str, *scenario: str, words: int = 1) -> Generator[Program, None, None]:
    """Run a careless program; whatever of its tree a failed test leaves is killed."""
    command = [sys.executable, "-W", "ignore", str(CARELESS), kind, how, *scenario]
    tree: set[int] = set()
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                program = Program(process, words)
                tree = program.tree
                yield program
            finally:
                process.kill()
    finally:
        for pid in tree:
            end(pid)


@on_linux
@both_clients
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
@pytest.mark.parametrize("manner", ["follow_the_end", "ignore_every_end"])
def test_no_process_of_the_tree_outlives_a_program_that_is_killed(
    manner: str, number: signal.Signals, kind: str
) -> None:
    with careless(kind, "wait", "raise_a_family", manner) as program:
        assert len(program.tree) == 5  # the server, the three of its family, and the guardian
        os.kill(program.pid, number)
        assert [pid for pid in program.tree if not has_ended(pid)] == []


@on_linux
@both_clients
def test_a_guardian_outlives_a_signal_that_is_meant_for_everybody(kind: str) -> None:
    with careless(kind, "wait", "raise_a_family", "ignore_every_end") as program:
        for pid in (*program.tree, program.pid):
            os.kill(pid, signal.SIGTERM)
        assert [pid for pid in program.tree if not has_ended(pid)] == []


@on_linux
@both_clients
def test_a_guardian_that_is_slow_finds_the_tree_of_a_server_that_is_quick_to_end(
    kind: str,
) -> None:
    with careless(kind, "wait", "raise_a_family", "follow_the_end") as program:
        [server] = program.words
        [guardian] = program.tree - {server} - descendants(server)
        os.kill(guardian, signal.SIGSTOP)
        os.kill(program.pid, signal.SIGKILL)
        assert not has_ended(server, within=0.3)
        os.kill(guardian, signal.SIGCONT)
        assert [pid for pid in program.tree if not has_ended(pid)] == []


@on_linux
@both_clients
def test_no_process_of_the_tree_outlives_a_program_that_is_killed_in_a_close(
    kind: str, tmp_path: Path
) -> None:
    fifo = tmp_path / "end"
    os.mkfifo(fifo)
    with careless(kind, "close", "raise_a_family", "ignore_every_end", str(fifo)) as program:
        late = int(fifo.read_bytes())  # the server has seen the end of its stdin
        os.kill(program.pid, signal.SIGKILL)
        assert [pid for pid in (late, *program.tree) if not has_ended(pid)] == []


@on_linux
@both_clients
def test_what_a_server_starts_after_its_program_was_killed_is_ended_too(
    kind: str, tmp_path: Path
) -> None:
    fifo = tmp_path / "end"
    os.mkfifo(fifo)
    with careless(kind, "wait", "raise_a_family", "ignore_every_end", str(fifo)) as program:
        os.kill(program.pid, signal.SIGKILL)
        late = int(fifo.read_bytes())
        assert [pid for pid in (late, *program.tree) if not has_ended(pid)] == []


@on_linux
@both_clients
def test_a_server_that_follows_the_end_of_its_stdin_is_given_the_time_to(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "end"
    with careless(kind, "wait", "say_how_it_ended", str(path)) as program:
        os.kill(program.pid, signal.SIGKILL)
        assert [pid for pid in program.tree if not has_ended(pid)] == []
    assert path.read_text(encoding="utf-8") == "the end of stdin"


@on_linux
@both_clients
def test_a_fork_that_lives_on_keeps_no_server_alive(kind: str) -> None:
    scenario = ("live-on-in-a-fork", "raise_a_family", "ignore_every_end")
    with careless(kind, *scenario, words=2) as program:
        _, fork = program.words
        os.kill(program.pid, signal.SIGKILL)
        assert [pid for pid in program.tree - {fork} if not has_ended(pid)] == []
        assert not has_ended(fork, within=0)


@on_linux
@both_clients
def test_a_fork_that_lives_on_does_not_keep_the_end_of_stdin_from_the_server(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "end"
    scenario = ("live-on-in-a-fork", "say_how_it_ended", str(path))
    with careless(kind, *scenario, words=2) as program:
        server, _ = program.words
        os.kill(program.pid, signal.SIGKILL)
        assert has_ended(server)
    assert path.read_text(encoding="utf-8") == "the end of stdin"


def output_of(*arguments: str) -> list[str]:
    """Run a careless program to its end; give the lines that it prints."""
    # That forking beside threads is discouraged is not the matter here.
    warnings = ["-W", "error", "-W", "ignore::DeprecationWarning", "-W", "ignore::ResourceWarning"]
    command = [sys.executable, *warnings, str(CARELESS), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@both_clients
def test_a_program_that_exits_without_closing_ends_its_server_as_a_close_would(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "end"
    [server] = output_of(kind, "exit", "say_how_it_ended", str(path))
    assert is_gone(int(server))
    assert path.read_text(encoding="utf-8") == "the end of stdin"


@both_clients
def test_a_server_that_ignores_every_end_is_gone_when_its_program_has_exited(kind: str) -> None:
    [server] = output_of(kind, "exit", "ignore_every_end")
    assert is_gone(int(server))


@pytest.mark.parametrize("how", ["fork", "close-in-a-fork", "ask-in-a-fork"])
def test_a_fork_that_exits_leaves_the_server_to_its_parent(how: str) -> None:
    server, answer = output_of("sync", how, "answer_by_echo")
    assert answer == "/x"
    assert is_gone(int(server))


@on_linux
def test_a_guardian_is_gone_when_its_server_is() -> None:
    others = descendants(os.getpid())
    opened = open_descriptors()
    process = ServerProcess(scripted("answer_by_echo"))
    tree = descendants(os.getpid()) - others
    assert len(tree) == 2
    process.kill()
    assert process.wait(20)
    process.finish()
    assert [pid for pid in tree if not is_gone(pid)] == []
    assert open_descriptors() == opened


def test_a_system_without_a_shell_does_without_a_guardian_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(guardian, "SHELL", "/nowhere/sh")
    opened = open_descriptors()
    with caplog.at_level(logging.INFO, "openai_codex.rpc"):
        process = ServerProcess(scripted("answer_by_echo"))
    assert "no guardian" in caplog.text
    process.kill()
    assert process.wait(20)
    process.finish()
    assert is_gone(process.pid)
    assert open_descriptors() == opened
