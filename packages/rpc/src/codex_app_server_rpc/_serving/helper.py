"""A thread that does what others may not do where it comes up.

The reader may not send, since that could block; a finaliser may not wait or take a lock, since it
may run at any point of any thread. Both hand a job over. Jobs are done one after the other, so
none of them may take long.
"""

from __future__ import annotations

import heapq
import threading
from itertools import count
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import REQUESTS, logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Job: TypeAlias = Callable[[], object]

__all__ = ["JOIN_GRACE", "HelperThread"]

JOIN_GRACE: Final = 1.0
"""How long `HelperThread.close` waits for a job that is being done, in seconds."""

_logger = logger(REQUESTS)


class HelperThread:
    """A queue of jobs and the thread that does them, started when it is first needed."""

    def __init__(self) -> None:
        """Prepare; nothing runs yet."""
        # A SimpleQueue may be filled from a finaliser, whatever that has interrupted.
        self._jobs: SimpleQueue[tuple[float, Job] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self) -> None:
        """Start the thread, if it does not run: needed before `put_from_finaliser`."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=_work, args=(self._jobs,), name="codex-helper", daemon=True
                )
                self._thread.start()

    def put(self, job: Job) -> bool:
        """Let a job be done soon.

        Returns:
            Whether it will be done.
        """
        self.start()
        with self._lock:  # else it could come to stand behind the end
            if not self._closed:
                self._jobs.put((0.0, job))
            return not self._closed

    def put_after(self, delay: float, job: Job) -> Callable[[], None]:
        """Let a job be done in ``delay`` seconds.

        Returns:
            What calls it off.
        """
        self.start()
        cancellable = _Cancellable(job)
        self._jobs.put((monotonic() + delay, cancellable))
        return cancellable.cancel

    def put_from_finaliser(self, job: Job) -> bool:
        """Let a job be done soon; takes no lock and starts no thread.

        Returns:
            Whether there is a thread to do it.
        """
        thread = self._thread
        if thread is None or not thread.is_alive() or self._closed:
            return False
        self._jobs.put((0.0, job))
        return True

    def end(self) -> None:
        """Let the thread end after the jobs that it has; idempotent, does not wait."""
        with self._lock:
            self._closed = True
            self._jobs.put(None)

    def close(self) -> None:
        """End the thread after the jobs that it has; idempotent, bounded in time."""
        self.end()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(JOIN_GRACE)


class _Cancellable:
    """A job that can be called off."""

    __slots__ = ("_job",)

    def __init__(self, job: Job) -> None:
        self._job: Job | None = job

    def __call__(self) -> None:
        job = self._job
        if job is not None:
            job()

    def cancel(self) -> None:
        self._job = None

    @property
    def is_cancelled(self) -> bool:
        return self._job is None


def _is_called_off(job: Job) -> bool:
    return isinstance(job, _Cancellable) and job.is_cancelled


def _work(jobs: SimpleQueue[tuple[float, Job] | None]) -> None:
    order = count()  # so that jobs of one moment are not compared
    waiting: list[tuple[float, int, Job]] = []
    kept = 0  # of those that waited when they were last gone through
    while True:
        due = None if not waiting else max(0.0, waiting[0][0] - monotonic())
        try:
            entry = jobs.get(timeout=due)
        except Empty:
            _do(heapq.heappop(waiting)[2])
            continue
        if entry is None:
            return
        at, job = entry
        if at > monotonic():
            heapq.heappush(waiting, (at, next(order), job))
            if len(waiting) > 2 * max(kept, 512):  # most deadlines are called off
                waiting = [entry for entry in waiting if not _is_called_off(entry[2])]
                heapq.heapify(waiting)
                kept = len(waiting)
        else:
            _do(job)
        del entry, job  # not to be kept until the next one comes


def _do(job: Job) -> None:
    try:
        job()
    except Exception:  # one job's failure must not end the others
        _logger.exception("a job of the helper thread failed")
