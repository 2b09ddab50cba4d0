"""Use a runtime that runs already, over a unix socket: several programs can share one.

Start one with `codex app-server --listen unix:///tmp/codex.sock`, then run this with
`python docs/examples/unix_socket_async.py /tmp/codex.sock`. It needs the extra `websocket`.
"""

from __future__ import annotations

import asyncio
import sys

from codex_app_server_rpc import AsyncUnixSocketTransport
from openai_codex import AsyncCodex, TransportError


async def main() -> None:
    """Run a turn on the runtime behind the socket, and leave it running."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} SOCKET")
    try:
        async with AsyncCodex(transport=AsyncUnixSocketTransport(sys.argv[1])) as codex:
            print(f"runtime: {codex.metadata.server_info.version}")
            thread = await codex.thread_start()
            print((await thread.run("Say hello.")).final_response)
    except TransportError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    asyncio.run(main())
