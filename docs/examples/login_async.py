"""Log in: use the login that is there, or make one by an API key or with ChatGPT.

Run it with `python docs/examples/login_async.py`, which tells who is logged in, or with `api-key`,
`chatgpt`, `device-code` or `logout` behind it. The login is kept in `CODEX_HOME`, for all programs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import webbrowser

from openai_codex import (
    AsyncChatgptLoginHandle,
    AsyncCodex,
    AsyncDeviceCodeLoginHandle,
    CodexError,
    CodexTimeoutError,
)


async def main() -> None:
    """Do what the command line says, and tell who is logged in then."""
    parser = argparse.ArgumentParser(description="Log in to Codex, or out.")
    ways = ["existing", "api-key", "chatgpt", "device-code", "logout"]
    parser.add_argument("way", nargs="?", choices=ways, default="existing")
    parser.add_argument("--patience", type=float, default=300, metavar="SECONDS")
    asked = parser.parse_args()

    async with AsyncCodex() as codex:
        try:
            await log_in(codex, asked.way, asked.patience)
            account = (await codex.account()).account
        except CodexError as error:
            sys.exit(f"That did not work: {error}")
        print("Nobody is logged in." if account is None else f"Logged in by {account.type}.")


async def log_in(codex: AsyncCodex, way: str, patience: float) -> None:
    """Log in, or out."""
    match way:
        case "api-key":
            await codex.login_api_key(os.environ.get("OPENAI_API_KEY", ""))
        case "chatgpt":  # in a browser on this machine
            login = await codex.login_chatgpt()
            print(f"Log in at {login.auth_url}")
            webbrowser.open(login.auth_url)
            await finish(login, patience)
        case "device-code":  # in a browser anywhere
            device = await codex.login_chatgpt_device_code()
            print(f"Enter {device.user_code} at {device.verification_url}")
            await finish(device, patience)
        case "logout":
            await codex.logout()
        case _:
            pass  # the login that is there needs no call


async def finish(
    login: AsyncChatgptLoginHandle | AsyncDeviceCodeLoginHandle, patience: float
) -> None:
    """Wait for the end of a login, and give it up when it takes too long."""
    try:
        completed = await login.wait(timeout=patience)
    except CodexTimeoutError:
        cancelled = await login.cancel()
        print(f"Nobody came: {cancelled.status.value}.")
    else:
        print("Welcome." if completed.success else f"No login: {completed.error}")


if __name__ == "__main__":
    asyncio.run(main())
