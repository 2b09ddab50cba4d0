"""What the tests put on the wire, and how they read what a client put there."""

from __future__ import annotations

import json
from typing import Any, cast

from codex_app_server_rpc import Session

__all__ = ["decoded", "failure", "line", "notification", "ready_session", "request", "result"]

INITIALIZE_RESULT = {
    "userAgent": "scripted/0.163.0 (Linux)",
    "codexHome": "/home/somebody/.codex",
    "platformFamily": "unix",
    "platformOs": "linux",
}


def line(message: object) -> bytes:
    """Write one message as the server does."""
    return json.dumps(message).encode() + b"\n"


def notification(method: str, **params: object) -> bytes:
    """Write a notification of the server."""
    return line({"method": method, "params": params})


def result(request_id: object, value: object) -> bytes:
    """Write the server's answer to one of our requests."""
    return line({"id": request_id, "result": value})


def failure(request_id: object, code: object, message: object = "scripted") -> bytes:
    """Write the server's error answer to one of our requests."""
    return line({"id": request_id, "error": {"code": code, "message": message}})


def request(request_id: object, method: str, **params: object) -> bytes:
    """Write a request of the server."""
    return line({"id": request_id, "method": method, "params": params})


def decoded(data: bytes) -> dict[str, Any]:
    """Read what a client sent, which must be exactly one line of valid JSON."""
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    message = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    assert isinstance(message, dict)
    return cast("dict[str, Any]", message)


def ready_session(*, max_line: int | None = None) -> Session:
    """Make a session whose handshake is complete; its next request has id 1."""
    session = Session() if max_line is None else Session(max_line=max_line)
    request_id, _ = session.initialize(b"{}")
    session.receive(result(request_id, INITIALIZE_RESULT))
    session.initialized()
    return session


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")
