"""A login that somebody completes in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc.deadline import Deadline
from codex_app_server_types import UNSET, Unset

from openai_codex.arguments import check_time
from openai_codex.errors import CodexTimeoutError, ProtocolError, UsageError
from openai_codex.keywords import keywords_checked

if TYPE_CHECKING:
    from codex_app_server_rpc import AsyncClient, AsyncNotificationStream, Notification
    from codex_app_server_types import (
        AccountLoginCompletedNotification,
        CancelLoginAccountResponse,
    )

__all__ = ["LOGIN_COMPLETED", "AsyncChatgptLoginHandle", "AsyncDeviceCodeLoginHandle"]

LOGIN_COMPLETED = "account/login/completed"


class AsyncLoginHandle:
    """An attempt to log in that is under way.

    Attributes:
        login_id: The attempt's id.
    """

    def __init__(self, client: AsyncClient, stream: AsyncNotificationStream, login_id: str) -> None:
        """Bind an attempt to its client; use the client's login methods."""
        self._client = client
        self._stream = stream  # of its own, so that nobody else misses what it reads
        self._completed: AccountLoginCompletedNotification | None = None
        self.login_id: str = login_id

    @keywords_checked
    async def wait(self, *, timeout: float | None = None) -> AccountLoginCompletedNotification:
        """Wait until the attempt has ended (``account/login/completed``).

        It may have ended before. An attempt that is cancelled, or replaced by a newer one, ends
        without success.

        Args:
            timeout: How long to wait, in seconds; ``None`` for no limit.

        Returns:
            How it ended: look at ``success``, and at ``error`` if there was none.

        Raises:
            CodexTimeoutError: It has not ended in time; it goes on, and can be waited for again.
            InvalidArgumentError: The timeout is no time.
            ProtocolError: What the runtime said of the end does not fit its type.
            TransportClosedError: The runtime is gone, or the client was closed.
        """
        from codex_app_server_types import AccountLoginCompletedNotification

        check_time("timeout", timeout)
        deadline = Deadline(timeout)
        while self._completed is None:
            try:
                event = await self._stream.next(deadline.remaining())
            except CodexTimeoutError:
                assert timeout is not None
                reason = f"login {self.login_id} has not ended within {timeout:g} s"
                raise CodexTimeoutError(reason, timeout=timeout) from None
            if event is None:
                break  # somebody else has read the end
            match event.payload:
                case AccountLoginCompletedNotification(login_id=self.login_id) as completed:
                    self._completed = completed
                    await self._stream.close()
                case AccountLoginCompletedNotification():
                    pass  # of another attempt
                case _ if self._is_of_another(event):
                    pass
                case _:
                    raise ProtocolError(f"an {LOGIN_COMPLETED} does not fit its type")
        if self._completed is None:
            raise UsageError(f"login {self.login_id} was let go of: its stream is closed")
        return self._completed

    def _is_of_another(self, event: Notification) -> bool:
        login_id = event.params.get("loginId") if isinstance(event.params, dict) else None
        return isinstance(login_id, str) and login_id != self.login_id

    @keywords_checked
    async def cancel(self, *, timeout: float | None | Unset = UNSET) -> CancelLoginAccountResponse:
        """Give the attempt up (``account/login/cancel``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            Whether the runtime still knew of it.

        Raises:
            RequestTimeoutError: The runtime did not answer in time.
        """
        return await self._client.account_login_cancel(login_id=self.login_id, timeout=timeout)

    def __repr__(self) -> str:
        """Name the attempt; its addresses and codes are nobody else's business."""
        return f"{type(self).__name__}(login_id={self.login_id!r})"


class AsyncChatgptLoginHandle(AsyncLoginHandle):
    """A login with ChatGPT in a browser on the runtime's machine.

    Attributes:
        login_id: The attempt's id.
        auth_url: Where to log in; the runtime waits on its own machine for the way back.
    """

    def __init__(
        self, client: AsyncClient, stream: AsyncNotificationStream, login_id: str, auth_url: str
    ) -> None:
        """Bind an attempt to its client; use `AsyncCodex.login_chatgpt`."""
        super().__init__(client, stream, login_id)
        self.auth_url: str = auth_url


class AsyncDeviceCodeLoginHandle(AsyncLoginHandle):
    """A login with ChatGPT in a browser on any machine.

    Attributes:
        login_id: The attempt's id.
        verification_url: Where to log in.
        user_code: What to enter there.
    """

    def __init__(
        self,
        client: AsyncClient,
        stream: AsyncNotificationStream,
        login_id: str,
        verification_url: str,
        user_code: str,
    ) -> None:
        """Bind an attempt to its client; use `AsyncCodex.login_chatgpt_device_code`."""
        super().__init__(client, stream, login_id)
        self.verification_url: str = verification_url
        self.user_code: str = user_code
