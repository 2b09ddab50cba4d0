"""Clients of a server that somebody else has started: what they take, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from codex_app_server_rpc import AsyncUnixSocketTransport, UnixSocketTransport
from openai_codex import AsyncCodex, Codex, CodexConfig, InvalidArgumentError, TransportClosedError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("codex_bin", "codex"),
        ("launch_args_override", ("codex", "app-server")),
        ("config_overrides", ('model="gpt-5.5"',)),
        ("cwd", "."),
        ("env", {}),
    ],
)
def test_what_the_configuration_says_of_a_launch_is_refused_by_name(name: str, value: Any) -> None:
    config = CodexConfig(**{name: value})

    with pytest.raises(InvalidArgumentError, match=f"no runtime is started, so {name} would"):
        Codex(config, transport=UnixSocketTransport("no-such-socket"))
    with pytest.raises(InvalidArgumentError, match=f"no runtime is started, so {name} would"):
        AsyncCodex(config, transport=AsyncUnixSocketTransport("no-such-socket"))


def test_all_that_would_do_nothing_is_named_at_once() -> None:
    config = CodexConfig(codex_bin="codex", cwd="/", client_name="mine", request_timeout=5)

    with pytest.raises(InvalidArgumentError, match="so codex_bin, cwd would do nothing"):
        Codex(config, transport=UnixSocketTransport("no-such-socket"))


async def test_a_transport_of_the_other_half_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="Client takes a Transport"):
        Codex(transport=AsyncUnixSocketTransport("no-such-socket"))  # type: ignore[arg-type]  # what is tested
    with pytest.raises(InvalidArgumentError, match="AsyncClient takes an AsyncTransport"):
        await AsyncCodex(transport=UnixSocketTransport("no-such-socket")).models()  # type: ignore[arg-type]  # what is tested


async def test_a_server_that_is_not_there_is_a_typed_error() -> None:
    with pytest.raises(TransportClosedError, match="no-such-socket"):
        Codex(transport=UnixSocketTransport("no-such-socket"))
    with pytest.raises(TransportClosedError, match="no-such-socket"):
        await AsyncCodex(transport=AsyncUnixSocketTransport("no-such-socket")).models()
