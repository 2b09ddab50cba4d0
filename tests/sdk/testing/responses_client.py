"""A client of the Responses API as small as the tests need it: the runtime's part in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of the stream."""
        return [parse_event(block) for block in self.body.split("\n\n") if block]

    @property
    def types(self) -> list[str]:
        """The types of the events."""
        return [event["type"] for event in self.events]

    @property
    def deltas(self) -> list[str]:
        """The text as it was streamed."""
        return [event["delta"] for event in self.of_type("response.output_text.delta")]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The finished items."""
        return [event["item"] for event in self.of_type("response.output_item.done")]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The events of one type."""
        return [event for event in self.events if event["type"] == kind]


class Stream:
    """An answer that is still being read."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        # Kept apart, as the connection lets go of it when it has read the headers.
        self._socket = connection.sock
        self._response: HTTPResponse = connection.getresponse()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self

    def __next__(self) -> dict[str, Any]:
        lines: list[str] = []
        while line := self._response.readline().decode():
            if line == "\n":
                return parse_event("".join(lines).rstrip("\n"))
            lines.append(line)
        raise StopIteration

    def is_silent_for(self, seconds: float) -> bool:
        """Whether nothing comes for so long."""
        self._socket.settimeout(seconds)
        try:
            next(self)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        """Leave, whatever the server still has to say."""
        self._response.close()
        self._connection.close()


def parse_event(block: str) -> dict[str, Any]:
    """Read one event, as strictly as the format allows."""
    name, data = block.split("\n")
    assert name.startswith("event: ")
    assert data.startswith("data: ")
    event: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert event["type"] == name.removeprefix("event: ")
    return event


def ask(url: str, prompt: str = "", **body: Any) -> Answer:
    """Ask the model, and read the whole answer."""
    return send(url, "POST", "/responses", _body(prompt, body), {"Thread-Id": "a-thread"})


def ask_streaming(url: str, prompt: str = "") -> Stream:
    """Ask the model, and read the answer as it comes."""
    connection = _connect(url)
    connection.request("POST", f"{urlsplit(url).path}/responses", _body(prompt, {}))
    return Stream(connection)


def send(
    url: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send any request."""
    connection = _connect(url)
    try:
        connection.request(method, urlsplit(url).path + path, body, dict(headers or {}))
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read().decode())
    finally:
        connection.close()


def _connect(url: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(url).netloc, timeout=30)


def _body(prompt: str, body: Mapping[str, Any]) -> bytes:
    message = {"role": "user", "content": [{"type": "input_text", "text": prompt}]}
    return json.dumps({"input": [message], **body}).encode()
