"""Transcripts: what is written is what is read, and a broken one is told in a sentence."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_app_server_rpc import (
    TranscriptEnd,
    TranscriptError,
    TranscriptHead,
    TranscriptMessage,
    TranscriptRecord,
    TranscriptRecorder,
    TranscriptSkip,
    read_transcript,
    write_transcript,
)
from codex_app_server_rpc.transcripts import decode_record, encode_record, parse_transcript

HEAD = TranscriptHead(1.5, "c1", "0.163.0", 7, ("codex", "app-server"))
RECORDS: list[TranscriptRecord] = [
    HEAD,
    TranscriptMessage(2.0, "c1", "client", {"id": 0, "method": "initialize", "params": {}}),
    TranscriptSkip(2.5, "c1", "server", 9, "not JSON"),
    TranscriptSkip(2.5, "c1", "server", None, "longer than the limit"),
    TranscriptMessage(3.0, "c1", "server", {"id": 0, "result": {"ü": [1, None, 2**70, "\u2028"]}}),
    TranscriptEnd(4.0, "c1", "the server is gone", -9),
    TranscriptEnd(4.0, "c2", "closed by the client"),
]


class Recorded:
    """A recorder with a clock of its own, and what it has written."""

    def __init__(self) -> None:
        self.records: list[TranscriptRecord] = []
        self.recorder = TranscriptRecorder(
            self.records.append, clock=lambda: float(len(self.records))
        )

    def server(self, *pieces: bytes) -> list[TranscriptRecord]:
        for piece in pieces:
            self.recorder.record("server", piece)
        return self.records


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_that_is_written_is_the_one_that_is_read(record: TranscriptRecord) -> None:
    line = encode_record(record)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode_record(line) == record


def test_a_file_that_is_written_is_read_again(tmp_path: Path) -> None:
    write_transcript(tmp_path / "t.jsonl", RECORDS)

    assert read_transcript(tmp_path / "t.jsonl") == RECORDS


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    write_transcript(tmp_path / "t.jsonl", RECORDS)

    assert stat.S_IMODE(os.stat(tmp_path / "t.jsonl").st_mode) == 0o600


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON: EOF while parsing an object at column 1"),
        (b"\xff", "not JSON: expected value at column 1"),
        (b"[]", "'record' is no JSON object"),
        (b"{}", "'at' is missing"),
        (b'{"at":1}', "'connection' is missing"),
        (b'{"at":"1","connection":"c"}', "'at' is no number"),
        (b'{"at":1,"connection":2}', "'connection' is no text"),
        (b'{"at":1,"connection":"c"}', "'from' is missing"),
        (b'{"at":1,"connection":"c","from":"me"}', "'from' is 'client' or 'server', not 'me'"),
        (b'{"at":1,"connection":"c","from":"client"}', "'message' is missing"),
        (
            b'{"at":1,"connection":"c","from":"client","message":1}',
            "'message' is no JSON object",
        ),
        (b'{"at":1,"connection":"c","from":"client","skipped":{}}', "'reason' is missing"),
        (b'{"at":1,"connection":"c","end":[]}', "'end' is no JSON object"),
        (b'{"at":1,"connection":"c","transcript":"1"}', "'transcript' is the number of the format"),
        (
            b'{"at":1,"connection":"c","transcript":2}',
            "its format is 2, and this version reads up to 1",
        ),
    ],
)
def test_a_line_that_is_no_record_is_told_with_its_number(
    line: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(encode_record(HEAD) + b"\n" + line + b"\n")

    with pytest.raises(TranscriptError) as caught:
        read_transcript(path)

    assert str(caught.value) == f"{path}, line 3: {reason}"
    assert (caught.value.line, caught.value.name, caught.value.reason) == (3, str(path), reason)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "transcript: it is empty"),
        ([" \n"], "transcript: it is empty"),
        ([encode_record(RECORDS[1])], "transcript, line 1: a transcript begins with a head"),
    ],
)
def test_lines_without_a_head_are_no_transcript(lines: list[bytes | str], reason: str) -> None:
    with pytest.raises(TranscriptError, match=reason):
        list(parse_transcript(lines))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_an_old_file_or_link_is_replaced_and_not_written_to(tmp_path: Path) -> None:
    old, link, path = tmp_path / "old", tmp_path / "link.jsonl", tmp_path / "t.jsonl"
    old.write_text("old")
    link.symlink_to(old)
    path.write_text("old")
    path.chmod(0o644)

    write_transcript(link, RECORDS)
    write_transcript(path, RECORDS)

    assert old.read_text() == "old"
    for new in (link, path):
        assert stat.S_IMODE(new.lstat().st_mode) == 0o600
        assert read_transcript(new) == RECORDS
    assert sorted(tmp_path.iterdir()) == [link, old, path]


def test_an_old_file_stays_if_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    def records() -> Iterator[TranscriptRecord]:
        yield HEAD
        raise RuntimeError("no more")

    path = tmp_path / "t.jsonl"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="no more"):
        write_transcript(path, records())

    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    with pytest.raises(TranscriptError, match="it is no regular file"):
        write_transcript(tmp_path / "t", RECORDS)


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"nowhere\.jsonl: No such file or directory"):
        read_transcript(tmp_path / "nowhere.jsonl")
    with pytest.raises(TranscriptError, match="No such file or directory"):
        write_transcript(tmp_path / "none" / "t.jsonl", [])


def test_members_that_are_not_known_are_ignored() -> None:
    line = b'{"transcript":1,"at":1,"connection":"c","colour":"red"}'

    assert decode_record(line) == TranscriptHead(1, "c")


def test_a_recorder_writes_whole_messages_in_order() -> None:
    recorded = Recorded()
    recorded.recorder.begin(["codex", "app-server"])
    recorded.recorder.record("client", b'{"id":0,"method":"model/list"}\n')
    recorded.server(b'{"id":0,', b'"result":{}}\n{"method":"a"}\n{"meth', b'od":"b"}')
    recorded.recorder.end("gone", 3)

    head, *between, end = recorded.records
    assert isinstance(head, TranscriptHead)
    assert head.command == ("codex", "app-server")
    assert [(one.sender, one.message) for one in between if isinstance(one, TranscriptMessage)] == [
        ("client", {"id": 0, "method": "model/list"}),
        ("server", {"id": 0, "result": {}}),
        ("server", {"method": "a"}),
        ("server", {"method": "b"}),
    ]
    assert end == TranscriptEnd(5.0, head.connection, "gone", 3)


def test_a_line_that_is_no_message_is_recorded_without_what_it_says() -> None:
    recorded = Recorded()
    recorded.server(b"hunter2 is my password\n", b"\n", b"[1]\n", b'"\xff"\n')

    assert [
        (one.size, one.reason) for one in recorded.records if isinstance(one, TranscriptSkip)
    ] == [(22, "not JSON"), (0, "blank"), (3, "not a JSON object"), (3, "not JSON")]
    assert b"hunter2" not in b"".join(map(encode_record, recorded.records))


def test_nothing_is_recorded_after_the_end() -> None:
    recorded = Recorded()
    recorded.recorder.end()
    recorded.recorder.end("again")
    recorded.server(b"{}\n")

    assert len(recorded.records) == 1


def test_a_failure_to_write_is_logged_once_and_ends_the_recording(
    caplog: pytest.LogCaptureFixture,
) -> None:
    written: list[TranscriptRecord] = []

    def write(record: TranscriptRecord) -> None:
        written.append(record)
        raise RuntimeError("no")

    recorder = TranscriptRecorder(write)
    recorder.begin()
    recorder.record("server", b"{}\n")
    recorder.end()

    assert len(written) == 1
    (logged,) = caplog.records
    assert logged.getMessage() == "the recording of a connection has failed, and ends here"


def test_odd_messages_and_arguments_do_not_end_the_recording() -> None:
    recorded = Recorded()
    recorded.recorder.begin(["codex", "\udcff"])
    recorded.server(b'{"method":["x"]}\n', b'{"id":[1],"method":{}}\n', b'{"method":"a"}\n')

    head, *between = [decode_record(encode_record(one)) for one in recorded.records]
    assert isinstance(head, TranscriptHead)
    assert head.command == ("codex", r"\udcff")
    assert [one.message for one in between if isinstance(one, TranscriptMessage)] == [
        {"method": ["x"]},
        {"id": [1], "method": {}},
        {"method": "a"},
    ]


def test_a_message_that_cannot_be_written_down_is_skipped() -> None:
    written: list[TranscriptRecord] = []

    def write(record: TranscriptRecord) -> None:
        if isinstance(record, TranscriptMessage) and record.message == {"method": "odd"}:
            raise ValueError("no")
        written.append(record)

    recorder = TranscriptRecorder(write)
    recorder.record("server", b'{"method":"odd"}\n{"method":"a"}\n')

    skip, message = written
    assert isinstance(skip, TranscriptSkip)
    assert (skip.size, skip.reason) == (16, "cannot be written down")
    assert isinstance(message, TranscriptMessage)


@pytest.mark.parametrize("fails", [False, True])
def test_a_recorder_closes_once_whether_or_not_it_has_failed(fails: bool) -> None:
    said: list[str] = []

    def write(record: TranscriptRecord) -> None:
        said.append("written")
        if fails:
            raise OSError("no")

    recorder = TranscriptRecorder(write, close=lambda: said.append("closed"))
    recorder.begin()
    recorder.end()
    recorder.end()

    assert said == (["written", "closed"] if fails else ["written", "written", "closed"])


def test_two_connections_have_two_names() -> None:
    assert Recorded().recorder.connection != Recorded().recorder.connection
