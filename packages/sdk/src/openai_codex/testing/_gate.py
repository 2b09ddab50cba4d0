"""A point in a scripted reply that waits for the test."""

from __future__ import annotations

import threading


class Gate:
    """Hold a reply until the test lets it go on.

    Put a gate between the pieces of a reply (`Reply.text("thinking ", gate, "done")`) or between
    replies joined with `+`. It makes "the model is still answering" a state that a test enters
    and leaves on purpose, where a delay would be a guess. A gate opens once and stays open.
    """

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()

    @property
    def reached(self) -> bool:
        """Whether a reply has come to this gate."""
        return self._reached.is_set()

    @property
    def released(self) -> bool:
        """Whether the gate is open."""
        return self._released.is_set()

    def release(self) -> None:
        """Open the gate, for the reply that waits at it and for all that come later."""
        self._released.set()

    def wait_reached(self, timeout: float = 10.0) -> None:
        """Block until a reply has come to this gate.

        Args:
            timeout: The longest wait, in seconds.

        Raises:
            TimeoutError: No reply came to the gate in that time.
        """
        if not self._reached.wait(timeout):
            raise TimeoutError(f"no reply came to the gate within {timeout:g} s")

    def hold(self) -> None:
        """Note that a reply has come here, and block it until `release`. The server calls this."""
        self._reached.set()
        self._released.wait()

    def __repr__(self) -> str:
        state = "released" if self.released else "reached" if self.reached else "closed"
        return f"<Gate {state}>"
