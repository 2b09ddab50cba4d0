"""What a scripted turn is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from openai_codex.testing._acts import (
    ask_permissions,
    ask_user,
    call_tool,
    change_files,
    run_command,
    say,
    show_item,
    think,
)
from openai_codex.testing._checks import check_pieces
from openai_codex.testing._gate import Gate
from openai_codex.testing._replies import Delay, Usage

if TYPE_CHECKING:
    from openai_codex.testing._client_link import ServerReply
    from openai_codex.testing._replies import Phase
    from openai_codex.testing._server_messages import Json
    from openai_codex.testing._stage import Stage

__all__ = ["AnyStep", "ScriptedTurn", "Step", "as_steps"]


@dataclass(frozen=True)
class Step:
    """One step of a scripted turn.

    The class methods make those of the protocol; a step of your own is a function of the `Stage`.

    Attributes:
        name: What it is, for people.
        act: Plays it.
    """

    name: str
    act: Callable[[Stage], None] = field(repr=False)

    @classmethod
    def message(cls, *pieces: str | Gate, phase: Phase | None = "final_answer") -> Step:
        """Say something, as an agent message with deltas; a plain string is the same.

        Args:
            pieces: The text. A single piece is streamed word by word; several as they are, and a
                `Gate` among them holds the stream.
            phase: What the message is for.
        """
        check_pieces(pieces)
        if len(pieces) == 1 and isinstance(pieces[0], str):
            pieces = tuple(re.findall(r"\s*\S+|\s+$", pieces[0]))

        return cls("message", lambda stage: say(stage, pieces, phase))

    @classmethod
    def reasoning(cls, summary: str) -> Step:
        """Think, with a summary that is shown to people."""
        return cls("reasoning", lambda stage: think(stage, summary))

    @classmethod
    def command(
        cls,
        command: str,
        *,
        output: str = "",
        exit_code: int = 0,
        approval: bool = False,
        reason: str | None = None,
    ) -> Step:
        """Claim to run a command; none really runs.

        Args:
            command: The command line.
            output: What it claims to print.
            exit_code: What it claims to exit with.
            approval: Whether to ask for approval first. Without one, the item is ``declined``; if
                the client cancels, the turn is interrupted.
            reason: Why it asks.
        """
        return cls(
            "command",
            lambda stage: run_command(stage, command, output, exit_code, approval, reason),
        )

    @classmethod
    def file_change(
        cls, changes: Mapping[str, str], *, approval: bool = False, reason: str | None = None
    ) -> Step:
        """Claim to change files; none is really changed.

        Args:
            changes: The diff of each file, by path.
            approval: Whether to ask for approval first, as `command` does.
            reason: Why it asks.
        """
        return cls("file_change", lambda stage: change_files(stage, changes, approval, reason))

    @classmethod
    def permissions(cls, permissions: Mapping[str, object], *, reason: str | None = None) -> Step:
        """Ask for more permissions (``item/permissions/requestApproval``).

        Args:
            permissions: What is asked for, as in the protocol: ``{"network": {"enabled": True}}``.
            reason: Why.
        """
        return cls("permissions", lambda stage: ask_permissions(stage, permissions, reason))

    @classmethod
    def tool_call(
        cls, tool: str, arguments: Mapping[str, object], *, namespace: str | None = None
    ) -> Step:
        """Call a tool of the client's program (``item/tool/call``), as an item.

        Args:
            tool: The tool's name.
            arguments: Its arguments.
            namespace: The group that it belongs to.
        """
        return cls("tool_call", lambda stage: call_tool(stage, tool, arguments, namespace))

    @classmethod
    def question(
        cls,
        question: str,
        *,
        id: str = "question",  # the protocol's name for it
        options: Iterable[str] = (),
        secret: bool = False,
    ) -> Step:
        """Ask the user a question (``item/tool/requestUserInput``).

        Args:
            question: The question.
            id: The name that its answer goes by.
            options: The answers to choose from; none for words of one's own.
            secret: Whether the answer is not to be shown.
        """
        asked: Json = {
            "id": id,
            "header": "Question",
            "question": question,
            "isSecret": secret,
            "options": [{"label": option, "description": option} for option in options] or None,
        }
        return cls("question", lambda stage: ask_user(stage, asked))

    @classmethod
    def form(
        cls, message: str, properties: Mapping[str, object], *, server_name: str = "scripted"
    ) -> Step:
        """Ask with a form of an MCP server (``mcpServer/elicitation/request``).

        Args:
            message: What the server says.
            properties: Its fields, each a JSON Schema: ``{"age": {"type": "integer"}}``.
            server_name: The MCP server's name.
        """
        schema: Json = {"type": "object", "properties": dict(properties)}
        asked = {"mode": "form", "message": message, "requestedSchema": schema}
        return cls.request("mcpServer/elicitation/request", {**asked, "serverName": server_name})

    @classmethod
    def mcp_tool_approval(
        cls, message: str, arguments: Mapping[str, object], *, server_name: str = "scripted"
    ) -> Step:
        """Ask for approval of a call of an MCP server's tool.

        Args:
            message: What the runtime says; the tool's name is in it.
            arguments: The arguments of the call.
            server_name: The MCP server's name.
        """
        meta = {"codex_approval_kind": "mcp_tool_call", "tool_params": dict(arguments)}
        asked: Json = {
            "mode": "form",
            "message": message,
            "requestedSchema": {"type": "object", "properties": {}},
            "_meta": meta,
        }
        return cls.request("mcpServer/elicitation/request", {**asked, "serverName": server_name})

    @classmethod
    def request(cls, method: str, params: Mapping[str, object]) -> Step:
        """Send any request to the client, and wait for its reply; thread and turn are added."""
        return cls("request", lambda stage: _ignored(stage.ask(method, dict(params))))

    @classmethod
    def item(cls, item: Mapping[str, Any]) -> Step:
        """Start and complete any item, known or not; an id is added if there is none."""
        return cls("item", lambda stage: show_item(stage, item))

    @classmethod
    def notification(cls, method: str, params: Mapping[str, object] | None = None) -> Step:
        """Send any notification, known or not; thread and turn are added."""
        return cls("notification", lambda stage: stage.notify(method, dict(params or {})))

    @classmethod
    def garbage(cls, data: bytes = b"this is no JSON\n") -> Step:
        """Send bytes that are no message."""
        return cls("garbage", lambda stage: stage.send(data))

    @classmethod
    def delay(cls, seconds: float) -> Step:
        """Pause for so many seconds."""
        delay = Delay(seconds)
        return cls("delay", lambda stage: stage.pause(delay))

    @classmethod
    def hold(cls, gate: Gate) -> Step:
        """Pause until the test releases the gate; a plain `Gate` is the same."""
        if not isinstance(gate, Gate):  # pyright: ignore[reportUnnecessaryIsInstance]  # users may not check types
            raise TypeError(f"a turn is held by a Gate, not by {gate!r}")
        return cls("hold", lambda stage: stage.pause(gate))

    @classmethod
    def failure(
        cls, message: str = "The script says: fail.", info: str | Mapping[str, object] = "other"
    ) -> Step:
        """Let the turn fail.

        Args:
            message: The error in words.
            info: Its kind (``codexErrorInfo``), such as ``"contextWindowExceeded"`` or
                ``{"httpConnectionFailed": {"httpStatusCode": 503}}``.
        """
        return cls("failure", lambda stage: stage.fail(message, info))

    @classmethod
    def end(cls, status: str = "completed") -> Step:
        """End the turn here, with any status, known or not."""
        return cls("end", lambda stage: stage.end(status))

    @classmethod
    def silence(cls) -> Step:
        """Say nothing more in this turn, its end neither; an interrupt still ends it."""
        return cls("silence", lambda stage: stage.wait_for_end())

    @classmethod
    def hang_up(cls, exit_code: int | None = None, stderr_tail: str = "") -> Step:
        """End the connection, as a server that dies.

        Args:
            exit_code: The exit code of the program that there is not.
            stderr_tail: Its last words.
        """
        return cls("hang_up", lambda stage: stage.hang_up(exit_code, stderr_tail))


AnyStep: TypeAlias = "Step | str | Gate | Callable[[ServerReply], Step | str | Gate]"
"""A step; a string, which is a message; a gate; or a function that makes a step of the client's
newest reply: ``lambda reply: f"You said {reply.result['decision']}."``"""


@dataclass(frozen=True)
class ScriptedTurn:
    """A turn as it will be played.

    Attributes:
        steps: What happens in it, in order.
        early: Whether all of it is sent before the answer to the request that starts it.
        usage: The tokens that it claims to cost.
    """

    steps: tuple[AnyStep, ...]
    early: bool = False
    usage: Usage = field(default_factory=Usage)


def as_steps(steps: object) -> tuple[AnyStep, ...]:
    """Give steps as a tuple, if they are some.

    Raises:
        TypeError: Something is no step.
    """
    if isinstance(steps, Step | str | Gate):
        return (steps,)
    if not isinstance(steps, Iterable):
        raise TypeError(f"{steps!r} is no step")
    # Users may not check types: what is iterated over may hold anything, and is looked at here.
    whole = tuple(steps)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for step in whole:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(step, Step | str | Gate) and not callable(step):  # pyright: ignore[reportUnknownArgumentType]
            raise TypeError(f"{step!r} is no step")
    return whole  # pyright: ignore[reportUnknownVariableType]


def _ignored(_: object) -> None:
    """Ignore a value: the step only waits for it."""
