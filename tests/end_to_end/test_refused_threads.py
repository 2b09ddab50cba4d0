"""Threads that cannot be worked on: the real runtime's refusals, each as a typed error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openai_codex import (
    Codex,
    CodexConfig,
    InvalidRequestError,
    ThreadArchivedError,
    ThreadInUseError,
    ThreadNotFoundError,
    TransportClosedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Thread
    from openai_codex.testing import ModelServer

UNKNOWN = "00000000-0000-7000-8000-000000000000"
JUNK = ["junk", "", "../../etc/passwd", "0" * 5000, "\ud800", "a\nb\0c"]


def by_id(codex: Codex) -> list[Callable[[str], object]]:
    """Give the calls that take the id of a thread that is not archived."""
    return [codex.thread_resume, codex.thread_fork, codex.thread_archive]


def test_an_unknown_thread_is_not_found(codex: Codex) -> None:
    for call in by_id(codex):
        with pytest.raises(ThreadNotFoundError, match=r"thread_list\(\) knows which") as caught:
            call(UNKNOWN)
        assert UNKNOWN in str(caught.value)


def test_an_unknown_thread_is_not_found_in_the_archive(codex: Codex) -> None:
    with pytest.raises(ThreadNotFoundError):
        codex.thread_unarchive(UNKNOWN)


def test_an_id_that_is_none_is_not_found(codex: Codex) -> None:
    for junk in JUNK:
        for call in (*by_id(codex), codex.thread_unarchive):
            with pytest.raises(ThreadNotFoundError, match="is its `id`, a UUID"):
                call(junk)


def test_an_archived_thread_is_neither_continued_nor_copied(codex: Codex, thread: Thread) -> None:
    codex.thread_archive(thread.id)

    for call in (codex.thread_resume, codex.thread_fork):
        with pytest.raises(ThreadArchivedError, match=r"bring it back with thread_unarchive\(\)"):
            call(thread.id)
    with pytest.raises(ThreadNotFoundError):
        codex.thread_archive(thread.id)


def test_a_thread_that_is_not_loaded_runs_no_turns(codex: Codex, thread: Thread) -> None:
    codex.thread_archive(thread.id)

    for call in (thread.run, thread.turn, thread.review):
        with pytest.raises(ThreadNotFoundError, match=r"bring it back with thread_resume\(\)"):
            call("Hello?")
    for other in (thread.compact, thread.goal, thread.clear_goal):
        with pytest.raises(ThreadNotFoundError, match="not loaded"):
            other()
    with pytest.raises(ThreadNotFoundError):
        thread.set_name("Away.")


def test_a_thread_that_another_client_works_on_is_in_use(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    thread: Thread,
    codex: Codex,
    model: ModelServer,
) -> None:
    model.add("In the copy.", "In the original.")
    other = opened(config)

    for call in (other.thread_resume, other.thread_archive):
        with pytest.raises(ThreadInUseError, match=r"close the client that .*thread_fork\(\)"):
            call(thread.id)

    assert other.thread_fork(thread.id).run("And?").final_response == "In the copy."
    assert thread.run("And?").final_response == "In the original."
    codex.close()
    assert other.thread_resume(thread.id).id == thread.id


def test_an_ephemeral_thread_is_gone_when_it_is_looked_for(
    codex: Codex, model: ModelServer
) -> None:
    model.add("Hello.")
    thread = codex.thread_start(ephemeral=True)
    assert thread.run("Hi.").final_response == "Hello."

    for call in by_id(codex):
        with pytest.raises(ThreadNotFoundError):
            call(thread.id)
    calls: list[Callable[[], object]] = [
        lambda: thread.set_name("a"),
        thread.goal,
        lambda: thread.set_goal("Win."),
    ]
    for refused in calls:
        with pytest.raises(InvalidRequestError, match="ephemeral"):
            refused()


def test_a_new_thread_cannot_be_continued_or_copied_yet(codex: Codex) -> None:
    new = codex.thread_start()

    for call in (codex.thread_resume, codex.thread_fork):
        with pytest.raises(ThreadNotFoundError):
            call(new.id)

    assert new.read(include_turns=True).thread.turns == []  # after which it is refused otherwise
    with pytest.raises(ThreadNotFoundError, match="nothing was said on it yet"):
        codex.thread_resume(new.id)


def test_after_a_refusal_the_client_goes_on(
    codex: Codex, thread: Thread, model: ModelServer
) -> None:
    model.add("Still here.")
    with pytest.raises(ThreadNotFoundError):
        codex.thread_resume(UNKNOWN)

    assert thread.run("And?").final_response == "Still here."


def test_a_cursor_that_is_none_is_refused(codex: Codex) -> None:
    with pytest.raises(InvalidRequestError, match="invalid cursor"):
        codex.thread_list(cursor="junk")


def test_every_call_after_the_close_says_that_the_client_is_closed(
    codex: Codex, model: ModelServer
) -> None:
    model.add("Hello.")
    thread = codex.thread_start()
    handle = thread.turn("Hi.")
    result = handle.run()
    codex.close()
    codex.close()
    calls: list[Callable[[], object]] = [
        codex.thread_start,
        codex.thread_list,
        codex.models,
        codex.account,
        codex.logout,
        lambda: list(codex.threads()),
        *(lambda call=call: call(thread.id) for call in by_id(codex)),
        lambda: codex.thread_unarchive(thread.id),
        lambda: thread.run("Hi."),
        lambda: thread.turn("Hi."),
        lambda: thread.review("Hi."),
        thread.compact,
        thread.read,
        thread.goal,
        thread.clear_goal,
        lambda: thread.set_goal("Win."),
        lambda: thread.set_name("Away."),
        lambda: list(thread.turns()),
        lambda: list(thread.items()),
    ]
    for call in calls:
        with pytest.raises(TransportClosedError, match="this client is closed"):
            call()
    assert handle.run() == result  # what came of a turn stays
