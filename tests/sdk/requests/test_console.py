"""The person at the terminal: what is shown, and what typed lines mean."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from openai_codex import InvalidArgumentError
from openai_codex.requests.console import Console
from openai_codex.requests.decisions import (
    Accept,
    AcceptForSession,
    AcceptWithAmendment,
    Cancel,
    Decision,
    Decline,
)
from openai_codex.requests.terminal import EndOfInput, Terminal

from tests.sdk.requests.examples import change, command, file_change, mcp_tool, permissions
from tests.sdk.requests.received import (
    COLOR,
    NAME,
    address,
    asked,
    form,
    openai_form,
    questions,
    typed,
)

HOSTILE = "ls\x1b[1A\x1b[2K\r\n> 1\x9b2J\u202e\x07"
"""Would erase what stands there, and write a prompt and an answer of its own."""


# --- approvals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("1", Accept()),
        ("accept", Accept()),
        ("2", AcceptForSession()),
        ("3", AcceptWithAmendment(("git", "push; x"))),
        ("4", Decline()),
        ("Decline", Decline()),
        ("5", Cancel()),
    ],
)
def test_a_decision_is_made_by_number_or_text(line: str, decision: Decision) -> None:
    request = command("ls", availableDecisions=None, proposedExecpolicyAmendment=["git", "push; x"])

    answer, shown = asked("approvals", request, line)

    assert answer == decision
    assert shown.splitlines()[1:] == [
        "The agent wants your approval of a command.",
        "Command:",
        "  | ls",
        "Folder:",
        "  | /ws",
        "  1) accept",
        "  2) accept, and what is like it in this session",
        "  3) accept, and from now on all commands that begin with: git 'push; x'",
        "  4) decline",
        "  5) decline, and interrupt the turn",
        "> ",
    ]


@pytest.mark.parametrize("line", ["", "0", "5", "yep", "a", "\x00"])
def test_what_means_no_decision_is_asked_again(line: str) -> None:
    answer, shown = asked("approvals", command(), line, "4")

    assert answer == Decline()
    assert shown.count("> ") == 2


@pytest.mark.parametrize("lines", [[], ["what?"]], ids=str)
def test_the_end_of_the_input_declines(lines: Sequence[str]) -> None:
    answer, shown = asked("approvals", command(), *lines)

    assert answer == Decline()
    assert shown.endswith("Declined.\n")


@pytest.mark.parametrize("broken", ["closed", "binary"])
def test_input_that_cannot_be_read_declines(broken: str) -> None:
    source = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    if broken == "closed":
        source.close()

    assert Console(source, io.StringIO()).approvals(command()) == Decline()


ALL_DETAILS = [
    (
        command(f"echo {'x' * 1000} end", reason="because", environmentId="build-7"),
        [
            "The agent wants your approval of a command.",
            "Command:",
            f"  | echo {'x' * 1000} end",
            "Folder:",
            "  | /ws",
            "Machine:",
            "  | build-7",
            "Reason:",
            "  | because",
        ],
    ),
    (
        command("write_stdin 'y\n'", kind="writeStdin", environmentId="local"),
        [
            "The agent wants your approval of input for a command that runs.",
            "Command:",
            "  | write_stdin 'y",
            "  | '",
            "Folder:",
            "  | /ws",
        ],
    ),
    (
        command(
            None,
            cwd=None,
            networkApprovalContext={"host": "a.b", "protocol": "https"},
            additionalPermissions={"network": {"enabled": True}},
        ),
        [
            "The agent wants your approval of access to a host.",
            "Network:",
            '  | {"host": "a.b", "protocol": "https"}',
            "Permissions:",
            '  | {"network": {"enabled": true}}',
        ],
    ),
    (
        file_change(
            change("/a.txt"), change("/b.txt", "update", move_path="/c.txt"), grantRoot="/"
        ),
        [
            "The agent wants your approval of changes of files.",
            "Below:",
            "  | /",
            "Files:",
            '  | add "/a.txt"',
            "  | hello",
            '  | update "/b.txt" to "/c.txt"',
            "  | hello",
        ],
    ),
    (
        permissions({"network": {"enabled": True}}, environmentId="build-7"),
        [
            "The agent wants your approval of permissions.",
            "Folder:",
            "  | /ws",
            "Machine:",
            "  | build-7",
            "Reason:",
            "  | need it",
            "Permissions:",
            '  | {"network": {"enabled": true}}',
        ],
    ),
    (
        mcp_tool(tool_params={"x": "1"}),
        [
            "The agent wants your approval of a call of a tool of an MCP server.",
            "Server:",
            "  | tiny",
            "Message:",
            '  | Allow the tiny MCP server to run tool "danger"?',
            "Arguments:",
            '  | {"x": "1"}',
        ],
    ),
]


@pytest.mark.parametrize(
    ("request_", "lines"), ALL_DETAILS, ids=[lines[0] for _, lines in ALL_DETAILS]
)
def test_all_of_what_is_asked_for_is_shown(request_: Any, lines: list[str]) -> None:
    shown = asked("approvals", request_)[1].splitlines()

    assert shown[1 : shown.index("  1) accept")] == lines


@pytest.mark.parametrize(
    ("request_", "lines"),
    [
        (file_change(change("/ws/a.txt"), grantRoot="/"), ["Below:", "  | /"]),
        (command("rm -rf build", cwd="/"), ["Folder:", "  | /"]),
        (
            command("make install", cwd="/tmp/evil", reason="not from /tmp/evil"),
            ["Folder:", "  | /tmp/evil"],
        ),
        (command("ssh build-7", environmentId="build-7"), ["Machine:", "  | build-7"]),
        (command("echo why", reason="why"), ["Reason:", "  | why"]),
        (mcp_tool(tool_params="danger"), ["Arguments:", "  | danger"]),
    ],
    ids=str,
)
def test_no_detail_is_hidden_because_another_one_says_it(request_: Any, lines: list[str]) -> None:
    shown = asked("approvals", request_)[1].splitlines()

    at = shown.index(lines[0])
    assert shown[at : at + 2] == lines


@pytest.mark.parametrize(
    ("request_", "line"),
    [(command(None), "Command: not told"), (file_change(), "Files: not told")],
    ids=["command", "files"],
)
def test_what_should_have_been_told_is_said_not_to_be(request_: Any, line: str) -> None:
    assert line in asked("approvals", request_)[1].splitlines()


HOSTILE_REQUESTS = [
    ("approvals", command(HOSTILE, cwd=HOSTILE, reason=HOSTILE, environmentId=HOSTILE)),
    ("approvals", command(proposedExecpolicyAmendment=[HOSTILE], availableDecisions=None)),
    ("approvals", file_change(change(HOSTILE), grantRoot=HOSTILE)),
    ("approvals", permissions({HOSTILE: HOSTILE})),
    ("approvals", mcp_tool(tool_params={HOSTILE: HOSTILE})),
    (
        "questions",
        questions(
            {
                "id": "q",
                "header": HOSTILE,
                "question": HOSTILE,
                "options": [{"label": HOSTILE, "description": HOSTILE}],
            }
        ),
    ),
    (
        "elicitations",
        form("a", a={"type": "string", "title": HOSTILE, "description": HOSTILE, "minLength": 99}),
    ),
    ("elicitations", form(a={"type": "string", "enum": [HOSTILE], "default": HOSTILE})),
    ("elicitations", openai_form({"type": "array", "title": HOSTILE, "items": {HOSTILE: 1}})),
    ("elicitations", form().model_copy(update={"message": HOSTILE, "server_name": HOSTILE})),
    ("elicitations", address(f"https://a.b/{HOSTILE}")),
]


@pytest.mark.parametrize(("kind", "request_"), HOSTILE_REQUESTS)
def test_no_control_character_of_the_runtime_reaches_the_terminal(kind: str, request_: Any) -> None:
    shown = asked(kind, request_, "1", "x")[1]

    assert all(one.isprintable() or one == "\n" for one in shown)
    assert "\\x1b[1A" in shown or "\\u001b[1A" in shown


@pytest.mark.parametrize(("kind", "request_"), HOSTILE_REQUESTS)
def test_no_line_of_the_runtime_can_pass_for_a_prompt(kind: str, request_: Any) -> None:
    shown = asked(kind, request_)[1]

    assert not any(line.startswith("> 1") for line in shown.splitlines())


def test_what_is_wrong_with_a_line_is_told_on_one_line() -> None:
    def refuse(line: str) -> None:
        raise InvalidArgumentError(HOSTILE)

    output = io.StringIO()
    with pytest.raises(EndOfInput):
        Terminal(typed("x"), output).read_until("> ", refuse)

    assert output.getvalue().splitlines()[0].startswith(">   ls\\x1b[1A")


def test_what_the_output_cannot_write_is_escaped() -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    Console(typed("1"), output).approvals(command("écho 🚀"))

    output.seek(0)
    assert "  | \\xe9cho \\U0001f680" in output.read()


def test_the_streams_of_the_process_are_used_as_they_are_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console()
    monkeypatch.setattr(sys, "stdin", typed("1"))

    assert console.approvals(command()) == Accept()
    assert "of a command." in capsys.readouterr().out


# --- one at a time --------------------------------------------------------------------------


class Prompts(io.StringIO):
    """Output that tells when the first prompt is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = threading.Event()

    def write(self, text: str) -> int:
        if text == "> ":
            self.shown.set()
        return super().write(text)


def test_no_prompt_comes_between_another_one_and_its_answer() -> None:
    reader, writer = os.pipe()
    prompts = Prompts()
    answers: dict[str, Any] = {}

    with open(reader, encoding="utf-8") as source, open(writer, "w", encoding="utf-8") as keyboard:
        console = Console(source, prompts)

        def decide() -> None:
            answers["approval"] = console.approvals(command())

        def answer() -> None:
            answers["question"] = console.questions(questions(COLOR, NAME))

        first, second = threading.Thread(target=decide), threading.Thread(target=answer)
        first.start()
        assert prompts.shown.wait(20)
        second.start()
        second.join(0.2)  # it would show its question at once
        before = prompts.getvalue()
        print("1", "2", "Bob", sep="\n", file=keyboard, flush=True)
        first.join(20)
        second.join(20)

    assert answers == {"approval": Accept(), "question": {"color": "Blue", "name": "Bob"}}
    assert "The agent asks" not in before


@pytest.mark.parametrize(
    ("line", "decision"),
    [("y", Accept()), ("YES", Accept()), ("n", Decline()), (" no ", Decline())],
)
def test_yes_and_no_will_do(line: str, decision: object) -> None:
    assert Console(typed(line), io.StringIO()).approvals(command()) == decision


def test_yes_means_nothing_where_nothing_can_be_accepted() -> None:
    request = command(availableDecisions=["cancel"])
    assert Console(typed("yes", "no"), io.StringIO()).approvals(request) == Decline()
