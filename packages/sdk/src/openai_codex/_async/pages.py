"""Lists that come in pages, as one iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from codex_app_server_types import UNSET, Unset

from openai_codex.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

__all__ = ["AsyncPage", "async_paged"]

EntryT = TypeVar("EntryT")
EntryT_co = TypeVar("EntryT_co", covariant=True)


class AsyncPage(Protocol[EntryT_co]):
    """One page of a list, as the protocol gives it."""

    @property
    def data(self) -> Sequence[EntryT_co]:
        """What is on it."""
        ...

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins; ``None`` on the last one."""
        ...


async def async_paged(
    fetch: Callable[[str | Unset], Awaitable[AsyncPage[EntryT]]],
    first: AsyncPage[EntryT] | None = None,
) -> AsyncIterator[EntryT]:
    """Go through all pages, fetching each when it is reached.

    Args:
        fetch: Gets the page at a cursor.
        first: The first page, if it is there already.

    Yields:
        What is on the pages.

    Raises:
        ProtocolError: The runtime gave the same cursor twice, so that there would be no end.
    """
    page = await fetch(UNSET) if first is None else first
    seen: set[str] = set()
    while True:
        for entry in page.data:
            yield entry
        if page.next_cursor is None:
            return
        if page.next_cursor in seen:
            raise ProtocolError("a list goes round in circles: the same cursor came twice")
        seen.add(page.next_cursor)
        page = await fetch(page.next_cursor)
