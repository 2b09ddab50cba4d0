"""The person at the terminal: what is shown, and what typed lines mean."""

from __future__ import annotations

import io
import os
import subprocess
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
from openai_codex.requests.elicitations import Submit
from openai_codex.requests.terminal import EndOfInput, Terminal

from tests.sdk.requests.examples import change, command, file_change, mcp_tool, permissions
from tests.sdk.requests.received import (
    COLOR,
    NAME,
    SECRET,
    address,
    form,
    openai_form,
    questions,
    typed,
)

HOSTILE = "ls\x1b[1A\x1b[2K\r\n> 1\x9b2J\u202e\x07"
"""Would erase what stands there, and write a prompt and an answer of its own."""


def asked(kind: str, request: Any, *lines: str) -> tuple[Any, str]:
    """Ask somebody who types these lines; give the answer, and what was shown."""
    output = io.StringIO()
    answer = getattr(Console(typed(*lines), output), kind)(request)
    return answer, output.getvalue()


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


# --- questions ------------------------------------------------------------------------------


def test_questions_are_asked_one_after_the_other() -> None:
    answer, shown = asked("questions", questions(COLOR, NAME), "2", " Bob ")

    assert answer == {"color": "Blue", "name": " Bob "}
    assert shown.splitlines() == [
        "",
        "The agent asks: Color",
        "  | Which color?",
        "  1) Red (Recommended): hot",
        "  2) Blue: cold",
        "> ",
        "The agent asks: Name",
        "  | Which name?",
        "> ",
    ]


def test_an_answer_that_does_not_fit_is_asked_again() -> None:
    answer, shown = asked("questions", questions(COLOR), "Green", "", "blue")

    assert answer == {"color": "Blue"}
    assert "question 'color': an answer is one of its options" in shown


def test_an_answer_of_ones_own_is_offered_where_it_is_taken() -> None:
    answer, shown = asked("questions", questions({**COLOR, "isOther": True}), "Green")

    assert answer == {"color": "Green"}
    assert "  or an answer of your own\n" in shown


def test_a_question_may_be_left_open_where_the_agent_does_not_wait() -> None:
    request = questions(COLOR, NAME, is_blocking=False)

    assert asked("questions", request, "", "Bob")[0] == {"name": "Bob"}
    assert "leave it open" in asked("questions", request)[1]
    assert "leave it open" not in asked("questions", questions(COLOR))[1]


def test_at_the_end_of_the_input_there_is_no_answer() -> None:
    assert asked("questions", questions(COLOR, NAME), "1")[0] is None


def test_a_secret_that_comes_from_no_terminal_is_read_like_anything_else() -> None:
    answer, shown = asked("questions", questions({**NAME, "isSecret": True}), SECRET)

    assert answer == {"name": SECRET}
    assert SECRET not in shown


SECRET_PROGRAM = """
import os, sys
os.open(os.ttyname(0), os.O_RDWR)  # so that it becomes the terminal of this session
from tests.sdk.requests.received import NAME, questions
from openai_codex import InvalidArgumentError
from openai_codex.requests.console import Console
console = Console()
for is_secret in (True, False):
    answers = console.questions(questions({**NAME, "isSecret": is_secret}))
    print("length", len(answers["name"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_secret_is_not_shown_when_it_is_typed() -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SECRET_PROGRAM],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path])},
    ):
        os.close(theirs)
        with open(ours, "r+b", buffering=0) as terminal:
            shown = until(terminal, "> ")
            terminal.write(f"{SECRET}\n".encode())
            shown += until(terminal, "> ")
            terminal.write(b"Bob\n")
            shown += until(terminal, "length 3")

    assert SECRET not in shown
    assert f"length {len(SECRET)}" in shown
    assert "Bob" in shown


def until(terminal: io.FileIO, text: str) -> str:
    """Read what a program shows until it has shown a text."""
    shown = ""
    while text not in shown:
        shown += terminal.read(1024).decode()
    return shown


# --- elicitations ---------------------------------------------------------------------------


def test_a_form_is_filled_in_field_by_field() -> None:
    request = form(
        "name",
        name={"type": "string", "title": "Your name", "minLength": 2},
        age={"type": "integer", "default": 18, "description": "In years."},
        color={"type": "string", "enum": ["r", "g"], "enumNames": ["Red", "Green"]},
        extras={"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        ok={"type": "boolean", "default": True},
        note={"type": "string"},
    )

    answer, shown = asked("elicitations", request, "1", "B", "Bob", "", "green", "1, 2", "no", "")

    assert answer == Submit(
        {"name": "Bob", "age": 18, "color": "g", "extras": ["a", "b"], "ok": False}
    )
    assert request.response(answer).action == "accept"
    assert shown.splitlines()[1:] == [
        "The MCP server tiny asks:",
        "  | Who are you?",
        "A form: Your name, age, color, extras, ok, note",
        "  1) go on",
        "  2) decline",
        "> Your name (text, at least 2 characters long)",
        ">   name: must be at least 2 characters long",
        "> age (a whole number, optional)",
        "  | In years.",
        "[18] > color (one of these, optional)",
        "  1) Red",
        "  2) Green",
        "> extras (some of these, with commas between them, optional)",
        "  1) a",
        "  2) b",
        "> ok (yes or no, optional)",
        "[yes] > note (text, optional)",
        "> ",
    ]


def test_a_default_is_proposed_by_its_title() -> None:
    color = {"type": "string", "oneOf": [{"const": "r", "title": "Red"}], "default": "r"}

    assert "[Red] > " in asked("elicitations", form(color=color), "1", "")[1]


def test_a_required_text_may_be_empty_unless_the_form_says_otherwise() -> None:
    assert asked("elicitations", form("a", a={"type": "string"}), "1", "")[0] == Submit({"a": ""})


@pytest.mark.parametrize("lines", [["2"], ["decline"], [], ["1"], ["1", "B"]], ids=str)
def test_a_form_can_be_declined_at_any_time(lines: Sequence[str]) -> None:
    request = form("name", name={"type": "string", "minLength": 2})

    assert asked("elicitations", request, *lines)[0] == Decline()


def test_a_form_without_fields_is_only_agreed_to() -> None:
    answer, shown = asked("elicitations", form(), "1")

    assert answer == Submit({})
    assert "There is nothing to fill in." in shown


def test_a_proposed_value_that_does_not_fit_is_told_and_asked_again() -> None:
    request = form(a={"type": "string", "default": "x", "minLength": 2})

    answer, shown = asked("elicitations", request, "1", "", "1", "xy")

    assert answer == Submit({"a": "xy"})
    assert "a: must be at least 2 characters long" in shown


def test_a_form_that_is_no_list_of_fields_is_typed_as_json() -> None:
    request = openai_form({"required": ["a"]})

    answer, shown = asked("elicitations", request, "1", "nonsense", "[]", "{}", "1", '{"a": 1}')

    assert answer == Submit({"a": 1})
    assert "That is no JSON object." in shown
    assert "a: must be given" in shown


def test_a_form_of_a_broken_schema_can_only_be_declined() -> None:
    answer, shown = asked("elicitations", openai_form({"type": "objekt"}), "1", "{}", "2")

    assert answer == Decline()
    assert "the schema of the form is broken" in shown


@pytest.mark.parametrize(
    ("lines", "answer"), [(["1"], Accept()), (["2"], Decline()), ([], Decline())], ids=str
)
def test_an_address_is_shown_whole_before_it_is_agreed_to(
    lines: Sequence[str], answer: Decision
) -> None:
    url = f"https://github.com@evil.example/{'x' * 500}?token=1"

    given, shown = asked("elicitations", address(url), *lines)

    assert given == answer
    assert f"  | {url}\n" in shown
    assert "  on the host evil.example\n" in shown


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
