"""How a client of the real runtime begins and ends."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc.server_version import is_older
from openai_codex import (
    AsyncCodex,
    Codex,
    CodexConfig,
    InvalidArgumentError,
    LaunchError,
    RuntimeNotFoundError,
    RuntimeTooOldError,
    TransportClosedError,
    UsageError,
)
from openai_codex.testing import Gate, Reply

from tests.rpc.processes import descendants, parent_of
from tests.rpc.runtime_program import runtime_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex.testing import IsolatedHome, ModelServer


def runtimes() -> set[int]:
    """The ids of the runtimes that descend from this process.

    What a runtime has just forked looks like itself until it runs another program.
    """
    parents: dict[int, int] = {}
    for child in descendants(os.getpid()):
        with suppress(OSError):  # it has ended meanwhile
            if b"app-server" in Path("/proc", str(child), "cmdline").read_bytes():
                parents[child] = parent_of(child)
    return {child for child, parent in parents.items() if parent not in parents}


def test_metadata_tells_what_the_runtime_reported(codex: Codex, home: IsolatedHome) -> None:
    metadata = codex.metadata

    assert metadata.server_info.version == runtime_version()
    assert metadata.server_info.name == "codex_python_sdk"
    assert metadata.serverInfo is metadata.server_info
    assert metadata.codex_home == str(home.codex_home)
    assert metadata.platform_family in {"unix", "windows"}
    assert metadata.user_agent.startswith(f"codex_python_sdk/{runtime_version()}")


@pytest.mark.parametrize("name", ["my_editor", "my_editor/0.1.0"])
def test_the_client_goes_under_the_name_it_was_given(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, name: str
) -> None:
    named = replace(config, client_name=name, client_version="7.1")

    metadata = opened(named).metadata

    assert (metadata.server_info.name, metadata.server_info.version) == (name, runtime_version())
    assert f"{name}; 7.1" in metadata.user_agent


def test_a_name_that_cannot_be_written_is_no_reason_to_wait(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    odd = replace(config, client_name="my\ud800", client_version="\udfff", request_timeout=10)

    assert opened(odd).metadata.server_info.version == runtime_version()


def test_a_client_shows_whether_it_is_closed(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    client = opened(config)
    running = repr(client)

    client.close()

    assert "closed" not in running
    assert repr(client) == running.replace(">", ", closed>")


async def test_another_event_loop_disturbs_nothing(config: CodexConfig, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("one ", gate, "two"))
    codex = AsyncCodex(config)
    thread = await codex.thread_start()
    handle = await thread.turn("Count.")
    await asyncio.to_thread(gate.wait_reached)

    async def elsewhere() -> None:
        for call in (handle.run, handle.close, handle.interrupt, codex.close, codex.thread_start):
            with pytest.raises(UsageError, match="another event loop"):
                await call()

    await asyncio.to_thread(asyncio.run, elsewhere())
    gate.release()

    assert (await handle.run()).final_response == "one two"
    await codex.close()


def test_close_ends_the_runtime_and_may_be_repeated(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    before = runtimes()
    codex = opened(config)
    started = runtimes() - before

    codex.close()
    codex.close()

    assert len(started) == 1
    assert not (runtimes() & started)


def test_a_closed_client_says_so(codex: Codex) -> None:
    thread = codex.thread_start()
    codex.close()

    with pytest.raises(TransportClosedError, match="closed"):
        codex.thread_start()
    with pytest.raises(TransportClosedError, match="closed"):
        thread.run("Anybody there?")
    assert codex.metadata.server_info.version == runtime_version()
    assert codex.stats().consumers == 0


def test_closing_interrupts_the_turns_that_run(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("never ", Gate(), "finished"))
    handle = codex.thread_start().turn("Wait.")
    model.wait_for_requests(1)

    codex.close()

    assert handle.run().status == "interrupted"


def test_killing_wakes_a_thread_that_follows_a_turn(opened_sync: Codex, model: ModelServer) -> None:
    model.add(Reply.text("never ", Gate(), "finished"))
    handle = opened_sync.thread_start().turn("Wait.")
    has_text = Event()

    def follow() -> None:
        for event in handle.stream():
            if event.method == "item/agentMessage/delta":
                has_text.set()  # nothing more will come

    with ThreadPoolExecutor() as pool:
        following = pool.submit(follow)
        assert has_text.wait(20)
        opened_sync.close(mode="kill")

        with pytest.raises(TransportClosedError):
            following.result(10)


async def test_killing_wakes_a_task_that_follows_a_turn(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    model.add(Reply.text("never ", Gate(), "finished"))
    handle = await (await opened_async.thread_start()).turn("Wait.")
    has_text = asyncio.Event()

    async def follow() -> None:
        async for event in handle.stream():
            if event.method == "item/agentMessage/delta":
                has_text.set()  # nothing more will come

    following = asyncio.create_task(follow())
    await asyncio.wait_for(has_text.wait(), 20)
    await opened_async.close(mode="kill")

    with pytest.raises(TransportClosedError):
        await asyncio.wait_for(following, 10)


def test_draining_waits_for_the_turns_that_run(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("slowly ", "done", delay=0.2))
    handle = codex.thread_start().turn("Take your time.")
    model.wait_for_requests(1)

    codex.close(mode="drain", timeout=20)

    assert handle.run().final_response == "slowly done"


def test_a_program_that_does_not_exist_is_named(opened: Callable[[CodexConfig], Codex]) -> None:
    with pytest.raises(RuntimeNotFoundError, match="/no/such/codex"):
        opened(CodexConfig(codex_bin="/no/such/codex"))


def test_a_program_that_is_not_executable_is_named(
    opened: Callable[[CodexConfig], Codex], tmp_path: Path
) -> None:
    program = tmp_path / "codex"
    program.write_text("not a program", encoding="utf-8")

    with pytest.raises(RuntimeNotFoundError, match=f"{program}.*not executable"):
        opened(CodexConfig(codex_bin=program))


def test_a_file_that_is_no_program_is_named(
    opened: Callable[[CodexConfig], Codex], tmp_path: Path
) -> None:
    program = tmp_path / "codex"
    program.write_bytes(b"\x00\x01rubbish")
    program.chmod(0o755)

    with pytest.raises(LaunchError, match=f"{program}.*not a program"):
        opened(CodexConfig(codex_bin=program))


def test_a_working_directory_that_does_not_exist_is_named(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    with pytest.raises(LaunchError, match="/no/such/folder"):
        opened(replace(config, cwd="/no/such/folder"))


def test_a_program_that_dies_at_once_is_reported_with_its_last_words(
    opened: Callable[[CodexConfig], Codex], tmp_path: Path
) -> None:
    program = tmp_path / "codex"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint('my last words', file=sys.stderr)\nsys.exit(7)\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    before = runtimes()

    with pytest.raises(TransportClosedError, match="my last words") as caught:
        opened(CodexConfig(codex_bin=program))

    assert caught.value.exit_code == 7
    assert caught.value.argv[0] == str(program)
    assert str(program) in str(caught.value)
    assert "exit code 7" in str(caught.value)
    assert runtimes() == before


def test_a_setting_that_the_runtime_refuses_is_reported_in_its_words(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    before = runtimes()

    with pytest.raises(TransportClosedError, match="nope"):
        opened(replace(config, config_overrides=('model_provider="nope"',)))

    assert runtimes() == before


def test_the_whole_command_line_can_be_replaced(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    from openai_codex.launch import command_line

    arguments = tuple(command_line(config))

    codex = opened(CodexConfig(launch_args_override=arguments, env=config.env, cwd=config.cwd))

    assert codex.metadata.server_info.version == runtime_version()


async def test_an_async_client_starts_at_its_first_awaited_call(
    config: CodexConfig, model: ModelServer
) -> None:
    codex = AsyncCodex(config)
    before = runtimes()
    try:
        thread = await codex.thread_start()
        assert thread.id
        assert len(runtimes() - before) == 1
    finally:
        await codex.close()


async def test_concurrent_first_calls_start_one_runtime(config: CodexConfig) -> None:
    codex = AsyncCodex(config)
    before = runtimes()
    try:
        threads = await asyncio.gather(*(codex.thread_start() for _ in range(5)))
        assert len({thread.id for thread in threads}) == 5
        assert len(runtimes() - before) == 1
    finally:
        await codex.close()


async def test_an_async_client_that_was_never_started_closes(config: CodexConfig) -> None:
    codex = AsyncCodex(config)

    await codex.close()

    with pytest.raises(TransportClosedError, match="closed"):
        await codex.thread_start()


async def test_async_turns_run_at_once(config: CodexConfig, model: ModelServer) -> None:
    gates = [Gate() for _ in range(4)]
    model.add(*(Reply.text("held ", gate, "done") for gate in gates))
    async with AsyncCodex(config) as codex:
        threads = [await codex.thread_start() for _ in gates]
        running = [asyncio.create_task(thread.run("go")) for thread in threads]
        await asyncio.to_thread(model.wait_for_requests, len(gates))
        for gate in reversed(gates):
            gate.release()
        results = await asyncio.gather(*running)
    assert [result.final_response for result in results] == ["held done"] * len(gates)


@pytest.mark.parametrize("experimental", [False, True])
def test_the_handshake_says_who_and_asks_for_what_is_configured(
    opened: Callable[[CodexConfig], Codex], tmp_path: Path, experimental: bool
) -> None:
    recorder = tmp_path / "recorder"
    recorded = tmp_path / "recorded.json"
    recorder.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(recorded)!r}, 'w').write(input())\n",
        encoding="utf-8",
    )
    recorder.chmod(0o755)

    with pytest.raises(TransportClosedError):
        opened(
            CodexConfig(
                codex_bin=recorder,
                client_name="me",
                client_title="Myself",
                client_version="1.2",
                experimental_api=experimental,
            )
        )

    request = json.loads(recorded.read_text(encoding="utf-8"))
    assert request["method"] == "initialize"
    assert request["params"] == {
        "clientInfo": {"name": "me", "title": "Myself", "version": "1.2"},
        "capabilities": {"experimentalApi": experimental},
    }


def test_a_runtime_that_is_too_old_is_refused_and_ended(
    opened: Callable[[CodexConfig], Codex], tmp_path: Path
) -> None:
    program = tmp_path / "codex"
    answer = {
        "userAgent": "me/0.99.0 (x)",
        "codexHome": "/",
        "platformFamily": "unix",
        "platformOs": "linux",
    }
    program.write_text(
        f"#!{sys.executable}\nimport sys\ninput()\n"
        f"print({json.dumps({'id': 0, 'result': answer})!r}, flush=True)\nsys.stdin.read()\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    before = runtimes()

    with pytest.raises(RuntimeTooOldError, match=r"0\.99\.0"):
        opened(CodexConfig(codex_bin=program))

    assert runtimes() == before


def test_the_runtime_knows_what_the_history_says_and_no_more(codex: Codex) -> None:
    assert codex.supports("turn/start")
    assert codex.supports("thread/rollback") == is_older(runtime_version(), "0.156.0")
    assert not codex.supports("thread/queue/add")  # experimental, and nobody has opted in


def test_something_else_than_a_configuration_is_refused() -> None:
    for client in (Codex, AsyncCodex):
        with pytest.raises(InvalidArgumentError, match="config is a CodexConfig, not of type str"):
            client("codex")  # type: ignore[arg-type]  # the mistake


def test_a_close_that_cannot_be_leaves_the_client_as_it_was(
    codex: Codex, model: ModelServer
) -> None:
    wrong: list[dict[str, Any]] = [{"mode": "now"}, {"timeout": "5"}, {"timeout": float("nan")}]
    for options in wrong:
        with pytest.raises(InvalidArgumentError):
            codex.close(**options)

    model.add("Still here.")
    assert codex.thread_start().run("Hello?").final_response == "Still here."


async def test_nobody_comes_out_of_a_close_before_the_runtime_is_gone(config: CodexConfig) -> None:
    codex = AsyncCodex(config)
    before = set(descendants(os.getpid()))
    await codex.thread_start()
    assert set(descendants(os.getpid())) - before
    first, second = (asyncio.create_task(codex.close()) for _ in range(2))
    await second
    assert set(descendants(os.getpid())) <= before
    await first
