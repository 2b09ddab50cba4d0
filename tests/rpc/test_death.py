"""The server's death, at every point: everybody learns of it, with the reason. For both clients."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import LaunchError, RequestTimeoutError, TransportClosedError
from codex_app_server_rpc.transports._pipes.loop_pipes import LoopPipes
from codex_app_server_rpc.transports._process.process import ServerProcess
from codex_app_server_rpc.transports._process.pump import pump

from tests.rpc.conftest import Connect
from tests.rpc.driver import AsyncDriver, Driver, scripted
from tests.rpc.exit_ways import WAYS, see_the_end_by
from tests.rpc.processes import end, has_ended, is_gone, on_linux


async def failing_start(driver: Driver, *arguments: str, **options: Any) -> tuple[Any, Any]:
    """Start a client whose server fails it; return the error and the transport."""
    transport = driver.stdio_class(scripted(*arguments))
    with pytest.raises(Exception) as caught:  # noqa: PT011  # the tests look at it
        await driver.open(transport, **options)
    return caught.value, transport


async def test_a_server_that_dies_at_once_is_told_with_path_exit_code_and_last_words(
    driver: Driver,
) -> None:
    error, transport = await failing_start(driver, "die_at_once", "3")
    assert isinstance(error, TransportClosedError)
    assert error.exit_code == 3
    assert error.stderr_tail == "no such config: größe"
    assert error.argv == tuple(scripted("die_at_once", "3"))
    for part in (sys.executable, "exit code 3", "no such config: größe"):
        assert part in str(error)
    assert is_gone(transport.pid)


async def test_a_server_that_a_signal_ends_is_told_with_the_signal(driver: Driver) -> None:
    error, transport = await failing_start(driver, "die_by_a_signal")
    assert isinstance(error, TransportClosedError)
    assert error.exit_code == -9
    assert "ended by signal 9" in str(error)
    assert is_gone(transport.pid)


async def test_a_server_that_dies_after_the_handshake_is_told_by_whichever_call_comes_next(
    driver: Driver,
) -> None:
    transport = driver.stdio_class(scripted("die_after_the_handshake"))

    async def open_and_call() -> None:
        client = await driver.open(transport)
        await driver.run(client.fs_read_file, path="/x")

    with pytest.raises(TransportClosedError, match="died after the handshake") as caught:
        await open_and_call()
    assert caught.value.exit_code == 7
    assert is_gone(transport.pid)


async def test_a_death_in_mid_request_wakes_every_caller_and_every_stream(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("die_when_asked", "20")
    turn = await driver.run(client.turn_stream, "T")
    streams = [await driver.run(client.subscribe), turn]
    waiting = [driver.run(stream.next, 20) for stream in streams]
    calls = [driver.run(client.fs_read_file, path="/x", timeout=20) for _ in range(20)]
    errors = await asyncio.gather(*waiting, *calls, return_exceptions=True)
    assert [type(error) for error in errors] == [TransportClosedError] * 22
    for error in errors:
        assert isinstance(error, TransportClosedError)
        assert (error.exit_code, error.stderr_tail) == (7, "died when asked")
    assert len({id(error) for error in errors}) == 22


async def test_calls_after_the_death_say_why_at_once(driver: Driver, connect: Connect) -> None:
    client = await connect("die_when_asked", "1")
    for _ in range(3):
        with pytest.raises(TransportClosedError, match="died when asked"):
            await driver.run(client.fs_read_file, path="/x")
    assert is_gone(client.pid)


async def test_a_client_whose_server_died_is_closed_as_usual(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("die_when_asked", "1")
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)


async def test_a_server_that_never_answers_initialize_is_given_up_and_ended(
    driver: Driver,
) -> None:
    error, transport = await failing_start(driver, "stay_silent", request_timeout=0.2)
    assert isinstance(error, RequestTimeoutError)
    assert error.method == "initialize"
    assert is_gone(transport.pid)


async def test_a_server_that_closes_its_stdout_is_lost_although_it_lives(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("close_stdout")
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x", timeout=20)
    assert is_gone(client.pid)


async def test_a_request_to_a_server_that_closed_its_stdin_fails(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("close_stdin")
    await driver.run(client.fs_read_file, path="/x")
    with pytest.raises(TransportClosedError, match="does not read any more"):
        await driver.run(client.fs_read_file, path="/x", timeout=20)
    end(client.pid)  # so that closing need not wait for it


@pytest.mark.parametrize("way", [way for way in WAYS if way != "threads"])
async def test_a_grandchild_that_holds_the_streams_delays_nothing(
    way: str, driver: Driver, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by(way, monkeypatch)
    client = await connect("leave_a_grandchild", "detached")
    response = await driver.run(client.fs_read_file, path="/x")
    grandchild = int(response.data_base64)
    try:
        # It lives on: if the streams were waited for, this request would time out instead.
        with pytest.raises(TransportClosedError) as caught:
            await driver.run(client.fs_read_file, path="/x", timeout=20)
        assert caught.value.exit_code == 7
        assert not has_ended(grandchild, within=0)
    finally:
        end(grandchild)


@pytest.mark.parametrize("way", WAYS)
async def test_the_last_words_are_heard_however_the_end_is_seen(
    way: str, driver: Driver, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_the_end_by(way, monkeypatch)
    client = await connect("die_when_asked", "1")
    with pytest.raises(TransportClosedError) as caught:
        await driver.run(client.fs_read_file, path="/x", timeout=20)
    assert (caught.value.exit_code, caught.value.stderr_tail) == (7, "died when asked")
    assert is_gone(client.pid)


async def test_a_program_that_does_not_exist_cannot_be_launched(
    driver: Driver, tmp_path: Path
) -> None:
    program = str(tmp_path / "nowhere" / "codex")
    transport = driver.stdio_class([program, "app-server"])
    with pytest.raises(LaunchError, match="there is no such program") as caught:
        await driver.open(transport)
    assert program in str(caught.value)
    assert caught.value.argv == (program, "app-server")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert transport.pid is None


async def test_a_file_that_is_not_executable_cannot_be_launched(
    driver: Driver, tmp_path: Path
) -> None:
    program = tmp_path / "codex"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o644)
    with pytest.raises(LaunchError, match="it is not executable") as caught:
        await driver.open(driver.stdio_class([str(program)]))
    assert str(program) in str(caught.value)


async def test_a_file_that_is_no_program_cannot_be_launched(driver: Driver, tmp_path: Path) -> None:
    program = tmp_path / "codex"
    program.write_bytes(b"\x00\x01\x02")
    program.chmod(0o755)
    with pytest.raises(LaunchError, match="it is not a program for this system"):
        await driver.open(driver.stdio_class([str(program)]))


async def test_a_folder_cannot_be_launched(driver: Driver, tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="it is not executable"):
        await driver.open(driver.stdio_class([str(tmp_path)]))


async def test_an_empty_command_line_cannot_be_launched(driver: Driver) -> None:
    with pytest.raises(LaunchError, match="an empty command line"):
        await driver.open(driver.stdio_class([]))


async def test_a_command_line_with_a_null_byte_cannot_be_launched(driver: Driver) -> None:
    with pytest.raises(LaunchError, match="null byte"):
        await driver.open(driver.stdio_class([sys.executable, "\0"]))


@pytest.mark.parametrize("kind", ["missing", "file"])
async def test_a_working_directory_that_is_none_is_named(
    kind: str, driver: Driver, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    if kind == "file":
        folder.write_text("")
    with pytest.raises(LaunchError, match="the working directory") as caught:
        await driver.open(driver.stdio_class(scripted("answer_by_echo"), cwd=folder))
    assert str(folder) in str(caught.value)


async def test_the_program_runs_in_the_folder_and_with_the_environment_that_it_is_given(
    driver: Driver, tmp_path: Path
) -> None:
    code = "import os; raise SystemExit(os.getcwd() + ' ' + ' '.join(sorted(os.environ)))"
    command = [sys.executable, "-S", "-E", "-c", code]
    # Without a home of its own, the C locale makes Python set LC_CTYPE.
    transport = driver.stdio_class(command, cwd=tmp_path, env={"ONLY": "1", "LC_ALL": "C.UTF-8"})
    with pytest.raises(TransportClosedError) as caught:
        await driver.open(transport)
    assert caught.value.stderr_tail == f"{os.path.realpath(tmp_path)} LC_ALL ONLY"


@on_linux
async def test_what_a_program_said_before_its_end_is_heard_whole(driver: Driver) -> None:
    """Its pipes are big, and full, when its end is seen."""
    process = ServerProcess(scripted("die_after_a_flood"))
    assert process.wait(20)
    received: list[bytes] = []
    if isinstance(driver, AsyncDriver):
        ended = asyncio.get_running_loop().create_future()
        LoopPipes(process, received.append, lambda: ended.set_result(None))
        await ended
    else:
        pump(process, received.append)
        process.finish()
    assert b"".join(received).endswith(b"\nthe last words\n")
    assert process.tail.text().endswith("\nthe last words")
    assert process.exit_code == 7
