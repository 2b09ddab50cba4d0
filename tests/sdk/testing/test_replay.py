"""A turn is recorded once, and played back without the runtime."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import (
    LaunchError,
    RecordingTransport,
    StdioTransport,
    TranscriptError,
    TranscriptHead,
    TranscriptMessage,
    TranscriptRecord,
    read_transcript,
    write_transcript,
)
from openai_codex import Accept, AsyncCodex, Codex, CodexConfig, Decline, TransportClosedError
from openai_codex.testing import (
    AsyncReplayTransport,
    Gate,
    ReplayError,
    ReplayTransport,
    ScriptedServer,
    Step,
    recording,
)


def accept(request: Any) -> Accept:
    return Accept()


def decline(request: Any) -> Decline:
    return Decline()


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    """A turn with an approval, an interrupted one, and a secret."""
    path = tmp_path / "turn.jsonl"
    gate = Gate()
    with ScriptedServer() as server, recording(path) as recorder:
        server.add_turn(Step.command("ls", output="a\n", approval=True), "There is a.")
        server.add_turn("Half.", gate)
        transport = RecordingTransport(server.transport(), recorder)
        with Codex(transport=transport, approvals=accept) as codex:
            converse(codex)
    return path


def converse(codex: Codex, prompt: str = "My key is sk-abcdefghijklmnop: what is there?") -> str:
    thread = codex.thread_start(cwd="/project")
    answer = thread.run(prompt).final_response
    turn = thread.turn("Go on.")
    for event in turn.stream():
        if event.method == "item/completed" and "Half." in str(event.payload):
            turn.interrupt()
    assert turn.run().status == "interrupted"
    return str(answer)


def test_a_program_that_does_the_same_sees_the_same(transcript: Path) -> None:
    transport = ReplayTransport(transcript)
    with Codex(transport=transport, approvals=accept) as codex:
        assert converse(codex) == "There is a."
    transport.assert_exhausted()


async def test_the_async_half_plays_what_the_sync_one_recorded(transcript: Path) -> None:
    transport = AsyncReplayTransport(transcript)
    async with AsyncCodex(transport=transport, approvals=accept) as codex:
        thread = await codex.thread_start(cwd="/project")
        result = await thread.run("My key is sk-abcdefghijklmnop: what is there?")
    assert result.final_response == "There is a."
    with pytest.raises(ReplayError, match=r"did not do all of it.*Go on"):
        transport.assert_exhausted()


def test_secrets_are_not_in_the_file_and_match_whatever_they_are(transcript: Path) -> None:
    assert "sk-abc" not in transcript.read_text(encoding="utf-8")
    with Codex(transport=ReplayTransport(transcript), approvals=accept) as codex:
        assert converse(codex, "My key is sk-zyxwvutsrqponml: what is there?") == "There is a."


def test_another_client_name_and_version_are_no_difference(transcript: Path) -> None:
    config = CodexConfig(client_name="mine", client_version="7")
    with Codex(config, transport=ReplayTransport(transcript), approvals=accept) as codex:
        assert codex.thread_start(cwd="/project").id == "thread-1"


def test_a_request_that_does_not_fit_says_what_was_expected_and_what_came(
    transcript: Path,
) -> None:
    transport = ReplayTransport(transcript)
    with Codex(transport=transport, approvals=accept) as codex:
        thread = codex.thread_start(cwd="/project")
        with pytest.raises(ReplayError) as caught:
            thread.run("Something else.")
        with pytest.raises(TransportClosedError, match="the replay has ended"):
            codex.thread_start()
    error = caught.value
    assert error.expected is not None
    assert error.came is not None
    assert error.came["params"]["input"][0]["text"] == "Something else."
    lines = transcript.read_text(encoding="utf-8").splitlines()
    assert error.line is not None
    assert "turn/start" in lines[error.line - 1]
    assert f"{transcript}, line {error.line}: this was not recorded here; recorded: " in str(error)
    with pytest.raises(ReplayError, match="Something else"):
        transport.assert_exhausted()


def test_another_decision_does_not_fit(transcript: Path) -> None:
    transport = ReplayTransport(transcript)
    with Codex(transport=transport, approvals=decline) as codex:
        thread = codex.thread_start(cwd="/project")
        with pytest.raises(TransportClosedError, match=r"accept.*came: .*decline"):
            thread.run("My key is sk-abcdefghijklmnop: what is there?")


def test_members_that_are_ignored_may_differ(transcript: Path) -> None:
    with (
        Codex(transport=ReplayTransport(transcript)) as codex,
        pytest.raises(ReplayError, match="elsewhere"),
    ):
        codex.thread_start(cwd="/elsewhere")
    with Codex(transport=ReplayTransport(transcript, ignore=["cwd"])) as codex:
        assert codex.thread_start(cwd="/elsewhere").id == "thread-1"


def test_what_comes_after_the_end_was_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "short.jsonl"
    with ScriptedServer() as server, recording(path) as recorder:
        Codex(transport=RecordingTransport(server.transport(), recorder)).close()

    with (
        Codex(transport=ReplayTransport(path)) as codex,
        pytest.raises(ReplayError, match=r"nothing more was recorded of the client; came: .*model"),
    ):
        codex.models()


def test_the_head_of_a_recording_has_the_command_line_without_its_secrets(tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    with recording(path) as recorder:
        server = StdioTransport(["/no/such/codex", "app-server", "--config", "api_key=sk-secret"])
        with pytest.raises(LaunchError):
            Codex(transport=RecordingTransport(server, recorder))

    head = read_transcript(path)[0]
    assert isinstance(head, TranscriptHead)
    assert head.command == ("/no/such/codex", "app-server", "--config", "api_key=[redacted]")


def test_the_death_of_the_server_is_played_too(tmp_path: Path) -> None:
    path = tmp_path / "death.jsonl"
    with ScriptedServer() as server, recording(path) as recorder:
        server.add_turn(Step.hang_up(101, "panicked"))
        with Codex(transport=RecordingTransport(server.transport(), recorder)) as codex:
            thread = codex.thread_start()
            with pytest.raises(TransportClosedError):
                thread.run("Go.")

    with Codex(transport=ReplayTransport(path)) as codex:
        thread = codex.thread_start()
        with pytest.raises(TransportClosedError, match="hung up; exit code 101"):
            thread.run("Go.")


def requests_in_flight(path: Path) -> None:
    """Write a transcript of two requests that were in flight at once, and a later one."""
    with ScriptedServer() as server, recording(path) as recorder:
        first = Gate()
        server.answer("model/list", {"data": []}, after=first, times=1)
        with Codex(transport=RecordingTransport(server.transport(), recorder)) as codex:
            listing = threading.Thread(target=codex.models)
            listing.start()
            server.wait_for_request("model/list")
            codex.account()
            first.release()
            listing.join()
            codex.thread_list()


async def test_what_was_in_flight_at_once_may_come_in_another_order(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    requests_in_flight(path)

    async with AsyncCodex(transport=AsyncReplayTransport(path)) as codex:
        account, models = await asyncio.gather(codex.account(), codex.models())
        assert account.requires_openai_auth is False
        assert models.data == []
    async with AsyncCodex(transport=AsyncReplayTransport(path)) as codex:
        with pytest.raises(ReplayError, match=r"recorded: .*model/list.*came: .*thread/list"):
            await codex.thread_list()


def test_a_broken_transcript_is_a_sentence_with_its_line(transcript: Path) -> None:
    lines = transcript.read_text(encoding="utf-8").splitlines()
    transcript.write_text("\n".join([lines[0], "", lines[1][:-5]]), encoding="utf-8")

    with pytest.raises(TranscriptError, match=r"turn.jsonl, line 3: not JSON"):
        ReplayTransport(transcript)
    with pytest.raises(TranscriptError, match=r"missing.jsonl: No such file"):
        ReplayTransport(transcript.with_name("missing.jsonl"))
    transcript.write_text("", encoding="utf-8")
    with pytest.raises(TranscriptError, match="it is empty"):
        ReplayTransport(transcript)


def test_messages_that_make_no_sense_are_played_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    with ScriptedServer() as server, recording(path) as recorder:
        Codex(transport=RecordingTransport(server.transport(), recorder)).close()
    records = read_transcript(path)
    odd: list[dict[str, Any]] = [{"method": "turn/started"}, {"id": [1], "result": 7}, {}]
    messages = [TranscriptMessage(0.0, records[0].connection, "server", each) for each in odd]
    write_transcript(path, [*records[:-1], *messages, records[-1]])

    with (
        pytest.raises(TransportClosedError, match="client is closed"),
        Codex(transport=ReplayTransport(path)) as codex,
    ):
        codex.models()


def test_what_was_taken_out_matches_anything(transcript: Path) -> None:
    text = transcript.read_text(encoding="utf-8")
    transcript.write_text(text.replace('"cwd":"/project"', '"cwd":"[redacted]"'), encoding="utf-8")

    with Codex(transport=ReplayTransport(transcript)) as codex:
        assert codex.thread_start(cwd="/anywhere").id == "thread-1"


def test_of_several_connections_one_has_to_be_named(transcript: Path) -> None:
    records: list[TranscriptRecord] = read_transcript(transcript)
    name = records[0].connection
    hello: TranscriptMessage = TranscriptMessage(0.0, "other", "client", {"method": "initialized"})
    write_transcript(transcript, [*records, TranscriptHead(0.0, "other"), hello])

    with pytest.raises(TranscriptError, match=f"several connections, name one of {name}, other"):
        ReplayTransport(transcript)
    with pytest.raises(TranscriptError, match="no connection 'third'"):
        ReplayTransport(transcript, connection="third")
    with Codex(transport=ReplayTransport(transcript, connection=name)) as codex:
        assert codex.thread_start(cwd="/project").id == "thread-1"


def test_a_transcript_that_cannot_be_written_is_a_sentence_before_anything_is_done(
    tmp_path: Path,
) -> None:
    done: list[str] = []
    with pytest.raises(TranscriptError, match="No such file"), recording(tmp_path / "no" / "f"):
        done.append("a turn that costs")
    assert done == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_transcript_that_has_no_room_is_told_on_leaving() -> None:
    with (
        ScriptedServer() as server,
        pytest.raises(TranscriptError, match="/dev/full: No space left"),
        recording("/dev/full") as recorder,
        Codex(transport=RecordingTransport(server.transport(), recorder)) as codex,
    ):
        assert codex.thread_start().run("Go.").final_response == "Done."


def test_what_was_recorded_is_in_the_file_before_the_recording_is_over(tmp_path: Path) -> None:
    path = tmp_path / "turn.jsonl"
    with (
        ScriptedServer() as server,
        recording(path) as recorder,
        Codex(transport=RecordingTransport(server.transport(), recorder)) as codex,
    ):
        codex.thread_start().run("Go.")
        methods = [
            record.message.get("method")
            for record in read_transcript(path)
            if isinstance(record, TranscriptMessage)
        ]
    assert methods[0] == "initialize"
    assert "turn/completed" in methods


def test_a_replay_takes_as_long_for_each_request_however_many_there_were(tmp_path: Path) -> None:
    def request_of(number: int) -> dict[str, Any]:
        return {"id": number, "method": "thread/read", "params": {"threadId": "t"}}

    def seconds_of(count: int) -> float:
        path = tmp_path / f"{count}.jsonl"
        records: list[TranscriptRecord] = [TranscriptHead(1.0, "c")]
        for number in range(count):
            records.append(TranscriptMessage(1.0, "c", "client", request_of(number)))
            records.append(TranscriptMessage(1.0, "c", "server", {"id": number, "result": {}}))
        write_transcript(path, records)
        transport = ReplayTransport(path)
        transport.start(lambda data: None, lambda error: None)
        before = time.thread_time()  # what other processes and threads do is not in it
        for number in range(count):
            transport.send(json.dumps(request_of(number)).encode() + b"\n")
        spent = time.thread_time() - before
        transport.assert_exhausted()
        transport.close()
        return spent

    assert seconds_of(4000) < 8 * seconds_of(1000)
