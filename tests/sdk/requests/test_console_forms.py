"""Questions and forms at the terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest
from openai_codex.requests.decisions import (
    Accept,
    Decision,
    Decline,
)
from openai_codex.requests.elicitations import Submit

from tests.sdk.requests.received import (
    COLOR,
    NAME,
    SECRET,
    address,
    asked,
    form,
    openai_form,
    questions,
)

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
