"""An app-server in this process that does what a test says."""

from __future__ import annotations

import json
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from openai_codex._version import __version__
from openai_codex.testing._answers import Answer, Answers, as_make
from openai_codex.testing._client_link import ClientLink, ClientRequest
from openai_codex.testing._memory import AsyncMemoryTransport, MemoryTransport
from openai_codex.testing._playing import Playing
from openai_codex.testing._replies import Usage
from openai_codex.testing._script import ScriptError
from openai_codex.testing._seen import Seen
from openai_codex.testing._server_messages import Json, introduction
from openai_codex.testing._steps import AnyStep, ScriptedTurn, as_steps
from openai_codex.testing._threads import Threads

if TYPE_CHECKING:
    from types import TracebackType

    from openai_codex.testing._answers import AnyAnswer
    from openai_codex.testing._client_link import PendingReply
    from openai_codex.testing._gate import Gate
    from openai_codex.testing._memory import MemoryLine
    from openai_codex.testing._replies import Delay

__all__ = ["ScriptedServer", "TurnScript"]

TurnScript: TypeAlias = "Callable[[ClientRequest], ScriptedTurn | AnyStep | Iterable[AnyStep]]"
"""Makes a turn of the request that starts it."""

_JOIN_SECONDS = 5.0


class ScriptedServer(Seen):
    """An app-server in memory: no process, no model, no runtime.

    It shakes hands, holds threads and plays turns by itself. Script the turns with `add_turn` or
    `play`, answers with `answer`, `fail` and `silence`, and look at `requests` and `replies`. Used
    as a context manager, or with `close`; leaving the context raises the first `ScriptError`,
    unless another exception is on its way. It may be used from any thread, and by several clients.

    Without any script, a turn says "Done.".
    """

    def __init__(self, *, version: str = __version__, extra_methods: Iterable[str] = ()) -> None:
        """Make a server.

        Args:
            version: The version of the runtime that it claims to be.
            extra_methods: Methods that `answer`, `fail` and `silence` may name although this
                version of the protocol does not have them.
        """
        super().__init__()
        self._version = version
        self._threads = Threads()
        self._answers = Answers(extra_methods)
        self._turns: deque[ScriptedTurn] | None = None
        self._function: TurnScript | None = None
        self._links: dict[MemoryLine, ClientLink] = {}
        self._lock = threading.Lock()
        self._playing = Playing(self._threads, self._next_turn, self.note_error)
        self._inbox: queue.SimpleQueue[tuple[ClientLink, Json] | None] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None
        self._answering = False
        self._closed = False

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        if error is None:
            for script_error in self.errors:
                raise script_error

    def close(self) -> None:
        """Hang up on every client and stop; nothing happens if it has stopped already.

        Gates that a turn or an answer waits at are released. No thread is left.
        """
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        self.hang_up()
        self._playing.stop()
        if worker is not None:
            self._inbox.put(None)
            if worker is not threading.current_thread():
                worker.join(_JOIN_SECONDS)

    # --- ways to it ------------------------------------------------------------------------

    def transport(self) -> MemoryTransport:
        """Make a way to this server: ``Codex(transport=server.transport())``."""
        return MemoryTransport(self)

    def async_transport(self) -> AsyncMemoryTransport:
        """Make a way to this server: ``AsyncCodex(transport=server.async_transport())``."""
        return AsyncMemoryTransport(self)

    # --- what it does ----------------------------------------------------------------------

    def add_turn(self, *steps: AnyStep, early: bool = False, usage: Usage | None = None) -> None:
        """Append a turn to the script: what happens between its start and its end.

        Args:
            steps: What happens: strings, which are messages, `Step`, `Gate`, or functions of the
                client's newest reply.
            early: Whether all of it is sent before the answer to the request that starts it.
            usage: The tokens that it claims to cost.
        """
        turn = ScriptedTurn(as_steps(steps), early, usage or Usage())
        with self._lock:
            if self._turns is None:
                self._turns = deque()
            self._turns.append(turn)

    def play(self, function: TurnScript) -> None:
        """Have a function make every turn from now on; turns that were added come first."""
        self._function = function

    def answer(
        self,
        method: str,
        answer: AnyAnswer,
        *,
        times: int | None = None,
        after: Gate | Delay | None = None,
    ) -> None:
        """Answer a method otherwise, or one that this server has no answer to.

        Args:
            method: The protocol method.
            answer: The result, or a function that makes it of the request's params, and may raise
                a `JsonRpcError`. It may `ask` the client, and wait for the reply; the client's
                requests wait meanwhile.
            times: How often; then what was set before holds again. ``None`` for ever.
            after: What to wait for before answering; other requests are answered meanwhile.

        Raises:
            ValueError: The protocol has no such method, or ``times`` is less than one; so in `fail`
                and `silence`.
        """
        self._answers.put(method, Answer(as_make(answer), after, times))

    def fail(
        self,
        method: str,
        code: int = -32603,
        message: str = "The script says: fail.",
        data: object = None,
        *,
        times: int | None = None,
    ) -> None:
        """Answer a method with an error.

        Args:
            method: The protocol method.
            code: The JSON-RPC error code, such as -32001 for a server that is overloaded.
            message: The error in words.
            data: What else it carries.
            times: How often; then what was set before holds again. ``None`` for ever.

        Raises:
            TypeError: The code is no number.
            ValueError: The protocol has no such method.
        """
        from codex_app_server_rpc.errors import JsonRpcError

        if not isinstance(code, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
            raise TypeError(f"the code of a JSON-RPC error is a number, not {code!r}")

        def refuse(params: Json) -> Json:
            raise JsonRpcError(code, message, data)  # type: ignore[arg-type]  # any JSON

        self._answers.put(method, Answer(refuse, None, times))

    def silence(self, method: str, *, times: int | None = None) -> None:
        """Do not answer a method; ``times`` and errors as for `answer`."""
        self._answers.put(method, Answer(None, None, times))

    def add_thread(self, thread_id: str, *, name: str | None = None) -> None:
        """Add a thread that a client can resume."""
        self._threads.add({}, thread_id, name=name)

    def notify(self, method: str, params: Json | None = None) -> None:
        """Send a notification to every client, outside of any turn."""
        for link in self._open_links():
            link.notify(method, params or {})

    def send(self, data: bytes) -> None:
        """Send bytes as they are to every client; the newline is yours to add."""
        for link in self._open_links():
            link.line.deliver(data)

    def ask(self, method: str, params: Json) -> PendingReply:
        """Send a request to the client that came last, outside of any turn.

        Args:
            method: The protocol method.
            params: Its params.

        Returns:
            What waits for the reply; an async test does so in another thread, or gets it later.

        Raises:
            ScriptError: There is no client.
        """
        links = self._open_links()
        if not links:
            raise ScriptError(f"there is no client to ask {method}")
        return links[-1].ask(method, params)

    def hang_up(self, exit_code: int | None = None, stderr_tail: str = "") -> None:
        """End the connection of every client, as a server that dies.

        Args:
            exit_code: The exit code of the program that there is not.
            stderr_tail: Its last words.
        """
        from codex_app_server_rpc.errors import TransportClosedError

        message = "the scripted server hung up"
        for link in self._open_links():
            self._playing.abandon(link)
            link.end(TransportClosedError(message, exit_code=exit_code, stderr_tail=stderr_tail))

    def assert_exhausted(self) -> None:
        """Check that every turn was played and that nothing went wrong.

        Raises:
            ScriptError: It is not so.
        """
        for error in self.errors:
            raise error
        with self._lock:
            left = len(self._turns or ())
        if left:
            raise ScriptError(f"nobody asked for {left} of the turns")

    # --- the far end of the transports -----------------------------------------------------

    def connect(self, line: MemoryLine) -> None:
        """Take a client; called by the transport."""
        from codex_app_server_rpc.errors import TransportClosedError

        with self._lock:
            if self._closed:
                raise TransportClosedError("the scripted server is closed")
            self._links[line] = ClientLink(line, self.note_reply)
            if self._worker is None:
                self._worker = threading.Thread(
                    target=self._work, name="scripted-server", daemon=True
                )
                self._worker.start()

    def take(self, line: MemoryLine, data: bytes) -> None:
        """Take a message of a client; called by the transport."""
        with self._lock:
            link = self._links.get(line)
        if link is not None:
            message = json.loads(data)
            if self._answering and "method" not in message:
                link.take_reply(message)  # which the function that answers may wait for
            else:
                self._inbox.put((link, message))

    def leave(self, line: MemoryLine) -> None:
        """Learn that a client is gone; called by the transport."""
        with self._lock:
            link = self._links.pop(line, None)
        if link is not None:
            self._playing.abandon(link)
            link.end()

    # --- its work --------------------------------------------------------------------------

    def _work(self) -> None:
        while (entry := self._inbox.get()) is not None:
            link, message = entry
            if "method" not in message:
                link.take_reply(message)
                continue
            request = ClientRequest(
                message["method"], message.get("params") or {}, message.get("id")
            )
            self.note_request(request)
            if request.id is not None:
                self._serve(link, request)

    def _serve(self, link: ClientLink, request: ClientRequest) -> None:
        answer = self._answers.take(request.method)
        if answer is None:
            self._playing.guard(link, request, lambda: self._default(link, request))
        elif (make := answer.make) is not None:

            def job() -> None:
                link.answer(request.id, make(request.params))

            if answer.after is None:
                self._answering = True
                self._playing.guard(link, request, job)
                self._answering = False
            else:
                self._playing.later(link, request, answer.after, job)

    def _default(self, link: ClientLink, request: ClientRequest) -> None:
        if request.method == "initialize":
            link.client_name = request.params.get("clientInfo", {}).get("name", link.client_name)
            link.answer(request.id, introduction(link.client_name, self._version))
        elif not self._playing.serve(link, request):
            result = self._threads.answer(request.method, request.params, link)
            if result is None:
                link.refuse(
                    request.id,
                    -32601,
                    f"the scripted server has no answer to {request.method}: give it one with "
                    "answer()",
                )
            else:
                link.answer(request.id, result)

    def _next_turn(self, request: ClientRequest) -> ScriptedTurn:
        with self._lock:
            if self._turns:
                return self._turns.popleft()
            function, unscripted = self._function, self._turns is None
        if function is None:
            if unscripted:
                return ScriptedTurn(("Done.",))
            raise ScriptError(f"the script is exhausted: it has no turn for {request.text!r}")
        made = function(request)
        return made if isinstance(made, ScriptedTurn) else ScriptedTurn(as_steps(made))

    def _open_links(self) -> list[ClientLink]:
        with self._lock:
            return list(self._links.values())
