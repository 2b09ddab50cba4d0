"""The list of threads, page by page and at once, on the real runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import SortDirection, ThreadSortKey
from openai_codex import Codex, CodexConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Thread
    from openai_codex.testing import IsolatedHome, ModelServer


def ids_of(codex: Codex, **options: Any) -> list[str]:
    return [thread.id for thread in codex.threads(**options)]


@pytest.fixture
def several(codex: Codex, model: ModelServer) -> list[str]:
    """The ids of three threads with one turn each, the oldest first."""
    model.add("1", "2", "3")
    threads = [codex.thread_start() for _ in range(3)]
    for thread in threads:
        thread.run("Count.")
    return [thread.id for thread in threads]


def test_threads_are_listed_with_the_newest_first(codex: Codex, several: list[str]) -> None:
    assert ids_of(codex) == several[::-1]
    assert [thread.id for thread in codex.thread_list().data] == several[::-1]
    assert ids_of(codex, sort_direction=SortDirection.asc) == several


@pytest.mark.parametrize("direction", list(SortDirection))
@pytest.mark.parametrize("page_size", [1, 2, 3])
def test_threads_page_by_page_are_the_same_as_at_once(
    codex: Codex, several: list[str], page_size: int, direction: SortDirection
) -> None:
    order: dict[str, Any] = {"sort_direction": direction, "sort_key": ThreadSortKey.recency_at}
    at_once = list(codex.threads(**order))

    assert {thread.id for thread in at_once} == {*several}
    by_page = [thread.id for thread in codex.threads(page_size=page_size, **order)]
    assert sorted(by_page) == sorted(several)  # those of one moment come in any order
    assert len(codex.thread_list(limit=page_size, **order).data) == page_size


def test_threads_of_one_second_are_all_listed_page_by_page(
    codex: Codex, several: list[str]
) -> None:
    assert sorted(ids_of(codex, page_size=1)) == sorted(several)


def test_a_page_begins_where_the_one_before_ended(codex: Codex, several: list[str]) -> None:
    order: dict[str, Any] = {"limit": 2, "sort_key": ThreadSortKey.recency_at}

    first = codex.thread_list(**order)
    second = codex.thread_list(cursor=first.next_cursor, **order)

    assert sorted(thread.id for thread in (*first.data, *second.data)) == sorted(several)
    assert first.next_cursor is not None
    assert second.next_cursor is None


def test_only_threads_of_the_configured_provider_are_listed_unless_more_are_asked_for(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, codex: Codex, thread: Thread
) -> None:
    codex.close()
    other = opened(CodexConfig(cwd=config.cwd, env=config.env))

    assert ids_of(other) == []
    assert ids_of(other, model_providers=["openai"]) == []
    assert ids_of(other, model_providers=["scripted"]) == [thread.id]
    assert ids_of(other, model_providers=[]) == [thread.id]
    assert [found.id for found in other.thread_list(model_providers=[]).data] == [thread.id]


def test_threads_are_listed_by_folder(
    codex: Codex, model: ModelServer, home: IsolatedHome, thread: Thread
) -> None:
    model.add("Inside.")
    folder = home.workspace / "inner"
    folder.mkdir()
    inner = codex.thread_start(cwd=folder)
    inner.run("Where?")

    assert ids_of(codex, cwd=str(folder)) == [inner.id]
    assert ids_of(codex, cwd=[str(home.workspace)]) == [thread.id]
    assert len(ids_of(codex, cwd=[str(folder), str(home.workspace)])) == 2
