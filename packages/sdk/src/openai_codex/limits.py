"""How long a turn may take, and what becomes of it when nobody waits for it any more."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from openai_codex.arguments import check_time
from openai_codex.errors import InvalidArgumentError, TurnIdleTimeoutError, TurnTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openai_codex.results import TurnResult

__all__ = [
    "IfBusy",
    "OnCancel",
    "Progress",
    "TurnClock",
    "TurnLimits",
    "check_if_busy",
]

IfBusy: TypeAlias = Literal["refuse", "steer", "wait"]
"""What to do with the input of a turn while another turn of its thread runs."""
OnCancel: TypeAlias = Literal["interrupt", "detach"]
"""What becomes of a turn whose waiting is cancelled: it is stopped, or it runs on."""


@dataclass(frozen=True)
class TurnLimits:
    """What a caller wants of a turn's time.

    Attributes:
        timeout: How long the turn may take in all, in seconds; ``None`` for no limit.
        idle_timeout: How long nothing may happen, in seconds; ``None`` for no limit. While a
            request that the runtime made for the turn, such as an approval, waits for its answer,
            this clock stands still.
        on_cancel: What becomes of the turn when whoever waits for it is cancelled.
    """

    timeout: float | None = None
    idle_timeout: float | None = None
    on_cancel: OnCancel = "interrupt"

    def __post_init__(self) -> None:
        """Refuse what is no time."""
        for name in ("timeout", "idle_timeout"):
            check_time(name, getattr(self, name))
        if self.on_cancel not in ("interrupt", "detach"):
            raise InvalidArgumentError(
                f"on_cancel is 'interrupt' or 'detach', not {self.on_cancel!r}"
            )

    def for_start(self, default: float | None) -> float | None:
        """Tell how long the start may take: as long as a request, or nothing happening in the turn.

        Args:
            default: How long a request waits, in seconds; ``None`` for no limit.
        """
        limits = (default, self.idle_timeout)
        return min((limit for limit in limits if limit is not None), default=None)


class Progress(Protocol):
    """What a clock must know of a turn; its stream tells it."""

    @property
    def active_at(self) -> float:
        """When something last happened."""
        ...

    @property
    def waits_for_client(self) -> bool:
        """Whether the runtime waits for an answer of ours."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether the turn is over."""
        ...


class TurnClock:
    """Tells when a turn's time is up. It starts when it is made."""

    def __init__(self, limits: TurnLimits, now: Callable[[], float] = monotonic) -> None:
        """Start.

        Args:
            limits: What is allowed.
            now: Tells the time, in seconds; the clock of `time.monotonic`, as the stream's is.
        """
        self._limits = limits
        self._now = now
        self._end = None if limits.timeout is None else now() + limits.timeout

    @property
    def is_running(self) -> bool:
        """Whether there is any limit."""
        return self._end is not None or self._limits.idle_timeout is not None

    def patience(self, stream: Progress) -> float | None:
        """Tell how long to wait for the turn's next event before looking at the clock again.

        Returns:
            Seconds; ``None`` for no limit.
        """
        now = self._now()
        waits = [] if self._end is None else [max(0.0, self._end - now)]
        idle_timeout = self._limits.idle_timeout
        if idle_timeout is not None:
            # A clock that stands still is looked at again after a whole idle time: if it goes on
            # meanwhile, it cannot run out before.
            left = max(0.0, stream.active_at + idle_timeout - now)
            waits.append(idle_timeout if stream.waits_for_client else left)
        return min(waits, default=None)

    def overtime(self, stream: Progress) -> type[TurnTimeoutError] | None:
        """Give the error to raise if the turn took too long in all."""
        over = self._end is not None and self._now() >= self._end and not stream.is_over
        return TurnTimeoutError if over else None

    def idle(self, stream: Progress) -> type[TurnTimeoutError] | None:
        """Give the error to raise if nothing has happened for too long."""
        idle_timeout = self._limits.idle_timeout
        if idle_timeout is None or stream.is_over or stream.waits_for_client:
            return None
        return TurnIdleTimeoutError if self._now() >= stream.active_at + idle_timeout else None

    def error(self, kind: type[TurnTimeoutError], result: TurnResult) -> TurnTimeoutError:
        """Make the error for a time that is up.

        Args:
            kind: From `overtime` or `idle`.
            result: What came of the turn so far.
        """
        limits = self._limits
        timeout = limits.idle_timeout if kind is TurnIdleTimeoutError else limits.timeout
        assert timeout is not None
        return kind(result, timeout=timeout)


def check_if_busy(value: object, ways: Sequence[str]) -> None:
    """Refuse what cannot be done with a turn on a busy thread.

    Args:
        value: What is to be done.
        ways: What can be done.

    Raises:
        InvalidArgumentError: It is none of these.
    """
    if value not in ways:
        raise InvalidArgumentError(f"if_busy is {' or '.join(map(repr, ways))}, not {value!r}")
