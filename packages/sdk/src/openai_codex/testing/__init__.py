"""Test programs that use Codex with no account and no network.

**The model, scripted.** The runtime asks a model what to do over the Responses API. A local
`ModelServer` answers from a script, and an `IsolatedHome` keeps the developer's own configuration,
login and keys out; all else is real. With pytest, the fixtures of the plugin
(`openai_codex.testing.pytest_plugin`) do so for a program that makes its clients itself:

    def test_it_summarizes(codex_model):
        codex_model.add("It sorts numbers.")
        assert summarize("sort.py") == "It sorts numbers."
        assert "sort.py" in codex_model.requests[0].prompt

and anywhere else:

    with ModelServer([Reply.command("echo hi"), "It said hi."]) as model, IsolatedHome() as home:
        config = CodexConfig(
            cwd=home.workspace, env=home.env, config_overrides=model.config_overrides()
        )
        with Codex(config) as codex:
            result = codex.thread_start().run("Say hi.")

**The app-server, scripted.** `ScriptedServer` stands in for the runtime, in this process: turns of
`Step`, requests for approval and others with recorded replies, faults of every kind.

    with ScriptedServer() as server:
        server.add_turn(Step.command("rm x", approval=True), "It is gone.")
        with Codex(transport=server.transport(), approvals=approve) as codex:
            codex.thread_start().run("Remove x.")

**Record and replay.** `ReplayTransport` plays back what ``CODEX_WIRE_LOG`` or `recording` have
written down.

A `Gate` holds a reply or a turn until the test lets it go on. `MemoryTransport` leads to a server
of your own. The kit needs the standard library only (the fixtures need pytest), works from sync and
async tests alike, and is loaded when it is first touched.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openai_codex.testing._answers import AnyAnswer
    from openai_codex.testing._client_link import ClientRequest, PendingReply, ServerReply
    from openai_codex.testing._gate import Gate
    from openai_codex.testing._isolated_home import IsolatedHome
    from openai_codex.testing._memory import (
        AsyncMemoryTransport,
        FarEnd,
        MemoryLine,
        MemoryTransport,
    )
    from openai_codex.testing._model_request import ModelRequest
    from openai_codex.testing._model_server import ModelServer
    from openai_codex.testing._recording import recording
    from openai_codex.testing._replay import AsyncReplayTransport, ReplayError, ReplayTransport
    from openai_codex.testing._replies import (
        CustomToolCall,
        Delay,
        Disconnect,
        HttpFailure,
        Message,
        Part,
        Phase,
        Reasoning,
        Reply,
        ResponseFailure,
        ToolCall,
        Usage,
    )
    from openai_codex.testing._script import Script, ScriptError
    from openai_codex.testing._scripted_server import ScriptedServer, TurnScript
    from openai_codex.testing._stage import Stage
    from openai_codex.testing._steps import AnyStep, ScriptedTurn, Step

__all__ = [
    "AnyAnswer",
    "AnyStep",
    "AsyncMemoryTransport",
    "AsyncReplayTransport",
    "ClientRequest",
    "CustomToolCall",
    "Delay",
    "Disconnect",
    "FarEnd",
    "Gate",
    "HttpFailure",
    "IsolatedHome",
    "MemoryLine",
    "MemoryTransport",
    "Message",
    "ModelRequest",
    "ModelServer",
    "Part",
    "PendingReply",
    "Phase",
    "Reasoning",
    "ReplayError",
    "ReplayTransport",
    "Reply",
    "ResponseFailure",
    "Script",
    "ScriptError",
    "ScriptedServer",
    "ScriptedTurn",
    "ServerReply",
    "Stage",
    "Step",
    "ToolCall",
    "TurnScript",
    "Usage",
    "recording",
]

_HOMES: Final = {
    "AnyAnswer": "openai_codex.testing._answers",
    "AnyStep": "openai_codex.testing._steps",
    "AsyncMemoryTransport": "openai_codex.testing._memory",
    "AsyncReplayTransport": "openai_codex.testing._replay",
    "ClientRequest": "openai_codex.testing._client_link",
    "CustomToolCall": "openai_codex.testing._replies",
    "Delay": "openai_codex.testing._replies",
    "Disconnect": "openai_codex.testing._replies",
    "FarEnd": "openai_codex.testing._memory",
    "Gate": "openai_codex.testing._gate",
    "HttpFailure": "openai_codex.testing._replies",
    "IsolatedHome": "openai_codex.testing._isolated_home",
    "MemoryLine": "openai_codex.testing._memory",
    "MemoryTransport": "openai_codex.testing._memory",
    "Message": "openai_codex.testing._replies",
    "ModelRequest": "openai_codex.testing._model_request",
    "ModelServer": "openai_codex.testing._model_server",
    "Part": "openai_codex.testing._replies",
    "PendingReply": "openai_codex.testing._client_link",
    "Phase": "openai_codex.testing._replies",
    "Reasoning": "openai_codex.testing._replies",
    "ReplayError": "openai_codex.testing._replay",
    "ReplayTransport": "openai_codex.testing._replay",
    "Reply": "openai_codex.testing._replies",
    "ResponseFailure": "openai_codex.testing._replies",
    "Script": "openai_codex.testing._script",
    "ScriptError": "openai_codex.testing._script",
    "ScriptedServer": "openai_codex.testing._scripted_server",
    "ScriptedTurn": "openai_codex.testing._steps",
    "ServerReply": "openai_codex.testing._client_link",
    "Stage": "openai_codex.testing._stage",
    "Step": "openai_codex.testing._steps",
    "ToolCall": "openai_codex.testing._replies",
    "TurnScript": "openai_codex.testing._scripted_server",
    "Usage": "openai_codex.testing._replies",
    "recording": "openai_codex.testing._recording",
}
"""Where the public names live. They are loaded when they are first touched (PEP 562)."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first touched."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
