"""Picking the growing text of the answer out of a turn's notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from openai_codex import Notification, SlowConsumerError, TurnText
from openai_codex.results import TurnCollector
from openai_codex.text import AnswerText

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue
    from openai_codex import TurnEvents


def event(method: str, **params: JsonValue) -> Notification:
    return Notification(method, {"threadId": "T", "turnId": "U", **params})


def delta(text: str, item: str = "m") -> Notification:
    return event("item/agentMessage/delta", itemId=item, delta=text)


def message(text: str, phase: str | None, item: str) -> dict[str, JsonValue]:
    return {"type": "agentMessage", "id": item, "text": text, "phase": phase}


def started(phase: str | None = None, item: str = "m", text: str = "") -> Notification:
    return event("item/started", item=message(text, phase, item))


def completed(text: str, phase: str | None = None, item: str = "m") -> Notification:
    return event("item/completed", item=message(text, phase, item))


def added(*notifications: Notification) -> list[str]:
    """Say what each of the notifications of a turn adds to its answer."""
    answer = AnswerText()
    return [answer.added_by(notification) for notification in notifications]


@pytest.mark.parametrize("phase", ["final_answer", None])
def test_an_answer_comes_as_its_deltas_and_not_once_more_at_its_end(phase: str | None) -> None:
    assert added(started(phase), delta("one "), delta("two"), completed("one two", phase)) == [
        "",
        "one ",
        "two",
        "",
    ]


def test_commentary_is_left_out() -> None:
    assert added(
        started("commentary"),
        delta("Let me "),
        delta("see."),
        completed("Let me see.", "commentary"),
    ) == ["", "", "", ""]


def test_commentary_is_left_out_that_comes_whole() -> None:
    assert added(completed("Let me see.", "commentary")) == [""]


def test_commentary_between_parts_of_the_answer_is_left_out() -> None:
    assert added(
        started("commentary", "c"),
        started("final_answer", "a"),
        delta("an", "a"),
        delta("hm", "c"),
        delta("swer", "a"),
        completed("hm", "commentary", "c"),
        completed("answer", "final_answer", "a"),
    ) == ["", "", "an", "", "swer", "", ""]


def test_every_message_without_a_phase_counts() -> None:
    assert added(
        started(item="a"),
        delta("first", "a"),
        completed("first", item="a"),
        started(item="b"),
        delta("second", "b"),
        completed("second", item="b"),
    ) == ["", "first", "", "", "second", ""]


@pytest.mark.parametrize(("phase", "text"), [("commentary", ""), (None, "one two")])
def test_deltas_whose_start_was_not_seen_wait_for_the_end_which_tells_what_they_are(
    phase: str | None, text: str
) -> None:
    assert added(delta("one "), delta("two"), completed("one two", phase)) == ["", "", text]


def test_what_went_elsewhere_comes_with_the_end_and_nothing_comes_twice() -> None:
    answer = AnswerText()
    assert [answer.added_by(event) for event in (started(), delta("one "))] == ["", "one "]
    answer.miss()  # "two " went elsewhere
    assert [answer.added_by(event) for event in (delta("three"), completed("one two three"))] == [
        "",
        "two three",
    ]


def test_text_that_stands_in_the_start_comes_with_it() -> None:
    assert added(started(text="one "), delta("two"), completed("one two")) == ["one ", "two", ""]


def test_the_end_makes_up_for_the_deltas_that_were_dropped_before_it() -> None:
    assert added(started(), delta("one "), completed("one two three")) == ["", "one ", "two three"]


def test_the_end_brings_a_text_that_had_no_deltas() -> None:
    assert added(started(), completed("all at once")) == ["", "all at once"]


def test_each_message_is_made_up_for_on_its_own() -> None:
    assert added(
        started(item="a"),
        started(item="b"),
        delta("12", "a"),
        delta("abcd", "b"),
        completed("1234", item="a"),
        completed("abcd", item="b"),
    ) == ["", "", "12", "abcd", "34", ""]


def test_letters_beyond_the_basic_ones_are_counted_like_others() -> None:
    assert added(started(), delta("größe 🎉"), completed("größe 🎉 und mehr")) == [
        "",
        "größe 🎉",
        " und mehr",
    ]


def test_an_end_that_comes_twice_counts_once() -> None:
    assert added(completed("once"), completed("once")) == ["once", ""]


def test_empty_deltas_add_nothing() -> None:
    assert added(started(), delta(""), delta("a"), completed("ab")) == ["", "", "a", "b"]


@pytest.mark.parametrize(
    "notification",
    [
        event("item/reasoning/textDelta", itemId="m", delta="thought"),
        event("item/commandExecution/outputDelta", itemId="m", delta="output"),
        event("item/plan/delta", itemId="m", delta="plan"),
        event("item/completed", item={"type": "plan", "id": "m", "text": "plan"}),
        event("item/updated", item=message("whole", None, "m")),
        event("turn/completed", turn={"id": "U", "items": [message("whole", None, "m")]}),
    ],
    ids=lambda notification: notification.method,
)
def test_other_items_and_events_add_nothing(notification: Notification) -> None:
    assert added(notification, completed("whole")) == ["", "whole"]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("item/agentMessage/delta", None),
        ("item/agentMessage/delta", ["m", "text"]),
        ("item/agentMessage/delta", {}),
        ("item/agentMessage/delta", {"itemId": "m"}),
        ("item/agentMessage/delta", {"delta": "text"}),
        ("item/agentMessage/delta", {"itemId": "m", "delta": ["text"]}),
        ("item/agentMessage/delta", {"itemId": ["m"], "delta": "text"}),
        ("item/started", None),
        ("item/started", {}),
        ("item/completed", "agentMessage"),
        ("item/completed", {"item": None}),
        ("item/completed", {"item": ["agentMessage"]}),
        ("item/completed", {"item": {"type": ["agentMessage"], "id": "m", "text": "text"}}),
        ("item/completed", {"item": {"type": "agentMessage", "text": "text"}}),
        ("item/completed", {"item": {"type": "agentMessage", "id": 7, "text": "text"}}),
        ("item/completed", {"item": {"type": "agentMessage", "id": "m"}}),
        ("item/completed", {"item": {"type": "agentMessage", "id": "m", "text": None}}),
        (
            "item/started",
            {"item": {"type": "agentMessage", "id": "m", "text": 7, "phase": "commentary"}},
        ),
    ],
)
def test_params_that_make_no_sense_are_passed_over(method: str, params: JsonValue) -> None:
    odd = Notification(method, params)
    assert added(started(), odd, delta("an"), odd, completed("answer")) == [
        "",
        "",
        "an",
        "",
        "swer",
    ]


class FakeEvents:
    """The events of a turn as they come to somebody who reads too slowly."""

    def __init__(self, *events: Notification | SlowConsumerError) -> None:
        self._events = iter(events)

    def __next__(self) -> Notification:
        event = next(self._events)
        if isinstance(event, SlowConsumerError):
            raise event
        return event


def text_of(*events: Notification | SlowConsumerError) -> str:
    """Read the text of a turn, on over every loss, as its documentation says that one may."""
    fake = cast("TurnEvents", FakeEvents(*events))
    text = TurnText(fake, TurnCollector("T", "U"), AnswerText())
    pieces: list[str] = []
    while True:
        try:
            pieces.append(next(text))
        except SlowConsumerError:
            continue
        except StopIteration:
            return "".join(pieces)


def test_a_reader_who_lost_the_last_deltas_gets_the_whole_text() -> None:
    lost = SlowConsumerError(2, only_deltas=True)

    assert text_of(started(), delta("one "), lost, completed("one two")) == "one two"


def test_a_reader_who_lost_deltas_in_the_middle_gets_the_whole_text() -> None:
    lost = SlowConsumerError(1, only_deltas=True)

    assert (
        text_of(started(), delta("one "), lost, delta("three"), completed("one two three"))
        == "one two three"
    )
