"""An HTTP server on the loopback that leaves nothing behind."""

from __future__ import annotations

import contextlib
import socketserver
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any

# How soon the accepting thread sees that it is to stop, and so how long `stop` takes at least.
_POLL_SECONDS = 0.02


class Listener(ThreadingHTTPServer):
    """Serve on a free loopback port, one thread per connection, all of them gone after `stop`.

    The standard server either forgets its threads or waits for them for ever; this one ends the
    connections first and waits then.

    Args:
        handler: Makes the handler of a connection; called as `BaseHTTPRequestHandler` is.
        on_crash: Told of an exception that a handler let through.
    """

    # The default of 5 makes the system drop connections that come at once, to be retried after
    # a second.
    request_queue_size = 128

    def __init__(
        self,
        handler: Callable[[Any, Any, Any], BaseHTTPRequestHandler],
        on_crash: Callable[[BaseException], None],
    ) -> None:
        self._on_crash = on_crash
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket] = {}
        super().__init__(("127.0.0.1", 0), handler)
        self._acceptor = threading.Thread(
            target=self.serve_forever,
            args=(_POLL_SECONDS,),
            name=f"model-server:{self.server_port}",
            daemon=True,
        )
        self._acceptor.start()

    def stop(self) -> None:
        """Stop accepting, end every connection, and wait for their threads."""
        self.shutdown()
        self._acceptor.join()
        self.server_close()
        with self._lock:
            open_connections = dict(self._connections)
            for connection in open_connections.values():
                _end(connection)
        for thread in open_connections:
            if thread is not threading.current_thread():
                thread.join()

    def server_bind(self) -> None:
        """Bind, without the base class's look-up of a host name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection on a thread of its own, and remember both."""
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name=f"model-server:{self.server_port}:connection",
            daemon=True,
        )
        with self._lock:
            self._connections[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and forget it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(threading.current_thread(), None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass a handler's exception on; the other side's leaving is none."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self._on_crash(error)


def _end(connection: socket) -> None:
    """Make every read and write on a connection fail at once."""
    with contextlib.suppress(OSError):  # it may have ended by itself
        connection.shutdown(SHUT_RDWR)
