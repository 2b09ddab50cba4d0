"""Arguments that are wrong: each is a typed error that names it, and nothing is sent."""

from __future__ import annotations

import inspect
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import codex_app_server_types as types
import pytest
from openai_codex import (
    ApprovalMode,
    ArgumentTypeError,
    Codex,
    CodexError,
    ExternalMessage,
    ImageInput,
    InvalidArgumentError,
    LocalImageInput,
    MentionInput,
    Sandbox,
    SkillInput,
    TextInput,
    Thread,
    TurnHandle,
    UsageError,
)

from tests.sdk.recording_server import HOLD, TOO_LATE
from tests.sdk.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Call = tuple[type, str]
"""A class and a method of it."""


def keywords_of(kind: type, name: str) -> list[str]:
    parameters = inspect.signature(getattr(kind, name)).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]


FIVE: Any = 5
NOTHING: Any = None

CALLS: list[Call] = [
    (kind, name)
    for kind in (Codex, Thread, TurnHandle)
    for name, _ in inspect.getmembers(kind, inspect.isfunction)
    if not name.startswith("_") and keywords_of(kind, name)
]
"""Every public call that takes options."""

every_call = pytest.mark.parametrize(
    "call", [pytest.param(call, id=f"{call[0].__name__}.{call[1]}") for call in CALLS]
)


@pytest.fixture
def handle(wire: Wire) -> Iterator[TurnHandle]:
    """A turn that runs."""
    with wire.codex.thread_start().turn(HOLD) as handle:
        yield handle


def function(wire: Wire, handle: TurnHandle, call: Call) -> Callable[..., Any]:
    """Give a method of what a client has at hand."""
    kind, name = call
    owners = {Codex: wire.codex, Thread: wire.thread, TurnHandle: handle}
    method: Callable[..., Any] = getattr(owners[kind], name)
    return method


def refused(
    wire: Wire, kind: type[CodexError], call: Callable[[], Any], *, match: str = ""
) -> None:
    """Check that a call raises an error of just this kind, and sends nothing."""

    def make() -> None:
        with pytest.raises(kind, match=match) as caught:
            call()
        assert type(caught.value) is kind

    assert wire.sent(make) == []


# --- keywords ----------------------------------------------------------------------------------


def test_the_calls_that_take_options_are_found() -> None:
    named = {(Codex, "thread_start"), (Codex, "threads"), (Thread, "run"), (Thread, "items")}

    assert named | {(Codex, "models"), (Thread, "set_goal"), (TurnHandle, "steer")} <= {*CALLS}
    assert len(CALLS) > 25


@every_call
def test_a_keyword_in_camel_case_is_refused_with_its_name_here(
    wire: Wire, handle: TurnHandle, call: Call
) -> None:
    for keyword in keywords_of(*call):
        camel = re.sub("_(.)", lambda match: match[1].upper(), keyword)
        camel = camel if camel != keyword else keyword.capitalize()
        expected = rf"^{call[1]}\(\) has no keyword {camel}: it is called {keyword} here$"
        options = {camel: None}

        refused(
            wire,
            ArgumentTypeError,
            partial(function(wire, handle, call), **options),
            match=expected,
        )


@every_call
def test_an_unknown_keyword_is_refused_by_its_name(
    wire: Wire, handle: TurnHandle, call: Call
) -> None:
    refused(
        wire,
        ArgumentTypeError,
        lambda: function(wire, handle, call)(xyzzy=1),
        match=rf"^{call[1]}\(\) has no keyword xyzzy$",
    )


@pytest.mark.parametrize(
    ("call", "keyword", "name"),
    [
        ((Codex, "thread_start"), "approvalPolicy", "approval_mode"),
        ((Codex, "thread_fork"), "approvalsReviewer", "approval_mode"),
        ((Codex, "thread_resume"), "approval_policy", "approval_mode"),
        ((Codex, "threads"), "limit", "page_size"),
        ((Thread, "run"), "sandboxPolicy", "sandbox"),
        ((Thread, "turn"), "serviceTierForTurn", "turn_service_tier"),
        ((Thread, "run"), "turn_trigger", "source"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_keyword_that_is_called_otherwise_in_the_protocol_is_translated(
    wire: Wire, handle: TurnHandle, call: Call, keyword: str, name: str
) -> None:
    refused(
        wire,
        ArgumentTypeError,
        lambda: function(wire, handle, call)(**{keyword: None}),
        match=f"no keyword {keyword}: it is called {name} here$",
    )


def test_a_keyword_that_means_the_opposite_of_its_translation_says_so(wire: Wire) -> None:
    wrong: dict[str, Any] = {"excludeTurns": True}

    refused(
        wire,
        ArgumentTypeError,
        lambda: wire.codex.thread_resume("T5", **wrong),
        match=r"it is called include_turns here \(and means the opposite\)$",
    )


def test_a_keyword_that_is_misspelt_is_guessed(wire: Wire) -> None:
    misspelt: dict[str, Any] = {"modle": "gpt-5.5"}

    refused(
        wire,
        ArgumentTypeError,
        lambda: wire.codex.thread_start(**misspelt),
        match=r"^thread_start\(\) has no keyword modle; did you mean model\?$",
    )


def test_a_wrong_keyword_is_a_type_error_as_anywhere_in_python() -> None:
    assert issubclass(ArgumentTypeError, TypeError)


# --- values ------------------------------------------------------------------------------------


def told(wire: Wire, **options: Any) -> dict[str, Callable[[], Any]]:
    """Give the calls that take a sandbox and an approval mode, with these options."""
    return {
        "thread_start": lambda: wire.codex.thread_start(**options),
        "thread_resume": lambda: wire.codex.thread_resume("T5", **options),
        "thread_fork": lambda: wire.codex.thread_fork("T5", **options),
        "run": lambda: wire.thread.run("Hi.", **options),
        "turn": lambda: wire.thread.turn("Hi.", **options),
    }


NO_SANDBOX: list[Any] = ["danger-full-access", "readOnly", "", 5, True, [], {}, b"read-only"]
NO_APPROVAL: list[Any] = ["never", "on-request", "", 5, True, [], {}, Sandbox.read_only]


@pytest.mark.parametrize("value", [*NO_SANDBOX, ApprovalMode.deny_all], ids=repr)
def test_a_sandbox_that_is_none_is_refused_with_the_presets(wire: Wire, value: Any) -> None:
    presets = "sandbox is one of Sandbox.read_only, Sandbox.workspace_write, Sandbox.full_access"
    for call in told(wire, sandbox=value).values():
        refused(
            wire,
            InvalidArgumentError,
            call,
            match=f"^{presets}, or a Sandbox.* not {re.escape(repr(value))}",
        )


def test_a_policy_is_not_for_threads_nor_a_mode_for_turns(wire: Wire) -> None:
    policy = told(wire, sandbox=types.DangerFullAccessSandboxPolicy())
    mode = told(wire, sandbox=types.SandboxMode.danger_full_access)

    for name in ("thread_start", "thread_resume", "thread_fork"):
        refused(wire, InvalidArgumentError, policy[name], match="^sandbox is one of ")
    for name in ("run", "turn"):
        refused(wire, InvalidArgumentError, mode[name], match="^sandbox is one of ")


@pytest.mark.parametrize("value", NO_APPROVAL, ids=repr)
def test_an_approval_mode_that_is_none_is_refused_with_the_presets(wire: Wire, value: Any) -> None:
    presets = r"approval_mode is one of ApprovalMode\.deny_all, .*, ApprovalMode\.untrusted"
    for call in told(wire, approval_mode=value).values():
        refused(
            wire,
            InvalidArgumentError,
            call,
            match=f"^{presets}, or an AskForApproval of the protocol; not {re.escape(repr(value))}",
        )


@pytest.mark.parametrize("keyword", ["sandbox", "approval_mode"])
def test_an_object_of_the_protocol_that_means_something_else_is_refused(
    wire: Wire, keyword: str
) -> None:
    for call in told(wire, **{keyword: types.TextUserInput(text="a")}).values():
        refused(wire, InvalidArgumentError, call, match="sandbox|approval_policy")


@pytest.mark.parametrize("keyword", ["cwd", "model", "service_tier"])
def test_an_option_of_the_wrong_type_is_refused_by_its_name(wire: Wire, keyword: str) -> None:
    for call in told(wire, **{keyword: 5}).values():
        refused(wire, InvalidArgumentError, call, match=f"{keyword}: Input should be a valid str")


@pytest.mark.parametrize(
    "schema",
    ["{}", 5, [], [("a", 1)], types.TextUserInput, types.TextUserInput(text="a")],
    ids=repr,
)
def test_an_output_schema_that_is_none_is_refused(wire: Wire, schema: Any) -> None:
    for call in (wire.thread.run, wire.thread.turn):
        refused(
            wire,
            InvalidArgumentError,
            partial(call, "Hi.", output_schema=schema),
            match=r"^output_schema is a mapping.*Model\.model_json_schema\(\)",
        )


def test_a_turn_that_ends_while_it_is_steered_is_over(wire: Wire, handle: TurnHandle) -> None:
    with pytest.raises(UsageError, match="is over: what is to be said needs a turn of its own"):
        handle.steer(TOO_LATE)


@pytest.mark.parametrize("thread_id", [None, 5, ["T5"]], ids=repr)
def test_an_id_that_is_no_text_is_refused(wire: Wire, thread_id: Any) -> None:
    codex = wire.codex
    calls = codex.thread_resume, codex.thread_fork, codex.thread_archive, codex.thread_unarchive
    for call in calls:
        refused(wire, InvalidArgumentError, partial(call, thread_id), match="thread_id: Input")


@pytest.mark.parametrize("keyword", ["timeout", "idle_timeout"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), "5", True], ids=repr)
def test_a_turns_time_that_is_none_is_refused(wire: Wire, keyword: str, value: Any) -> None:
    for name in ("run", "turn"):
        call = told(wire, **{keyword: value})[name]
        refused(wire, InvalidArgumentError, call, match=f"^{keyword} is a number of seconds")


# --- what is said ------------------------------------------------------------------------------

NOT_SAID: dict[str, tuple[Any, str]] = {
    "None": (None, "not NoneType"),
    "a number": (5, "not int"),
    "a dict": ({"type": "text", "text": "a"}, "not dict"),
    "a set": ({"a"}, "not set"),
    "a generator": ((text for text in "ab"), "not generator"),
    "an object": (object(), "not object"),
    "a class": (TextInput, "not type"),
    "bytes": (b"ab", "^the input is text, TextInput, "),
    "None in a list": (["a", None], "not NoneType"),
    "a list in a list": (["a", ["b"]], "not list"),
    "an external message in a list": (
        [ExternalMessage("a", "b")],
        "ExternalMessage starts a turn, and is all",
    ),
    "a number as text": (TextInput(FIVE), "^text of TextInput is a string, not int"),
    "a number as URL": (ImageInput(FIVE), "^url of ImageInput is a string, not int"),
    "None as path": (
        LocalImageInput(NOTHING),
        "^path of LocalImageInput is a string, not NoneType",
    ),
    "a number as name": (SkillInput(FIVE, "/a"), "^name of SkillInput is a string, not int"),
    "a number as address": (MentionInput("a", FIVE), "^path of MentionInput is a string, not int"),
}


@pytest.mark.parametrize(("said", "match"), NOT_SAID.values(), ids=NOT_SAID)
def test_an_input_of_another_type_is_refused(
    wire: Wire, handle: TurnHandle, said: Any, match: str
) -> None:
    for say in (wire.thread.run, wire.thread.turn, handle.steer):
        refused(wire, ArgumentTypeError, partial(say, said), match=match)


@pytest.mark.parametrize("said", ["", [], ()], ids=repr)
def test_an_input_with_nothing_in_it_is_refused(wire: Wire, handle: TurnHandle, said: Any) -> None:
    for say in (wire.thread.run, wire.thread.turn, handle.steer):
        refused(wire, InvalidArgumentError, partial(say, said), match="^the input is empty")


def test_a_running_turn_is_not_steered_by_an_external_message(
    wire: Wire, handle: TurnHandle
) -> None:
    message: Any = ExternalMessage("mail", "Hello.")

    refused(wire, ArgumentTypeError, lambda: handle.steer(message), match="starts a turn")


@pytest.mark.parametrize(
    ("message", "kind", "match"),
    [
        (
            ExternalMessage(FIVE, "a"),
            ArgumentTypeError,
            "^tool_name of ExternalMessage is a string",
        ),
        (
            ExternalMessage("a", FIVE),
            ArgumentTypeError,
            "^content of ExternalMessage is .* not int",
        ),
        (ExternalMessage("a", [FIVE]), InvalidArgumentError, "^TurnToolOutput: output"),
        (ExternalMessage("a", "b", FIVE), InvalidArgumentError, "^TurnToolOutput: namespace"),
    ],
    ids=["name", "content", "item", "namespace"],
)
def test_an_external_message_of_other_things_is_refused(
    wire: Wire, message: ExternalMessage, kind: type[CodexError], match: str
) -> None:
    for say in (wire.thread.run, wire.thread.turn):
        refused(wire, kind, partial(say, message), match=match)


@pytest.mark.parametrize("target", [None, 5, types.TextUserInput(text="a")], ids=type)
def test_a_review_of_something_else_is_refused(wire: Wire, target: Any) -> None:
    refused(wire, InvalidArgumentError, lambda: wire.thread.review(target), match="target")
