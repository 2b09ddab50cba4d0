"""Requests for approval: what can be decided, in our words and in the protocol's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import ServerRequest
from codex_app_server_types import GrantedPermissionProfile, NetworkPolicyAmendment
from openai_codex import (
    Accept,
    AcceptForSession,
    AcceptWithAmendment,
    Cancel,
    CommandApproval,
    Decline,
    FileChangeApproval,
    InvalidArgumentError,
    McpToolApproval,
    ProtocolError,
    QuestionRequest,
    request_from_json,
)
from pydantic import ValidationError

from tests.sdk.requests.examples import change, command, file_change, mcp_tool, permissions

if TYPE_CHECKING:
    from openai_codex import ApprovalRequest, Decision

ALLOW_HOST = {"host": "example.org", "action": "allow"}
BY_HOST = AcceptWithAmendment(NetworkPolicyAmendment.from_wire(ALLOW_HOST))
BY_PREFIX = AcceptWithAmendment(("touch", "out.txt"))
FILES = {"read": ["/etc"], "write": ["/data", "/more"], "entries": None}
ASKED = {"fileSystem": FILES, "network": {"enabled": True}}


def granted(**fields: Any) -> GrantedPermissionProfile:
    return GrantedPermissionProfile.from_wire(fields)


@pytest.mark.parametrize(
    ("request_", "decisions"),
    [
        (command(), [Accept(), BY_PREFIX, Cancel(), Decline()]),
        (command(availableDecisions=["accept", "cancel"]), [Accept(), Cancel(), Decline()]),
        (command(availableDecisions=["decline"]), [Decline(), Cancel()]),
        (command(availableDecisions=[]), [Decline(), Cancel()]),
        (command(availableDecisions=["later", {"acceptIf": 1}]), [Decline(), Cancel()]),
        (
            command(
                availableDecisions=[
                    {"applyNetworkPolicyAmendment": {"network_policy_amendment": ALLOW_HOST}}
                ]
            ),
            [BY_HOST, Decline(), Cancel()],
        ),
        (
            command(availableDecisions=None, proposedNetworkPolicyAmendments=[ALLOW_HOST]),
            [Accept(), AcceptForSession(), BY_PREFIX, BY_HOST, Decline(), Cancel()],
        ),
        (file_change(), [Accept(), AcceptForSession(), Decline(), Cancel()]),
        (permissions(ASKED), [Accept(), AcceptForSession(), Decline()]),
        (mcp_tool(), [Accept(), Decline()]),
        (mcp_tool(persist="session"), [Accept(), AcceptForSession(), Decline()]),
        (
            mcp_tool(persist=["session", "always"]),
            [Accept(), AcceptForSession(), AcceptWithAmendment("always"), Decline()],
        ),
    ],
)
def test_a_request_tells_what_can_be_decided(
    request_: ApprovalRequest, decisions: list[Decision]
) -> None:
    assert list(request_.decisions) == decisions


@pytest.mark.parametrize(
    ("request_", "decision", "response"),
    [
        (command(), Accept(), {"decision": "accept"}),
        (command(availableDecisions=None), AcceptForSession(), {"decision": "acceptForSession"}),
        (command(), Decline(), {"decision": "decline"}),
        (command(), Cancel(), {"decision": "cancel"}),
        (
            command(),
            AcceptWithAmendment(["touch", "out.txt"]),
            {
                "decision": {
                    "acceptWithExecpolicyAmendment": {"execpolicy_amendment": ["touch", "out.txt"]}
                }
            },
        ),
        (
            command(availableDecisions=None, proposedNetworkPolicyAmendments=[ALLOW_HOST]),
            BY_HOST,
            {"decision": {"applyNetworkPolicyAmendment": {"network_policy_amendment": ALLOW_HOST}}},
        ),
        (file_change(), Accept(), {"decision": "accept"}),
        (file_change(), AcceptForSession(), {"decision": "acceptForSession"}),
        (file_change(), Decline(), {"decision": "decline"}),
        (file_change(), Cancel(), {"decision": "cancel"}),
        (permissions(ASKED), Accept(), {"permissions": ASKED, "scope": "turn"}),
        (permissions(ASKED), AcceptForSession(), {"permissions": ASKED, "scope": "session"}),
        (permissions(ASKED), Decline(), {"permissions": {}, "scope": "turn"}),
        (
            permissions(ASKED),
            AcceptWithAmendment(granted(fileSystem={"write": ["/data"]})),
            {"permissions": {"fileSystem": {"write": ["/data"]}}, "scope": "turn"},
        ),
        (
            permissions(ASKED),
            AcceptWithAmendment(permissions({"fileSystem": {"write": ["/data"]}}).permissions),
            {"permissions": {"fileSystem": {"write": ["/data"]}}, "scope": "turn"},
        ),
        (
            permissions(ASKED),
            AcceptWithAmendment(granted(network={"enabled": True}), for_session=True),
            {"permissions": {"network": {"enabled": True}}, "scope": "session"},
        ),
        (mcp_tool(), Accept(), {"action": "accept"}),
        (mcp_tool(), Decline(), {"action": "decline"}),
        (
            mcp_tool(persist=["session"]),
            AcceptForSession(),
            {"action": "accept", "_meta": {"persist": "session"}},
        ),
        (
            mcp_tool(persist=["always"]),
            AcceptWithAmendment("always"),
            {"action": "accept", "_meta": {"persist": "always"}},
        ),
    ],
)
def test_a_decision_is_said_in_the_protocols_words(
    request_: ApprovalRequest, decision: Decision, response: dict[str, Any]
) -> None:
    assert request_.response(decision).to_wire() == response


@pytest.mark.parametrize(
    ("request_", "decision"),
    [
        (command(), AcceptForSession()),
        (command(), AcceptWithAmendment(["touch"])),
        (command(), BY_HOST),
        (command(availableDecisions=["cancel"]), Accept()),
        (command(), "accept"),
        (command(), Accept),
        (command(), None),
        (file_change(), BY_PREFIX),
        (permissions(ASKED), Cancel()),
        (permissions(ASKED), BY_PREFIX),
        (permissions(ASKED), {"permissions": ASKED}),
        (permissions(ASKED), AcceptWithAmendment(granted(fileSystem={"write": ["/"]}))),
        (permissions(ASKED), AcceptWithAmendment(granted(fileSystem={"read": ["/data"]}))),
        (
            permissions({"fileSystem": FILES}),
            AcceptWithAmendment(granted(network={"enabled": True})),
        ),
        (
            permissions({"network": {"enabled": True}}),
            AcceptWithAmendment(granted(fileSystem={"read": ["/etc"]})),
        ),
        (
            permissions({**ASKED, "processes": {"debug": True}}),
            AcceptWithAmendment(granted(processes={"debug": True})),
        ),
        (
            permissions({"fileSystem": {**FILES, "exec": ["/"]}}),
            AcceptWithAmendment(granted(fileSystem={"write": ["/data"], "exec": ["/"]})),
        ),
        (mcp_tool(), AcceptForSession()),
        (mcp_tool(persist="session"), AcceptWithAmendment("always")),
        (mcp_tool(), Cancel()),
    ],
)
def test_what_is_not_available_is_refused(request_: ApprovalRequest, decision: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"cannot be answered by|more permissions"):
        request_.response(decision)


@pytest.mark.parametrize(
    "request_",
    [
        command(approvalId="A1"),
        command(None, reason="größe\n", networkApprovalContext={"host": "h", "protocol": "https"}),
        file_change(change("/ws/a.txt"), change("/ws/b.txt", "update", move_path="/ws/c.txt")),
        permissions(ASKED),
        mcp_tool(persist=["session", "always"], tool_params={"x": "1"}),
        command(somethingNew={"a": [1]}),
    ],
)
def test_a_request_survives_being_written_down(request_: ApprovalRequest) -> None:
    again = request_from_json(request_.to_json())

    assert again == request_
    assert type(again) is type(request_)
    assert again.key == request_.key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "7",
        "{}",
        '{"method": "item/tool/call"}',
        '{"method": "item/fileChange/requestApproval"}',
        '{"method": ["item/fileChange/requestApproval"], "requestId": 0}',
        '{"method": ' + "[" * 200_000,
    ],
)
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="the JSON is not") as caught:
        request_from_json(text)
    assert caught.value.__context__ is None


NEWER = {"fileSystem": {"entries": [{"path": {"type": "path"}, "access": "read"}]}}


@pytest.mark.parametrize(
    "request_",
    [
        command(commandActions=[{"type": "read", "file": "note.txt"}]),
        file_change({"path": "/a", "kind": {"type": "update", "move_path": 1}, "diff": ""}),
        permissions(NEWER),
    ],
)
def test_a_request_is_read_although_a_part_of_it_is_newer(request_: ApprovalRequest) -> None:
    assert request_from_json(request_.to_json()) == request_
    assert Decline() in request_.decisions


def test_permissions_of_which_a_part_is_newer_can_be_granted_as_a_whole_only() -> None:
    asked = permissions(NEWER)

    assert asked.response(Accept()).permissions.to_wire() == NEWER
    with pytest.raises(InvalidArgumentError, match="more permissions"):
        asked.response(AcceptWithAmendment(asked.permissions))


def test_a_request_that_is_made_again_has_the_same_key() -> None:
    assert command(approvalId="A1").key == command(approvalId="A1").key
    # What is known of the files comes from elsewhere, and may be missing.
    assert file_change(change("/a")).key == file_change().key


def test_another_request_has_another_key() -> None:
    others = [
        command(approvalId="A1"),
        command(approvalId="A2"),
        command("rm -rf /", approvalId="A1"),
        command().model_copy(update={"request_id": 7}),
        file_change(),
        mcp_tool(tool_params={"path": "/tmp/scratch"}),
        mcp_tool(tool_params={"path": "/home/me"}),
    ]

    assert len({request.key for request in others}) == len(others)
    assert all(re.fullmatch("[0-9a-f]{32}", request.key) for request in others)


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        command().command = "rm -rf /"


@pytest.mark.parametrize("request_", [command(), file_change(), permissions(ASKED), mcp_tool()])
def test_what_was_written_down_can_be_read_as_what_it_is(request_: ApprovalRequest) -> None:
    kind = type(request_)
    assert request_from_json(request_.to_json(), kind) == request_
    with pytest.raises(InvalidArgumentError, match="not that of a QuestionRequest"):
        request_from_json(request_.to_json(), QuestionRequest)


def test_params_of_the_wrong_type_are_the_runtimes_fault_and_not_shown() -> None:
    wrong = ServerRequest(0, CommandApproval.method, {"threadId": "T1", "itemId": ["a secret"]})

    with pytest.raises(ProtocolError, match="itemId") as caught:
        CommandApproval.of(wrong)

    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (command("ls", reason="to look"), "the command ls (because: to look)"),
        (command("write_stdin 'y\n'", kind="writeStdin"), "the input write_stdin 'y\\n'"),
        (command("\x1b[2Jls"), "the command \\x1b[2Jls"),
        (command("x" * 400), f"the command {'x' * 300}…"),
        (command(None), "a command"),
        (command(None, reason="why"), "a command (because: why)"),
        (
            command("curl h", networkApprovalContext={"host": "h.org", "protocol": "https"}),
            "access to h.org (https) by the command curl h",
        ),
        (
            file_change(change("/ws/a"), change("/ws/b", "delete")),
            "the change of /ws/a (add), /ws/b (delete)",
        ),
        (file_change(), "the change of files"),
        (
            file_change(*(change(f"/{n}") for n in range(7))),
            "the change of /0 (add), /1 (add), /2 (add), /3 (add), /4 (add) and 2 more",
        ),
        (
            command(None, networkApprovalContext={"host": "h.org", "protocol": "https"}),
            "access to h.org (https)",
        ),
        (
            permissions({"network": {"enabled": True}}),
            'the permissions {"network":{"enabled":true}} (because: need it)',
        ),
        (
            mcp_tool(),
            'a tool of the MCP server tiny: Allow the tiny MCP server to run tool "danger"?',
        ),
        (
            mcp_tool(tool_params={"path": "/etc"}),
            'a tool of the MCP server tiny: Allow the tiny MCP server to run tool "danger"? '
            '({"path": "/etc"})',
        ),
    ],
)
def test_a_request_describes_itself_in_one_harmless_line(
    request_: ApprovalRequest, text: str
) -> None:
    assert request_.describe() == text


def test_the_types_tell_requests_apart() -> None:
    def sort_of(request: ApprovalRequest) -> str:
        match request:
            case CommandApproval(command=text):
                return f"command {text}"
            case FileChangeApproval(changes=[first, *_]):
                return f"change {first.path}"
            case McpToolApproval(server_name=name):
                return f"tool of {name}"
            case _:
                return "other"

    requests: list[ApprovalRequest] = [
        command("ls"),
        file_change(change("/a")),
        mcp_tool(),
        permissions({}),
    ]
    assert [*map(sort_of, requests)] == ["command ls", "change /a", "tool of tiny", "other"]
