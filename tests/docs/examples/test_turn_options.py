"""The example of all turn options has all of them."""

from __future__ import annotations

import ast
import inspect

import pytest
from openai_codex import AsyncThread, Thread

from tests.docs.examples.scene import EXAMPLES


@pytest.mark.parametrize(
    ("name", "run"), [("turn_options", Thread.run), ("turn_options_async", AsyncThread.run)]
)
def test_the_example_gives_every_option_of_a_turn(name: str, run: object) -> None:
    assert callable(run)
    program = ast.parse((EXAMPLES / f"{name}.py").read_text(encoding="utf-8"))
    given = {
        keyword.arg
        for call in ast.walk(program)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "thread.run"
        for keyword in call.keywords
    }

    assert given == {*inspect.signature(run).parameters} - {"self", "input"}
