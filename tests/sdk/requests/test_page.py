"""The programs on the page about questions and forms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openai_codex.requests.decisions import Accept, Decline
from openai_codex.requests.elicitations import Submit

from tests.sdk.requests.received import COLOR, NAME, address, form, questions

PATH = Path(__file__).parents[3] / "docs" / "concepts" / "questions.md"
PAGE = PATH.read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_the_programs_import_is_there(program: str) -> None:
    imports = re.findall(r"^from \S+ import (?:\([^)]*\)|.*)", program, re.MULTILINE)

    assert imports
    exec(compile("\n".join(imports), "questions.md", "exec"), {})


def function(name: str) -> Any:
    """Give a function that the page defines."""
    (program,) = [program for program in PROGRAMS if f"def {name}(" in program]
    namespace: dict[str, Any] = {}
    exec(compile(program, "questions.md", "exec", dont_inherit=True), namespace)
    return namespace[name]


def test_the_function_for_questions_answers_them() -> None:
    request = questions(COLOR)

    assert function("first_option")(request) == {"color": "Red (Recommended)"}
    assert function("first_option")(questions(COLOR, NAME)) is None


def test_the_function_for_elicitations_answers_them() -> None:
    answer = function("answer")
    filled = form(a={"type": "integer", "default": 5}, b={"type": "string"})

    assert answer(filled) == Submit({"a": 5})
    assert answer(address()) == Decline()
    assert answer(address("https://login.example.com/")) == Accept()
