"""From a configuration to a client that is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc import ClientIdentity

from openai_codex.launch import command_line, environment
from openai_codex.usage import TOKEN_USAGE_UPDATED

if TYPE_CHECKING:
    from codex_app_server_rpc import AsyncClient, AsyncStdioTransport, AsyncTransport

    from openai_codex.config import CodexConfig
    from openai_codex.requests.responder import Responder
    from openai_codex.usage import UsageLedger

__all__ = ["async_connect"]

__tracebackhide__ = True  # pytest shows the frames of users


async def async_connect(
    config: CodexConfig,
    usage: UsageLedger,
    responder: Responder,
    transport: AsyncTransport | None = None,
) -> AsyncClient:
    """Start the runtime, or reach one that runs, and perform the handshake.

    Args:
        config: Which program, in which surroundings.
        usage: Gets to know of all reports of usage.
        responder: Answers what the runtime asks.
        transport: The way to a runtime that runs already; ``None`` to start one.

    Raises:
        RuntimeNotFoundError: There is no runtime to start.
        LaunchError: The runtime cannot be started.
        RuntimeTooOldError: The runtime is older than this library can use.
        TransportClosedError: The runtime died in the handshake.
    """
    from codex_app_server_rpc import AsyncClient

    argv = command_line(config) if transport is None else []
    client = AsyncClient(
        _launched(config, argv) if transport is None else transport,
        identity=ClientIdentity(
            name=config.client_name, version=config.client_version, title=config.client_title
        ),
        experimental_api=config.experimental_api,
        extensions=responder.extensions,
        handlers=responder.handlers(),
        handler_timeout=config.handler_timeout,
        request_timeout=config.request_timeout,
        max_in_flight=config.max_in_flight,
        overload_retry=config.overload_retry,
        check_version=config.check_version,
        trace=None if responder.tracer is None else responder.tracer.trace_context,
    )
    client.watch(TOKEN_USAGE_UPDATED, usage.note)
    client.watch("item/started", responder.note_started)
    client.watch("item/completed", responder.note_completed)
    await client.start()
    return client


def _launched(config: CodexConfig, argv: list[str]) -> AsyncStdioTransport:
    from codex_app_server_rpc import AsyncStdioTransport

    return AsyncStdioTransport(argv, env=environment(config), cwd=config.cwd)
