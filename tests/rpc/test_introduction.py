"""What the client tells of itself in ``initialize``."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import InvalidArgumentError

from tests.rpc.driver import IDENTITY, Driver
from tests.rpc.memory_transport import MemoryServer


async def introduction(driver: Driver, **options: Any) -> dict[str, Any]:
    """Let a client introduce itself, and return what it said."""
    server = MemoryServer()
    client = await driver.open_memory(server, **options)
    await driver.run(client.close)
    assert types.InitializeParams.from_wire(server.introduction).to_wire() == server.introduction
    return server.introduction


def attest(params: Any) -> types.AttestationGenerateResponse:
    raise AssertionError("nobody asks")


async def test_what_is_not_asked_for_is_not_sent(driver: Driver) -> None:
    assert await introduction(driver) == {
        "clientInfo": {"name": "tests", "version": "1.0", "title": "The tests"},
        "capabilities": {"experimentalApi": False},
    }


async def test_extensions_go_out_as_they_are(driver: Driver) -> None:
    extensions = {"openai/form": {}, "my/own": {"levels": [1, 2.5, None]}}

    sent = await introduction(driver, extensions=extensions)

    assert sent["capabilities"]["extensions"] == extensions


async def test_extensions_may_be_any_mapping_of_mappings(driver: Driver) -> None:
    extensions = MappingProxyType({"openai/form": MappingProxyType({"a": 1})})

    sent = await introduction(driver, extensions=extensions)

    assert sent["capabilities"]["extensions"] == {"openai/form": {"a": 1}}


async def test_what_no_utf8_text_can_hold_is_replaced_in_extensions(driver: Driver) -> None:
    sent = await introduction(driver, extensions={"my/own": "\ud800"})

    assert sent["capabilities"]["extensions"] == {"my/own": "\ufffd"}


@pytest.mark.parametrize(
    ("extensions", "match"),
    [
        ("openai/form", "^extensions is a mapping of names to settings, not of type str$"),
        ({"a": object()}, "^extensions cannot be written as JSON: a value of type object$"),
        ({"a": float("nan")}, "^extensions cannot be written as JSON: "),
    ],
    ids=["string", "object", "nan"],
)
async def test_what_are_no_extensions_is_refused(
    extensions: Any, match: str, driver: Driver
) -> None:
    transport = driver.memory_class(MemoryServer())
    with pytest.raises(InvalidArgumentError, match=match):
        driver.client_class(transport, identity=IDENTITY, extensions=extensions)


async def test_attestations_are_asked_for_only_if_there_is_a_handler_of_them(
    driver: Driver,
) -> None:
    with_it = await introduction(driver, handlers=driver.handlers(attestation_generate=attest))
    without = await introduction(driver, handlers=driver.handlers(otherwise=attest))

    assert with_it["capabilities"] == {"experimentalApi": False, "requestAttestation": True}
    assert without["capabilities"] == {"experimentalApi": False}
