"""A program written for the package that people use today finds everything here as well.

The table is that package's public face at 0.163.0: names and signatures, nothing else.
"""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, get_args

import openai_codex
import openai_codex.types
import pytest
from openai_codex import AsyncCodex, Codex, CodexConfig, ExternalMessage
from openai_codex.testing import IsolatedHome, ModelServer

if TYPE_CHECKING:
    from collections.abc import Iterator

THREAD_RESUME = (
    "approval_mode base_instructions config cwd developer_instructions include_turns model "
    "model_provider personality sandbox service_tier"
)
THREAD_FORK = (
    "approval_mode base_instructions config cwd developer_instructions ephemeral include_turns "
    "model model_provider sandbox service_tier thread_source"
)
THREAD_START = (
    "approval_mode base_instructions config cwd developer_instructions ephemeral model "
    "model_provider personality sandbox service_name service_tier session_start_source "
    "thread_source"
)
THREAD_LIST = (
    "archived cursor cwd limit model_providers search_term section_id sort_direction sort_key "
    "source_kinds use_state_db_only"
)
TURN = (
    "approval_mode cwd effort model output_schema personality sandbox service_tier source summary "
    "turn_service_tier"
)

METHODS = {
    "Codex": {
        "account": ("", "refresh_token"),
        "close": ("", ""),
        "login_api_key": ("api_key", ""),
        "login_chatgpt": ("", ""),
        "login_chatgpt_device_code": ("", ""),
        "logout": ("", ""),
        "models": ("", "include_hidden"),
        "thread_archive": ("thread_id", ""),
        "thread_fork": ("thread_id", THREAD_FORK),
        "thread_list": ("", THREAD_LIST),
        "thread_resume": ("thread_id", THREAD_RESUME),
        "thread_start": ("", THREAD_START),
        "thread_unarchive": ("thread_id", ""),
    },
    "Thread": {
        "compact": ("", ""),
        "read": ("", "include_turns"),
        "run": ("input", TURN),
        "set_name": ("name", ""),
        "turn": ("input", TURN),
    },
    "TurnHandle": {
        "interrupt": ("", ""),
        "run": ("", ""),
        "steer": ("input", ""),
        "stream": ("", ""),
    },
    "ChatgptLoginHandle": {"cancel": ("", ""), "wait": ("", "")},
    "DeviceCodeLoginHandle": {"cancel": ("", ""), "wait": ("", "")},
}
"""Class -> method -> the parameters that are given by position or by name, and by name only."""

ATTRIBUTES = {
    "Codex": ["metadata"],
    "Thread": ["id"],
    "TurnHandle": ["id", "thread_id"],
    "ChatgptLoginHandle": ["auth_url", "login_id"],
    "DeviceCodeLoginHandle": ["login_id", "user_code", "verification_url"],
}
"""What objects of these classes have beside methods."""

FIELDS = {
    "CodexConfig": (
        "codex_bin launch_args_override config_overrides cwd env client_name client_title "
        "client_version experimental_api"
    ),
    "TurnResult": (
        "id status error started_at completed_at duration_ms final_response items usage"
    ),
    "ExternalMessage": "tool_name content namespace",
    "ImageInput": "url",
    "LocalImageInput": "path",
    "MentionInput": "name path",
    "SkillInput": "name path",
    "TextInput": "text",
}
"""Dataclass -> its fields, in the order in which they may be given by position."""

PRESETS = {
    "ApprovalMode": {"deny_all": "deny_all", "auto_review": "auto_review"},
    "Sandbox": {
        "read_only": "read-only",
        "workspace_write": "workspace-write",
        "full_access": "full-access",
    },
}

ERRORS = {
    "CodexError": "Exception",
    "TransportClosedError": "CodexError",
    "JsonRpcError": "CodexError",
    "CodexRpcError": "JsonRpcError",
    "ParseError": "CodexRpcError",
    "InvalidRequestError": "CodexRpcError",
    "MethodNotFoundError": "CodexRpcError",
    "InvalidParamsError": "CodexRpcError",
    "InternalRpcError": "CodexRpcError",
    "ServerBusyError": "CodexRpcError",
    "RetryLimitExceededError": "ServerBusyError",
}
"""Error -> what it is caught by as well."""

RETRY = {"max_attempts": 3, "initial_delay_s": 0.25, "max_delay_s": 2.0, "jitter_ratio": 0.2}

NAMES = [
    "__version__",
    "CodexConfig",
    "Codex",
    "AsyncCodex",
    "ApprovalMode",
    "Sandbox",
    "ChatgptLoginHandle",
    "DeviceCodeLoginHandle",
    "AsyncChatgptLoginHandle",
    "AsyncDeviceCodeLoginHandle",
    "Thread",
    "AsyncThread",
    "TurnHandle",
    "AsyncTurnHandle",
    "TurnResult",
    "Input",
    "InputItem",
    "RunInput",
    "ExternalMessage",
    "TextInput",
    "ImageInput",
    "LocalImageInput",
    "SkillInput",
    "MentionInput",
    "retry_on_overload",
    "CodexError",
    "TransportClosedError",
    "JsonRpcError",
    "CodexRpcError",
    "ParseError",
    "InvalidRequestError",
    "MethodNotFoundError",
    "InvalidParamsError",
    "InternalRpcError",
    "ServerBusyError",
    "RetryLimitExceededError",
    "is_retryable_error",
]

TYPES = [
    "Account",
    "AccountLoginCompletedNotification",
    "ApprovalsReviewer",
    "AskForApproval",
    "CancelLoginAccountResponse",
    "CancelLoginAccountStatus",
    "GetAccountResponse",
    "InitializeResponse",
    "JsonObject",
    "ModelListResponse",
    "Notification",
    "Personality",
    "PlanType",
    "ReasoningEffort",
    "ReasoningSummary",
    "SandboxMode",
    "SandboxPolicy",
    "SortDirection",
    "ThreadArchiveResponse",
    "ThreadCompactStartResponse",
    "ThreadItem",
    "ThreadListCwdFilter",
    "ThreadListResponse",
    "ThreadReadResponse",
    "ThreadSetNameResponse",
    "ThreadSortKey",
    "ThreadSource",
    "ThreadSourceKind",
    "ThreadStartSource",
    "ThreadTokenUsage",
    "ThreadTokenUsageUpdatedNotification",
    "Turn",
    "TurnCompletedNotification",
    "TurnError",
    "TurnInterruptResponse",
    "TurnStatus",
    "TurnSteerResponse",
]

CALLS = [
    (prefix + owner, method, *parameters)
    for prefix in ("", "Async")
    for owner, methods in METHODS.items()
    for method, parameters in methods.items()
]


def public_class(name: str) -> type:
    value: object = getattr(openai_codex, name)
    assert isinstance(value, type)
    return value


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_imported(name: str) -> None:
    assert name in openai_codex.__all__
    assert getattr(openai_codex, name) is not None


@pytest.mark.parametrize("name", TYPES)
def test_every_protocol_type_can_be_imported(name: str) -> None:
    assert name in openai_codex.types.__all__
    assert getattr(openai_codex.types, name) is not None


@pytest.mark.parametrize(
    ("owner", "method", "positional", "keywords"),
    CALLS,
    ids=[f"{owner}.{method}" for owner, method, *_ in CALLS],
)
def test_every_method_takes_the_same_arguments(
    owner: str, method: str, positional: str, keywords: str
) -> None:
    signature = inspect.signature(getattr(public_class(owner), method))
    given = positional.split()
    of_kind: dict[str, list[str]] = {"position": [], "name": []}
    for each in list(signature.parameters.values())[1:]:
        of_kind["name" if each.kind is each.KEYWORD_ONLY else "position"].append(each.name)

    assert of_kind["position"] == given
    assert set(keywords.split()) <= set(of_kind["name"])
    everything = {name: object() for name in [*given, *keywords.split()]}
    assert signature.bind(object(), **everything).arguments.keys() >= everything.keys()
    by_position = signature.bind(object(), *(object() for _ in given))  # nothing else is required
    assert len(by_position.args) == 1 + len(given)


@pytest.mark.parametrize("half", ["", "Async"])
@pytest.mark.parametrize("name", ATTRIBUTES)
def test_objects_have_the_same_attributes(half: str, name: str) -> None:
    kind = public_class(half + name)
    bases = [base for base in inspect.getmro(kind) if base not in (object, Generic)]
    source = "".join(map(inspect.getsource, bases))

    for attribute in ATTRIBUTES[name]:
        known = isinstance(inspect.getattr_static(kind, attribute, None), property)
        assert known or f"        self.{attribute}: str = " in source


@pytest.mark.parametrize("half", ["", "Async"])
def test_clients_are_made_from_a_configuration_and_are_context_managers(half: str) -> None:
    kind = public_class(f"{half}Codex")
    enter, leave = ("__aenter__", "__aexit__") if half else ("__enter__", "__exit__")
    config, *added = inspect.signature(kind).parameters.values()

    assert (config.name, config.default) == ("config", None)
    assert all((one.kind, one.default) == (one.KEYWORD_ONLY, None) for one in added)
    assert len(inspect.signature(getattr(kind, enter)).parameters) == 1
    assert len(inspect.signature(getattr(kind, leave)).parameters) == 4


@pytest.mark.parametrize("name", FIELDS)
def test_dataclasses_have_the_same_fields_in_the_same_order(name: str) -> None:
    kind = public_class(name)
    expected = FIELDS[name].split()

    assert is_dataclass(kind)
    assert [each.name for each in fields(kind)][: len(expected)] == expected
    parameters = list(inspect.signature(kind).parameters.values())
    assert all(each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters)
    added = parameters[len(expected) :]
    assert all(each.default is not each.empty for each in added)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_the_same_members_and_values(name: str) -> None:
    kind = public_class(name)

    assert issubclass(kind, Enum)
    assert issubclass(kind, str)
    members = {member: kind[member].value for member in PRESETS[name]}
    assert members == PRESETS[name]
    assert [kind(value).name for value in PRESETS[name].values()] == list(PRESETS[name])


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_caught_by_the_same_classes(name: str) -> None:
    assert ERRORS[name] in [base.__name__ for base in inspect.getmro(public_class(name))[1:]]


RPC_ERRORS = [name for name in ERRORS if name not in ("CodexError", "TransportClosedError")]


@pytest.mark.parametrize("name", RPC_ERRORS)
def test_rpc_errors_are_made_of_code_message_and_data(name: str) -> None:
    error = getattr(openai_codex, name)(-32001, "busy", {"a": 1})

    assert (error.code, error.message, error.data) == (-32001, "busy", {"a": 1})
    assert getattr(openai_codex, name)(code=1, message="m", data=None).data is None


def test_retrying_has_the_same_parameters_and_defaults() -> None:
    operation, *rules = inspect.signature(openai_codex.retry_on_overload).parameters.values()

    assert (operation.name, operation.kind) == ("op", operation.POSITIONAL_OR_KEYWORD)
    assert {each.name: each.default for each in rules} == RETRY
    assert [*inspect.signature(openai_codex.is_retryable_error).parameters] == ["exc"]


@pytest.mark.parametrize("name", ["Input", "InputItem", "RunInput"])
def test_aliases_of_inputs_are_types_at_run_time(name: str) -> None:
    alias: object = getattr(openai_codex, name)

    assert not isinstance(alias, str)
    assert openai_codex.TextInput in get_args(alias)


# --- on the real runtime ------------------------------------------------------------------------


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer() as model:
        yield model


@pytest.fixture
def config(model: ModelServer) -> Iterator[CodexConfig]:
    with IsolatedHome() as home:
        yield CodexConfig(
            cwd=str(home.workspace), env=home.env, config_overrides=model.config_overrides()
        )


def nothing(owner: str, method: str) -> dict[str, Any]:
    """Give every keyword as ``None``, which is the default there and says nothing."""
    return dict.fromkeys(METHODS[owner][method][1].split())


def test_none_is_taken_for_every_option(config: CodexConfig, model: ModelServer) -> None:
    model.add("One.", "Two.")
    with Codex(config) as codex:
        thread = codex.thread_start(**nothing("Codex", "thread_start"))
        ran = thread.run("a", **nothing("Thread", "run"))
        same = codex.thread_resume(thread.id, **nothing("Codex", "thread_resume"))
        turned = same.turn("b", **nothing("Thread", "turn")).run()
        copy = codex.thread_fork(thread.id, **nothing("Codex", "thread_fork"))
        listed = codex.thread_list(**nothing("Codex", "thread_list")).data

        assert (ran.final_response, turned.final_response) == ("One.", "Two.")
        assert {thread.id, copy.id} >= {info.id for info in listed} >= {thread.id}


async def test_none_is_taken_for_every_option_of_the_async_half(
    config: CodexConfig, model: ModelServer
) -> None:
    model.add("One.", "Two.")
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start(**nothing("Codex", "thread_start"))
        ran = await thread.run("a", **nothing("Thread", "run"))
        same = await codex.thread_resume(thread.id, **nothing("Codex", "thread_resume"))
        turned = await (await same.turn("b", **nothing("Thread", "turn"))).run()
        copy = await codex.thread_fork(thread.id, **nothing("Codex", "thread_fork"))
        listed = (await codex.thread_list(**nothing("Codex", "thread_list"))).data

        assert (ran.final_response, turned.final_response) == ("One.", "Two.")
        assert {thread.id, copy.id} >= {info.id for info in listed} >= {thread.id}


def test_an_external_message_may_have_content_as_plain_json(
    config: CodexConfig, model: ModelServer
) -> None:
    content: Any = [{"type": "input_text", "text": "It crashes."}]
    model.add("Noted.")
    with Codex(config) as codex:
        result = codex.thread_start().run(ExternalMessage("tracker", content))

    assert result.final_response == "Noted."
    assert "It crashes." in str(model.requests[0].input[-1]["output"])
