"""Logging in to the real runtime, for the sync and the async half alike, without a network.

A login in a browser waits on a port that the whole machine has only once: a second runtime that
begins one ends the first one's. So these tests wait for each other, in whichever process they run.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from codex_app_server_types import ApiKeyAccount, CancelLoginAccountStatus
from openai_codex import (
    AsyncChatgptLoginHandle,
    AsyncCodex,
    AsyncDeviceCodeLoginHandle,
    ChatgptLoginHandle,
    Codex,
    CodexConfig,
    CodexError,
    CodexTimeoutError,
    InternalRpcError,
    InvalidArgumentError,
    InvalidRequestError,
    TransportClosedError,
)

from tests.end_to_end import blocking
from tests.end_to_end.login_port import login_port
from tests.end_to_end.settling import in_the_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openai_codex.testing import IsolatedHome

KEY = "sk-a-key-that-nobody-may-see"
WHILE = 10
"""How long to wait for what is to come soon, in seconds."""


@pytest.fixture
def config(home: IsolatedHome) -> CodexConfig:
    """A runtime of OpenAI's own models: those of other providers know no account."""
    return CodexConfig(cwd=home.workspace, env=home.env)


@pytest.fixture(autouse=True)
def blocking_handles(monkeypatch: pytest.MonkeyPatch) -> None:
    handles = (AsyncChatgptLoginHandle, AsyncDeviceCodeLoginHandle)
    monkeypatch.setattr(blocking, "WRAPPED", (*blocking.WRAPPED, *handles))


@pytest.fixture
def port() -> Iterator[None]:
    """Have the port of the logins in a browser for oneself, among all tests of this machine."""
    with login_port():
        yield


in_a_browser = pytest.mark.usefixtures("port")


def deny(auth_url: str) -> None:
    """Do what a browser does whose user refuses to log in."""
    [state], [way_back] = (parse_qs(urlsplit(auth_url).query)[n] for n in ("state", "redirect_uri"))
    target = urlsplit(way_back)
    assert target.hostname is not None
    connection = HTTPConnection(target.hostname, target.port, timeout=WHILE)
    answer = urlencode({"error": "access_denied", "state": state})
    connection.request("GET", f"{target.path}?{answer}")
    connection.getresponse().read()
    connection.close()


def test_an_api_key_logs_in_until_a_logout(codex: Codex) -> None:
    before = codex.account()
    codex.login_api_key(KEY)
    between = codex.account()
    codex.logout()
    after = codex.account()

    assert before.account is None
    assert isinstance(between.account, ApiKeyAccount)
    assert after.account is None
    assert before.requires_openai_auth
    assert codex.stats().consumers == 0


def test_a_second_client_of_a_home_is_logged_in_without_a_call(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    first = opened(config)
    first.login_api_key(KEY)

    beside = opened(config).account()
    first.close()
    afterwards = opened(config).account()

    assert isinstance(beside.account, ApiKeyAccount)
    assert isinstance(afterwards.account, ApiKeyAccount)


def test_a_logout_holds_for_the_next_client(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    first = opened(config)
    first.login_api_key(KEY)
    first.logout()

    assert opened(config).account().account is None


def test_a_logout_of_nobody_is_no_error(codex: Codex) -> None:
    codex.logout()
    codex.logout()

    assert codex.account().account is None


@pytest.mark.parametrize("key", [3, "", None, KEY.encode(), [KEY]], ids=type)
def test_a_key_that_is_none_is_refused_and_not_shown(codex: Codex, key: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="api_key is ") as caught:
        codex.login_api_key(key)

    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert codex.account().account is None


def test_the_key_shows_in_no_repr_log_or_error(
    codex: Codex, caplog: pytest.LogCaptureFixture
) -> None:
    keyword: Any = {"apiKey": KEY}
    errors: list[CodexError] = []
    with caplog.at_level(logging.DEBUG):
        codex.login_api_key(KEY)
        for wrong in (
            lambda: codex.login_api_key(KEY, timeout=float("nan")),
            lambda: codex.login_api_key(**keyword),
            codex.account_usage,
        ):
            with pytest.raises(CodexError) as caught:
                wrong()
            errors.append(caught.value)
        account = codex.account()
        stats = codex.stats()
        codex.close()
        with pytest.raises(TransportClosedError) as closed:
            codex.login_api_key(KEY)

    for shown in (*errors, closed.value, account, stats, codex, codex.config):
        assert KEY not in f"{shown!r} {shown}"
        if isinstance(shown, BaseException):
            assert KEY not in "".join(traceback.format_exception(shown))
            assert KEY not in str(vars(shown))
    assert KEY not in caplog.text


@pytest.mark.parametrize("read", ["account_rate_limits", "account_usage"])
def test_what_belongs_to_a_chatgpt_account_is_refused_to_others(codex: Codex, read: str) -> None:
    with pytest.raises(InvalidRequestError, match="authentication required"):
        getattr(codex, read)()
    codex.login_api_key(KEY)
    with pytest.raises(InvalidRequestError, match="chatgpt authentication required"):
        getattr(codex, read)()


@in_a_browser
def test_a_login_in_a_browser_has_an_id_and_an_address(codex: Codex) -> None:
    handle = codex.login_chatgpt()

    assert handle.login_id
    assert handle.auth_url.startswith("https://")
    assert "localhost" in handle.auth_url or "127.0.0.1" in handle.auth_url


@in_a_browser
def test_a_wait_has_its_time_and_can_be_done_again(codex: Codex) -> None:
    handle = codex.login_chatgpt()

    for timeout in (0.05, 0.1):
        with pytest.raises(CodexTimeoutError, match=f"{handle.login_id} has not ended") as caught:
            handle.wait(timeout=timeout)
        assert caught.value.timeout == timeout

    handle.cancel()
    assert handle.wait(timeout=WHILE).login_id == handle.login_id


@in_a_browser
def test_a_cancelled_attempt_ends_without_success(codex: Codex) -> None:
    handle = codex.login_chatgpt()

    first = handle.cancel()
    end = handle.wait(timeout=WHILE)
    second = handle.cancel()

    assert first.status == CancelLoginAccountStatus.canceled
    assert (end.success, end.login_id) == (False, handle.login_id)
    assert end.error
    assert second.status == CancelLoginAccountStatus.not_found
    assert codex.account().account is None


@in_a_browser
def test_a_newer_attempt_ends_the_one_before_and_goes_on_itself(codex: Codex) -> None:
    older = codex.login_chatgpt()
    newer = codex.login_chatgpt()

    assert not older.wait(timeout=WHILE).success
    with pytest.raises(CodexTimeoutError):
        newer.wait(timeout=0.1)
    assert older.cancel().status == CancelLoginAccountStatus.not_found
    assert newer.cancel().status == CancelLoginAccountStatus.canceled
    assert newer.wait(timeout=WHILE).login_id == newer.login_id


@in_a_browser
def test_a_key_takes_the_place_of_an_attempt_in_a_browser(codex: Codex) -> None:
    handle = codex.login_chatgpt()

    codex.login_api_key(KEY)
    end = handle.wait(timeout=WHILE)

    assert (end.success, end.login_id) == (False, handle.login_id)
    assert isinstance(codex.account().account, ApiKeyAccount)


@in_a_browser
def test_an_attempt_that_is_denied_in_the_browser_tells_why(codex: Codex) -> None:
    handle = codex.login_chatgpt()

    deny(handle.auth_url)
    end = handle.wait(timeout=WHILE)

    assert not end.success
    assert "access_denied" in (end.error or "")


@in_a_browser
def test_whoever_waits_after_the_end_has_it_at_once(codex: Codex) -> None:
    handle = codex.login_chatgpt()
    handle.cancel()
    end = handle.wait(timeout=WHILE)

    assert handle.wait(timeout=1e-9) is end
    codex.close()
    assert handle.wait() is end


@in_a_browser
def test_a_wait_that_has_the_end_listens_no_more(codex: Codex) -> None:
    handle = codex.login_chatgpt()
    assert codex.stats().consumers == 1

    handle.cancel()
    handle.wait(timeout=WHILE)

    assert codex.stats().consumers == 0


@in_a_browser
def test_an_attempt_that_is_dropped_listens_no_more(codex: Codex) -> None:
    handle = codex.login_chatgpt()
    assert codex.stats().consumers == 1

    del handle

    assert in_the_end(codex, "consumers") == 0


@in_a_browser
def test_a_wait_ends_with_its_client(codex: Codex) -> None:
    handle = codex.login_chatgpt()

    codex.close()

    with pytest.raises(TransportClosedError):
        handle.wait(timeout=WHILE)


@in_a_browser
def test_two_threads_that_wait_both_get_the_end(opened_sync: Codex) -> None:
    handle = opened_sync.login_chatgpt()
    with ThreadPoolExecutor(2) as pool:
        waits = [pool.submit(handle.wait, timeout=WHILE) for _ in range(2)]
        handle.cancel()
        ends = [wait.result() for wait in waits]

    assert [end.login_id for end in ends] == [handle.login_id] * 2


@in_a_browser
async def test_two_tasks_that_wait_both_get_the_end(opened_async: AsyncCodex) -> None:
    handle = await opened_async.login_chatgpt()
    waits = [asyncio.create_task(handle.wait(timeout=WHILE)) for _ in range(2)]
    await asyncio.sleep(0)

    await handle.cancel()
    ends = await asyncio.gather(*waits)

    assert [end.login_id for end in ends] == [handle.login_id] * 2


def shows_its_id_alone(handle: ChatgptLoginHandle | AsyncChatgptLoginHandle) -> bool:
    name = type(handle).__name__
    return f"{handle!r}" == f"{handle}" == f"{name}(login_id='{handle.login_id}')"


@in_a_browser
def test_an_attempt_does_not_show_its_address(opened_sync: Codex) -> None:
    assert shows_its_id_alone(opened_sync.login_chatgpt())


@in_a_browser
async def test_an_async_attempt_does_not_show_its_address(opened_async: AsyncCodex) -> None:
    assert shows_its_id_alone(await opened_async.login_chatgpt())


@pytest.fixture
def offline(config: CodexConfig) -> Iterator[CodexConfig]:
    """A runtime that asks its way into the network of somebody who does not answer."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        env = {**(config.env or {}), "HTTPS_PROXY": proxy}
        yield CodexConfig(cwd=config.cwd, env=env)


def test_without_a_network_there_is_no_code_and_nothing_is_left(
    opened: Callable[[CodexConfig], Codex], offline: CodexConfig
) -> None:
    codex = opened(offline)

    with pytest.raises(InternalRpcError, match="failed to request device code"):
        codex.login_chatgpt_device_code()

    assert in_the_end(codex, "consumers") == 0
    codex.login_api_key(KEY)
    assert isinstance(codex.account().account, ApiKeyAccount)


def test_an_error_that_is_kept_keeps_nothing_open(
    opened: Callable[[CodexConfig], Codex], offline: CodexConfig
) -> None:
    codex = opened(offline)

    with pytest.raises(InternalRpcError) as kept:
        codex.login_chatgpt_device_code()

    assert in_the_end(codex, "consumers") == 0
    assert kept.value.code == -32603
