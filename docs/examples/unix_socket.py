"""Use a runtime that runs already, over a unix socket: several programs can share one.

Start one with `codex app-server --listen unix:///tmp/codex.sock`, then run this with
`python docs/examples/unix_socket.py /tmp/codex.sock`. It needs the extra `websocket`.
"""

from __future__ import annotations

import sys

from codex_app_server_rpc import UnixSocketTransport
from openai_codex import Codex, TransportError


def main() -> None:
    """Run a turn on the runtime behind the socket, and leave it running."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} SOCKET")
    try:
        with Codex(transport=UnixSocketTransport(sys.argv[1])) as codex:
            print(f"runtime: {codex.metadata.server_info.version}")
            thread = codex.thread_start()
            print(thread.run("Say hello.").final_response)
    except TransportError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
