"""Replay of what was redacted: what a message is decoded by is still there."""

from __future__ import annotations

from pathlib import Path

from codex_app_server_rpc import RecordingTransport, Transport
from openai_codex import Codex, CodexConfig, Elicitation, FormElicitation, Submit, tool
from openai_codex.testing import ReplayTransport, ScriptedServer, Step, recording

FORM = {
    "password": {"type": "string", "format": "password", "title": "Your passphrase"},
    "user": {"type": "string"},
}


@tool
def count(tokens: list[str], secret: str) -> str:
    """Count tokens.

    Args:
        tokens: The tokens.
        secret: Not to be told.
    """
    return str(len(tokens))


def test_a_form_with_a_password_and_a_turn_after_odd_arguments_are_played_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "turn.jsonl"
    asked: list[list[str]] = []

    def fill(request: Elicitation) -> Submit:
        assert isinstance(request, FormElicitation)
        asked.append([str(field.schema) for field in request.fields])
        return Submit({"password": "0123", "user": "Ada"})

    def converse(transport: Transport) -> list[str | None]:
        config = CodexConfig(experimental_api=True)
        with Codex(config, transport=transport, elicitations=fill) as codex:
            thread = codex.thread_start(tools=[count])
            return [thread.run(prompt).final_response for prompt in ("Log in.", "Count.", "Go on.")]

    arguments = {"tokens": ["agentMessage", "completed"], "secret": "inProgress"}
    with ScriptedServer() as server, recording(path) as recorder:
        server.add_turn(Step.form("Log in", FORM), "Done.")
        server.add_turn(Step.tool_call("count", arguments), "Two.")
        server.add_turn("More.")
        said = converse(RecordingTransport(server.transport(), recorder))
    replay = ReplayTransport(path)

    assert said == converse(replay) == ["Done.", "Two.", "More."]
    assert asked[0] == asked[1] != []
    replay.assert_exhausted()
