"""Where a client lives and nothing happens by itself.

No clock runs: `World.advance` moves it. Nobody who waits goes on by himself: `World.settle` lets
everybody go on who can, until all wait again. A call of the client is one coroutine for both
clients; where the sync client blocks, the coroutine blocks with it.

`AsyncWorld` turns an event loop of its own. In `SyncWorld` each call has a thread, of which one at
a time runs, from one wait to the next: all waits of the sync client go through
`codex_app_server_rpc._primitives.acquire`, which is replaced here. Who goes on first is chosen by
a seed. Only what the client itself runs beside its callers (the helper thread, the threads of
handlers) is not steered, and waited for by what it does.
"""

from __future__ import annotations

import asyncio
import heapq
import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import tenacity.nap
from codex_app_server_rpc import (
    AsyncClient,
    AsyncServerRequestHandlers,
    Client,
    ServerRequestHandlers,
    deadline,
)
from codex_app_server_rpc.threads import acquire
from codex_app_server_types import DynamicToolCallResponse

from tests.rpc.driver import IDENTITY
from tests.rpc.models.far_end import AsyncWay, FarEnd, Way

if TYPE_CHECKING:
    from contextvars import Context

    from typing_extensions import TypeVarTuple, Unpack

    Ts = TypeVarTuple("Ts")

__all__ = ["AsyncWorld", "Call", "SyncWorld", "World", "settled"]

Script = Callable[[], Coroutine[Any, Any, Any]]
SLACK = 1e-6


async def settled(result: Any) -> Any:
    """Await what the async client returns; what the sync client returns is there already."""
    return await result if inspect.isawaitable(result) else result


class Call:
    """One call of somebody.

    Attributes:
        done: Whether it has ended.
        value: What it returned.
        error: What it raised.
    """

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None

    async def run(self, script: Script) -> None:
        try:
            self.value = await script()
        except BaseException as error:  # whatever it is, it is the outcome
            self.error = error
        self.done = True


class Work:
    """One handler at work.

    Attributes:
        entered: Set when it has begun.
        leave: To be set to let it go.
        cancelled: Whether it was cancelled.
        thread: Its thread, if it has one.
    """

    def __init__(self, entered: Any, leave: Any) -> None:
        self.entered = entered
        self.leave = leave
        self.cancelled = False
        self.thread: threading.Thread | None = None


class World(ABC):
    """A client, the far end of its connection, and a clock.

    Attributes:
        client: The client.
        far: The far end.
        now: The time, in seconds.
        work: The handlers at work, by the token of their request.
        interruption: What a call raises that was interrupted.
        cancels_handlers: Whether a handler is cancelled whose request is resolved.
    """

    client: Any
    interruption: type[BaseException]
    cancels_handlers: bool

    def __init__(self) -> None:
        self.far = FarEnd()
        self.now = 1000.0
        self.work: dict[str, Work] = {}
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(deadline, "monotonic", lambda: self.now)

    def open(self, make: Callable[..., Any], way: object, handlers: object, **options: Any) -> None:
        """Make the client and shake hands."""
        self.client = make(way, identity=IDENTITY, handlers=handlers, **options)
        opening = self.call(lambda: settled(self.client.start()))
        self.settle()
        assert opening.done
        assert opening.error is None

    async def close(self, mode: str) -> None:
        """Close the client."""
        await settled(self.client.close(mode=mode))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while (due := self._next_due()) is not None and due <= end + SLACK:
            self.now = max(self.now, due)
            self.settle()
        self.now = max(self.now, end)
        self.settle()

    @abstractmethod
    def call(self, script: Script) -> Call:
        """Let somebody make a call; nothing happens before the world settles."""

    @abstractmethod
    def interrupt(self, call: Call) -> None:
        """Cancel the task of a call, or press Ctrl-C in its thread."""

    @abstractmethod
    def deliver(self, data: bytes, *, meets: Call | None = None) -> None:
        """Let the far end say something.

        Args:
            data: What it says.
            meets: A call to interrupt before it has taken notice.
        """

    @abstractmethod
    def hang_up(self) -> None:
        """Let the far end go away."""

    @abstractmethod
    def settle(self) -> None:
        """Let everybody go on until all wait."""

    @abstractmethod
    def expect_work(self, token: str) -> None:
        """Prepare for a request of the far end that a handler will take on."""

    @abstractmethod
    def await_work(self, token: str) -> None:
        """Wait until the handler is at work."""

    @abstractmethod
    def let_go(self, token: str) -> None:
        """Let the handler give its answer, and wait for its end."""

    @abstractmethod
    def await_replies(self, count: int) -> None:
        """Wait until the client has replied so often."""

    @abstractmethod
    def leftovers(self) -> list[object]:
        """List what still runs."""

    @abstractmethod
    def _next_due(self) -> float | None:
        """Tell when the next timer is due."""

    def end(self) -> None:
        """Take the world down."""
        self._patch.undo()


def tool_result(token: str) -> DynamicToolCallResponse:
    """Make the answer of a handler."""
    text = {"type": "inputText", "text": token}
    return DynamicToolCallResponse.from_wire({"contentItems": [text], "success": True})


class SteppedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the world's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        super().__init__()

    def time(self) -> float:
        return self._world.now

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: Unpack[Ts],
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        heapq.heappush(self.timers, (when, id(handle), handle))
        return handle


class AsyncWorld(World):
    """A world of tasks."""

    interruption = asyncio.CancelledError
    cancels_handlers = True

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__()
        self._loop = SteppedLoop(self)
        self._tasks: dict[Call, asyncio.Task[None]] = {}
        self._turned = 0
        handlers = AsyncServerRequestHandlers(item_tool_call=self._handle)
        self.open(AsyncClient, AsyncWay(self.far), handlers, **options)

    def call(self, script: Script) -> Call:
        call = Call()
        self._tasks[call] = self._loop.create_task(call.run(script))
        return call

    def interrupt(self, call: Call) -> None:
        self._tasks[call].cancel()

    def deliver(self, data: bytes, *, meets: Call | None = None) -> None:
        def say() -> None:
            self.far.deliver(data)
            if meets is not None:
                self.interrupt(meets)

        self._loop.run_until_complete(self._in_loop(say))

    def hang_up(self) -> None:
        self._loop.run_until_complete(self._in_loop(lambda: self.far.hang_up("hung up")))

    def settle(self) -> None:
        self._loop.run_until_complete(self._turn())

    def expect_work(self, token: str) -> None:
        self.work[token] = Work(asyncio.Event(), asyncio.Event())

    def await_work(self, token: str) -> None:
        self.settle()
        assert self.work[token].entered.is_set()

    def let_go(self, token: str) -> None:
        self.work[token].leave.set()
        self.settle()

    def await_replies(self, count: int) -> None:
        self.settle()
        assert len(self.far.replies) == count

    def leftovers(self) -> list[object]:
        timers = [handle for _, _, handle in self._loop.timers if handle.when() > self.now]
        running = asyncio.all_tasks(self._loop)
        return [*running, *(timer for timer in timers if not timer.cancelled())]

    def end(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self.client.close(mode="kill"))
        self.settle()
        self._loop.close()
        super().end()

    async def _in_loop(self, function: Callable[[], object]) -> None:
        function()

    async def _turn(self) -> None:
        # A wake-up leads to the next one a few turns later; none of these chains is longer.
        for _ in range(25):
            await asyncio.sleep(0)

    def _next_due(self) -> float | None:
        timers = self._loop.timers
        while timers and (timers[0][2].cancelled() or timers[0][0] <= self.now):
            heapq.heappop(timers)
        return timers[0][0] if timers else None

    async def _handle(self, params: Any) -> DynamicToolCallResponse:
        work = self.work[params.call_id]
        work.entered.set()
        try:
            await work.leave.wait()
        except asyncio.CancelledError:
            work.cancelled = True
            raise
        return tool_result(params.call_id)


class Strand(threading.Thread):
    """The thread of one call, which runs when it is told to, up to its next wait."""

    def __init__(self, call: Call, script: Script) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._script = script
        self._go = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self.interruption: BaseException | None = None
        self.lock: threading.Lock | None = None  # what it waits for
        self.wake_at: float | None = None

    def run(self) -> None:
        self._go.acquire()
        # The sync client never suspends, so the coroutine runs to its end at once.
        running = self._call.run(self._script)
        with pytest.raises(StopIteration):
            running.send(None)
        self._back.release()

    def go_on(self) -> None:
        """Let it run to its next wait, or its end."""
        self._go.release()
        assert self._back.acquire(timeout=20), "a thread waits in a way that is not foreseen"

    def park(self, lock: threading.Lock, wake_at: float | None) -> None:
        """Wait to be told to run; called in the thread itself."""
        self.lock, self.wake_at = lock, wake_at
        self._back.release()
        self._go.acquire()
        self.lock, self.wake_at = None, None
        interruption, self.interruption = self.interruption, None
        if interruption is not None:
            raise interruption

    def can_go_on(self, now: float) -> bool:
        if self._call.done:
            return False
        is_due = self.wake_at is not None and self.wake_at <= now + SLACK
        return is_due or self.lock is None or not self.lock.locked() or bool(self.interruption)


class SyncWorld(World):
    """A world of threads."""

    interruption = KeyboardInterrupt
    cancels_handlers = False  # a plain function cannot be

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__()
        self._random = Random(seed)
        self._strands: dict[Call, Strand] = {}
        self._patch.setattr("codex_app_server_rpc._primitives.acquire", self._acquire)
        self._patch.setattr(tenacity.nap, "time", SimpleNamespace(sleep=self._sleep))
        handlers = ServerRequestHandlers(item_tool_call=self._handle)
        self.open(Client, Way(self.far), handlers, **options)

    def call(self, script: Script) -> Call:
        call = Call()
        self._strands[call] = Strand(call, script)
        self._strands[call].start()
        return call

    def interrupt(self, call: Call) -> None:
        self._strands[call].interruption = KeyboardInterrupt()

    def deliver(self, data: bytes, *, meets: Call | None = None) -> None:
        self.far.deliver(data)
        if meets is not None:
            self.interrupt(meets)

    def hang_up(self) -> None:
        self.far.hang_up("hung up")

    def settle(self) -> None:
        while ready := [one for one in self._strands.values() if one.can_go_on(self.now)]:
            self._random.choice(ready).go_on()

    def expect_work(self, token: str) -> None:
        self.work[token] = Work(threading.Event(), threading.Event())

    def await_work(self, token: str) -> None:
        assert self.work[token].entered.wait(20)

    def let_go(self, token: str) -> None:
        work = self.work[token]
        work.leave.set()
        if work.thread is not None:
            work.thread.join(20)
            assert not work.thread.is_alive()

    def await_replies(self, count: int) -> None:
        self.far.await_replies(count)

    def leftovers(self) -> list[object]:
        for call, strand in self._strands.items():
            if call.done:
                strand.join(20)
        return [
            thread
            for thread in threading.enumerate()
            if thread in self._strands.values() or thread.name.startswith("codex-")
        ]

    def end(self) -> None:
        for strand in self._strands.values():
            strand.interruption = KeyboardInterrupt()
        for work in self.work.values():
            work.leave.set()
        self.client.close(mode="kill")
        self.settle()
        super().end()

    def _next_due(self) -> float | None:
        return min(
            (
                strand.wake_at
                for strand in self._strands.values()
                if strand.wake_at is not None and strand.wake_at > self.now + SLACK
            ),
            default=None,
        )

    def _acquire(self, lock: threading.Lock, timeout: float | None) -> bool:
        strand = threading.current_thread()
        if not isinstance(strand, Strand):
            return acquire(lock, timeout)
        wake_at = None if timeout is None else self.now + timeout
        while not lock.acquire(blocking=False):
            if wake_at is not None and wake_at <= self.now + SLACK:
                return False
            strand.park(lock, wake_at)
        return True

    def _sleep(self, seconds: float) -> None:
        never = threading.Lock()
        never.acquire()
        self._acquire(never, seconds)

    def _handle(self, params: Any) -> DynamicToolCallResponse:
        work = self.work[params.call_id]
        work.thread = threading.current_thread()
        work.entered.set()
        assert work.leave.wait(60)
        return tool_result(params.call_id)
