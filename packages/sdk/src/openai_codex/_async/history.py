"""What was said on a thread, and what the runtime knows of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from codex_app_server_types import UNSET, Unset

from openai_codex._async.pages import async_paged
from openai_codex.errors import InvalidRequestError, MethodNotFoundError
from openai_codex.keywords import keywords_checked
from openai_codex.refusals import explained, may_have_no_turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from codex_app_server_rpc import AsyncClient
    from codex_app_server_types import (
        SortDirection,
        ThreadItemEntry,
        ThreadReadResponse,
        ThreadSetNameResponse,
        Turn,
        TurnItemsView,
    )

    from openai_codex._async.pages import AsyncPage
    from openai_codex.errors import CodexRpcError

__all__ = ["AsyncThreadHistory"]

EntryT = TypeVar("EntryT")


class AsyncThreadHistory:
    """The part of `AsyncThread` that reads."""

    _client: AsyncClient
    id: str

    @keywords_checked
    async def set_name(
        self, name: str, *, timeout: float | None | Unset = UNSET
    ) -> ThreadSetNameResponse:
        """Give the thread a name (``thread/name/set``).

        Args:
            name: The name, as people read it.
            timeout: How long to wait for the runtime's answer, in seconds, in place of
                ``CodexConfig.request_timeout``; ``None`` for no limit.

        Raises:
            ThreadNotFoundError: The runtime does not know the thread.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            return await self._client.thread_name_set(thread_id=self.id, name=name, timeout=timeout)

    @keywords_checked
    async def read(
        self, *, include_turns: bool = False, timeout: float | None | Unset = UNSET
    ) -> ThreadReadResponse:
        """Read what the runtime knows of the thread (``thread/read``).

        Args:
            include_turns: Whether to read the whole history too; of long threads better page by
                page, with `turns` or `items`. A thread on which nothing was said has none.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The thread, with its turns if they were asked for.

        Raises:
            ThreadNotFoundError: The runtime does not know the thread.
            InvalidRequestError: The thread is ephemeral: it has no history to read.
            RequestTimeoutError: The runtime did not answer in time.
        """
        read = partial(self._client.thread_read, thread_id=self.id, timeout=timeout)
        with explained():
            if not include_turns:
                return await read()
            try:
                return await read(include_turns=True)
            except (InvalidRequestError, MethodNotFoundError) as error:
                await self._check_has_no_turns(error, timeout)
                return await read()

    @keywords_checked
    def turns(
        self,
        *,
        items_view: TurnItemsView | None | Unset = UNSET,
        page_size: int | None | Unset = UNSET,
        sort_direction: SortDirection | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncIterator[Turn]:
        """Go through the thread's turns, page by page (``thread/turns/list``).

        Args:
            items_view: How much of each turn's items to get; a summary if it is not given.
            page_size: How many to fetch at once.
            sort_direction: Which way; the newest first if it is not given.
            timeout: How long to wait for each page, in seconds; ``None`` for no limit.

        Returns:
            An iterator over the turns; none if nothing was said on the thread.

        Raises:
            ThreadNotFoundError: While it is gone through: the runtime does not know the thread.
            InvalidRequestError: While it is gone through: the thread is ephemeral, and has no
                history to read.
            RequestTimeoutError: While it is gone through: the runtime did not answer in time.
        """
        fetch = partial(
            self._client.thread_turns_list,
            thread_id=self.id,
            items_view=items_view,
            limit=page_size,
            sort_direction=sort_direction,
            timeout=timeout,
        )
        return self._entries(lambda cursor: fetch(cursor=cursor), timeout)

    @keywords_checked
    def items(
        self,
        *,
        turn_id: str | None | Unset = UNSET,
        page_size: int | None | Unset = UNSET,
        sort_direction: SortDirection | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncIterator[ThreadItemEntry]:
        """Go through the items of the thread's turns, page by page (``thread/items/list``).

        Args:
            turn_id: Only those of this turn.
            page_size: How many to fetch at once.
            sort_direction: Which way; the oldest first if it is not given.
            timeout: How long to wait for each page, in seconds; ``None`` for no limit.

        Returns:
            An iterator over the items, each as ``item`` beside the ``turn_id``; none if nothing was
            said.

        Raises:
            ThreadNotFoundError: While it is gone through: the runtime does not know the thread.
            InvalidRequestError: While it is gone through: the thread is ephemeral, and has no
                history to read.
            RequestTimeoutError: While it is gone through: the runtime did not answer in time.
        """
        fetch = partial(
            self._client.thread_items_list,
            thread_id=self.id,
            turn_id=turn_id,
            limit=page_size,
            sort_direction=sort_direction,
            timeout=timeout,
        )
        return self._entries(lambda cursor: fetch(cursor=cursor), timeout)

    async def _entries(
        self,
        fetch: Callable[[str | Unset], Awaitable[AsyncPage[EntryT]]],
        timeout: float | None | Unset,
    ) -> AsyncIterator[EntryT]:
        """Go through a list of the thread's history, which may be empty."""
        with explained():
            try:
                async for entry in async_paged(fetch):
                    yield entry
            except (InvalidRequestError, MethodNotFoundError) as error:
                await self._check_has_no_turns(error, timeout)

    async def _check_has_no_turns(
        self, refusal: CodexRpcError, timeout: float | None | Unset
    ) -> None:
        """Raise the refusal of a history, unless there is none because nothing was said yet."""
        if may_have_no_turns(refusal):
            answer = await self._client.thread_read(thread_id=self.id, timeout=timeout)
            if answer.thread.ephemeral:
                reason = "ephemeral threads have no history to read"
                raise InvalidRequestError(refusal.code, reason, method=refusal.method) from refusal
            if not answer.thread.preview:
                return
        raise refusal
