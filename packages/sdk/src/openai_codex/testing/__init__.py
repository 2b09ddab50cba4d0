"""Test programs against the real runtime, with no account and no network.

The runtime asks a model what to do over the Responses API. Here a local `ModelServer` answers
from a script, and an `IsolatedHome` keeps the developer's own configuration, login and keys out:

    with ModelServer([Reply.command("echo hi"), Reply.text("It said hi.")]) as model:
        with IsolatedHome() as home:
            config = CodexConfig(
                cwd=str(home.workspace),
                env=home.env,
                config_overrides=model.config_overrides(),
            )
            with Codex(config) as codex:
                result = codex.thread_start().run("Say hi.")

    assert "hi" in model.requests[1].tool_outputs["call_1"]

The model is scripted; all else is real: threads, turns, approvals, the sandbox, the commands.
The kit needs the standard library only, and works from sync and async tests alike.
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
    from openai_codex.testing._replay import (
        AsyncReplayTransport,
        ReplayError,
        ReplayTransport,
        recording,
    )
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
    "recording": "openai_codex.testing._replay",
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
