"""The entry point of the facade: a runtime, and the threads on it."""

from __future__ import annotations

from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Literal

from codex_app_server_rpc import CLOSE_GRACE
from codex_app_server_rpc.closing import check_close
from codex_app_server_types import UNSET, Unset

from openai_codex._async.connect import async_connect
from openai_codex._async.thread import AsyncThread
from openai_codex._primitives import AsyncStarted
from openai_codex.config import CodexConfig, checked_config
from openai_codex.errors import UsageError
from openai_codex.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from codex_app_server_rpc import AsyncClient, ClientStats
    from codex_app_server_types import JsonValue
    from typing_extensions import Self

__all__ = ["AsyncCodex"]


class AsyncCodex:
    """A Codex runtime, with its conversations.

    Use it as a context manager, or call `close` when done: the runtime is a process of its own.
    """

    def __init__(self, config: CodexConfig | None = None) -> None:
        """Set up a client.

        Args:
            config: Which program runs, in which surroundings; ``None`` for the defaults.

        Raises:
            InvalidArgumentError: ``config`` is no `CodexConfig`.
            RuntimeNotFoundError: When it starts: there is no runtime to start.
            LaunchError: When it starts: the runtime cannot be started.
            RuntimeTooOldError: When it starts: the runtime is older than this library can use.
            TransportClosedError: When it starts: the runtime died in the handshake; the error has
                its exit code and its last words.
        """
        self.config: CodexConfig = checked_config(config)
        self._started: AsyncStarted[AsyncClient] = AsyncStarted(
            partial(async_connect, self.config)  # without a cycle: what is forgotten goes at once
        )

    @property
    def metadata(self) -> Metadata:
        """What the runtime reported of itself (``initialize``).

        Raises:
            UsageError: The client is not started.
        """
        return Metadata.of(self._running().server)

    async def thread_start(
        self,
        *,
        base_instructions: str | None | Unset = UNSET,
        config: Mapping[str, JsonValue] | None | Unset = UNSET,
        cwd: str | PathLike[str] | None | Unset = UNSET,
        developer_instructions: str | None | Unset = UNSET,
        ephemeral: bool | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        model_provider: str | None | Unset = UNSET,
        service_name: str | None | Unset = UNSET,
        service_tier: str | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncThread:
        """Start a conversation (``thread/start``).

        What is not given is not sent: the user's own configuration decides.

        Args:
            base_instructions: The system instructions, in place of the runtime's own.
            config: Settings as in ``config.toml``, for this thread.
            cwd: The folder in which the thread works.
            developer_instructions: Instructions added to the runtime's own.
            ephemeral: Whether to keep the thread in memory only.
            model: The model.
            model_provider: Who serves the model.
            service_name: The name of the service on whose behalf the thread runs.
            service_tier: The service tier; ``None`` clears the configured one.
            timeout: How long to wait for the runtime's answer, in seconds, in place of
                ``CodexConfig.request_timeout``; ``None`` for no limit.

        Returns:
            The thread.

        Raises:
            RequestTimeoutError: The runtime did not answer in time.
        """
        client = await self._started.get()
        response = await client.thread_start(
            base_instructions=base_instructions,
            config=config,
            cwd=fspath(cwd) if isinstance(cwd, PathLike) else cwd,
            developer_instructions=developer_instructions,
            ephemeral=ephemeral,
            model=model,
            model_provider=model_provider,
            service_name=service_name,
            service_tier=service_tier,
            timeout=timeout,
        )
        return AsyncThread(client, response.thread.id)

    def stats(self) -> ClientStats:
        """Take a snapshot of the connection: requests in flight, events queued, dropped, ...

        Raises:
            UsageError: The client is not started.
        """
        return self._running().stats()

    async def close(
        self,
        *,
        mode: Literal["interrupt", "drain", "kill"] = "interrupt",
        timeout: float = CLOSE_GRACE,
    ) -> None:
        """End the runtime and everything it started; idempotent, bounded in time.

        The runtime ends at once when its client goes, in the middle of its turns. So the turns
        that run, followed or not, are ended first.

        Args:
            mode: What to do with the turns that run: ``"interrupt"`` them and wait for their
                end; ``"drain"``: wait for their end, and interrupt those that take too long;
                ``"kill"``: end the runtime at once.
            timeout: How long to wait for the turns, in seconds.

        Raises:
            InvalidArgumentError: There is no such mode, or the timeout is no time.
        """
        check_close(mode, timeout)
        client = await self._started.end()
        if client is not None:
            await client.close(mode=mode, timeout=timeout)

    async def __aenter__(self) -> Self:
        """Start the runtime, if it is not running yet."""
        await self._started.get()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the runtime."""
        await self.close()

    def _running(self) -> AsyncClient:
        client = self._started.value
        if client is None:
            raise UsageError("the client is not started: enter its context, or call it")
        return client
