"""What the scripted model says: replies, made of parts.

A `Reply` answers one request of the runtime. Its classmethods make the usual ones, and `+` joins
them into one reply: `Reply.text("Let me see.") + Reply.command("ls")`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from openai_codex.testing._checks import check_pieces, check_seconds
from openai_codex.testing._gate import Gate

Phase: TypeAlias = Literal["commentary", "final_answer"]
"""What a message is for, as the model marks it: remarks on the way, or the answer."""


@dataclass(frozen=True)
class Message:
    """A message of the agent.

    Attributes:
        pieces: Its text, one delta of the stream each; a `Gate` among them holds the stream.
        phase: What the message is for; None leaves it unmarked.
        delay: The pause before every piece, in seconds.
    """

    pieces: tuple[str | Gate, ...]
    phase: Phase | None = None
    delay: float = 0.0

    def __post_init__(self) -> None:
        check_pieces(self.pieces)
        check_seconds(self.delay)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece for piece in self.pieces if isinstance(piece, str))


@dataclass(frozen=True)
class Reasoning:
    """Reasoning before an answer.

    Attributes:
        summary: The summary that is shown to people.
        text: The raw reasoning, which few models reveal.
    """

    summary: str
    text: str | None = None


@dataclass(frozen=True)
class ToolCall:
    """A call of a function tool.

    Attributes:
        name: The tool's name.
        arguments: Its arguments as JSON text, as the model would write them.
        call_id: The id under which the runtime reports the outcome; None lets the server count.
        namespace: The group that the tool belongs to, if any.
    """

    name: str
    arguments: str
    call_id: str | None = None
    namespace: str | None = None


@dataclass(frozen=True)
class CustomToolCall:
    """A call of a tool that takes plain text, such as `apply_patch`.

    Attributes:
        name: The tool's name.
        input: The text.
        call_id: The id under which the runtime reports the outcome; None lets the server count.
    """

    name: str
    input: str
    call_id: str | None = None


@dataclass(frozen=True)
class Delay:
    """A pause in the reply.

    Attributes:
        seconds: How long it is.
    """

    seconds: float

    def __post_init__(self) -> None:
        check_seconds(self.seconds)


@dataclass(frozen=True)
class Disconnect:
    """The end of the connection, in the middle of the reply."""


@dataclass(frozen=True)
class ResponseFailure:
    """The end of a stream that began well: the model's own report of a failure.

    Attributes:
        code: The API's error code, such as `context_length_exceeded`.
        message: The error in words.
    """

    code: str
    message: str


@dataclass(frozen=True)
class HttpFailure:
    """An HTTP error in place of a stream.

    Attributes:
        status: The HTTP status, from 300 to 599.
        body: The body, JSON text in most APIs.
        headers: Further response headers, such as `("Retry-After", "1")`.
    """

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.status not in range(300, 600):
            raise ValueError(f"an HTTP failure has a status from 300 to 599, not {self.status!r}")


Part: TypeAlias = (
    Message
    | Reasoning
    | ToolCall
    | CustomToolCall
    | Delay
    | Gate
    | Disconnect
    | ResponseFailure
    | HttpFailure
)
"""What a reply is made of."""


@dataclass(frozen=True)
class Usage:
    """The tokens that a reply claims to have cost.

    Attributes:
        input_tokens: Tokens read, the cached ones included.
        output_tokens: Tokens written, the reasoning ones included.
        cached_input_tokens: Of those read, how many came from the cache.
        reasoning_output_tokens: Of those written, how many were reasoning.
    """

    input_tokens: int = 10
    output_tokens: int = 5
    cached_input_tokens: int = 0
    reasoning_output_tokens: int = 0


@dataclass(frozen=True)
class Reply:
    """The answer to one request of the runtime.

    Attributes:
        parts: What it says and does, in order. `Disconnect`, `ResponseFailure` and `HttpFailure`
            end a reply, and only pauses may go before an `HttpFailure`.
        usage: The tokens that it claims to have cost; None stands for `Usage()`.
    """

    parts: tuple[Part, ...] = ()
    usage: Usage | None = None

    def __post_init__(self) -> None:
        for part in self.parts:
            if not isinstance(part, Part):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
                raise TypeError(f"{part!r} is no part of a reply")
        for part, after in zip(self.parts, self.parts[1:], strict=False):
            if isinstance(part, Disconnect | ResponseFailure | HttpFailure):
                raise ValueError(f"{part!r} ends a reply: {after!r} cannot follow it")
            if isinstance(self.parts[-1], HttpFailure) and not isinstance(part, Delay | Gate):
                raise ValueError(f"an HTTP failure has no stream: {part!r} cannot precede it")

    def __add__(self, other: Reply | str) -> Reply:
        """Join two replies into one, with the usage of the later one that states any.

        A plain string stands for `Reply.text(string)`, on either side.
        """
        if isinstance(other, str):
            other = Reply.text(other)
        if not isinstance(other, Reply):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
            return NotImplemented
        return Reply(self.parts + other.parts, other.usage or self.usage)

    def __radd__(self, other: str) -> Reply:
        """Join a string and a reply; as `+` the other way round."""
        return Reply.text(other) + self

    @classmethod
    def text(cls, *pieces: str | Gate, phase: Phase | None = None, delay: float = 0.0) -> Reply:
        """Say something, as one message.

        Args:
            pieces: The text. A single piece is streamed word by word; several are streamed as
                they are, and a `Gate` among them holds the stream.
            phase: What the message is for.
            delay: The pause before every delta, in seconds.
        """
        if len(pieces) == 1 and isinstance(pieces[0], str):
            pieces = tuple(re.findall(r"\s*\S+|\s+$", pieces[0]))
        return cls((Message(pieces, phase, delay),))

    @classmethod
    def reasoning(cls, summary: str, text: str | None = None) -> Reply:
        """Think first: a reasoning item, with its summary and perhaps the raw text."""
        return cls((Reasoning(summary, text),))

    @classmethod
    def tool_call(
        cls,
        name: str,
        arguments: Mapping[str, object] | str,
        *,
        call_id: str | None = None,
        namespace: str | None = None,
    ) -> Reply:
        """Call a function tool.

        Args:
            name: The tool's name: one of the runtime's own, or one that the test registered.
            arguments: Its arguments; a string is sent as it stands, be it JSON or not.
            call_id: The call's id, which is the id of the item too; counted when left out.
            namespace: The group that the tool belongs to: ``mcp__NAME`` for those of the MCP server
                of that name.
        """
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return cls((ToolCall(name, text, call_id, namespace),))

    @classmethod
    def command(
        cls,
        command: str,
        *,
        justification: str | None = None,
        workdir: str | None = None,
        call_id: str | None = None,
    ) -> Reply:
        """Run a shell command, by the runtime's `exec_command` tool.

        Args:
            command: The command line. It really runs, in the sandbox of the thread.
            justification: Ask to run outside the sandbox, for this reason; under the approval
                policy `on-request` that brings an approval request.
            workdir: The folder to run in, if not the turn's.
            call_id: The call's id, which is the id of the item too; counted when left out.
        """
        arguments: dict[str, object] = {"cmd": command}
        if justification is not None:
            arguments |= {
                "sandbox_permissions": "require_escalated",
                "justification": justification,
            }
        if workdir is not None:
            arguments["workdir"] = workdir
        return cls.tool_call("exec_command", arguments, call_id=call_id)

    @classmethod
    def patch(cls, patch: str, *, call_id: str | None = None) -> Reply:
        """Change files, by the runtime's `apply_patch` tool.

        Args:
            patch: The patch, from `*** Begin Patch` to `*** End Patch`.
            call_id: The call's id, which is the id of the item too; counted when left out.
        """
        return cls((CustomToolCall("apply_patch", patch, call_id),))

    @classmethod
    def failure(
        cls,
        status: int = 500,
        body: str | Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Refuse the request with an HTTP error.

        Args:
            status: The HTTP status, from 300 to 599.
            body: The body: text, or an object to send as JSON; a plain error when left out.
            headers: Further response headers.

        Raises:
            ValueError: The status is none of a failure.
        """
        if body is None:
            body = {"error": {"type": "scripted_failure", "message": "The script says: fail."}}
        all_headers = dict(headers or {})
        if not isinstance(body, str):
            body = json.dumps(body)
            all_headers.setdefault("Content-Type", "application/json")
        return cls((HttpFailure(status, body, tuple(all_headers.items())),))

    @classmethod
    def failed(cls, code: str, message: str = "The script says: fail.") -> Reply:
        """Report a failure inside the stream, such as `context_length_exceeded`."""
        return cls((ResponseFailure(code, message),))

    @classmethod
    def disconnect(cls) -> Reply:
        """Drop the connection; after `Reply.text(...) +` that is in the middle of the stream."""
        return cls((Disconnect(),))

    @classmethod
    def delay(cls, seconds: float) -> Reply:
        """Pause for so many seconds."""
        return cls((Delay(seconds),))

    @classmethod
    def hold(cls, gate: Gate) -> Reply:
        """Pause until the test releases the gate."""
        return cls((gate,))

    def with_usage(
        self,
        *,
        input_tokens: int = 10,
        output_tokens: int = 5,
        cached_input_tokens: int = 0,
        reasoning_output_tokens: int = 0,
    ) -> Reply:
        """Return the same reply, claiming to have cost these tokens."""
        usage = Usage(input_tokens, output_tokens, cached_input_tokens, reasoning_output_tokens)
        return replace(self, usage=usage)
