"""Lists of conversations, and putting them aside."""

from __future__ import annotations

from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING

from codex_app_server_types import UNSET, Unset

from openai_codex._async.pages import async_paged
from openai_codex.keywords import keywords_checked
from openai_codex.refusals import explained

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from codex_app_server_rpc import AsyncClient
    from codex_app_server_types import (
        SortDirection,
        Thread as ThreadInfo,
        ThreadArchiveResponse,
        ThreadListCwdFilter,
        ThreadListResponse,
        ThreadSortKey,
        ThreadSourceKind,
    )

    from openai_codex._primitives import AsyncStarted

__all__ = ["AsyncThreadLists"]


class AsyncThreadLists:
    """The part of `AsyncCodex` that lists threads and archives them."""

    _started: AsyncStarted[AsyncClient]

    @keywords_checked
    async def thread_list(
        self,
        *,
        archived: bool | None | Unset = UNSET,
        cursor: str | None | Unset = UNSET,
        cwd: ThreadListCwdFilter | PathLike[str] | None | Unset = UNSET,
        limit: int | None | Unset = UNSET,
        model_providers: Sequence[str] | None | Unset = UNSET,
        search_term: str | None | Unset = UNSET,
        section_id: str | None | Unset = UNSET,
        sort_direction: SortDirection | None | Unset = UNSET,
        sort_key: ThreadSortKey | None | Unset = UNSET,
        source_kinds: Sequence[ThreadSourceKind] | None | Unset = UNSET,
        use_state_db_only: bool | None = None,
        timeout: float | None | Unset = UNSET,
    ) -> ThreadListResponse:
        """Get one page of the list of threads (``thread/list``); `threads` goes through all.

        A thread on which nothing was said yet is not among them.

        Args:
            archived: Whether to list the archived threads rather than the others.
            cursor: The ``next_cursor`` of the page before.
            cwd: Only threads that work in this folder, or one of these.
            limit: How many to put on a page; the runtime may put fewer.
            model_providers: Only threads of these; an empty list means all of them, and if it is
                not given, only those of the configured one are listed.
            search_term: Only threads whose title has this in it.
            section_id: Only threads of this section; ``None`` for those of no section.
            sort_direction: Which way; the newest first if it is not given.
            sort_key: By what; by the time of creation if it is not given. The runtime then counts
                in seconds where a page ends, and passes over others of that second; by
                ``ThreadSortKey.recency_at`` it misses none.
            source_kinds: Only threads from these; from interactive programs if it is not given.
            use_state_db_only: Whether to trust the runtime's index, without a look at the files.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The page, with the cursor of the next one.

        Raises:
            ArgumentTypeError: There is no such option.
            InvalidRequestError: The runtime refuses the options.
            RequestTimeoutError: The runtime did not answer in time.
        """
        client = await self._started.get()
        return await client.thread_list(
            archived=archived,
            cursor=cursor,
            cwd=fspath(cwd) if isinstance(cwd, PathLike) else cwd,
            limit=limit,
            model_providers=model_providers,
            search_term=search_term,
            section_id=section_id,
            sort_direction=sort_direction,
            sort_key=sort_key,
            source_kinds=source_kinds,
            use_state_db_only=UNSET if use_state_db_only is None else use_state_db_only,
            timeout=timeout,
        )

    @keywords_checked
    def threads(
        self,
        *,
        archived: bool | None | Unset = UNSET,
        cwd: ThreadListCwdFilter | PathLike[str] | None | Unset = UNSET,
        model_providers: Sequence[str] | None | Unset = UNSET,
        page_size: int | None | Unset = UNSET,
        search_term: str | None | Unset = UNSET,
        section_id: str | None | Unset = UNSET,
        sort_direction: SortDirection | None | Unset = UNSET,
        sort_key: ThreadSortKey | None | Unset = UNSET,
        source_kinds: Sequence[ThreadSourceKind] | None | Unset = UNSET,
        use_state_db_only: bool | None = None,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncIterator[ThreadInfo]:
        """Go through the list of threads, page by page (``thread/list``).

        A thread on which nothing was said yet is not among them.

        Args:
            archived: As for `thread_list`.
            cwd: As for `thread_list`.
            model_providers: As for `thread_list`.
            page_size: How many to fetch at once.
            search_term: As for `thread_list`.
            section_id: As for `thread_list`.
            sort_direction: As for `thread_list`.
            sort_key: By what; by the time of the last use if it is not given.
            source_kinds: As for `thread_list`.
            use_state_db_only: As for `thread_list`.
            timeout: How long to wait for each page, in seconds; ``None`` for no limit.

        Returns:
            An iterator over what the runtime knows of each thread; `thread_resume` continues one.

        Raises:
            ArgumentTypeError: There is no such option.
            InvalidRequestError: While it is gone through: the runtime refuses the options.
            RequestTimeoutError: While it is gone through: the runtime did not answer in time.
        """
        from codex_app_server_types import ThreadSortKey

        fetch = partial(
            self.thread_list,
            archived=archived,
            cwd=cwd,
            limit=page_size,
            model_providers=model_providers,
            search_term=search_term,
            section_id=section_id,
            sort_direction=sort_direction,
            sort_key=ThreadSortKey.recency_at if isinstance(sort_key, Unset) else sort_key,
            source_kinds=source_kinds,
            use_state_db_only=use_state_db_only,
            timeout=timeout,
        )
        return async_paged(lambda cursor: fetch(cursor=cursor))

    @keywords_checked
    async def thread_archive(
        self, thread_id: str, *, timeout: float | None | Unset = UNSET
    ) -> ThreadArchiveResponse:
        """Put a thread aside (``thread/archive``): it is not listed, and cannot be worked on.

        A turn that still runs on it is interrupted.

        Args:
            thread_id: The thread's id.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Raises:
            ThreadNotFoundError: There is no such thread, or it is ephemeral, or archived already.
            ThreadInUseError: Another program works on it.
            RequestTimeoutError: The runtime did not answer in time.
        """
        client = await self._started.get()
        with explained():
            return await client.thread_archive(thread_id=thread_id, timeout=timeout)
