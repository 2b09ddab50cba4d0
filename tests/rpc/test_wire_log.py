"""The wire log: what passes is in the file that the environment names. For both clients."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import (
    InvalidArgumentError,
    LaunchError,
    TranscriptEnd,
    TranscriptHead,
    TranscriptMessage,
    TranscriptRecord,
    TranscriptSkip,
    TransportClosedError,
    read_transcript,
)
from codex_app_server_rpc.transcripts import encode_record
from codex_app_server_rpc.wire_log import BACKUPS, MAX_BYTES_VARIABLE, PATH_VARIABLE
from codex_app_server_types import ApiKeyLoginAccountParams

from tests.rpc.driver import Driver, scripted
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.wire import result

SECRET = "correct-horse-battery-staple"

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the environment name a file."""
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "wire.jsonl"))
    return tmp_path / "wire.jsonl"


async def exchange(driver: Driver, requests: int = 1, **options: Any) -> MemoryServer:
    """Open a client of a server in memory, have it ask, and close it."""
    server = MemoryServer(lambda message: [result(message["id"], {"dataBase64": ""})])
    client = await driver.open_memory(server, **options)
    for _ in range(requests):
        await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)
    return server


def said(records: list[TranscriptRecord]) -> list[tuple[str, Any]]:
    """Give who said what: the method, or the id of what is answered."""
    return [
        (one.sender, one.message.get("method", one.message.get("id")))
        for one in records
        if isinstance(one, TranscriptMessage)
    ]


async def test_all_that_passes_is_in_the_file_in_order(driver: Driver, path: Path) -> None:
    await exchange(driver)

    head, *between, end = records = read_transcript(path)
    assert isinstance(head, TranscriptHead)
    assert (head.process, head.command) == (os.getpid(), ())
    assert said(between) == [
        ("client", "initialize"),
        ("server", 0),
        ("client", "initialized"),
        ("client", "fs/readFile"),
        ("server", 1),
    ]
    assert isinstance(end, TranscriptEnd)
    assert [one.at for one in records] == sorted(one.at for one in records)


async def test_nothing_is_written_unless_it_is_asked_for(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, "")
    monkeypatch.chdir(tmp_path)

    await exchange(driver)

    assert list(tmp_path.iterdir()) == []


async def test_the_head_tells_the_command_line_and_the_end_the_exit_code(
    driver: Driver, path: Path
) -> None:
    program, *rest = scripted("die_when_asked", "1")
    argv = [program, "-X", f"api_key={SECRET}", *rest]
    client = await driver.open(driver.stdio_class(argv))
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)

    head, *_, end = read_transcript(path)
    assert isinstance(head, TranscriptHead)
    assert head.command == (program, "-X", "api_key=[redacted]", *rest)
    assert isinstance(end, TranscriptEnd)
    assert (end.reason, end.exit_code) == ("the app-server has exited", 7)


async def test_a_secret_never_reaches_the_file(driver: Driver, path: Path) -> None:
    server = MemoryServer(lambda message: [result(message["id"], {"type": "apiKey"})])
    params = ApiKeyLoginAccountParams(api_key=SECRET)
    client = await driver.open_memory(server)
    await driver.run(client.account_login_start, params=params)
    await driver.run(client.close)

    assert server.requests[0]["params"]["apiKey"] == SECRET
    assert SECRET not in path.read_text(encoding="utf-8")


@posix
async def test_nobody_else_may_read_the_file(driver: Driver, path: Path) -> None:
    path.touch(mode=0o644)
    await exchange(driver)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_id_of_the_process_may_be_part_of_the_name(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "wire-{pid}.jsonl"))

    await exchange(driver)

    assert [one.name for one in tmp_path.iterdir()] == [f"wire-{os.getpid()}.jsonl"]


@pytest.mark.parametrize("name", ["none/wire.jsonl", "."])
async def test_a_file_that_cannot_be_written_is_refused_when_the_client_starts(
    name: str, driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / name))
    server = MemoryServer()

    with pytest.raises(InvalidArgumentError, match=r"CODEX_WIRE_LOG names .* cannot be written: "):
        await driver.open_memory(server)
    assert server.introduction == {}


@posix
async def test_what_is_no_regular_file_is_refused(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, os.devnull)
    with pytest.raises(InvalidArgumentError, match="it is no regular file"):
        await exchange(driver)


CLIENT = """
import sys
from codex_app_server_rpc import InvalidArgumentError
from codex_app_server_rpc.wire_log import wire_logged

class Nowhere:
    def start(self, receive, closed): pass
    def send(self, data, *, timeout=None): pass
    def close(self): pass
    def abort(self): pass

try:
    transport = wire_logged(Nowhere())
except InvalidArgumentError as error:
    sys.exit(str(error))
transport.start(print, print)
for number in range(int(sys.argv[1])):
    transport.send(b'{"id":%d,"method":"model/list","params":{}}\\n' % number)
transport.close()
"""
"""A process with a client that sends some messages to nowhere."""


@posix
def test_a_pipe_that_nobody_reads_is_refused_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)

    program = [sys.executable, "-c", CLIENT, "0"]
    done = subprocess.run(program, capture_output=True, text=True, timeout=20)

    assert "cannot be written" in done.stderr
    assert done.returncode == 1


@posix
def test_processes_that_share_a_file_put_it_aside_by_turns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_BYTES_VARIABLE, "5000")
    program = [sys.executable, "-c", CLIENT, "1000"]
    running = [subprocess.Popen(program, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [one.communicate(timeout=60)[1] for one in running]

    assert said == [""] * 4  # nobody's log has ended before its time
    pieces = sorted(path.parent.iterdir())
    assert len(pieces) == BACKUPS + 1
    for piece in pieces:
        assert isinstance(read_transcript(piece)[0], TranscriptHead)
    for piece in pieces[1:]:  # none was put aside when it had just begun
        assert piece.stat().st_size > 4000


async def test_an_odd_message_or_argument_neither_ends_the_log_nor_keeps_its_file(
    driver: Driver, path: Path
) -> None:
    with pytest.raises(LaunchError):
        await driver.open(driver.stdio_class(["/no/such/\udcff"]))
    server = MemoryServer()
    client = await driver.open_memory(server)
    server.deliver(b'{"method":["x"]}\n')
    server.notify("account/updated")
    await driver.run(client.close)

    assert said(read_transcript(path))[-1] == ("server", "account/updated")
    if sys.platform == "linux":
        held = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
        assert not [one for one in held if "wire.jsonl" in one]


@pytest.mark.parametrize("limit", ["much", "-1", "1.5", "1e3"])
async def test_a_limit_that_is_no_number_is_refused(
    limit: str, driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_BYTES_VARIABLE, limit)

    with pytest.raises(InvalidArgumentError, match="CODEX_WIRE_LOG_MAX_BYTES is a number of bytes"):
        await exchange(driver)
    assert not path.exists()


async def test_a_full_file_is_put_aside_and_each_piece_can_be_read(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_BYTES_VARIABLE, "1500")

    await exchange(driver, requests=30)

    pieces = sorted(path.parent.iterdir(), reverse=True)
    assert [one.name for one in pieces] == [
        *(f"wire.jsonl.{number}" for number in range(BACKUPS, 0, -1)),
        "wire.jsonl",
    ]
    assert all(one.stat().st_size <= 1500 + 200 for one in pieces)  # a head more, at most
    records = [read_transcript(one) for one in pieces]
    assert len({one.connection for piece in records for one in piece}) == 1
    last = [message for piece in records for message in said(piece)]
    first = last[0][1] if last[0][0] == "server" else last[1][1]
    assert last[-1] == ("server", 30)
    assert [number for who, number in last if who == "server"] == list(range(first, 31))


async def test_without_a_limit_there_is_one_file(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_BYTES_VARIABLE, "0")

    await exchange(driver, requests=30)

    assert [one.name for one in path.parent.iterdir()] == ["wire.jsonl"]


async def test_several_clients_share_a_file(driver: Driver, path: Path) -> None:
    await asyncio.gather(*(exchange(driver, requests=20) for _ in range(5)))

    records = read_transcript(path)
    connections = {one.connection for one in records}
    assert len(connections) == 5
    for connection in connections:
        own = [one for one in records if one.connection == connection]
        assert len(said(own)) == 43
        assert isinstance(own[0], TranscriptHead)
        assert isinstance(own[-1], TranscriptEnd)


async def test_a_file_that_another_process_puts_aside_is_begun_again(
    driver: Driver, path: Path
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    path.rename(path.with_name("aside.jsonl"))
    server.notify("account/updated")
    await driver.run(client.close)

    assert said(read_transcript(path)) == [("server", "account/updated")]


@contextmanager
def room(size: int) -> Generator[None]:
    """Let no file of this process grow beyond a size, as if the disk were full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@posix
async def test_a_full_disk_ends_the_log_with_one_warning_and_not_the_connection(
    driver: Driver, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with room(1000):
        server = await exchange(driver, requests=30)

    assert len(server.requests) == 30
    (warning,) = caplog.records
    assert warning.name == "openai_codex.rpc.wire"
    assert warning.getMessage().startswith("the wire log ends here, for ")
    assert said(read_transcript(path))[0] == ("client", "initialize")  # no half of a line


@posix
async def test_a_full_disk_costs_nothing_that_another_process_has_written(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = encode_record(TranscriptHead(1.0, "other"))
    write = os.write

    def write_half(descriptor: int, data: bytes) -> int:
        if b"fs/readFile" not in data:
            return write(descriptor, data)
        monkeypatch.undo()
        written = write(descriptor, data[:30])
        with path.open("ab") as file:
            file.write(other)
        monkeypatch.setattr(os, "write", fail)
        return written

    def fail(descriptor: int, data: bytes) -> int:
        monkeypatch.undo()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", write_half)
    await exchange(driver)

    *own, last = read_transcript(path)
    assert said(own)[-1] == ("client", "initialized")
    assert encode_record(last) == other


async def test_a_program_that_cannot_be_started_is_in_the_log(driver: Driver, path: Path) -> None:
    with pytest.raises(LaunchError):
        await driver.open(driver.stdio_class(["/no/such/program"]))

    head, end = read_transcript(path)
    assert isinstance(head, TranscriptHead)
    assert head.command == ("/no/such/program",)
    assert isinstance(end, TranscriptEnd)
    assert end.reason.startswith("it was not opened: ")


async def test_the_file_is_let_go_of_with_its_last_client(driver: Driver, path: Path) -> None:
    await exchange(driver)
    first = len(read_transcript(path))
    path.unlink()
    await exchange(driver)

    assert len(read_transcript(path)) == first
    if sys.platform == "linux":
        held = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
        assert not [one for one in held if "wire.jsonl" in one]


def test_a_program_that_logs_nothing_loads_nothing_of_it() -> None:
    code = """
import sys
from codex_app_server_rpc import Client
print(sorted(name for name in sys.modules if "record" in name or "wire_file" in name))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


async def test_a_line_that_is_no_message_is_in_the_log(driver: Driver, path: Path) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    server.deliver(b"oops\n")
    await driver.run(client.close)

    (skip,) = [one for one in read_transcript(path) if isinstance(one, TranscriptSkip)]
    assert (skip.sender, skip.size, skip.reason) == ("server", 4, "not JSON")
