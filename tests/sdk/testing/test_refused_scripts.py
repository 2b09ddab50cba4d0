"""What is wrong in a script is said where it is written, not where it would be played."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from openai_codex import Codex
from openai_codex.testing import Delay, Gate, Message, ModelServer, Reply, ScriptedServer, Step

WRONG: Any = 17
WORD: Any = "x"


NO_REPLY: Final = "17 is no reply: a reply is a string or made by Reply"
NO_PIECE: Final = "a message is made of strings and gates, not 17"
NO_SECONDS: Final = "a delay is a number of seconds, not 'x'"

MISTAKES: Final[dict[str, tuple[Callable[[], object], str]]] = {
    "a server's script": (lambda: ModelServer([WRONG]), NO_REPLY),
    "no script": (lambda: ModelServer(WRONG), "a script is a sequence of replies or a function"),
    "add": (lambda: ModelServer().add("a", WRONG), NO_REPLY),
    "play": (lambda: ModelServer().play([WRONG]), NO_REPLY),
    "a part": (lambda: Reply((WRONG,)), "17 is no part of a reply"),
    "a reply's gate": (lambda: Reply.hold(WRONG), "17 is no part of a reply"),
    "text": (lambda: Reply.text(WRONG), NO_PIECE),
    "the delay of text": (lambda: Reply.text("a", delay=WORD), NO_SECONDS),
    "a reply's delay": (lambda: Reply.delay(WORD), NO_SECONDS),
    "+": (lambda: Reply.text("a") + WRONG, r"unsupported operand type\(s\) for \+"),
    "a message": (lambda: Step.message(WRONG), NO_PIECE),
    "a step's delay": (lambda: Step.delay(WORD), NO_SECONDS),
    "the code of a refusal": (
        lambda: ScriptedServer().fail("turn/start", WORD),
        "the code of a JSON-RPC error is a number, not 'x'",
    ),
    "a step's gate": (lambda: Step.hold(WRONG), "a turn is held by a Gate, not by 17"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_has_the_wrong_type_is_refused_at_once(mistake: str) -> None:
    write, sentence = MISTAKES[mistake]
    with pytest.raises(TypeError, match=sentence):
        write()


@pytest.mark.parametrize("status", [9999, 200, 0, "503"])
def test_a_failure_has_the_status_of_a_failure(status: Any) -> None:
    with pytest.raises(ValueError, match=f"a status from 300 to 599, not {status!r}"):
        Reply.failure(status)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_delay_is_not_negative(seconds: float) -> None:
    with pytest.raises(ValueError, match="a delay is 0 seconds or more"):
        Delay(seconds)


def test_nothing_is_added_to_a_script_by_what_was_refused() -> None:
    model = ModelServer()
    with pytest.raises(TypeError):
        model.add("a", WRONG)
    model.assert_exhausted()


def test_a_string_is_joined_with_a_reply_on_either_side() -> None:
    message = Message(("b",))
    gate = Gate()

    assert (Reply.hold(gate) + "b").parts == (gate, message)
    assert ("b" + Reply.hold(gate)).parts == (message, gate)


SETTERS: Final[dict[str, Callable[[ScriptedServer], None]]] = {
    "fail": lambda server: server.fail("turn/strt", -32001),
    "answer": lambda server: server.answer("turn/strt", {}),
    "silence": lambda server: server.silence("turn/strt"),
}


@pytest.mark.parametrize("setter", SETTERS)
def test_a_method_that_nobody_asks_for_is_refused(setter: str) -> None:
    sentence = "the protocol has no method 'turn/strt': did you mean 'turn/start'?"
    with ScriptedServer() as server, pytest.raises(ValueError, match=sentence):
        SETTERS[setter](server)


def test_a_method_of_a_newer_protocol_is_named_first() -> None:
    with ScriptedServer(extra_methods=["hologram/list"]) as server:
        server.answer("hologram/list", {"data": []})
        server.fail("initialize", -32600, "Not today.")
        with pytest.raises(Exception, match=r"Not today\."):
            Codex(transport=server.transport())
