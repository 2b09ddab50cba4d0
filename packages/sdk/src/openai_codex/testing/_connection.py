"""One connection of the runtime to the scripted model: a request and the reply to it."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any

from openai_codex.testing._events import encode, steps
from openai_codex.testing._gate import Gate
from openai_codex.testing._model_request import ModelRequest, parse_body
from openai_codex.testing._replies import Delay, HttpFailure, Reply
from openai_codex.testing._script import Player, ScriptError

# The runtime drops the body of a 500 and may repeat the request; that of a 400 becomes the error of
# the turn, word for word.
_SCRIPT_ERROR_STATUS = 400


class Connection(BaseHTTPRequestHandler):
    """Reads one request, replies as the script says, and closes.

    Args:
        request: The socket.
        client_address: The other side's address.
        server: The listener.
        player: Knows the reply.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a delta leaves when it is written

    def __init__(self, request: Any, client_address: Any, server: Any, player: Player) -> None:
        self._player = player
        super().__init__(request, client_address, server)  # which handles the request

    def do_POST(self) -> None:
        """Answer a request to the model."""
        length = int(self.headers.get("Content-Length", 0))
        data = self.rfile.read(length)
        if len(data) < length:
            return  # the client left, or the server is closing
        if self.path.partition("?")[0] != "/v1/responses":
            self._refuse(data)
            return
        try:
            request = self._recorded(parse_body(data))
        except ValueError as error:
            self._complain(self._player.fail(f"a request to the model is no JSON: {error}", error))
            return
        try:
            reply = self._player.answer(request)
        except ScriptError as error:
            self._complain(error)
            return
        self._send(reply)

    def do_GET(self) -> None:
        """Refuse: the runtime asks nothing of a model but responses."""
        self._refuse(b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the requests are recorded."""

    def _send(self, reply: Reply) -> None:
        if reply.parts and isinstance(failure := reply.parts[-1], HttpFailure):
            for part in reply.parts[:-1]:
                if isinstance(part, Delay | Gate) and not self._player.pause(part):
                    return
            self._send_text(failure.status, failure.body, failure.headers)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self._end_headers()
        for step in steps(reply, self._player.new_id):
            if not isinstance(step, Delay | Gate):
                self.wfile.write(encode(step))
            elif not self._player.pause(step):
                return

    def _refuse(self, data: bytes) -> None:
        try:
            body = parse_body(data)
        except ValueError:
            body = {}
        self._player.refuse(self._recorded(body))
        self._send_text(404, f"the scripted model has no {self.command} {self.path}")

    def _complain(self, error: ScriptError) -> None:
        self._send_text(_SCRIPT_ERROR_STATUS, str(error))

    def _recorded(self, body: dict[str, Any]) -> ModelRequest:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return ModelRequest(self.command, self.path, headers, body)

    def _send_text(self, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self._end_headers()
        self.wfile.write(data)

    def _end_headers(self) -> None:
        # One request a connection: its end is the end of the stream, also of a broken one.
        self.send_header("Connection", "close")
        self.end_headers()
