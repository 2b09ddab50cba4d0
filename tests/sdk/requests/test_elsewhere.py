"""Requests that are answered somewhere else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from openai_codex.requests.asking import ask
from openai_codex.requests.decisions import Park
from openai_codex.requests.elsewhere import ask_elsewhere
from openai_codex.requests.pending import PendingRequest

from tests.sdk.requests.received import COLOR, address, form, questions

REQUESTS = [questions(COLOR), form(), address()]


class Notebook:
    """Takes notice of requests, in one of several ways."""

    def __init__(self) -> None:
        self.seen: list[PendingRequest] = []

    def plain(self, request: PendingRequest) -> str:
        self.seen.append(request)
        return "whatever"

    async def coroutine(self, request: PendingRequest) -> str:
        return self.plain(request)

    def awaitable(self, request: PendingRequest) -> Any:
        return self.coroutine(request)


class Called:
    """An object whose call is a coroutine."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook

    async def __call__(self, request: PendingRequest) -> None:
        self.notebook.plain(request)


WAYS: list[Callable[[Notebook], Callable[[Any], object]]] = [
    lambda notebook: notebook.plain,
    lambda notebook: notebook.coroutine,
    lambda notebook: notebook.awaitable,
    Called,
]


@pytest.mark.parametrize("way", WAYS, ids=["plain", "async", "awaitable", "object"])
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: type(r).__name__)
async def test_a_request_is_handed_over_and_parked(
    request_: PendingRequest, way: Callable[[Notebook], Callable[[Any], object]]
) -> None:
    notebook = Notebook()

    answer = await ask(ask_elsewhere(way(notebook)), request_)

    assert answer == Park()
    assert notebook.seen == [request_]


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_request_that_could_not_be_handed_over_is_not_parked(is_async: bool) -> None:
    def fail(request: PendingRequest) -> None:
        raise OSError("no way there")

    async def fail_async(request: PendingRequest) -> None:
        fail(request)

    with pytest.raises(OSError, match="no way there"):
        await ask(ask_elsewhere(fail_async if is_async else fail), REQUESTS[0])


def test_who_is_told_by_a_coroutine_needs_no_thread() -> None:
    assert inspect.iscoroutinefunction(ask_elsewhere(Notebook().coroutine))
    assert not inspect.iscoroutinefunction(ask_elsewhere(Notebook().plain))
