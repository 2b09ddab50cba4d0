"""What was said on a thread, read afterwards on the real runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from codex_app_server_types import AgentMessageThreadItem, SortDirection, Turn, TurnItemsView
from openai_codex import Codex, InvalidRequestError
from openai_codex.testing import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_types import ThreadItem
    from openai_codex import CodexConfig, Thread
    from openai_codex.testing import ModelServer

TYPES = ["userMessage", "agentMessage"]
FIRST, SECOND, THIRD = "First.", "Second.", "Third."


@pytest.fixture
def thread(codex: Codex, model: ModelServer) -> Thread:
    """A thread with three turns, the second of which runs a command."""
    model.add(FIRST, Reply.command("true") + Reply.text("Wait.", phase="commentary"), SECOND, THIRD)
    thread = codex.thread_start()
    for said in ("one", "two", "three"):
        thread.run(said)
    return thread


def answers(turn: Turn) -> list[str]:
    return [item.text for item in turn.items if isinstance(item, AgentMessageThreadItem)]


def id_of(item: ThreadItem) -> object:
    return item.to_wire()["id"]


def test_a_thread_is_read_without_its_turns_unless_they_are_asked_for(thread: Thread) -> None:
    read = thread.read().thread

    assert (read.id, read.turns, read.preview) == (thread.id, [], "one")
    assert read.ephemeral is False


def test_a_thread_is_read_with_its_turns_in_order(thread: Thread) -> None:
    turns = thread.read(include_turns=True).thread.turns

    assert [answers(turn)[-1] for turn in turns] == [FIRST, SECOND, THIRD]
    assert {turn.status for turn in turns} == {"completed"}


def test_the_turns_come_with_the_newest_first(thread: Thread) -> None:
    assert [answers(turn)[-1] for turn in thread.turns()] == [THIRD, SECOND, FIRST]


def test_the_turns_come_in_the_order_that_is_asked_for(thread: Thread) -> None:
    oldest_first = list(thread.turns(sort_direction=SortDirection.asc))

    assert [answers(turn)[-1] for turn in oldest_first] == [FIRST, SECOND, THIRD]
    newest_first = list(thread.turns(sort_direction=SortDirection.desc))
    assert [turn.id for turn in newest_first] == [turn.id for turn in reversed(oldest_first)]


@pytest.mark.parametrize("direction", list(SortDirection))
def test_turns_page_by_page_are_the_same_as_at_once(
    thread: Thread, direction: SortDirection
) -> None:
    at_once = list(thread.turns(sort_direction=direction))

    assert len(at_once) == 3
    assert list(thread.turns(sort_direction=direction, page_size=1)) == at_once
    assert list(thread.turns(sort_direction=direction, page_size=2)) == at_once


def test_the_view_decides_how_much_of_a_turn_there_is(thread: Thread) -> None:
    kinds = {
        view: [item.type for item in list(thread.turns(items_view=view))[1].items]
        for view in TurnItemsView
    }

    assert kinds == {
        TurnItemsView.not_loaded: [],
        TurnItemsView.summary: TYPES,
        TurnItemsView.full: ["userMessage", "agentMessage", "commandExecution", "agentMessage"],
    }
    assert {turn.items_view for turn in thread.turns(items_view=TurnItemsView.full)} == {"full"}


def test_turns_are_summed_up_unless_more_is_asked_for(thread: Thread) -> None:
    assert list(thread.turns()) == list(thread.turns(items_view=TurnItemsView.summary))


def test_the_items_are_those_of_the_results_with_the_oldest_first(
    codex: Codex, model: ModelServer
) -> None:
    model.add(Reply.command("true"), "Done.", "Again.")
    thread = codex.thread_start()
    results = [thread.run("one"), thread.run("two")]

    entries = list(thread.items())

    expected = [(result.id, id_of(item)) for result in results for item in result.items]
    assert [(entry.turn_id, id_of(entry.item)) for entry in entries] == expected
    assert [entry.item.type for entry in entries][-2:] == TYPES


@pytest.mark.parametrize("direction", list(SortDirection))
def test_items_page_by_page_are_the_same_as_at_once(
    thread: Thread, direction: SortDirection
) -> None:
    at_once = list(thread.items(sort_direction=direction))

    assert len(at_once) == 8
    assert list(thread.items(sort_direction=direction, page_size=1)) == at_once
    assert list(thread.items(sort_direction=direction, page_size=3)) == at_once


def test_the_items_come_in_the_order_that_is_asked_for(thread: Thread) -> None:
    oldest_first = list(thread.items(sort_direction=SortDirection.asc))
    newest_first = list(thread.items(sort_direction=SortDirection.desc))

    assert list(thread.items()) == oldest_first
    assert newest_first == oldest_first[::-1]


def test_the_items_of_one_turn_are_those_of_that_turn(thread: Thread) -> None:
    newest = next(iter(thread.turns()))

    entries = list(thread.items(turn_id=newest.id, page_size=1))

    assert {entry.turn_id for entry in entries} == {newest.id}
    assert [entry.item.type for entry in entries] == TYPES
    assert list(thread.items(turn_id="no-such-turn")) == []


def test_a_client_that_comes_later_reads_the_same_history(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, codex: Codex, thread: Thread
) -> None:
    before = list(thread.items())
    codex.close()

    resumed = opened(config).thread_resume(thread.id, include_turns=True)

    assert list(resumed.items()) == before
    assert len(resumed.read(include_turns=True).thread.turns) == 3


def test_the_history_of_an_archived_thread_can_be_read(codex: Codex, thread: Thread) -> None:
    before = list(thread.items())

    codex.thread_archive(thread.id)

    assert list(thread.items()) == before
    assert len(list(thread.turns())) == 3


def test_a_new_thread_has_no_history(codex: Codex) -> None:
    thread = codex.thread_start()

    assert list(thread.turns()) == []
    assert list(thread.turns(items_view=TurnItemsView.full, page_size=1)) == []
    assert list(thread.items()) == []
    assert thread.read(include_turns=True).thread.turns == []
    assert thread.read().thread.id == thread.id


@pytest.mark.parametrize("said", [False, True], ids=["new", "with a turn"])
def test_an_ephemeral_thread_has_no_history_to_read(
    codex: Codex, model: ModelServer, said: bool
) -> None:
    thread = codex.thread_start(ephemeral=True)
    if said:
        model.add("Hello.")
        assert thread.run("Hi.").final_response == "Hello."

    with pytest.raises(InvalidRequestError, match="ephemeral"):
        list(thread.turns())
    with pytest.raises(InvalidRequestError, match="ephemeral"):
        thread.read(include_turns=True)
    assert thread.read().thread.ephemeral is True


def test_the_items_of_an_ephemeral_thread_are_refused_like_its_turns(codex: Codex) -> None:
    with pytest.raises(InvalidRequestError):
        list(codex.thread_start(ephemeral=True).items())


def test_a_history_that_is_asked_for_wrongly_is_refused(thread: Thread) -> None:
    for page_size in (-1, 2**32):
        with pytest.raises(InvalidRequestError, match="expected u32"):
            list(thread.turns(page_size=page_size))
        with pytest.raises(InvalidRequestError, match="expected u32"):
            list(thread.items(page_size=page_size))
