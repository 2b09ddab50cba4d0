"""Approvals on the real runtime: what is accepted is done, what is declined is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import GrantedPermissionProfile, TurnStatus
from openai_codex import (
    Accept,
    AcceptForSession,
    AcceptWithAmendment,
    ApprovalMode,
    Cancel,
    CommandApproval,
    Decline,
    FileChangeApproval,
    Park,
    PermissionsApproval,
    Sandbox,
    allow_commands,
    allow_paths,
    deny_all,
    first_of,
)
from openai_codex.testing import Gate, ModelServer, Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openai_codex import ApprovalPolicy, ApprovalRequest, Codex, CodexConfig, Decision, Thread
    from openai_codex.testing import IsolatedHome, ModelRequest

TOUCH = Reply.command("touch out.txt", justification="it is needed")
PATCH = Reply.patch("*** Begin Patch\n*** Add File: out.txt\n+hello\n*** End Patch")
ASKING: dict[str, Any] = {"approval_mode": ApprovalMode.on_request, "sandbox": Sandbox.read_only}


class Recorder:
    """A policy that always decides the same, and keeps what it was asked."""

    def __init__(self, decision: Decision | Park | None) -> None:
        self.decision = decision
        self.asked: list[ApprovalRequest] = []

    def __call__(self, request: ApprovalRequest) -> Decision | Park | None:
        self.asked.append(request)
        return self.decision


@pytest.fixture
def out(home: IsolatedHome) -> Path:
    """The file that the agent wants to write."""
    return home.workspace / "out.txt"


@pytest.fixture
def start(
    opened: Callable[..., Codex], config: CodexConfig
) -> Callable[[ApprovalPolicy | None], Thread]:
    """Starts a client and a thread that asks a policy."""

    def start(policy: ApprovalPolicy | None) -> Thread:
        return opened(config, approvals=policy).thread_start(**ASKING)

    return start


@pytest.mark.parametrize("reply", [TOUCH, PATCH], ids=["command", "patch"])
@pytest.mark.parametrize("decision", [Accept(), Decline(), Cancel(), None])
def test_only_what_is_accepted_is_done(
    start: Callable[..., Thread],
    model: ModelServer,
    out: Path,
    reply: Reply,
    decision: Decision | None,
) -> None:
    model.add(reply, *(["Done."] if decision != Cancel() else []))

    result = start(Recorder(decision)).run("Go.")

    assert out.exists() == (decision == Accept())
    interrupted = decision == Cancel()
    assert result.status == (TurnStatus.interrupted if interrupted else TurnStatus.completed)
    if decision in (Decline(), None):
        assert "rejected by user" in str(model.requests[-1].tool_outputs)


@pytest.mark.parametrize("reply", [TOUCH, PATCH], ids=["command", "patch"])
def test_without_a_policy_nothing_is_done(
    start: Callable[..., Thread], model: ModelServer, out: Path, reply: Reply
) -> None:
    model.add(reply, "Done.")

    assert start(None).run("Go.").final_response == "Done."
    assert not out.exists()


def test_a_command_is_told_as_it_is(
    start: Callable[..., Thread], model: ModelServer, home: IsolatedHome
) -> None:
    model.add(TOUCH, "Done.")
    recorder = Recorder(Decline())
    thread = start(recorder)

    result = thread.run("Go.")

    [request] = recorder.asked
    assert isinstance(request, CommandApproval)
    assert (request.thread_id, request.turn_id, request.item_id) == (thread.id, result.id, "call_1")
    assert request.argv == ("touch", "out.txt")
    assert request.reason == "it is needed"
    assert request.cwd == str(home.workspace)
    assert request.proposed_execpolicy_amendment == ["touch", "out.txt"]
    assert Accept() in request.decisions


def test_a_change_of_files_is_told_with_its_files(
    start: Callable[..., Thread], model: ModelServer, out: Path
) -> None:
    model.add(PATCH, "Done.")
    recorder = Recorder(Decline())

    start(recorder).run("Go.")

    [request] = recorder.asked
    assert isinstance(request, FileChangeApproval)
    [change] = request.changes
    assert (change.path, change.kind.type, change.diff) == (str(out), "add", "hello\n")


def test_accepting_with_the_amendment_makes_a_rule_that_lasts(
    start: Callable[..., Thread], model: ModelServer, out: Path
) -> None:
    asked: list[ApprovalRequest] = []

    def policy(request: ApprovalRequest) -> Decision:
        asked.append(request)
        [amendment] = [one for one in request.decisions if isinstance(one, AcceptWithAmendment)]
        return amendment

    thread = start(policy)
    for _ in range(2):
        model.add(TOUCH, "Done.")
        thread.run("Go.")
        out.unlink()

    assert len(asked) == 1


def test_a_patch_that_is_accepted_for_the_session_is_not_asked_about_again(
    start: Callable[..., Thread], model: ModelServer, out: Path
) -> None:
    recorder = Recorder(AcceptForSession())
    thread = start(recorder)
    for _ in range(2):
        model.add(PATCH, "Done.")
        thread.run("Go.")
        out.unlink()

    assert len(recorder.asked) == 1


@pytest.mark.parametrize(
    ("policy", "is_done"),
    [
        (allow_commands("touch out.txt"), True),
        (allow_commands("touch other.txt"), False),
        (first_of(allow_commands("ls"), allow_paths("/"), allow_commands(["touch"])), True),
        (first_of(allow_commands("ls"), deny_all, allow_commands("touch")), False),
    ],
    ids=["a-prefix", "another-prefix", "one-of-several", "denied-before"],
)
def test_policies_decide_about_commands(
    start: Callable[..., Thread],
    model: ModelServer,
    out: Path,
    policy: ApprovalPolicy,
    is_done: bool,
) -> None:
    model.add(TOUCH, "Done.")
    start(policy).run("Go.")
    assert out.exists() is is_done


@pytest.mark.parametrize(("folder", "is_done"), [(".", True), ("below", False)])
def test_policies_decide_about_files(
    start: Callable[..., Thread], model: ModelServer, out: Path, folder: str, is_done: bool
) -> None:
    model.add(PATCH, "Done.")
    start(allow_paths(out.parent / folder)).run("Go.")
    assert out.exists() is is_done


# --- permissions --------------------------------------------------------------------------------


@pytest.fixture
def asking(
    opened: Callable[..., Codex], config: CodexConfig, model: ModelServer, tmp_path: Path
) -> Callable[[ApprovalPolicy], tuple[Path, Path]]:
    """Runs a turn that asks for permission to write two folders, and then does."""
    overrides = (
        "features.request_permissions_tool=true",
        "sandbox_workspace_write.exclude_slash_tmp=true",
        "sandbox_workspace_write.exclude_tmpdir_env_var=true",
    )
    folders = [tmp_path / "one", tmp_path / "two"]

    def ask(policy: ApprovalPolicy) -> tuple[Path, Path]:
        for folder in folders:
            folder.mkdir()
        wanted = {"file_system": {"write": [*map(str, folders)]}}
        arguments = {"reason": "to write", "permissions": wanted}
        model.add(
            Reply.tool_call("request_permissions", arguments),
            Reply.command(f"touch {folders[0]}/a; touch {folders[1]}/a"),
            "Done.",
        )
        changed = replace(config, config_overrides=(*config.config_overrides, *overrides))
        thread = opened(changed, approvals=policy).thread_start(
            approval_mode=ApprovalMode.on_request, sandbox=Sandbox.workspace_write
        )
        thread.run("Go.")
        return folders[0] / "a", folders[1] / "a"

    return ask


def first_only(request: ApprovalRequest) -> Decision:
    assert isinstance(request, PermissionsApproval)
    assert request.permissions.file_system is not None
    assert request.permissions.file_system.write is not None
    some = {"fileSystem": {"write": request.permissions.file_system.write[:1]}}
    return AcceptWithAmendment(GrantedPermissionProfile.from_wire(some))


@pytest.mark.parametrize(
    ("policy", "written"),
    [
        (Recorder(Accept()), (True, True)),
        (Recorder(AcceptForSession()), (True, True)),
        (first_only, (True, False)),
        (Recorder(Decline()), (False, False)),
    ],
    ids=["all", "all-for-the-session", "some", "none"],
)
def test_permissions_are_granted_as_decided(
    asking: Callable[[ApprovalPolicy], tuple[Path, Path]],
    policy: ApprovalPolicy,
    written: tuple[bool, bool],
) -> None:
    first, second = asking(policy)
    assert (first.exists(), second.exists()) == written


# --- helpers of the agent -----------------------------------------------------------------------


@pytest.mark.parametrize("decision", [Accept(), Decline()])
def test_the_threads_policy_decides_for_helpers_of_its_agent(
    opened: Callable[..., Codex],
    config: CodexConfig,
    out: Path,
    decision: Decision,
) -> None:
    def script(request: ModelRequest) -> Reply:
        if request.tool_outputs:
            return Reply.text("Done.")
        if request.prompt == "Go.":
            job = {"message": "Help me.", "agent_type": "default"}
            return Reply.tool_call("spawn_agent", job, namespace="multi_agent_v1")
        return TOUCH

    recorder = Recorder(decision)
    with ModelServer(script) as model:
        overrides = (*model.config_overrides(), "features.multi_agent=true")
        codex = opened(replace(config, config_overrides=overrides))
        thread = codex.thread_start(approvals=recorder, **ASKING)
        thread.run("Go.")
        while len([request for request in model.requests if request.tool_outputs]) < 2:
            codex.account()

    [request] = recorder.asked
    assert request.thread_id != thread.id
    assert out.exists() == (decision == Accept())


# --- in time, or later --------------------------------------------------------------------------


def test_a_parked_request_is_answered_from_elsewhere(
    opened: Callable[..., Codex], config: CodexConfig, model: ModelServer, out: Path
) -> None:
    model.add(TOUCH, "Done.")
    codex = opened(config, approvals=Recorder(Park()))
    handle = codex.thread_start(**ASKING).turn("Go.", idle_timeout=30)
    while not handle.pending_requests:
        codex.account()
    [request] = handle.pending_requests
    assert isinstance(request, CommandApproval)
    assert not out.exists()

    codex.respond(request, Accept())

    assert handle.run().final_response == "Done."
    assert out.exists()


def test_resuming_a_thread_asks_nothing_twice(
    opened: Callable[..., Codex], config: CodexConfig, model: ModelServer, out: Path
) -> None:
    model.add(TOUCH, "Done.")
    recorder = Recorder(Park())
    codex = opened(config, approvals=recorder)
    thread = codex.thread_start(**ASKING)
    handle = thread.turn("Go.")
    while not handle.pending_requests:
        codex.account()

    codex.thread_resume(thread.id)
    codex.account()
    [request] = codex.pending_requests
    assert isinstance(request, CommandApproval)
    codex.respond(request, Accept())

    assert handle.run().final_response == "Done."
    assert out.exists()
    assert len(recorder.asked) == 1


def test_interrupting_gives_a_parked_request_up(
    opened: Callable[..., Codex], config: CodexConfig, model: ModelServer, out: Path
) -> None:
    model.add(TOUCH)
    codex = opened(config, approvals=Recorder(Park()))
    handle = codex.thread_start(**ASKING).turn("Go.")
    while not handle.pending_requests:
        codex.account()

    handle.interrupt()

    assert handle.run().status == TurnStatus.interrupted
    assert codex.pending_requests == []
    assert not out.exists()


def test_other_turns_stream_while_a_person_thinks(
    opened: Callable[..., Codex], config: CodexConfig, model: ModelServer, out: Path
) -> None:
    gate = Gate()
    model.add(TOUCH)
    codex = opened(config, approvals=Recorder(Park()))
    waiting = codex.thread_start(**ASKING).turn("Go.")
    while not waiting.pending_requests:
        codex.account()
    model.add(Reply.text("One, ", gate, "two."), "Done.")

    pieces = codex.thread_start().turn("Count.").text_stream()
    assert next(pieces) == "One, "
    gate.release()
    assert "".join(pieces) == "two."

    [request] = waiting.pending_requests
    assert isinstance(request, CommandApproval)
    codex.respond(request, Accept())
    assert waiting.run().final_response == "Done."
    assert out.exists()
