"""The wire log of a whole turn on the real runtime, for both halves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from codex_app_server_rpc import TranscriptHead, TranscriptMessage, read_transcript
from openai_codex import Codex, CodexConfig
from openai_codex.testing import ModelServer, Reply

SECRET = "sk-0123456789-correct-horse"


def test_a_turn_is_in_the_wire_log_without_its_secrets(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    model: ModelServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CODEX_WIRE_LOG", str(tmp_path / "wire.jsonl"))
    model.add(Reply.text(f"Your key is {SECRET}."))
    codex = opened(config)
    result = codex.thread_start().run("What is my key?")
    codex.login_api_key(SECRET)
    codex.close()

    assert result.final_response == f"Your key is {SECRET}."
    head, *records = read_transcript(tmp_path / "wire.jsonl")
    assert isinstance(head, TranscriptHead)
    assert "app-server" in head.command
    methods = [one.message.get("method") for one in records if isinstance(one, TranscriptMessage)]
    assert methods[:2] == ["initialize", None]
    assert {"thread/start", "turn/start", "item/completed", "turn/completed"} <= set(methods)
    assert "account/login/start" in methods
    assert SECRET not in (tmp_path / "wire.jsonl").read_text(encoding="utf-8")
