"""What both programs share: the settings, what is said to the model, and how things are shown."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codex_app_server_types import (
    InputTextFunctionCallOutputContentItem,
    TextUserInput,
    UnknownThreadItem,
)
from openai_codex import (
    ArgumentTypeError,
    ClientStats,
    CodexConfig,
    CodexError,
    CodexRpcError,
    CodexTimeoutError,
    ExternalMessage,
    ImageInput,
    IncompleteTurnError,
    Input,
    InputItem,
    InternalRpcError,
    InvalidArgumentError,
    InvalidParamsError,
    InvalidRequestError,
    InvalidResponseError,
    JsonRpcError,
    LaunchError,
    LocalImageInput,
    MentionInput,
    Metadata,
    MethodNotFoundError,
    Notification,
    OutputValidationError,
    OverloadRetry,
    ParseError,
    ProtocolError,
    RequestResolvedError,
    RequestTimeoutError,
    RetryLimitExceededError,
    RunInput,
    RuntimeNotFoundError,
    RuntimeTooOldError,
    ServerBusyError,
    ServerInfo,
    SkillInput,
    SlowConsumerError,
    TextInput,
    ThreadArchivedError,
    ThreadBusyError,
    ThreadInUseError,
    ThreadNotFoundError,
    Tool,
    ToolError,
    ToolNamespace,
    Tracing,
    TranscriptError,
    TransportClosedError,
    TransportError,
    TurnFailedError,
    TurnIdleTimeoutError,
    TurnResult,
    TurnTimeoutError,
    Unset,
    UnsupportedMethodError,
    UntestedRuntimeWarning,
    UsageError,
    __version__,
    is_retryable_error,
    tool,
    types,
)
from openai_codex.types import (
    AgentMessageDeltaNotification,
    ErrorNotification,
    ItemCompletedNotification,
    ItemStartedNotification,
    JsonObject,
    JsonValue,
    ThreadTokenUsageUpdatedNotification,
    TurnCompletedNotification,
    TurnStatus,
)
from typing_extensions import assert_type

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYA"
    "AjCB0C8AAAAASUVORK5CYII="
)
NOTE: JsonObject = {"type": "string"}
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"version": NOTE, "notes": {"type": "array", "items": NOTE}},
    "required": ["version", "notes"],
    "additionalProperties": False,
}


@dataclass
class Report:
    """What the assistant has to show for its work."""

    server: str = ""
    model: str = ""
    seen: list[str] = field(default_factory=list[str])
    gathered: list[str] = field(default_factory=list[str])
    draft: str = ""
    notes: JsonObject = field(default_factory=dict[str, JsonValue])
    summary: str = ""
    review: str | None = None
    compacted: bool = False
    answers: list[str | None] = field(default_factory=list["str | None"])
    goals: list[str] = field(default_factory=list[str])
    history: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])
    health: str = ""


TRACKER = ToolNamespace("tracker", "What is known of issues.")


@tool(namespace=TRACKER, timeout=10, max_concurrency=2)
def ticket(number: int) -> str:
    """Look an issue up.

    Args:
        number: Its number.
    """
    if number < 1:
        raise ToolError(f"there is no issue {number}")
    return f"Issue {number}: it crashes."


TOOLS: list[Tool[..., object]] = [ticket]
"""What the model can do besides."""


def first_ticket() -> str:
    """Look the first issue up: a tool is a function still."""
    text = ticket(1)
    assert_type(text, str)
    return text


def settings(
    workspace: Path,
    env: Mapping[str, str | None],
    overrides: tuple[str, ...],
    *,
    codex_bin: Path | None = None,
    argv: tuple[str, ...] | None = None,
    tracing: bool | Tracing = False,
) -> CodexConfig:
    """Say how the runtime is run."""
    return CodexConfig(
        codex_bin=codex_bin,
        launch_args_override=argv,
        config_overrides=overrides,
        cwd=workspace,
        env=env,
        client_name="release_notes",
        client_title="Release notes",
        client_version=__version__,
        experimental_api=True,
        request_timeout=30.0,
        handler_timeout=600.0,
        max_in_flight=8,
        check_version=True,
        overload_retry=OverloadRetry(attempts=4, first_delay=0.1, max_delay=2.0),
        tracing=tracing,
    )


def same_settings(config: CodexConfig, other: CodexConfig) -> bool:
    """Tell whether two runtimes are run alike, whoever runs them."""
    return (
        (config.codex_bin, config.launch_args_override, config.config_overrides)
        == (other.codex_bin, other.launch_args_override, other.config_overrides)
        and (config.cwd, config.env) == (other.cwd, other.env)
        and config.experimental_api == other.experimental_api
    )


# --- what is said -------------------------------------------------------------------------------


def assignment(workspace: Path) -> Input:
    """Say what to do, in every form that there is."""
    parts: list[InputItem] = [
        TextInput("Describe the screenshots."),
        ImageInput(PIXEL, detail=types.ImageDetail.original),
        LocalImageInput(workspace / "screenshot.png", detail=types.ImageDetail.high),
        SkillInput("release-notes", workspace / "SKILL.md"),
        MentionInput("calendar", "app://calendar"),
        TextUserInput(text="Only what changed."),
    ]
    return ["Here they are.", *parts]


def complaint(content: str | list[str]) -> RunInput:
    """Pass on what somebody else wrote, who is not to be obeyed."""
    if isinstance(content, str):
        return ExternalMessage("issue_tracker", content, namespace="tracker")
    items = [InputTextFunctionCallOutputContentItem(text=text) for text in content]
    return ExternalMessage(tool_name="issue_tracker", content=items)


def facts(message: RunInput) -> str:
    """Tell what a message is about."""
    match message:
        case ExternalMessage(tool_name=name, namespace=namespace, content=content):
            return f"{namespace or '-'}/{name}: {len(content)}"
        case str(text) | TextInput(text=text):
            return text
        case ImageInput(url=url, detail=detail):
            return f"{url[:10]} {detail and detail.value}"
        case LocalImageInput(path=path) | SkillInput(path=path) | MentionInput(path=path):
            return Path(path).name
        case _:
            return type(message).__name__


def parsed(text: str) -> JsonObject:
    value: JsonValue = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError(f"an object was asked for, not {text!r}")
    return value


@dataclass
class Notes:
    """The notes, as an object."""

    version: str
    notes: list[str] = field(default_factory=list[str])


def targets(sha: str, branch: str) -> list[types.ReviewTarget]:
    """List what can be reviewed, the newest first."""
    return [
        types.UncommittedChangesReviewTarget(),
        types.CommitReviewTarget(sha=sha, title="Release"),
        types.BaseBranchReviewTarget(branch=branch),
        types.CustomReviewTarget(instructions="Are the notes complete?"),
    ]


def limit(seconds: float | None | Unset) -> str:
    """Tell how long something may take."""
    if isinstance(seconds, Unset):
        return "as configured"
    return "for ever" if seconds is None else f"{seconds:g} s"


# --- what came of it ----------------------------------------------------------------------------


def strict_about_versions() -> None:
    """Rather fail than meet a runtime that nobody has tested."""
    warnings.simplefilter("error", UntestedRuntimeWarning)


def of_server(metadata: Metadata) -> str:
    info: ServerInfo = metadata.server_info
    assert metadata.serverInfo == info
    assert f"/{info.version}" in metadata.user_agent
    home = Path(metadata.codex_home).name
    return f"{info.name} {info.version} ({metadata.platform_family}/{metadata.platform_os}, {home})"


def event_text(event: Notification) -> str | None:
    """Show what happens in a turn; ``None`` for what nobody wants to see."""
    match event.payload:
        case AgentMessageDeltaNotification(delta=delta):
            return f"says {delta!r}"
        case ItemStartedNotification(item=item):
            return f"begins {item.type}"
        case ItemCompletedNotification(item=item):
            return f"ends {item.type}"
        case types.CommandExecutionOutputDeltaNotification(delta=delta):
            return f"prints {delta.strip()}"
        case types.ReasoningSummaryTextDeltaNotification(delta=delta):
            return f"thinks {delta}"
        case types.TurnPlanUpdatedNotification(plan=plan, explanation=explanation):
            return f"plans {[step.step for step in plan]}: {explanation}"
        case types.TurnDiffUpdatedNotification(diff=diff):
            return f"changes {len(diff.splitlines())} lines"
        case ErrorNotification(error=error, will_retry=True):
            return f"tries again after {error.message}"
        case ThreadTokenUsageUpdatedNotification(token_usage=usage):
            return f"used {usage.total.total_tokens} tokens"
        case types.TurnStartedNotification(turn=turn):
            return f"is {turn.status.value}"
        case TurnCompletedNotification(turn=turn):
            return f"is {turn.status.value}: {turn.id == event.turn_id}"
        case _:
            return None


def item_text(item: types.ThreadItem) -> str:
    """Show an item of a turn."""
    match item:
        case types.AgentMessageThreadItem(text=text, phase=types.MessagePhase.commentary):
            return f"({text})"
        case types.AgentMessageThreadItem(text=text):
            return text
        case types.UserMessageThreadItem(content=content):
            return f"{len(content)} inputs"
        case types.CommandExecutionThreadItem(command=_, exit_code=code, aggregated_output=output):
            return f"command {code}: {(output or '').strip()}"
        case types.FileChangeThreadItem(changes=changes):
            return f"changes {[Path(change.path).name for change in changes]}"
        case types.ReasoningThreadItem(summary=summary):
            return f"thought {' '.join(summary)}"
        case types.McpToolCallThreadItem(server=server, tool=tool):
            return f"{server}/{tool}"
        case UnknownThreadItem(type=kind):
            return f"something new: {kind}"
        case _:
            return item.type


def result_text(result: TurnResult) -> str:
    """Sum a result up."""
    status: TurnStatus = result.status
    error: types.TurnError | None = result.error
    usage: types.ThreadTokenUsage | None = result.usage
    own: types.TokenUsageBreakdown | None = result.turn_usage
    total = usage.total.total_tokens if usage is not None else 0
    spent = f"{own.input_tokens}+{own.output_tokens} of {total} tokens" if own else "no tokens"
    begun = result.started_at is not None and result.completed_at is not None
    timed = begun and result.duration_ms is not None
    retries = [retry.message for retry in result.retries]
    failure = "" if error is None else f", {error.message}"
    return f"{status.value}: {spent}, timed: {timed}, {len(retries)} retries{failure}"


def health_text(stats: ClientStats) -> str:
    busy = stats.in_flight + stats.waiting + stats.server_requests + stats.active_turns
    behind = stats.consumers + stats.queued + stats.missed
    odd = stats.skipped + stats.unknown + stats.unmatched
    heard = stats.received > stats.dropped >= stats.missed and stats.merged >= 0
    return f"{busy} busy, {behind} behind, {odd} odd, {stats.retries} retries, heard: {heard}"


# --- what went wrong ----------------------------------------------------------------------------


def failure_kind(info: types.CodexErrorInfo | None) -> str:
    if isinstance(info, types.CodexErrorInfoValue):
        return info.value
    return "unknown" if info is None else type(info).__name__


def advice(error: CodexError) -> str:
    """Tell what to do about an error; the narrow classes come first."""
    match error:
        case RuntimeNotFoundError(argv=argv):
            return f"install it: {argv}"
        case RuntimeTooOldError(version=version, minimum=minimum):
            return f"update it: {version} < {minimum}"
        case UnsupportedMethodError(method=method, server_version=version, since=since):
            return f"{version} has no {method}, which needs {since}"
        case LaunchError(argv=argv):
            return f"cannot start {argv[:1]}"
        case TransportClosedError(exit_code=code, stderr_tail=tail, argv=argv):
            return f"gone: {code}, {len(tail)} letters, {len(argv)} words"
        case TransportError():
            return "cannot reach it"
        case InvalidResponseError(method=method, result=_):
            return f"{method} answered nonsense"
        case IncompleteTurnError(turn_id=turn_id, thread_id=thread_id, items=items):
            return f"{turn_id} of {thread_id} has {len(items)} items"
        case ProtocolError():
            return "nonsense"
        case ThreadNotFoundError() | ThreadArchivedError() | ThreadInUseError():
            return f"{type(error).__name__} {error.code} from {error.method}"
        case ParseError() | InvalidParamsError() | MethodNotFoundError() | InternalRpcError():
            return f"a bug: {error.code} {error.message}"
        case InvalidRequestError(message=message):
            return f"refused: {message}"
        case RetryLimitExceededError() | ServerBusyError():
            return f"later: {is_retryable_error(error)}"
        case CodexRpcError(code=code):
            return f"{code}: of the app-server"
        case JsonRpcError(code=code, message=message, data=data):
            return f"{code}: {message} {data}"
        case TurnFailedError(result=result, error=said, info=info, http_status=status):
            return f"{result.status.value}: {failure_kind(info)} {status} {said and said.message}"
        case OutputValidationError(errors=errors, text=text):
            return f"{len(text or '')} letters of no use: {', '.join(errors)}"
        case TurnIdleTimeoutError(timeout=timeout) | TurnTimeoutError(timeout=timeout):
            return f"{type(error).__name__} after {timeout:g} s: {error.result.status.value}"
        case RequestTimeoutError(method=method, phase=phase, timeout=timeout):
            return f"{method} took {timeout:g} s in {phase}"
        case CodexTimeoutError(timeout=timeout):
            return f"took {timeout:g} s"
        case ToolError():
            return f"told: {error}"
        case SlowConsumerError(dropped=dropped, only_deltas=only_deltas):
            return f"{dropped} missed, only text: {only_deltas}"
        case RequestResolvedError(method=method, request_id=request_id):
            return f"too late to answer {method} {request_id}"
        case TranscriptError(name=name, line=line):
            return f"no record in {name}, line {line}"
        case ThreadBusyError(thread_id=_, turn_id=turn_id):
            return f"busy with a turn: {turn_id is not None}"
        case ArgumentTypeError() | InvalidArgumentError() | UsageError():
            return f"{type(error).__name__}: {error}"
        case _:
            return str(error)
