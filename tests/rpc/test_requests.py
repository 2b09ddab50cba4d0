"""Requests over stdio: answers, errors, deadlines, and many at once. For both clients."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import pytest
from codex_app_server_rpc import (
    AsyncClient,
    AsyncStdioTransport,
    Client,
    CodexTimeoutError,
    InternalRpcError,
    InvalidArgumentError,
    InvalidParamsError,
    InvalidRequestError,
    InvalidResponseError,
    JsonRpcError,
    MethodNotFoundError,
    ParseError,
    RequestTimeoutError,
    ServerBusyError,
    StdioTransport,
)

from tests.rpc.conftest import Connect
from tests.rpc.driver import IDENTITY, Driver
from tests.rpc.memory_transport import MemoryServer


async def read(driver: Driver, client: Any, path: str = "/x", **options: Any) -> str:
    """Make one request; the server answers with the path."""
    response = await driver.run(client.fs_read_file, path=path, **options)
    return str(response.data_base64)


async def test_the_handshake_tells_who_the_server_is(connect: Connect) -> None:
    client = await connect("answer_by_echo")
    assert client.server.user_agent == "scripted/0.163.0 (Linux)"
    assert client.server.platform_os == "linux"


async def test_a_request_gets_its_answer(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_by_echo")
    assert await read(driver, client, "/größe 😀") == "/größe 😀"


async def test_a_message_of_many_megabytes_goes_both_ways(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_by_echo")
    path = "/" + "x" * 20_000_000
    assert await read(driver, client, path) == path


async def test_many_requests_at_once_each_get_their_own_answer(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_in_reverse", "50")
    paths = [f"/{number}" for number in range(50)]
    answers = await asyncio.gather(*(read(driver, client, path) for path in paths))
    assert answers == paths


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-32700, ParseError),
        (-32600, InvalidRequestError),
        (-32601, MethodNotFoundError),
        (-32602, InvalidParamsError),
        (-32603, InternalRpcError),
        (-32001, ServerBusyError),
        (12345, JsonRpcError),
    ],
)
async def test_an_error_answer_is_raised_as_the_class_of_its_code(
    code: int, expected: type[JsonRpcError], driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_with_error", str(code))
    with pytest.raises(JsonRpcError) as caught:
        await read(driver, client)
    assert type(caught.value) is expected
    assert (caught.value.code, caught.value.message) == (code, "scripted")
    assert (caught.value.data, caught.value.method) == ({"a": 1}, "fs/readFile")


async def test_a_result_of_the_wrong_type_is_raised_with_all_of_it(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_with_nonsense")
    with pytest.raises(InvalidResponseError, match="fs/readFile") as caught:
        await read(driver, client)
    assert caught.value.result == {"dataBase64": ["no", "text"]}
    # The message, and whatever it came of, are free of values, which may be secrets.
    shown = "".join(traceback.format_exception(caught.value))
    assert "dataBase64: Input should be a valid string" in shown
    assert "['no'" not in shown


async def test_a_request_that_is_not_answered_in_time_is_given_up(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_the_first_too_late")
    with pytest.raises(RequestTimeoutError, match=r"fs/readFile within 0\.05 s") as caught:
        await read(driver, client, timeout=0.05)
    assert caught.value.method == "fs/readFile"
    assert caught.value.timeout == 0.05
    assert isinstance(caught.value, CodexTimeoutError)


async def test_an_answer_that_comes_too_late_disturbs_nobody_and_is_counted(
    driver: Driver, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect("answer_the_first_too_late")
    with pytest.raises(RequestTimeoutError):
        await read(driver, client, "/first", timeout=0.05)
    assert await read(driver, client, "/second") == "/second"
    assert client.stats().unmatched == 1
    assert not caplog.text


async def test_the_clients_own_deadline_holds_where_a_call_names_none(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_the_first_too_late", request_timeout=2)
    with pytest.raises(RequestTimeoutError) as caught:
        await read(driver, client)
    assert caught.value.timeout == 2


@pytest.mark.parametrize("timeout", [0, -1, -0.5])
async def test_no_time_at_all_is_a_deadline_too(
    timeout: float, driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_the_first_too_late")
    with pytest.raises(RequestTimeoutError):
        await read(driver, client, timeout=timeout)


@pytest.mark.parametrize("timeout", [None, float("inf"), 1e300])
async def test_a_deadline_may_be_as_far_away_as_one_likes(
    timeout: float | None, driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_by_echo")
    assert await read(driver, client, timeout=timeout) == "/x"


async def test_rubbish_between_the_lines_is_skipped(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_between_rubbish")
    assert [await read(driver, client, f"/{number}") for number in range(3)] == ["/0", "/1", "/2"]


async def test_a_flood_on_stderr_blocks_nothing(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_after_a_flood_of_complaints")
    assert await read(driver, client) == "/x"


async def test_a_request_of_the_server_is_answered_while_ours_waits(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("ask_for_approval")
    assert await read(driver, client) == "decline"


@pytest.mark.parametrize("timeout", ["5", float("nan")])
async def test_a_timeout_that_is_no_time_is_refused(driver: Driver, timeout: Any) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    calls = [
        (client.model_list, {"timeout": timeout}),
        (stream.next, {"timeout": timeout}),
        (client.close, {"timeout": timeout}),
    ]
    for call, arguments in calls:
        with pytest.raises(InvalidArgumentError, match="a timeout is a number of seconds"):
            await driver.run(call, **arguments)
    with pytest.raises(InvalidArgumentError, match="a timeout is a number of seconds"):
        driver.client_class(driver.memory_class(server), identity=IDENTITY, request_timeout=timeout)
    assert server.requests == []
    await driver.run(client.close)


async def test_a_client_is_closed_in_a_way_that_there_is(driver: Driver) -> None:
    client = await driver.open_memory(MemoryServer())
    with pytest.raises(InvalidArgumentError, match="mode is 'interrupt', 'drain' or 'kill'"):
        await driver.run(client.close, mode="gently")
    await driver.run(client.close)


@pytest.mark.parametrize(
    ("client", "transport"),
    [
        (Client, AsyncStdioTransport(["codex"])),
        (AsyncClient, StdioTransport(["codex"])),
        (Client, None),
        (AsyncClient, None),
    ],
)
def test_a_transport_of_the_other_client_is_refused(client: Any, transport: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"takes an? (Async)?Transport"):
        client(transport, identity=IDENTITY)


@pytest.mark.parametrize("transport", [StdioTransport, AsyncStdioTransport])
def test_a_command_line_in_one_string_is_refused(transport: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a list of words"):
        transport("codex app-server")
