"""The threads of a scripted server, and its answers to the requests about them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from openai_codex.testing._replies import Usage
from openai_codex.testing._server_messages import Json, model, text_of, thread, thread_result, turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.errors import JsonRpcError

    from openai_codex.testing._client_link import ClientLink
    from openai_codex.testing._stage import Stage

    Answer = Callable[["ScriptedThread", Json, ClientLink], Json]

__all__ = ["ScriptedThread", "Threads"]


class ScriptedThread:
    """A thread of a scripted server.

    Attributes:
        id: Its id.
        described: What is said of it, as the protocol's ``Thread``.
        turns: Its turns that are over, with their items.
        stage: The turn that runs, if any.
        archived: Whether it is put aside.
        total: What it has cost so far.
    """

    def __init__(self, thread_id: str, params: Json, **members: object) -> None:
        """Make a thread as its ``thread/start`` asks for it."""
        self.id: str = thread_id
        self.described: Json = thread(thread_id, params, **members)
        self.turns: list[Json] = []
        self.stage: Stage | None = None
        self.archived: bool = False
        self.total: Usage = Usage(0, 0)

    def spend(self, usage: Usage) -> Usage:
        """Add what a turn has cost; give what it is in all."""
        self.total = Usage(
            self.total.input_tokens + usage.input_tokens,
            self.total.output_tokens + usage.output_tokens,
            self.total.cached_input_tokens + usage.cached_input_tokens,
            self.total.reasoning_output_tokens + usage.reasoning_output_tokens,
        )
        return self.total

    def finish(self, stage: Stage, status: str) -> None:
        """Note the end of the turn that runs."""
        ended = {**turn(stage.turn_id, status), "items": list(stage.items), "itemsView": "full"}
        self.turns.append(ended)
        self.described["preview"] = self.described["preview"] or text_of(stage.params.get("input"))
        self.stage = None


class Threads:
    """All threads of a scripted server."""

    def __init__(self) -> None:
        """Start without any."""
        self._threads: dict[str, ScriptedThread] = {}
        self._count = 0
        self._lock = threading.Lock()

    def add(self, params: Json, thread_id: str | None = None, **members: object) -> ScriptedThread:
        """Make a thread; its id is counted, if none is given."""
        with self._lock:
            self._count += thread_id is None
            made = ScriptedThread(thread_id or f"thread-{self._count}", params, **members)
            self._threads[made.id] = made
            return made

    def all(self) -> list[ScriptedThread]:
        """List the threads, the newest first."""
        with self._lock:
            return list(reversed(self._threads.values()))

    def get(self, params: Json) -> ScriptedThread:
        """Find the thread that a request names.

        Raises:
            InvalidRequestError: There is none.
        """
        with self._lock:
            found = self._threads.get(str(params.get("threadId")))
        if found is None:
            raise refusal(f"thread not found: {params.get('threadId')}")
        return found

    def answer(self, method: str, params: Json, link: ClientLink) -> Json | None:
        """Answer a request about threads, models or accounts; ``None`` for any other.

        Raises:
            InvalidRequestError: There is no such thread.
        """
        if method == "thread/start":
            return self._opened(self.add(params), params, link)
        if method == "thread/list":
            archived = bool(params.get("archived"))
            data = [each.described for each in self.all() if each.archived is archived]
            return {"data": data, "nextCursor": None}
        if method == "thread/fork":
            return self._fork(self.get(params), params, link)
        if method in _OF_A_THREAD:
            return _OF_A_THREAD[method](self.get(params), params, link)
        return _OTHERS.get(method)

    def _opened(self, opened: ScriptedThread, params: Json, link: ClientLink) -> Json:
        link.notify("thread/started", {"thread": opened.described})
        return thread_result(opened.described, params)

    def _fork(self, origin: ScriptedThread, params: Json, link: ClientLink) -> Json:
        fork = self.add({**origin.described, **params}, forkedFromId=origin.id)
        fork.turns = list(origin.turns)
        return self._opened(fork, params, link)


def refusal(message: str) -> JsonRpcError:
    """Make the error of a request that does not fit the state of the server (-32600)."""
    from codex_app_server_rpc.errors import InvalidRequestError

    return InvalidRequestError(-32600, message)


def _with_turns(asked: ScriptedThread) -> Json:
    return {**asked.described, "turns": list(asked.turns)}


def _resume(asked: ScriptedThread, params: Json, link: ClientLink) -> Json:
    if asked.archived:
        raise refusal(f"session {asked.id} is archived. Run `codex unarchive {asked.id}` first.")
    shown = asked.described if params.get("excludeTurns") else _with_turns(asked)
    return thread_result(shown, params)


def _read(asked: ScriptedThread, params: Json, link: ClientLink) -> Json:
    return {"thread": _with_turns(asked) if params.get("includeTurns") else asked.described}


def _turns(asked: ScriptedThread, params: Json, link: ClientLink) -> Json:
    oldest_first = params.get("sortDirection") == "asc"
    return {"data": asked.turns if oldest_first else asked.turns[::-1], "nextCursor": None}


def _set_name(asked: ScriptedThread, params: Json, link: ClientLink) -> Json:
    asked.described["name"] = params.get("name")
    link.notify("thread/name/updated", {"threadId": asked.id, "threadName": params.get("name")})
    return {}


def _archive(asked: ScriptedThread, params: Json, link: ClientLink) -> Json:
    asked.archived = True
    link.notify("thread/archived", {"threadId": asked.id})
    return {}


def _unarchive(asked: ScriptedThread, params: Json, link: ClientLink) -> Json:
    asked.archived = False
    link.notify("thread/unarchived", {"threadId": asked.id})
    return {"thread": asked.described}


_OF_A_THREAD: Final[dict[str, Answer]] = {
    "thread/archive": _archive,
    "thread/name/set": _set_name,
    "thread/read": _read,
    "thread/resume": _resume,
    "thread/turns/list": _turns,
    "thread/unarchive": _unarchive,
}

_OTHERS: Final[dict[str, Json]] = {
    "account/read": {"account": None, "requiresOpenaiAuth": False},
    "model/list": {"data": [model()], "nextCursor": None},
}
