"""How a turn looks: in a pipe, on a terminal, to a program."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from codex_app_server_rpc import Notification
from codex_app_server_types import TokenUsageBreakdown, TurnStatus
from openai_codex import TurnResult
from openai_codex.commands.run.json_lines import JsonLinesDisplay
from openai_codex.commands.run.live import MOST_OUTPUT, LiveDisplay
from openai_codex.commands.run.plain import PlainDisplay
from openai_codex.commands.run.wording import clean, one_line

from tests.sdk.commands.events import (
    COMMAND,
    changed,
    completed,
    delta,
    ended,
    event,
    message,
    started,
)

USAGE = TokenUsageBreakdown(
    cached_input_tokens=1000,
    input_tokens=1234,
    output_tokens=56,
    reasoning_output_tokens=6,
    total_tokens=1290,
)
HOSTILE = "a\x1b[2Jb\x1b]0;title\x07c\x9bd\x07\u202ee"
"""Would clear the screen, name the window, and turn the text around."""


class FakeTerminal(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self) -> bool:
        return True


def result(answer: str | None, status: TurnStatus = TurnStatus.completed) -> TurnResult[None]:
    """Make the result of a turn."""
    return TurnResult("U1", status, None, 1, 2, 1000, answer, turn_usage=USAGE)


def in_a_pipe(*events: Notification, answer: str | None = None) -> tuple[str, str]:
    """Show events as plain text; give what went to stdout and to stderr."""
    output, log = io.StringIO(), io.StringIO()
    display = PlainDisplay(output, log)
    for one in events:
        display.show(one)
    display.end(result(answer))
    return output.getvalue(), log.getvalue()


def on_a_terminal(
    *events: Notification, monkeypatch: pytest.MonkeyPatch, columns: int = 80, **more: Any
) -> str:
    """Show events on a terminal without colours; give all that was written."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("TERM", more.get("term", "dumb"))
    terminal = FakeTerminal()
    display = LiveDisplay(terminal)
    display.begin("T1")
    for one in events:
        display.show(one)
    display.end(result(None))
    return terminal.getvalue()


def test_only_the_answer_goes_to_stdout() -> None:
    output, log = in_a_pipe(
        completed(message("I look.")), completed(message("It is so.", "M2")), answer="It is so."
    )

    assert output == "It is so.\n"
    assert log == "I look.\n1,234 tokens in (1,000 cached), 56 out (6 of it reasoning)\n"


def test_a_command_is_written_as_it_goes_on() -> None:
    _, log = in_a_pipe(
        started(COMMAND),
        delta("commandExecution/outputDelta", "one\ntw"),
        delta("commandExecution/outputDelta", "o\nthree"),
        completed(ended("one\ntwo\nthree")),
    )

    assert log.startswith("$ ls\n  one\n  two\n  three\n  (exit code 0, 1.2 s)\n")


def test_output_that_did_not_come_in_pieces_is_written_at_the_end() -> None:
    _, log = in_a_pipe(started(COMMAND), completed(ended("one\ntwo", 2)))

    assert log.startswith("$ ls\n  one\n  two\n  (exit code 2, 1.2 s)\n")


@pytest.mark.parametrize(
    ("came", "whole", "shown"),
    [
        ("b\nc\n", "a\nb\nc\n", "  b\n  c\n  (not told until now:)\n  a\n"),
        ("a\nb", "a\nbc\nd\n", "  a\n  bc\n  d\n"),
        ("b", "a\nb\nc", "  b\n  c\n  (not told until now:)\n  a\n"),
        ("b\n", "a\nc\n", "  b\n  (not told until now:)\n  a\n  c\n"),
        ("a\nb\nc\n", "a\n…\n", "  a\n  b\n  c\n"),
    ],
    ids=["beginning", "end", "both", "another", "shortened"],
)
def test_output_of_which_pieces_did_not_come_is_completed_at_the_end(
    came: str, whole: str, shown: str
) -> None:
    _, log = in_a_pipe(
        started(COMMAND), delta("commandExecution/outputDelta", came), completed(ended(whole))
    )

    assert log.startswith(f"$ ls\n{shown}  (exit code 0, 1.2 s)\n")


def test_a_command_whose_beginning_was_lost_is_told_whole() -> None:
    _, log = in_a_pipe(completed(ended("", None)))

    assert log.startswith("$ ls\n  (declined)\n")


def test_each_line_of_a_new_file_says_that_it_is_new() -> None:
    _, log = in_a_pipe(completed(changed("/ws/a", "one\ntwo\n", type="add")))

    assert log.startswith("add /ws/a\n  +one\n  +two\n")


def test_plans_and_retries_are_told() -> None:
    plan = [{"step": "Look", "status": "completed"}, {"step": "Do", "status": "inProgress"}]
    error = {"message": "Reconnecting... 1/5"}

    _, log = in_a_pipe(
        event("turn/plan/updated", plan=plan), event("error", error=error, willRetry=True)
    )

    assert log.startswith("[x] Look\n[>] Do\ntrying again: Reconnecting... 1/5\n")


def test_what_is_not_known_is_named() -> None:
    _, log = in_a_pipe(completed({"type": "dreaming", "id": "I9"}), Notification("turn/dreamt", {}))

    assert log.startswith("dreaming\n")


@pytest.mark.parametrize(
    "shown",
    [
        message(HOSTILE),
        {**ended(HOSTILE), "command": HOSTILE},
        changed(HOSTILE, HOSTILE),
        {"type": "reasoning", "id": "R1", "summary": [HOSTILE]},
    ],
)
def test_foreign_text_gives_the_terminal_no_orders(
    shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    output, log = in_a_pipe(completed(shown), answer=HOSTILE)
    live = on_a_terminal(completed(shown), monkeypatch=monkeypatch)

    for text in (output, log, live):
        assert text
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)


def test_a_line_that_overwrites_itself_keeps_its_last_state() -> None:
    assert clean("10%\r50%\r100%\r\ndone\r\n") == "100%\ndone\n"


def test_a_heading_is_one_line() -> None:
    assert one_line("\nfirst\nsecond") == "first …"


@pytest.mark.parametrize("columns", [40, 80])
def test_the_terminal_shows_all_of_a_turn(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = on_a_terminal(
        started(COMMAND),
        delta("commandExecution/outputDelta", "one\n"),
        completed(ended("one\ntwo", 1)),
        completed(changed("/ws/a", "@@ -1 +1 @@\n-old\n+new\n")),
        completed(message("A **bold** word.")),
        monkeypatch=monkeypatch,
        columns=columns,
    )

    for words in ("$ ls", "two", "exit code 1", "update /ws/a", "+new", "A bold word.", "1,234"):
        assert words in text
    assert all(len(line) <= columns for line in text.splitlines())


def test_long_output_is_shortened_on_the_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    output = "\n".join(f"line {number}" for number in range(MOST_OUTPUT + 5))

    text = on_a_terminal(completed(ended(output)), monkeypatch=monkeypatch)

    assert "… 5 lines before" in text
    assert "line 4\n" not in text
    assert f"line {MOST_OUTPUT + 4}" in text
    assert "line 0\n" in in_a_pipe(completed(ended(output)))[1]


def test_what_was_left_unfinished_is_shown_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    text = on_a_terminal(delta("agentMessage/delta", "I beg"), monkeypatch=monkeypatch)

    assert "I beg" in text


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_diffs_are_coloured_unless_nobody_wants_colours(
    term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = completed(changed("/ws/a", "+new\n"))
    monkeypatch.delenv("NO_COLOR", raising=False)

    coloured = on_a_terminal(shown, monkeypatch=monkeypatch, term=term)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = on_a_terminal(shown, monkeypatch=monkeypatch, term=term)

    assert ("\x1b[32m" in coloured) is (term != "dumb")
    assert "\x1b[32m" not in plain


def test_nothing_is_drawn_while_somebody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = FakeTerminal()
    display = LiveDisplay(terminal)
    display.begin("T1")

    with display.paused():
        before = terminal.getvalue()
        assert before.endswith("\x1b[?25h") or "\x1b[?25h" in before  # the cursor is back
    display.end(None)

    assert terminal.getvalue().count("\x1b[?25h") == 2


def test_every_json_line_has_a_type() -> None:
    output = io.StringIO()
    display = JsonLinesDisplay(output)
    display.begin("T1")
    display.show(completed(message("Hi.")))
    display.note("a note")
    display.end(result("Hi."))

    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [line["type"] for line in lines] == ["thread", "event", "note", "result"]
    assert lines[1]["method"] == "item/completed"
    assert lines[1]["params"]["item"]["text"] == "Hi."
    assert lines[3]["final_response"] == "Hi."
    assert lines[3]["usage"]["inputTokens"] == 1234
