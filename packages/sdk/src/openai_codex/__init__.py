"""The Python SDK of the Codex app-server.

    from openai_codex import Codex

    with Codex() as codex:
        thread = codex.thread_start()
        result = thread.run("What does this project do?")
        print(result.final_response)

`AsyncCodex` mirrors `Codex` name for name, with ``await``. `Codex` starts its runtime at once,
`AsyncCodex` when its context is entered, or with the first call that needs it. `CodexConfig` says
which program runs, in which surroundings.

**Threads.** A *thread* is a conversation: `Codex.thread_start`, `thread_resume`, `thread_fork`;
`threads` lists them, `thread_archive` and `thread_unarchive` put them aside and bring them back.
`Thread.turns` and `Thread.items` read what was said, `Thread.goal` and `set_goal` what is to be
reached. What is not given is not sent: the user's own configuration decides.

**Turns.** A *turn* is one piece of work in a thread, made of *items*: messages, commands, file
changes. `Thread.run` waits for its end and returns a `TurnResult`. `Thread.turn` returns a
`TurnHandle`, to follow (`stream`, `text_stream`), steer or interrupt it. A thread runs one turn at
a time; ``if_busy`` says what becomes of a second one. Whoever stops waiting stops the turn. With an
``output_type``, the result has its answer as a value of that type, in ``output``.

    handle = thread.turn("Explain this function.")
    for text in handle.text_stream():
        print(text, end="")
    print(handle.run().turn_usage)

    print(thread.run("How many bugs are there?", output_type=int).output)

**Inputs.** Text, or a list of text, `ImageInput`, `LocalImageInput`, `SkillInput` and
`MentionInput`; `ExternalMessage` for what somebody other than the user says. `Sandbox` and
`ApprovalMode` are presets of what the agent may do.

**Approvals.** What the agent wants to do beyond its sandbox, ``approvals=`` of the client or the
thread decides: a function from a request, such as `CommandApproval`, to a decision, such as
`Accept`; or a policy made of `allow_commands`, `allow_paths`, `Console` and others. Without it, all
is declined. `Park` leaves a request open, `Codex.respond` answers it. ``questions=`` and
``elicitations=`` answer the agent's questions and the forms of MCP servers, ``handlers=`` the rest.

    with Codex(approvals=first_of(allow_paths("docs"), Console().approvals)) as codex:
        codex.thread_start(approval_mode=ApprovalMode.on_request).run("What has changed?")

**Tools.** ``@tool`` makes a function one that the model can call, as ``thread_start(tools=[...])``
says; `ToolError` tells the model what went wrong.

**Tracing.** ``CodexConfig(tracing=True)`` gives OpenTelemetry spans of threads, turns, items, tools
and approvals; `Tracing` says more.

**Login.** The login in ``CODEX_HOME`` is used. `Codex.login_api_key`, `login_chatgpt` and
`login_chatgpt_device_code` make one, `account` reads it, `logout` forgets it.

**Errors.** All are `CodexError`; `openai_codex.errors` draws the tree. `TurnFailedError` and
`TurnTimeoutError` carry what came of the turn. `retry_on_overload` tries again what the runtime was
too busy for.

**Types.** `openai_codex.types` has the protocol's types that programs name in annotations and in
``match``; `openai_codex.testing` what it takes to test a program without an account.

Everything here is loaded when it is first touched: importing the package builds nothing.

PYTEST_DONT_REWRITE: pytest, which finds a plugin in this package, need not look for tests in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from openai_codex._version import __version__

if TYPE_CHECKING:
    from codex_app_server_rpc import (
        ClientStats,
        Notification,
        OverloadRetry,
        ServerInfo,
        ServerRequestHandlers,
        UntestedRuntimeWarning,
    )
    from codex_app_server_types import UNSET, Unset

    from openai_codex import errors as errors, testing as testing, types as types
    from openai_codex._async.codex import AsyncCodex
    from openai_codex._async.login import AsyncChatgptLoginHandle, AsyncDeviceCodeLoginHandle
    from openai_codex._async.thread import AsyncThread
    from openai_codex._async.turn import AsyncTurnEvents, AsyncTurnHandle, AsyncTurnText
    from openai_codex._sync.codex import Codex
    from openai_codex._sync.login import ChatgptLoginHandle, DeviceCodeLoginHandle
    from openai_codex._sync.thread import Thread
    from openai_codex._sync.turn import TurnEvents, TurnHandle, TurnText
    from openai_codex.config import CodexConfig
    from openai_codex.errors import (
        ArgumentTypeError,
        CodexError,
        CodexRpcError,
        CodexTimeoutError,
        IncompleteTurnError,
        InternalRpcError,
        InvalidArgumentError,
        InvalidParamsError,
        InvalidRequestError,
        InvalidResponseError,
        JsonRpcError,
        LaunchError,
        MethodNotFoundError,
        OutputValidationError,
        ParseError,
        ProtocolError,
        RequestResolvedError,
        RequestTimeoutError,
        RetryLimitExceededError,
        RuntimeNotFoundError,
        RuntimeTooOldError,
        ServerBusyError,
        SlowConsumerError,
        ThreadArchivedError,
        ThreadBusyError,
        ThreadInUseError,
        ThreadNotFoundError,
        ToolError,
        TranscriptError,
        TransportClosedError,
        TransportError,
        TurnFailedError,
        TurnIdleTimeoutError,
        TurnTimeoutError,
        UnsupportedMethodError,
        UsageError,
    )
    from openai_codex.inputs import (
        ExternalMessage,
        ImageInput,
        Input,
        InputItem,
        LocalImageInput,
        MentionInput,
        RunInput,
        SkillInput,
        TextInput,
    )
    from openai_codex.metadata import Metadata
    from openai_codex.options import ApprovalMode, Sandbox
    from openai_codex.requests.approvals import (
        ApprovalRequest,
        CommandApproval,
        FileChangeApproval,
        McpToolApproval,
        PermissionsApproval,
    )
    from openai_codex.requests.console import (
        Console,
    )
    from openai_codex.requests.decisions import (
        Accept,
        AcceptForSession,
        AcceptWithAmendment,
        Cancel,
        Decision,
        Decline,
        Park,
    )
    from openai_codex.requests.elicitations import (
        Elicitation,
        ElicitationAnswer,
        ElicitationHandler,
        FormElicitation,
        OpenaiFormElicitation,
        Submit,
        UrlElicitation,
    )
    from openai_codex.requests.elsewhere import (
        ask_elsewhere,
    )
    from openai_codex.requests.kinds import (
        RuntimeRequest,
        request_from_json,
    )
    from openai_codex.requests.pending import (
        PendingRequest,
    )
    from openai_codex.requests.policies import (
        ApprovalPolicy,
        allow_commands,
        allow_paths,
        deny_all,
        first_of,
    )
    from openai_codex.requests.questions import (
        Answers,
        QuestionHandler,
        QuestionRequest,
    )
    from openai_codex.results import TurnResult
    from openai_codex.retry import async_retry_on_overload, is_retryable_error, retry_on_overload
    from openai_codex.tools import Tool, ToolNamespace, tool
    from openai_codex.tracing.settings import Tracing

__all__ = [
    "UNSET",
    "Accept",
    "AcceptForSession",
    "AcceptWithAmendment",
    "Answers",
    "ApprovalMode",
    "ApprovalPolicy",
    "ApprovalRequest",
    "ArgumentTypeError",
    "AsyncChatgptLoginHandle",
    "AsyncCodex",
    "AsyncDeviceCodeLoginHandle",
    "AsyncThread",
    "AsyncTurnEvents",
    "AsyncTurnHandle",
    "AsyncTurnText",
    "Cancel",
    "ChatgptLoginHandle",
    "ClientStats",
    "Codex",
    "CodexConfig",
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "CommandApproval",
    "Console",
    "Decision",
    "Decline",
    "DeviceCodeLoginHandle",
    "Elicitation",
    "ElicitationAnswer",
    "ElicitationHandler",
    "ExternalMessage",
    "FileChangeApproval",
    "FormElicitation",
    "ImageInput",
    "IncompleteTurnError",
    "Input",
    "InputItem",
    "InternalRpcError",
    "InvalidArgumentError",
    "InvalidParamsError",
    "InvalidRequestError",
    "InvalidResponseError",
    "JsonRpcError",
    "LaunchError",
    "LocalImageInput",
    "McpToolApproval",
    "MentionInput",
    "Metadata",
    "MethodNotFoundError",
    "Notification",
    "OpenaiFormElicitation",
    "OutputValidationError",
    "OverloadRetry",
    "Park",
    "ParseError",
    "PendingRequest",
    "PermissionsApproval",
    "ProtocolError",
    "QuestionHandler",
    "QuestionRequest",
    "RequestResolvedError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "RunInput",
    "RuntimeNotFoundError",
    "RuntimeRequest",
    "RuntimeTooOldError",
    "Sandbox",
    "ServerBusyError",
    "ServerInfo",
    "ServerRequestHandlers",
    "SkillInput",
    "SlowConsumerError",
    "Submit",
    "TextInput",
    "Thread",
    "ThreadArchivedError",
    "ThreadBusyError",
    "ThreadInUseError",
    "ThreadNotFoundError",
    "Tool",
    "ToolError",
    "ToolNamespace",
    "Tracing",
    "TranscriptError",
    "TransportClosedError",
    "TransportError",
    "TurnEvents",
    "TurnFailedError",
    "TurnHandle",
    "TurnIdleTimeoutError",
    "TurnResult",
    "TurnText",
    "TurnTimeoutError",
    "Unset",
    "UnsupportedMethodError",
    "UntestedRuntimeWarning",
    "UrlElicitation",
    "UsageError",
    "__version__",
    "allow_commands",
    "allow_paths",
    "ask_elsewhere",
    "async_retry_on_overload",
    "deny_all",
    "first_of",
    "is_retryable_error",
    "request_from_json",
    "retry_on_overload",
    "tool",
]

_HOMES: Final = {
    "Accept": "openai_codex.requests.decisions",
    "AcceptForSession": "openai_codex.requests.decisions",
    "AcceptWithAmendment": "openai_codex.requests.decisions",
    "Answers": "openai_codex.requests.questions",
    "ApprovalMode": "openai_codex.options",
    "ApprovalPolicy": "openai_codex.requests.policies",
    "ApprovalRequest": "openai_codex.requests.approvals",
    "AsyncChatgptLoginHandle": "openai_codex._async.login",
    "AsyncCodex": "openai_codex._async.codex",
    "AsyncDeviceCodeLoginHandle": "openai_codex._async.login",
    "AsyncThread": "openai_codex._async.thread",
    "AsyncTurnEvents": "openai_codex._async.turn",
    "AsyncTurnHandle": "openai_codex._async.turn",
    "AsyncTurnText": "openai_codex._async.turn",
    "Cancel": "openai_codex.requests.decisions",
    "ChatgptLoginHandle": "openai_codex._sync.login",
    "ClientStats": "codex_app_server_rpc",
    "Codex": "openai_codex._sync.codex",
    "CodexConfig": "openai_codex.config",
    "CommandApproval": "openai_codex.requests.approvals",
    "Console": "openai_codex.requests.console",
    "Decision": "openai_codex.requests.decisions",
    "Decline": "openai_codex.requests.decisions",
    "DeviceCodeLoginHandle": "openai_codex._sync.login",
    "Elicitation": "openai_codex.requests.elicitations",
    "ElicitationAnswer": "openai_codex.requests.elicitations",
    "ElicitationHandler": "openai_codex.requests.elicitations",
    "ExternalMessage": "openai_codex.inputs",
    "FileChangeApproval": "openai_codex.requests.approvals",
    "FormElicitation": "openai_codex.requests.elicitations",
    "ImageInput": "openai_codex.inputs",
    "Input": "openai_codex.inputs",
    "InputItem": "openai_codex.inputs",
    "LocalImageInput": "openai_codex.inputs",
    "McpToolApproval": "openai_codex.requests.approvals",
    "MentionInput": "openai_codex.inputs",
    "Metadata": "openai_codex.metadata",
    "Notification": "codex_app_server_rpc",
    "OpenaiFormElicitation": "openai_codex.requests.elicitations",
    "OverloadRetry": "codex_app_server_rpc",
    "Park": "openai_codex.requests.decisions",
    "PendingRequest": "openai_codex.requests.pending",
    "PermissionsApproval": "openai_codex.requests.approvals",
    "QuestionHandler": "openai_codex.requests.questions",
    "QuestionRequest": "openai_codex.requests.questions",
    "RunInput": "openai_codex.inputs",
    "RuntimeRequest": "openai_codex.requests.kinds",
    "Sandbox": "openai_codex.options",
    "ServerInfo": "codex_app_server_rpc",
    "ServerRequestHandlers": "codex_app_server_rpc",
    "SkillInput": "openai_codex.inputs",
    "Submit": "openai_codex.requests.elicitations",
    "TextInput": "openai_codex.inputs",
    "Thread": "openai_codex._sync.thread",
    "Tool": "openai_codex.tools",
    "ToolNamespace": "openai_codex.tools",
    "Tracing": "openai_codex.tracing.settings",
    "TurnEvents": "openai_codex._sync.turn",
    "TurnHandle": "openai_codex._sync.turn",
    "TurnResult": "openai_codex.results",
    "TurnText": "openai_codex._sync.turn",
    "UNSET": "codex_app_server_types",
    "Unset": "codex_app_server_types",
    "UntestedRuntimeWarning": "codex_app_server_rpc",
    "UrlElicitation": "openai_codex.requests.elicitations",
    "allow_commands": "openai_codex.requests.policies",
    "allow_paths": "openai_codex.requests.policies",
    "ask_elsewhere": "openai_codex.requests.elsewhere",
    "async_retry_on_overload": "openai_codex.retry",
    "deny_all": "openai_codex.requests.policies",
    "first_of": "openai_codex.requests.policies",
    "is_retryable_error": "openai_codex.retry",
    "request_from_json": "openai_codex.requests.kinds",
    "retry_on_overload": "openai_codex.retry",
    "tool": "openai_codex.tools",
}
"""Where the public names live that are not errors; those live in `openai_codex.errors`."""


_MODULES: Final = frozenset({"errors", "testing", "types"})
"""The public modules, which can be reached without an import of their own."""


def __getattr__(name: str) -> object:
    """Load a public name, or module, when it is first touched (PEP 562)."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "openai_codex.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*__all__, *_MODULES})
