"""Requests as the raw client receives them from the runtime."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from codex_app_server_rpc import ServerRequest
from openai_codex.requests.console import Console
from openai_codex.requests.elicitations import (
    FormElicitation,
    OpenaiFormElicitation,
    UrlElicitation,
)
from openai_codex.requests.questions import QuestionRequest

SECRET = "hunter2-s3cr3t"
IDS = {"threadId": "T", "turnId": "U"}
COLOR = {
    "id": "color",
    "header": "Color",
    "question": "Which color?",
    "isOther": False,
    "isSecret": False,
    "options": [
        {"label": "Red (Recommended)", "description": "hot"},
        {"label": "Blue", "description": "cold"},
    ],
}
NAME = {"id": "name", "header": "Name", "question": "Which name?", "options": None}


def questions(*asked: Mapping[str, Any], is_blocking: bool = True) -> QuestionRequest:
    """Make a request with questions."""
    params: dict[str, Any] = {
        **IDS,
        "itemId": "I",
        "questions": [*asked],
        "isBlocking": is_blocking,
    }
    return QuestionRequest.of(ServerRequest(7, QuestionRequest.method, params))


def elicitation(mode: str, **params: Any) -> ServerRequest:
    """Make a request of an MCP server."""
    asked: dict[str, Any] = {
        **IDS,
        "serverName": "tiny",
        "mode": mode,
        "_meta": None,
        "message": "Who are you?",
    }
    return ServerRequest(8, "mcpServer/elicitation/request", {**asked, **params})


def form(*required: str, **properties: Any) -> FormElicitation:
    """Make the request of a form of MCP."""
    schema = {"type": "object", "properties": properties, "required": [*required]}
    return FormElicitation.of(elicitation("form", requestedSchema=schema))


def openai_form(schema: Any) -> OpenaiFormElicitation:
    """Make the request of a form of any schema."""
    return OpenaiFormElicitation.of(elicitation("openai/form", requestedSchema=schema))


def address(url: str = "https://example.com/login?x=1") -> UrlElicitation:
    """Make the request to visit an address."""
    return UrlElicitation.of(elicitation("url", url=url, elicitationId="el-1"))


def typed(*lines: str) -> io.StringIO:
    """Make the lines that somebody types, and then the end of the input."""
    return io.StringIO("".join(f"{line}\n" for line in lines))


def asked(kind: str, request: Any, *lines: str) -> tuple[Any, str]:
    """Ask somebody who types these lines; give the answer, and what was shown."""
    output = io.StringIO()
    answer = getattr(Console(typed(*lines), output), kind)(request)
    return answer, output.getvalue()
