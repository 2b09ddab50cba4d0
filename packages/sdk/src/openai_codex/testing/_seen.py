"""What a scripted server has seen of its clients."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai_codex.testing._client_link import ClientRequest, ServerReply
    from openai_codex.testing._script import ScriptError

__all__ = ["Seen"]


class Seen:
    """Records, to assert on, in the order of arrival; usable from any thread."""

    def __init__(self) -> None:
        """Start without any."""
        self._requests: list[ClientRequest] = []
        self._notifications: list[ClientRequest] = []
        self._replies: list[ServerReply] = []
        self._errors: list[ScriptError] = []
        self._changed = threading.Condition()

    @property
    def requests(self) -> tuple[ClientRequest, ...]:
        """The requests of all clients, in the order of arrival."""
        with self._changed:
            return tuple(self._requests)

    @property
    def prompts(self) -> tuple[str, ...]:
        """The text of each input of a turn, also of those that steer, in the order of arrival."""
        return tuple(request.text for request in self.requests if "input" in request.params)

    @property
    def notifications(self) -> tuple[ClientRequest, ...]:
        """The notifications of all clients, in the order of arrival."""
        with self._changed:
            return tuple(self._notifications)

    @property
    def replies(self) -> tuple[ServerReply, ...]:
        """The clients' replies to the server's requests, in the order of arrival."""
        with self._changed:
            return tuple(self._replies)

    @property
    def errors(self) -> tuple[ScriptError, ...]:
        """What did not fit: turns beyond the script's end, and a script that failed."""
        with self._changed:
            return tuple(self._errors)

    def wait_for_request(self, method: str, count: int = 1, timeout: float = 10.0) -> ClientRequest:
        """Block until a method was requested so many times, and return that request.

        Args:
            method: The protocol method.
            count: The number of requests.
            timeout: The longest wait, in seconds.

        Raises:
            TimeoutError: Fewer came in that time.
        """

        def seen() -> list[ClientRequest]:
            return [request for request in self._requests if request.method == method]

        with self._changed:
            if not self._changed.wait_for(lambda: len(seen()) >= count, timeout):
                raise TimeoutError(f"{len(seen())} of {count} {method} came within {timeout:g} s")
            return seen()[count - 1]

    def note_request(self, request: ClientRequest) -> None:
        """Record a request, or a notification."""
        with self._changed:
            (self._notifications if request.id is None else self._requests).append(request)
            self._changed.notify_all()

    def note_reply(self, reply: ServerReply) -> None:
        """Record a reply."""
        with self._changed:
            self._replies.append(reply)
            self._changed.notify_all()

    def note_error(self, error: ScriptError) -> None:
        """Record what is wrong with a script."""
        with self._changed:
            self._errors.append(error)
