"""How many tokens a turn used: the difference that it made to its thread's totals."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue, ThreadTokenUsage, TokenUsageBreakdown

__all__ = ["TOKEN_USAGE_UPDATED", "UsageLedger", "used_since"]

TOKEN_USAGE_UPDATED: Final = "thread/tokenUsage/updated"

MAX_THREADS: Final = 4096
"""Of how many threads the totals are kept; of others, a turn's first report has to do."""

Counts = dict[str, int]


@dataclass
class _Page:
    """What is known of one thread.

    Attributes:
        turn: The turn that the last report was about.
        before: The totals before that turn.
        total: The totals in the last report.
    """

    turn: str
    before: Counts
    total: Counts


class UsageLedger:
    """Keeps, from the reports as they pass, what each thread had used before its last turn.

    A report has the thread's totals and what the last request to the model added to them. The
    first report of a turn need not be about a request of its own: a compaction begins with the
    totals as they were, and a thread that is resumed repeats the last report of its last turn.
    """

    def __init__(self) -> None:
        """Know of no thread."""
        self._pages: OrderedDict[str, _Page] = OrderedDict()
        self._lock = Lock()  # reports come in the reader's thread

    def note(self, report: Notification) -> None:
        """Take note of a ``thread/tokenUsage/updated``, in the order of arrival."""
        params = report.params
        thread_id, turn_id = report.address
        usage = params.get("tokenUsage") if isinstance(params, dict) else None
        if thread_id is None or turn_id is None or not isinstance(usage, dict):
            return
        total, last = _counts(usage.get("total")), _counts(usage.get("last"))
        if not total or not last:
            return
        with self._lock:
            page = self._pages.get(thread_id)
            if page is None:
                self._pages[thread_id] = _Page(turn_id, _difference(total, last), total)
            elif page.turn == turn_id:
                page.total = total
            else:
                self._pages[thread_id] = _Page(turn_id, page.total, total)
            self._pages.move_to_end(thread_id)
            if len(self._pages) > MAX_THREADS:
                self._pages.popitem(last=False)

    def before(self, thread_id: str, turn_id: str) -> Counts | None:
        """Tell what a thread had used before a turn that has just begun; ``None`` if unknown."""
        with self._lock:
            page = self._pages.get(thread_id)
            if page is None:
                return None
            return page.before if page.turn == turn_id else page.total


def used_since(
    before: Counts | None, first: ThreadTokenUsage, last: ThreadTokenUsage
) -> TokenUsageBreakdown:
    """Tell what a turn used.

    Args:
        before: What its thread had used before it; ``None`` if that is not known.
        first: Its first report.
        last: Its last report.
    """
    from codex_app_server_types import TokenUsageBreakdown

    if before is None:
        before = _difference(_counts(first.total.to_wire()), _counts(first.last.to_wire()))
    return TokenUsageBreakdown.from_wire(_difference(_counts(last.total.to_wire()), before))


def _counts(breakdown: JsonValue) -> Counts:
    """Pick the numbers of a breakdown."""
    if not isinstance(breakdown, dict):
        return {}
    return {name: count for name, count in breakdown.items() if isinstance(count, int)}


def _difference(counts: Counts, less: Counts) -> Counts:
    return {name: count - less.get(name, 0) for name, count in counts.items()}
