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

from openai_codex.testing._gate import Gate
from openai_codex.testing._isolated_home import IsolatedHome
from openai_codex.testing._model_request import ModelRequest
from openai_codex.testing._model_server import ModelServer
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

__all__ = [
    "CustomToolCall",
    "Delay",
    "Disconnect",
    "Gate",
    "HttpFailure",
    "IsolatedHome",
    "Message",
    "ModelRequest",
    "ModelServer",
    "Part",
    "Phase",
    "Reasoning",
    "Reply",
    "ResponseFailure",
    "Script",
    "ScriptError",
    "ToolCall",
    "Usage",
]
