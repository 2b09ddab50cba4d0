"""The script of a model, and how it is played."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import TypeAlias

from openai_codex.testing._gate import Gate
from openai_codex.testing._model_request import ModelRequest
from openai_codex.testing._replies import Delay, Reply

_Function: TypeAlias = Callable[[ModelRequest], Reply | str]

Script: TypeAlias = Iterable[Reply | str] | _Function
"""Replies in the order of the requests, or a function that replies to each request.

A plain string stands for `Reply.text(string)`. With several threads at work the order of their
requests is anybody's guess: use a function there, and tell them apart by `request.thread_id`
or `request.prompt`. It is called for one request at a time.
"""


class ScriptError(AssertionError):
    """The runtime and the script do not fit: the test, or the program under test, is wrong."""


class Player:
    """Plays a script to any number of connections, and records what they asked.

    Args:
        script: The script.
    """

    def __init__(self, script: Script) -> None:
        self._function, self._queue = _parts(script)
        self._requests: list[ModelRequest] = []
        self._unknown: list[ModelRequest] = []
        self._errors: list[ScriptError] = []
        self._gates: list[Gate] = []
        self._counts = Counter[str]()
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        # Apart from the lock of the records, for a script that reads them.
        self._script_turn = threading.Lock()

    @property
    def requests(self) -> tuple[ModelRequest, ...]:
        """The requests to the model, in the order of arrival."""
        with self._changed:
            return tuple(self._requests)

    @property
    def unknown_requests(self) -> tuple[ModelRequest, ...]:
        """The requests to any other path."""
        with self._changed:
            return tuple(self._unknown)

    @property
    def errors(self) -> tuple[ScriptError, ...]:
        """What went wrong so far."""
        with self._changed:
            return tuple(self._errors)

    @property
    def remaining(self) -> tuple[Reply | str, ...]:
        """The replies that nobody has asked for yet."""
        with self._changed:
            return tuple(self._queue)

    def add(self, replies: Iterable[Reply | str]) -> None:
        """Append to a script that is a sequence."""
        if self._function is not None:
            raise TypeError("the script is a function: replies cannot be added to it")
        checked = _checked(replies)
        with self._changed:
            self._queue.extend(checked)

    def play(self, script: Script) -> None:
        """Go on with another script, in place of what is left of this one."""
        function, queue = _parts(script)
        with self._changed:
            self._function, self._queue = function, queue

    def answer(self, request: ModelRequest) -> Reply:
        """Record a request to the model and give the reply to it.

        Raises:
            ScriptError: The script has none. It is recorded too.
        """
        with self._script_turn:
            with self._changed:
                self._requests.append(request)
                self._changed.notify_all()
                function = self._function
            reply = self._call(function, request) if function else self._next()
        if isinstance(reply, str):
            return Reply.text(reply)
        return reply

    def refuse(self, request: ModelRequest) -> None:
        """Record a request that is none to the model."""
        with self._changed:
            self._unknown.append(request)

    def fail(self, message: str, cause: BaseException | None = None) -> ScriptError:
        """Record an error, and return it to be raised."""
        error = ScriptError(message)
        error.__cause__ = cause
        with self._changed:
            self._errors.append(error)
        return error

    def new_id(self, prefix: str) -> str:
        """Give the next id with that prefix, counted from 1 on."""
        with self._changed:
            self._counts[prefix] += 1
            return f"{prefix}_{self._counts[prefix]}"

    def pause(self, pause: Delay | Gate) -> bool:
        """Wait as long as a reply says, and tell whether there is any use in going on."""
        if isinstance(pause, Delay):
            return not self._stopped.wait(pause.seconds)
        with self._changed:
            if self._stopped.is_set():
                return False
            self._gates.append(pause)
        pause.hold()
        return not self._stopped.is_set()

    def wait_for_requests(self, count: int, timeout: float) -> tuple[ModelRequest, ...]:
        """Block until the model got so many requests, and return all."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._requests) >= count, timeout):
                raise TimeoutError(
                    f"{len(self._requests)} of {count} requests came within {timeout:g} s"
                )
            return tuple(self._requests)

    def stop(self) -> None:
        """End every pause, now and from now on."""
        with self._changed:
            self._stopped.set()
            gates = tuple(self._gates)
        for gate in gates:
            gate.release()

    def _next(self) -> Reply | str:
        with self._changed:
            if self._queue:
                return self._queue.popleft()
            number = len(self._requests)
        raise self.fail(
            f"the script is exhausted: request {number} of the runtime to the model finds no "
            "reply in it"
        )

    def _call(self, function: _Function, request: ModelRequest) -> Reply | str:
        try:
            reply = function(request)
        except Exception as error:
            raise self.fail(f"the script raised {error!r} at {request!r}", error) from error
        if not isinstance(reply, Reply | str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
            raise self.fail(f"the script returned {reply!r}, which is not a reply")
        return reply


def _parts(script: Script) -> tuple[_Function | None, deque[Reply | str]]:
    if callable(script):
        return script, deque()
    if isinstance(script, str | Reply) or not isinstance(script, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
        raise TypeError(f"a script is a sequence of replies or a function, not {script!r}")
    return None, _checked(script)


def _checked(replies: Iterable[Reply | str]) -> deque[Reply | str]:
    """Give replies that are some: those that are none are refused here, not in the turn."""
    checked = deque(replies)
    for reply in checked:
        if not isinstance(reply, Reply | str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
            raise TypeError(f"{reply!r} is no reply: a reply is a string or made by Reply")
    return checked
