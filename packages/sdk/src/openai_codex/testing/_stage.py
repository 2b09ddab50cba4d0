"""A turn of a scripted server, while it is played."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from openai_codex.testing._gate import Gate
from openai_codex.testing._replies import Delay, Usage
from openai_codex.testing._server_messages import NOW_MS, Json, token_usage, turn

if TYPE_CHECKING:
    from openai_codex.testing._client_link import ClientLink, PendingReply, ServerReply

__all__ = ["Stage", "TurnOverError"]


class TurnOverError(Exception):
    """The turn is over, by an interrupt or the end of the connection: nothing more is played."""


class Stage:
    """What a step of a scripted turn can do; it is played on a thread of the server's.

    Every method raises `TurnOverError` once the turn is over, which ends the play.

    Attributes:
        thread_id: The thread.
        turn_id: The turn.
        params: The params of the request that started it.
        cwd: The folder that it works in.
        items: The items that were completed.
        last_reply: The client's newest reply to a request of this turn.
    """

    def __init__(
        self,
        link: ClientLink,
        thread_id: str,
        turn_id: str,
        params: Json,
        *,
        cwd: str,
        pause: Callable[[Gate], None],
        on_end: Callable[[str], None],
    ) -> None:
        """Set the stage; `begin` opens the curtain.

        Args:
            link: The client that has started the turn.
            thread_id: The thread.
            turn_id: The turn.
            params: The params of the request that started it.
            cwd: The thread's folder.
            pause: Holds the play at a gate.
            on_end: Gets to know of the turn's status at its end.
        """
        self.thread_id: str = thread_id
        self.turn_id: str = turn_id
        self.params: Json = params
        self.cwd: str = params.get("cwd") or cwd
        self.items: list[Json] = []
        self.last_reply: ServerReply | None = None
        self._link = link
        self._pause = pause
        self._on_end = on_end
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._asked: list[PendingReply] = []
        self._counts = Counter[str]()

    @property
    def is_over(self) -> bool:
        """Whether the turn has ended."""
        return self._over.is_set()

    # --- what it says ----------------------------------------------------------------------

    def notify(self, method: str, params: Json | None = None) -> None:
        """Send a notification; thread and turn are named in it, unless ``params`` do so."""
        with self._lock:
            self.check()
            self._link.notify(method, self._addressed(params))

    def send(self, data: bytes) -> None:
        """Send bytes as they are, be they a message or not; the newline is yours to add."""
        with self._lock:
            self.check()
            self._link.line.deliver(data)

    def new_id(self, kind: str) -> str:
        """Give the next id for an item of that kind, such as ``turn-1-message-1``."""
        self._counts[kind] += 1
        return f"{self.turn_id}-{kind}-{self._counts[kind]}"

    def start_item(self, item: Json) -> None:
        """Tell that an item has started (``item/started``)."""
        self.notify("item/started", {"item": item, "startedAtMs": NOW_MS})

    def complete_item(self, item: Json) -> None:
        """Tell that an item is completed (``item/completed``)."""
        with self._lock:
            self.notify("item/completed", {"item": item, "completedAtMs": NOW_MS})
            self.items.append(item)

    def say_status(self, *flags: str) -> None:
        """Tell that the thread is active, and what it waits for (``thread/status/changed``)."""
        status = {"type": "active", "activeFlags": list(flags)}
        self._tell_status(status)

    def ask(self, method: str, params: Json, flag: str | None = None) -> ServerReply:
        """Send a request to the client, and wait for its reply.

        Args:
            method: The protocol method.
            params: Its params; thread and turn are added.
            flag: What the thread says that it waits for: ``waitingOnApproval`` or
                ``waitingOnUserInput``.
        """
        with self._lock:
            self.check()
            if flag is not None:
                self.say_status(flag)
            pending = self._link.ask(method, self._addressed(params))
            self._asked.append(pending)
        reply = pending.wait_for_end()
        with self._lock:
            self.check()
            if reply is None:
                raise TurnOverError
            self._asked.remove(pending)
            self.last_reply = reply
            self._resolved(pending)
            if flag is not None:
                self.say_status()
        return reply

    # --- its course ------------------------------------------------------------------------

    def pause(self, pause: Gate | Delay) -> None:
        """Wait for a gate to open, or for some time."""
        if isinstance(pause, Gate):
            self._pause(pause)
        else:
            self._over.wait(pause.seconds)
        self.check()

    def wait_for_end(self) -> None:
        """Wait until the turn is ended by somebody else."""
        self._over.wait()
        self.check()

    def begin(self) -> None:
        """Tell that the turn has started, and what the user has said."""
        self.say_status()
        self.notify("turn/started", {"turn": turn(self.turn_id, "inProgress")})
        self.hear(self.params)

    def hear(self, params: Json) -> None:
        """Take an input of the user: an item of its own."""
        if content := params.get("input"):
            item: Json = {"type": "userMessage", "id": self.new_id("user"), "content": content}
            if client_id := params.get("clientUserMessageId"):
                item["clientId"] = client_id
            self.start_item(item)
            self.complete_item(item)

    def take_in(self, params: Json, answer: Callable[[], None]) -> bool:
        """Answer a request that adds an input, and take that, unless the turn is over.

        Args:
            params: The request's params.
            answer: Answers it.

        Returns:
            Whether the turn was not over.
        """
        with self._lock:
            if self.is_over:
                return False
            answer()
            self.hear(params)
            return True

    def spend(self, total: Usage, last: Usage) -> None:
        """Tell what the turn has cost (``thread/tokenUsage/updated``)."""
        self.notify("thread/tokenUsage/updated", {"tokenUsage": token_usage(total, last)})

    def end(self, status: str = "completed", error: Json | None = None) -> None:
        """End the turn (``turn/completed``); nothing happens if it is over already."""
        with self._lock:
            if self.is_over:
                return
            self._give_up_asking()
            self._tell_status({"type": "idle" if error is None else "systemError"})
            # Before the client knows, so that it can start the next one at once.
            self._over.set()
            self._on_end(status)
            ended = {"threadId": self.thread_id, "turn": turn(self.turn_id, status, error)}
            self._link.notify("turn/completed", ended)

    def abandon(self) -> None:
        """Play no more of it, and say nothing: the client is gone, and with it what was asked."""
        with self._lock:
            if not self.is_over:
                self._over.set()
                self._on_end("interrupted")

    def fail(self, message: str, info: object = "other") -> None:
        """Report an error that ends the turn, and end it as failed.

        Args:
            message: The error in words.
            info: Its kind (``codexErrorInfo``), such as ``contextWindowExceeded``.
        """
        error: Json = {"message": message, "codexErrorInfo": info}
        self.notify("error", {"error": error, "willRetry": False})
        self.end("failed", error)

    def hang_up(self, exit_code: int | None, stderr_tail: str) -> None:
        """End the connection in the middle of the turn, as a server that dies."""
        from codex_app_server_rpc.errors import TransportClosedError

        self._link.end(
            TransportClosedError(
                "the scripted server hung up", exit_code=exit_code, stderr_tail=stderr_tail
            )
        )
        self.abandon()

    def check(self) -> None:
        """Go on only while the turn is not over."""
        if self.is_over:
            raise TurnOverError

    def _addressed(self, params: Json | None) -> Json:
        return {"threadId": self.thread_id, "turnId": self.turn_id, **(params or {})}

    def _tell_status(self, status: Json) -> None:
        self._link.notify("thread/status/changed", {"threadId": self.thread_id, "status": status})

    def _give_up_asking(self) -> None:
        for pending in self._asked:
            self._resolved(pending)
            self._link.withdraw(pending)

    def _resolved(self, pending: PendingReply) -> None:
        resolved = {"threadId": self.thread_id, "requestId": pending.id}
        self._link.notify("serverRequest/resolved", resolved)
