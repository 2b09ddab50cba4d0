"""Playing the turns of a scripted server, each on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from openai_codex.testing._gate import Gate
from openai_codex.testing._script import ScriptError
from openai_codex.testing._server_messages import Json, turn
from openai_codex.testing._stage import Stage, TurnOverError
from openai_codex.testing._steps import ScriptedTurn, Step
from openai_codex.testing._threads import refusal

if TYPE_CHECKING:
    from openai_codex.testing._client_link import ClientLink, ClientRequest
    from openai_codex.testing._replies import Delay
    from openai_codex.testing._steps import AnyStep
    from openai_codex.testing._threads import ScriptedThread, Threads

__all__ = ["Playing"]

_COMPACT: Final = "thread/compact/start"
_STARTS: Final = frozenset({"turn/start", "review/start", _COMPACT})
_JOIN_SECONDS: Final = 5.0


class Playing:
    """The turns that run, and what else waits for a gate."""

    def __init__(
        self,
        threads: Threads,
        next_turn: Callable[[ClientRequest], ScriptedTurn],
        on_error: Callable[[ScriptError], None],
    ) -> None:
        """Play turns.

        Args:
            threads: The server's threads.
            next_turn: Gives the turn that a request starts; may raise.
            on_error: Gets to know of what is wrong with a script.
        """
        self._threads = threads
        self._next_turn = next_turn
        self._on_error = on_error
        self._lock = threading.Lock()
        self._workers: set[threading.Thread] = set()
        self._gates: set[Gate] = set()
        self._running: dict[Stage, ClientLink] = {}
        self._turns = 0
        self._stopped = threading.Event()

    def serve(self, link: ClientLink, request: ClientRequest) -> bool:
        """Serve a request about turns; tell whether it is one.

        Raises:
            InvalidRequestError: It does not fit what runs.
            ScriptError: The script has no turn for it.
        """
        if request.method in _STARTS:
            self._start(link, request)
        elif request.method == "turn/interrupt":
            stage = self._named(request.params, "turnId")
            link.answer(request.id, {})
            stage.end("interrupted")
        elif request.method == "turn/steer":
            stage = self._named(request.params, "expectedTurnId")
            answer: Json = {"turnId": stage.turn_id}
            if not stage.take_in(request.params, partial(link.answer, request.id, answer)):
                raise refusal("no active turn")
        else:
            return False
        return True

    def guard(self, link: ClientLink, request: ClientRequest, job: Callable[[], None]) -> None:
        """Serve a request; what is raised becomes the answer, and an error of the script."""
        from codex_app_server_rpc.errors import JsonRpcError

        try:
            job()
        except JsonRpcError as error:
            link.refuse(request.id, error.code, error.message, error.data)
        except ScriptError as error:
            self._on_error(error)
            link.refuse(request.id, -32600, str(error))
        except Exception as error:
            wrapped = ScriptError(f"the script raised {error!r} at {request.method}")
            wrapped.__cause__ = error
            self._on_error(wrapped)
            link.refuse(request.id, -32603, str(wrapped))

    def later(
        self, link: ClientLink, request: ClientRequest, pause: Gate | Delay, job: Callable[[], None]
    ) -> None:
        """Serve a request after a pause, while others are served."""

        def work() -> None:
            if isinstance(pause, Gate):
                self._hold(pause)
            else:
                self._stopped.wait(pause.seconds)
            if not self._stopped.is_set():
                self.guard(link, request, job)

        self._spawn(work)

    def abandon(self, link: ClientLink) -> None:
        """Play the turns of a client no more."""
        with self._lock:
            stages = [stage for stage, owner in self._running.items() if owner is link]
        for stage in stages:
            stage.abandon()

    def stop(self) -> None:
        """End everything, and wait for it."""
        with self._lock:
            self._stopped.set()
            gates, workers, stages = set(self._gates), set(self._workers), list(self._running)
        for stage in stages:
            stage.abandon()
        for gate in gates:
            gate.release()
        for worker in workers - {threading.current_thread()}:
            worker.join(_JOIN_SECONDS)

    def _start(self, link: ClientLink, request: ClientRequest) -> None:
        thread = self._threads.get(request.params)
        if (running := thread.stage) is not None:
            # As the runtime does: what comes while a turn runs is fed to it.
            joined: Json = {"turn": turn(running.turn_id, "inProgress")}
            if running.take_in(request.params, partial(link.answer, request.id, joined)):
                return
        compaction = request.method == _COMPACT
        scripted = _COMPACTION if compaction else self._next_turn(request)
        self._turns += 1
        stage = Stage(
            link,
            thread.id,
            f"turn-{self._turns}",
            request.params,
            cwd=thread.described["cwd"],
            pause=self._hold,
            on_end=lambda status: self._finish(thread, stage, status),
        )
        thread.stage = stage
        with self._lock:
            self._running[stage] = link
        result: Json = {} if compaction else {"turn": turn(stage.turn_id, "inProgress")}
        if request.method == "review/start":
            result["reviewThreadId"] = thread.id
        respond = partial(link.answer, request.id, result)
        if not scripted.early:
            respond()
        self._spawn(lambda: self._play(thread, stage, scripted, respond))

    def _play(
        self,
        thread: ScriptedThread,
        stage: Stage,
        scripted: ScriptedTurn,
        respond: Callable[[], None],
    ) -> None:
        try:
            stage.begin()
            for step in scripted.steps:
                _take(step, stage)
            stage.spend(thread.spend(scripted.usage), scripted.usage)
            stage.end()
        except TurnOverError:
            pass
        except Exception as error:
            wrapped = ScriptError(f"the script of {stage.turn_id} raised {error!r}")
            wrapped.__cause__ = error
            self._on_error(wrapped)
            if not stage.is_over:
                stage.fail(str(wrapped))
        finally:
            if scripted.early:
                respond()

    def _finish(self, thread: ScriptedThread, stage: Stage, status: str) -> None:
        thread.finish(stage, status)
        with self._lock:
            self._running.pop(stage, None)

    def _named(self, params: Json, name: str) -> Stage:
        stage = self._threads.get(params).stage
        if stage is None:
            raise refusal("no active turn")
        if params.get(name) != stage.turn_id:
            raise refusal(f"expected active turn {params.get(name)}, but it is {stage.turn_id}")
        return stage

    def _hold(self, gate: Gate) -> None:
        with self._lock:
            if self._stopped.is_set():
                return
            self._gates.add(gate)
        gate.hold()

    def _spawn(self, job: Callable[[], None]) -> None:
        worker = threading.Thread(target=job, name="scripted-server:turn", daemon=True)
        with self._lock:
            if self._stopped.is_set():
                return
            # None takes itself out: `stop` waits for each until it has really ended.
            self._workers = {each for each in self._workers if each.is_alive()}
            self._workers.add(worker)
            worker.start()  # before `stop` can join it


def _take(step: AnyStep, stage: Stage) -> None:
    """Play a step, of any form."""
    if isinstance(step, Step):
        step.act(stage)
    elif isinstance(step, str):
        Step.message(step).act(stage)
    elif isinstance(step, Gate):
        stage.pause(step)
    elif stage.last_reply is None:
        raise ScriptError("a function of the client's reply comes before any request to it")
    else:
        _take(step(stage.last_reply), stage)


_COMPACTION: Final = ScriptedTurn((Step.item({"type": "contextCompaction"}),))
