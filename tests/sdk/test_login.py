"""Logins that end at awkward moments, or not as they should, on a scripted app-server."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import Client, ClientIdentity, StdioTransport
from codex_app_server_types import AccountLoginCompletedNotification, ChatgptLoginAccountParams
from openai_codex import (
    AsyncChatgptLoginHandle,
    AsyncCodex,
    AsyncDeviceCodeLoginHandle,
    ChatgptLoginHandle,
    Codex,
    CodexConfig,
    CodexTimeoutError,
    InvalidArgumentError,
    InvalidRequestError,
    InvalidResponseError,
    ProtocolError,
    RequestTimeoutError,
    TransportClosedError,
)

from tests.end_to_end import blocking
from tests.end_to_end.settling import in_the_end
from tests.sdk.login_server import (
    AUTH_URL,
    DEVICE_URL,
    DIE,
    EXIT_CODE,
    SILENCE,
    USER_CODE,
    answer_to,
    ended,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Play = Callable[[dict[str, Any]], Codex]

PROGRAM = Path(__file__).with_name("login_server.py")
WHILE = 10
"""How long to wait for what is to come soon, in seconds."""
KEY = "sk-a-secret"
MOMENT = 0.05
"""How long to wait for what does not come, in seconds."""


def command(script: dict[str, Any]) -> tuple[str, ...]:
    return (sys.executable, "-S", "-E", str(PROGRAM), json.dumps(script))


def config(script: dict[str, Any]) -> CodexConfig:
    return CodexConfig(launch_args_override=command(script))


@pytest.fixture(params=["sync", "async"])
def play(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Opens clients of either half of a server that plays a script."""
    handles = (AsyncChatgptLoginHandle, AsyncDeviceCodeLoginHandle)
    monkeypatch.setattr(blocking, "WRAPPED", (*blocking.WRAPPED, *handles))
    clients: list[Codex] = []
    loop = asyncio.new_event_loop()

    def open_client(script: dict[str, Any]) -> Codex:
        is_sync = request.param == "sync"
        client = Codex(config(script)) if is_sync else blocking.open_async(config(script), loop)
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.close()
    loop.close()


@pytest.mark.parametrize("moment", ["before 1", "after 1", "read 1"])
@pytest.mark.parametrize(("success", "error"), [(True, None), (False, "access_denied")])
def test_the_end_is_known_whenever_it_came(
    play: Play, moment: str, success: bool, error: str | None
) -> None:
    codex = play({moment: [ended("L1", success=success, error=error)]})

    handle = codex.login_chatgpt()
    codex.account()  # what was sent before its answer has come
    end = handle.wait(timeout=WHILE)

    assert (end.login_id, end.success, end.error) == ("L1", success, error)
    assert handle.wait() is end


def test_attempts_that_end_in_reverse_order_have_each_their_own_end(play: Play) -> None:
    ends = [ended("L2", error="of the second"), ended("L1", error="of the first")]
    codex = play({"read 1": ends})
    first, second = codex.login_chatgpt(), codex.login_chatgpt_device_code()

    codex.account()

    assert first.wait(timeout=WHILE).error == "of the first"
    assert second.wait(timeout=WHILE).error == "of the second"


def test_the_end_of_others_is_not_its_own(play: Play) -> None:
    unfit = {"loginId": "L2", "success": ["perhaps"]}
    others = [ended(None), ended("L2", success=False), ended("l1"), {"success": True}, unfit]
    codex = play({"read 1": others, "read 2": [ended("L1", error="its own")]})
    handle = codex.login_chatgpt()

    codex.account()
    with pytest.raises(CodexTimeoutError, match="L1 has not ended within") as caught:
        handle.wait(timeout=MOMENT)
    codex.account()

    assert caught.value.timeout == MOMENT
    assert handle.wait(timeout=WHILE).error == "its own"


@pytest.mark.parametrize(
    "end",
    [
        {"loginId": "L1", "success": ["perhaps"]},
        {"loginId": "L1"},
        {"loginId": ["L1"], "success": True},
        ["L1", True],
    ],
    ids=str,
)
def test_an_end_that_does_not_fit_its_type_is_an_error(play: Play, end: Any) -> None:
    codex = play({"read 1": [end], "read 2": [ended("L1")]})
    handle = codex.login_chatgpt()

    codex.account()
    with pytest.raises(ProtocolError, match="account/login/completed does not fit its type"):
        handle.wait(timeout=WHILE)
    codex.account()

    assert handle.wait(timeout=WHILE).success


def test_the_death_of_the_runtime_ends_a_later_wait(play: Play) -> None:
    codex = play({"after 1": [DIE]})
    handle = codex.login_chatgpt()

    for _ in range(2):
        with pytest.raises(TransportClosedError) as caught:
            handle.wait(timeout=WHILE)
        assert caught.value.exit_code == EXIT_CODE


def test_an_end_that_came_before_the_death_of_the_runtime_is_not_lost(play: Play) -> None:
    codex = play({"after 1": [ended("L1"), DIE]})

    handle = codex.login_chatgpt()

    assert handle.wait(timeout=WHILE).success


def test_the_death_of_the_runtime_ends_the_waits_of_threads() -> None:
    with Codex(config({"read 1": [DIE]})) as codex, ThreadPoolExecutor(2) as pool:
        handle = codex.login_chatgpt()
        waits = [pool.submit(handle.wait) for _ in range(2)]
        with pytest.raises(TransportClosedError):
            codex.account()

        for wait in waits:
            error = wait.exception(timeout=WHILE)
            assert isinstance(error, TransportClosedError)
            assert error.exit_code == EXIT_CODE


async def test_the_death_of_the_runtime_ends_the_waits_of_tasks() -> None:
    async with AsyncCodex(config({"read 1": [DIE]})) as codex:
        handle = await codex.login_chatgpt()
        waits = [asyncio.create_task(handle.wait()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(TransportClosedError):
            await codex.account()

        together = asyncio.gather(*waits, return_exceptions=True)
        errors = await asyncio.wait_for(together, WHILE)
        assert [getattr(error, "exit_code", error) for error in errors] == [EXIT_CODE] * 2


def test_threads_that_wait_have_the_same_end() -> None:
    script = {"read 1": [ended(None), ended("L2"), ended("L1")]}
    with Codex(config(script)) as codex, ThreadPoolExecutor(3) as pool:
        handle = codex.login_chatgpt()
        waits = [pool.submit(handle.wait, timeout=WHILE) for _ in range(3)]
        codex.account()
        ends = [wait.result(timeout=WHILE) for wait in waits]

    assert [end.login_id for end in ends] == ["L1"] * 3


async def test_tasks_that_wait_have_the_same_end_though_one_gives_up() -> None:
    async with AsyncCodex(config({"read 1": [ended(None), ended("L1")]})) as codex:
        handle = await codex.login_chatgpt()
        waits = [asyncio.create_task(handle.wait(timeout=WHILE)) for _ in range(2)]
        with pytest.raises(CodexTimeoutError):
            await handle.wait(timeout=MOMENT)
        await codex.account()

        first, second = await asyncio.gather(*waits)

    assert first is second
    assert first.login_id == "L1"


async def test_a_wait_that_is_cancelled_leaves_the_attempt_to_be_waited_for() -> None:
    async with AsyncCodex(config({"read 1": [ended("L1")]})) as codex:
        handle = await codex.login_chatgpt()
        waiting = asyncio.create_task(handle.wait())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert codex.stats().consumers == 1

        await codex.account()

        assert (await handle.wait(timeout=WHILE)).login_id == "L1"


def test_a_wait_takes_nothing_from_others_who_listen() -> None:
    script = {"after 1": [ended(None), ended("L2"), ended("L1")]}
    me = ClientIdentity(name="tests", version="1")
    with Client(StdioTransport(command(script)), identity=me) as client:
        other = client.subscribe(("account/login/completed",))
        stream = client.subscribe(("account/login/completed",))
        client.account_login_start(params=ChatgptLoginAccountParams())

        ChatgptLoginHandle(client, stream, "L1", AUTH_URL).wait(timeout=WHILE)

        events = [other.next(timeout=WHILE) for _ in range(3)]
    seen = [event.payload for event in events if event is not None]
    assert [
        payload.login_id
        for payload in seen
        if isinstance(payload, AccountLoginCompletedNotification)
    ] == [None, "L2", "L1"]


def test_a_login_by_device_has_its_address_and_its_code(play: Play) -> None:
    handle = play({"before 1": [ended("L1")]}).login_chatgpt_device_code()

    assert handle.login_id == "L1"
    assert (handle.verification_url, handle.user_code) == (DEVICE_URL, USER_CODE)
    assert handle.wait(timeout=WHILE).success


def test_a_login_in_a_browser_has_its_address(play: Play) -> None:
    handle = play({}).login_chatgpt()

    assert (handle.login_id, handle.auth_url) == ("L1", AUTH_URL)


def test_a_login_does_not_show_its_address_or_its_code() -> None:
    with Codex(config({})) as codex:
        browser, device = codex.login_chatgpt(), codex.login_chatgpt_device_code()

    assert repr(browser) == str(browser) == "ChatgptLoginHandle(login_id='L1')"
    assert repr(device) == str(device) == "DeviceCodeLoginHandle(login_id='L2')"


async def test_an_async_login_does_not_show_its_address_or_its_code() -> None:
    async with AsyncCodex(config({})) as codex:
        browser, device = await codex.login_chatgpt(), await codex.login_chatgpt_device_code()

    assert repr(browser) == str(browser) == "AsyncChatgptLoginHandle(login_id='L1')"
    assert repr(device) == str(device) == "AsyncDeviceCodeLoginHandle(login_id='L2')"


def test_a_cancellation_is_of_its_own_attempt(play: Play) -> None:
    codex = play({"cancel 1": [ended("L2", success=False, error="cancelled")]})
    first, second = codex.login_chatgpt(), codex.login_chatgpt_device_code()

    assert second.cancel().status == "canceled"
    assert second.wait(timeout=WHILE).error == "cancelled"
    assert second.cancel().status == "notFound"
    with pytest.raises(CodexTimeoutError):
        first.wait(timeout=MOMENT)
    assert first.cancel().status == "canceled"


FAILURE = {"code": -32600, "message": "not today"}


@pytest.mark.parametrize(
    ("begin", "answer", "error"),
    [
        ("login_chatgpt", answer_to("chatgptDeviceCode", "L1"), ProtocolError),
        ("login_chatgpt", answer_to("apiKey", "L1"), ProtocolError),
        ("login_chatgpt", {"type": "telepathy", "loginId": "L1"}, ProtocolError),
        ("login_chatgpt", {"type": "chatgpt", "loginId": "L1"}, InvalidResponseError),
        ("login_chatgpt", FAILURE, InvalidRequestError),
        ("login_chatgpt", SILENCE, RequestTimeoutError),
        ("login_chatgpt_device_code", answer_to("chatgpt", "L1"), ProtocolError),
        ("login_chatgpt_device_code", answer_to("apiKey", "L1"), ProtocolError),
        ("login_chatgpt_device_code", {"type": "telepathy"}, ProtocolError),
        ("login_chatgpt_device_code", {"type": "chatgptDeviceCode"}, InvalidResponseError),
        ("login_chatgpt_device_code", FAILURE, InvalidRequestError),
        ("login_chatgpt_device_code", SILENCE, RequestTimeoutError),
    ],
)
def test_a_login_that_does_not_begin_leaves_nothing(
    play: Play, begin: str, answer: Any, error: type[Exception]
) -> None:
    codex = play({"answer 1": answer, "read 1": [ended("L1")], "read 2": [ended("L2")]})
    timeout = MOMENT if answer == SILENCE else WHILE

    with pytest.raises(error) as caught:
        getattr(codex, begin)(timeout=timeout)
    assert type(caught.value) is error
    del caught

    assert in_the_end(codex, "consumers") == 0
    assert codex.login_chatgpt().login_id == "L2"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (FAILURE, InvalidRequestError),
        (SILENCE, RequestTimeoutError),
        ({"type": ["apiKey"]}, InvalidResponseError),
        (
            {
                "code": -32600,
                "message": f"no: {KEY}",
                "data": {"params": [KEY, 1], "why": KEY},
            },
            InvalidRequestError,
        ),
    ],
)
def test_a_login_that_fails_does_not_show_its_key(
    play: Play, answer: Any, error: type[Exception]
) -> None:
    codex = play({"answer 1": answer})
    timeout = MOMENT if answer == SILENCE else WHILE

    with pytest.raises(error) as caught:
        codex.login_api_key(KEY, timeout=timeout)

    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in f"{caught.value!r} {vars(caught.value)} {shown}"


@pytest.mark.parametrize(
    ("begin", "answer"),
    [
        ("login_chatgpt", {"type": "chatgpt", "authUrl": AUTH_URL}),
        ("login_chatgpt_device_code", {"type": "chatgptDeviceCode", "userCode": USER_CODE}),
    ],
)
def test_a_login_that_is_answered_by_half_does_not_show_its_secrets(
    play: Play, begin: str, answer: Any
) -> None:
    codex = play({"answer 1": answer})

    with pytest.raises(InvalidResponseError, match="loginId: Field required") as caught:
        getattr(codex, begin)()

    shown = "".join(traceback.format_exception(caught.value))
    assert AUTH_URL not in shown
    assert USER_CODE not in shown


@pytest.mark.parametrize("begin", ["login_chatgpt", "login_chatgpt_device_code"])
def test_an_attempt_listens_until_its_end_or_until_it_is_dropped(play: Play, begin: str) -> None:
    codex = play({"after 1": [ended("L1")]})
    finished = getattr(codex, begin)()
    dropped = getattr(codex, begin)()
    assert codex.stats().consumers == 2

    finished.wait(timeout=WHILE)
    assert codex.stats().consumers == 1
    assert dropped.login_id == "L2"
    del dropped

    assert in_the_end(codex, "consumers") == 0
    assert finished.wait().success


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), True, "5"])
def test_a_wait_of_no_time_is_refused(play: Play, timeout: Any) -> None:
    handle = play({"before 1": [ended("L1")]}).login_chatgpt()

    with pytest.raises(InvalidArgumentError, match="timeout is a number of seconds over 0"):
        handle.wait(timeout=timeout)

    assert handle.wait(timeout=WHILE).success


async def test_a_wait_ends_when_its_client_is_closed() -> None:
    async with AsyncCodex(config({})) as codex:
        handle = await codex.login_chatgpt()
        waiting = asyncio.create_task(handle.wait())
        await asyncio.sleep(0)
        await codex.close()

        with pytest.raises(TransportClosedError):
            await waiting
