"""Where a WebSocket leads, and what is shown there: URLs, headers and tokens; for both clients."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import (
    InvalidArgumentError,
)
from websockets.http11 import Request

from tests.rpc.driver import AsyncDriver, Driver
from tests.rpc.websocket_server import (
    Received,
    answer_by_echo,
    listening,
    socket_transport,
    url_transport,
)

SECRET = "open-sesame"


async def opening_request(driver: Driver, **options: Any) -> Request:
    """Connect, and return the opening request as the server saw it."""
    async with listening(answer_by_echo) as server:
        client = await driver.open(url_transport(driver, f"{server.url}/a?b=c", **options))
        await driver.run(client.close)
        [request] = server.requests
        return request


async def test_the_opening_request_names_no_origin_and_offers_no_extension(
    driver: Driver,
) -> None:
    request = await opening_request(driver)
    assert request.path == "/a?b=c"
    assert not {"Origin", "Sec-WebSocket-Extensions", "Authorization"} & set(request.headers)


async def test_headers_of_the_caller_are_sent_and_replace_those_of_ours(driver: Driver) -> None:
    request = await opening_request(driver, headers={"X-Team": "blue", "host": "codex"})
    assert request.headers["X-Team"] == "blue"
    assert request.headers.get_all("Host") == ["codex"]


@pytest.mark.parametrize("token", [SECRET, lambda: SECRET], ids=["text", "function"])
async def test_a_token_is_shown_as_bearer(driver: Driver, token: object) -> None:
    request = await opening_request(driver, token=token)
    assert request.headers.get_all("Authorization") == [f"Bearer {SECRET}"]


async def test_a_token_may_come_from_a_coroutine() -> None:
    async def token() -> str:
        await asyncio.sleep(0)
        return SECRET

    driver = AsyncDriver()
    request = await opening_request(driver, token=token)
    assert request.headers.get_all("Authorization") == [f"Bearer {SECRET}"]


async def test_a_token_replaces_an_authorization_header(driver: Driver) -> None:
    request = await opening_request(driver, token=SECRET, headers={"authorization": "Basic x"})
    assert request.headers.get_all("Authorization") == [f"Bearer {SECRET}"]


async def test_what_a_token_function_raises_reaches_the_caller(driver: Driver) -> None:
    def token() -> str:
        raise LookupError("no token today")

    async with listening(answer_by_echo) as server:
        with pytest.raises(LookupError, match="no token today"):
            await driver.open(url_transport(driver, server.url, token=token))


async def test_the_token_is_not_logged(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await opening_request(driver, token=SECRET)
    client_side = [r.getMessage() for r in caplog.records if r.name != "websockets.server"]
    assert client_side
    assert not [text for text in client_side if SECRET in text]


@pytest.mark.parametrize("token", ["", "two\nlines", "tête\r\nHost: elsewhere", "\x00"])
async def test_a_token_that_cannot_stand_in_a_header_is_refused_and_not_repeated(
    driver: Driver, token: str
) -> None:
    received = Received()
    transport = url_transport(driver, "ws://127.0.0.1:9", token=token)
    with pytest.raises(InvalidArgumentError) as failure:
        await driver.run(transport.start, received.receive, received.closed)
    assert not token or token not in str(failure.value)


@pytest.mark.parametrize(
    "headers", [{"X Team": "blue"}, {"": "blue"}, {"X-Team": "blue\r\nY: red"}, {"X": "ä"}]
)
async def test_a_malformed_header_is_refused(
    driver: Driver, headers: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(InvalidArgumentError, match="header"):
        url_transport(driver, "ws://127.0.0.1:9", headers=headers)
    with pytest.raises(InvalidArgumentError, match="header"):
        socket_transport(driver, tmp_path / "s", headers=headers)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:4500", "http://127.0.0.1", "ws://", "ws://h:port", "ws://h:99999", "ws://h/#x"],
)
async def test_what_is_no_websocket_url_is_refused(driver: Driver, url: str) -> None:
    with pytest.raises(InvalidArgumentError, match="WebSocket URL"):
        url_transport(driver, url)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("ws://codex.example", {"token": SECRET}),
        ("ws://192.0.2.1:4500", {"token": SECRET}),
        ("ws://localhost.example", {"token": lambda: SECRET}),
        ("ws://127.0.0.1.example", {"token": SECRET}),
        ("ws://codex.example", {"headers": {"authorization": f"Bearer {SECRET}"}}),
        (f"ws://me:{SECRET}@codex.example", {}),
    ],
)
async def test_a_secret_is_not_sent_unencrypted_to_another_machine(
    driver: Driver, url: str, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgumentError, match="unencrypted") as failure:
        url_transport(driver, url, **options)
    assert SECRET not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    ["ws://127.0.0.1", "ws://127.8.9.1", "ws://localhost", "ws://[::1]", "wss://codex.example"],
)
async def test_a_secret_may_go_to_this_machine_and_through_tls(driver: Driver, url: str) -> None:
    url_transport(driver, url, token=SECRET)


async def test_a_secret_may_go_unencrypted_when_that_is_forced(driver: Driver) -> None:
    url_transport(driver, "ws://codex.example", token=SECRET, allow_plaintext_token=True)


async def test_proxies_of_the_environment_are_not_used(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "socks_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    await opening_request(driver)
