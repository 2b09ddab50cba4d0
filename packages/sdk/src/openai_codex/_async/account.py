"""Who works with the runtime: logging in and out, limits and usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_types import UNSET, Unset

from openai_codex._async.login import (
    LOGIN_COMPLETED,
    AsyncChatgptLoginHandle,
    AsyncDeviceCodeLoginHandle,
)
from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError, JsonRpcError, ProtocolError
from openai_codex.keywords import keywords_checked
from openai_codex.refusals import without

if TYPE_CHECKING:
    from codex_app_server_rpc import AsyncClient
    from codex_app_server_types import (
        GetAccountRateLimitsResponse,
        GetAccountResponse,
        GetAccountTokenUsageResponse,
    )

    from openai_codex._primitives import AsyncStarted

__all__ = ["AsyncAccountCalls"]


class AsyncAccountCalls:
    """The part of `AsyncCodex` that is about the account.

    A login is kept in the runtime's home (``CODEX_HOME``): who is logged in there already, by
    whatever program, need not log in again.
    """

    _started: AsyncStarted[AsyncClient]

    @keywords_checked
    async def login_api_key(self, api_key: str, *, timeout: float | None | Unset = UNSET) -> None:
        """Log in with an API key (``account/login/start``), at once.

        The runtime does not try the key: a wrong one fails the first turn.

        Args:
            api_key: The key. It shows in no ``repr``, log or error of this library.
            timeout: How long to wait for the runtime's answer, in seconds, in place of
                ``CodexConfig.request_timeout``; ``None`` for no limit.

        Raises:
            InvalidArgumentError: The key is no text, or empty.
            InvalidRequestError: The runtime refuses, as where only ChatGPT may be used.
            RequestTimeoutError: The runtime did not answer in time.
        """
        from codex_app_server_types import ApiKeyLoginAccountParams, ApiKeyLoginAccountResponse

        check("api_key", api_key, "a string", str)
        if not api_key:
            raise InvalidArgumentError("api_key is empty")
        client = await self._started.get()
        params = ApiKeyLoginAccountParams(api_key=api_key)
        try:
            answer = await client.account_login_start(params=params, timeout=timeout)
        except JsonRpcError as error:
            raise without(api_key, error) from None
        if not isinstance(answer, ApiKeyLoginAccountResponse):
            raise ProtocolError(f"the login was answered with {type(answer).__name__}")

    @keywords_checked
    async def login_chatgpt(
        self, *, timeout: float | None | Unset = UNSET
    ) -> AsyncChatgptLoginHandle:
        """Begin to log in with ChatGPT in a browser (``account/login/start``).

        The runtime listens on its own machine for the browser to come back, so the browser must
        run there; from elsewhere use `login_chatgpt_device_code`. A newer attempt replaces it.

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            A handle with the address to open, to wait for the end or to cancel.

        Raises:
            InvalidRequestError: The runtime refuses.
            RequestTimeoutError: The runtime did not answer in time.
        """
        from codex_app_server_types import ChatgptLoginAccountParams, ChatgptLoginAccountResponse

        client = await self._started.get()
        stream = client.subscribe((LOGIN_COMPLETED,))  # before: the end may come at once
        try:
            params = ChatgptLoginAccountParams()
            answer = await client.account_login_start(params=params, timeout=timeout)
            if not isinstance(answer, ChatgptLoginAccountResponse):
                raise ProtocolError(f"the login was answered with {type(answer).__name__}")
            return AsyncChatgptLoginHandle(client, stream, answer.login_id, answer.auth_url)
        except BaseException:
            await stream.close()
            raise

    @keywords_checked
    async def login_chatgpt_device_code(
        self, *, timeout: float | None | Unset = UNSET
    ) -> AsyncDeviceCodeLoginHandle:
        """Begin to log in with ChatGPT in a browser on any machine (``account/login/start``).

        The runtime asks for a code over the network. A newer attempt replaces it.

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            A handle with the address to open and the code to enter there, to wait for the end or
            to cancel.

        Raises:
            InvalidRequestError: The runtime refuses.
            InternalRpcError: The runtime could not get a code.
            RequestTimeoutError: The runtime did not answer in time.
        """
        from codex_app_server_types import (
            ChatgptDeviceCodeLoginAccountParams,
            ChatgptDeviceCodeLoginAccountResponse,
        )

        client = await self._started.get()
        stream = client.subscribe((LOGIN_COMPLETED,))  # before: the end may come at once
        try:
            params = ChatgptDeviceCodeLoginAccountParams()
            answer = await client.account_login_start(params=params, timeout=timeout)
            if not isinstance(answer, ChatgptDeviceCodeLoginAccountResponse):
                raise ProtocolError(f"the login was answered with {type(answer).__name__}")
            return AsyncDeviceCodeLoginHandle(
                client, stream, answer.login_id, answer.verification_url, answer.user_code
            )
        except BaseException:
            await stream.close()
            raise

    @keywords_checked
    async def logout(self, *, timeout: float | None | Unset = UNSET) -> None:
        """Forget the login (``account/logout``); idempotent.

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.
        """
        client = await self._started.get()
        await client.account_logout(timeout=timeout)

    @keywords_checked
    async def account(
        self, *, refresh_token: bool | Unset = UNSET, timeout: float | None | Unset = UNSET
    ) -> GetAccountResponse:
        """Read who is logged in (``account/read``).

        Args:
            refresh_token: Whether to renew the login's token first.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The account, and whether the model needs one. It is ``None`` if nobody is logged in, or
            if the configured provider has a login of its own.
        """
        client = await self._started.get()
        return await client.account_read(refresh_token=refresh_token, timeout=timeout)

    @keywords_checked
    async def account_rate_limits(
        self, *, timeout: float | None | Unset = UNSET
    ) -> GetAccountRateLimitsResponse:
        """Read how much of its limits the account has used (``account/rateLimits/read``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Raises:
            InvalidRequestError: Nobody is logged in with ChatGPT.
        """
        client = await self._started.get()
        return await client.account_rate_limits_read(timeout=timeout)

    @keywords_checked
    async def account_usage(
        self, *, timeout: float | None | Unset = UNSET
    ) -> GetAccountTokenUsageResponse:
        """Read how many tokens the account has used (``account/usage/read``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Raises:
            InvalidRequestError: Nobody is logged in with ChatGPT.
        """
        client = await self._started.get()
        return await client.account_usage_read(timeout=timeout)
