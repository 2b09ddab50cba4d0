"""The raw client on the real runtime, with one function that answers what the runtime asks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codex_app_server_rpc import (
    Client,
    ClientIdentity,
    ServerRequest,
    ServerRequestHandlers,
    StdioTransport,
)
from codex_app_server_types import AskForApprovalValue, TurnCompletedNotification, TurnStartParams
from openai_codex.launch import command_line, environment

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue, WireModel
    from openai_codex import CodexConfig

MCP_SERVER = Path(__file__).with_name("mcp_server.py")
MCP_OVERRIDE = f'mcp_servers.tiny={{command="{sys.executable}",args=["-S","-E","{MCP_SERVER}"]}}'


class Asked:
    """One thread of a client whose requests of the runtime one function answers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._thread = client.thread_start(approval_policy=AskForApprovalValue.on_request).thread.id

    def run(self, text: str, **options: Any) -> str:
        """Run a turn, and return how it ended."""
        params = TurnStartParams.from_wire(
            {"threadId": self._thread, "input": [{"type": "text", "text": text}], **options}
        )
        with self._client.start_turn(params) as stream:
            *_, last = stream
        completed = last.payload
        assert isinstance(completed, TurnCompletedNotification)
        return completed.turn.status

    def elicit(self, params: Mapping[str, JsonValue], method: str = "elicitation/create") -> Any:
        """Let the MCP server ask, and return what it was answered."""
        arguments: dict[str, Any] = {"method": method, "params": params}
        result = self._client.mcp_server_tool_call(
            server="tiny", thread_id=self._thread, tool="ask", arguments=arguments
        )
        content: Any = result.to_wire()["content"]
        return json.loads(content[0]["text"])


@contextmanager
def asked(
    config: CodexConfig,
    answer: Callable[[ServerRequest], WireModel | None],
    *,
    extensions: Mapping[str, JsonValue] | None = None,
    experimental_api: bool = False,
) -> Generator[Asked]:
    """Connect a client that answers by a function; ``None`` stands for the safe answer."""
    client = Client(
        StdioTransport(command_line(config), env=environment(config), cwd=config.cwd),
        identity=ClientIdentity("tests", "1.0"),
        handlers=ServerRequestHandlers(otherwise=answer),
        extensions=extensions,
        experimental_api=experimental_api,
    )
    with client:
        yield Asked(client)
