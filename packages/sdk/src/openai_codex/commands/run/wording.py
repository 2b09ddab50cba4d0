"""What happens in a turn, in words that any display can show.

Commands and models write what they like. Nothing of it may move the cursor or colour the terminal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import codex_app_server_types as types

from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codex_app_server_types import FileUpdateChange, ThreadItem, TokenUsageBreakdown

__all__ = ["Kind", "Passage", "clean", "one_line", "passages_of", "plan_lines", "tokens_of"]

Kind: TypeAlias = Literal["message", "thought", "command", "change", "other"]
"""What a passage is about, which decides how it looks."""

_ESCAPES: Final = re.compile(
    r"""\x1b(?:\[[0-?]*[ -/]*[@-~]        # colours and movements
    |\][^\x07\x1b]*(?:\x07|\x1b\\)?     # titles and links
    |[PX^_][^\x1b]*(?:\x1b\\)?          # strings for the terminal itself
    |[@-_a-z=>])""",
    re.VERBOSE,
)
"""What terminals take for orders: colours, movements, titles, links."""
_MARKS: Final = {"completed": "[x]", "inProgress": "[>]", "pending": "[ ]"}


@dataclass(frozen=True)
class Passage:
    """Something that happened, and is over.

    Attributes:
        kind: What it is about.
        heading: The line that names it; empty for what is said.
        body: More lines: what was said, written or changed.
        ending: How it ended; empty if there is nothing to say of that.
        is_good: Whether it ended well.
    """

    kind: Kind
    heading: str = ""
    body: str = ""
    ending: str = ""
    is_good: bool = True


def clean(text: str) -> str:
    """Make foreign text fit for a terminal: orders are left out, other control characters shown.

    Line ends and tabs stay; of a line that overwrites itself, as a progress bar does, its last
    state stays.
    """
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(_clean_line(line.rstrip("\r").rpartition("\r")[2]) for line in lines)


def one_line(text: str) -> str:
    """Make foreign text fit for a line of its own, as a heading is."""
    first, more, _ = clean(text).strip().partition("\n")
    return f"{first} …" if more else first


def passages_of(item: ThreadItem) -> Iterator[Passage]:
    """Tell what a completed item was about."""
    match item:
        case types.UserMessageThreadItem():
            return
        case types.AgentMessageThreadItem(text=text):
            yield Passage("message", body=clean(text).strip("\n"))
        case types.ReasoningThreadItem(summary=summary):
            if summary:
                yield Passage("thought", body=clean("\n\n".join(summary)).strip("\n"))
        case types.CommandExecutionThreadItem():
            yield _command(item)
        case types.FileChangeThreadItem(changes=changes, status=status):
            is_good = status == types.PatchApplyStatus.completed
            for change in changes:
                ending = "" if is_good else f"not applied: {status.value}"
                yield Passage("change", _changed(change), _diff(change), ending, is_good)
        case types.McpToolCallThreadItem(server=server, tool=tool, status=status, error=error):
            ending = one_line(error.message) if error is not None else status.value
            yield Passage("other", one_line(f"{server}: {tool}"), "", ending, error is None)
        case types.DynamicToolCallThreadItem(tool=tool, status=status, success=success):
            yield Passage("other", one_line(tool), "", status.value, success is not False)
        case types.WebSearchThreadItem(query=query):
            yield Passage("other", one_line(f"search of the web: {query}"))
        case types.PlanThreadItem(text=text):
            yield Passage("message", body=clean(text).strip("\n"))
        case _:
            yield Passage("other", one_line(item.type))


def plan_lines(event: types.TurnPlanUpdatedNotification) -> list[str]:
    """Tell how far a plan is, a line for each step."""
    return [f"{_MARKS.get(one.status.value, '[?]')} {one_line(one.step)}" for one in event.plan]


def tokens_of(usage: TokenUsageBreakdown) -> str:
    """Tell in a line how many tokens a turn used."""
    cached = f" ({usage.cached_input_tokens:,} cached)" if usage.cached_input_tokens else ""
    thought = usage.reasoning_output_tokens
    reasoning = f" ({thought:,} of it reasoning)" if thought else ""
    return f"{usage.input_tokens:,} tokens in{cached}, {usage.output_tokens:,} out{reasoning}"


def _clean_line(line: str) -> str:
    return "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line)


def _command(item: types.CommandExecutionThreadItem) -> Passage:
    took = "" if item.duration_ms is None else f", {item.duration_ms / 1000:.1f} s"
    if item.exit_code is None:
        return Passage("command", command_line(item), _output(item), item.status.value, False)
    ending = f"exit code {item.exit_code}{took}"
    return Passage("command", command_line(item), _output(item), ending, item.exit_code == 0)


def command_line(item: types.CommandExecutionThreadItem) -> str:
    """Give a command as it is shown: all of it, on one line or more."""
    return "$ " + clean(item.command).strip()


def _output(item: types.CommandExecutionThreadItem) -> str:
    return clean(item.aggregated_output or "").rstrip("\n")


def _changed(change: FileUpdateChange) -> str:
    path = shown(change.path, 1000)
    match change.kind:
        case types.UpdatePatchChangeKind(move_path=moved) if moved:
            return f"update {path}, and move it to {shown(moved, 1000)}"
        case kind:
            return f"{shown(kind.type)} {path}"


def _diff(change: FileUpdateChange) -> str:
    """Give a diff whose lines all say what becomes of them; the runtime's of whole files do not."""
    sign = {"add": "+", "delete": "-"}.get(change.kind.type, "")
    return "\n".join(sign + line for line in clean(change.diff).rstrip("\n").split("\n"))
