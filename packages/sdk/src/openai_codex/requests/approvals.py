"""Requests for approval: what the agent wants to do, and what can be decided about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from codex_app_server_types import (
    AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecision,
    AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecisionPayload,
    ApplyNetworkPolicyAmendmentCommandExecutionApprovalDecision,
    ApplyNetworkPolicyAmendmentCommandExecutionApprovalDecisionPayload,
    CommandExecutionApprovalDecision,
    CommandExecutionApprovalDecisionValue,
    CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse,
    FileChangeApprovalDecision,
    FileChangeRequestApprovalParams,
    FileChangeRequestApprovalResponse,
    FileUpdateChange,
    FormMcpServerElicitationRequestParams,
    GrantedPermissionProfile,
    McpServerElicitationAction,
    McpServerElicitationRequestResponse,
    NetworkPolicyAmendment,
    PermissionGrantScope,
    PermissionsRequestApprovalParams,
    PermissionsRequestApprovalResponse,
    RequestPermissionProfile,
)
from codex_app_server_types.lenient import decode_leniently

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.commands import plain_argv
from openai_codex.requests.decisions import (
    Accept,
    AcceptForSession,
    AcceptWithAmendment,
    Cancel,
    Decision,
    Decline,
)
from openai_codex.requests.pending import PendingRequest, shown
from openai_codex.requests.permissions import is_part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codex_app_server_types import JsonValue

__all__ = [
    "ApprovalRequest",
    "CommandApproval",
    "FileChangeApproval",
    "McpToolApproval",
    "PermissionsApproval",
]

_MOST_FILES: Final = 5
"""How many files a description names."""
_PLAIN: Final[dict[Decision, str]] = {
    Accept(): "accept",
    AcceptForSession(): "acceptForSession",
    Decline(): "decline",
    Cancel(): "cancel",
}


class CommandApproval(PendingRequest, CommandExecutionRequestApprovalParams):
    """A command that the agent wants to run beyond its sandbox, or input for one that runs.

    ``item/commandExecution/requestApproval``; the fields are those of its params.
    """

    method: ClassVar[str] = "item/commandExecution/requestApproval"

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What can be decided: what the runtime offers, and always to refuse."""
        offered = self.available_decisions
        if offered is None:
            return (Accept(), AcceptForSession(), *self._amendments(), Decline(), Cancel())
        known = [decision for decision in map(_decision, offered) if decision is not None]
        # The runtime does not list "decline", which it knows all the same.
        return (*known, *(refusal for refusal in (Decline(), Cancel()) if refusal not in known))

    @property
    def argv(self) -> tuple[str, ...] | None:
        """The program and its arguments, if a shell would start just that; see `plain_argv`."""
        return None if self.command is None else plain_argv(self.command)

    def response(self, decision: Decision) -> CommandExecutionRequestApprovalResponse:
        """Say a decision in the protocol's words.

        Args:
            decision: The decision.

        Raises:
            InvalidArgumentError: It is not available.
        """
        check_available(decision, self)
        return CommandExecutionRequestApprovalResponse(decision=_wire(decision))

    def describe(self) -> str:
        """Say in a line what is asked for."""
        said = [] if self.command is None else [f"the command {shown(self.command)}"]
        if self.kind != "command":
            said = [f"the input {shown(self.command or '')}"]
        if self.network_approval_context is not None:
            context = self.network_approval_context
            said.insert(0, f"access to {shown(context.host)} ({context.protocol})")
        return f"{' by '.join(said) or 'a command'}{_because(self.reason)}"

    def _amendments(self) -> Iterable[AcceptWithAmendment]:
        if self.proposed_execpolicy_amendment is not None:
            yield AcceptWithAmendment(tuple(self.proposed_execpolicy_amendment))
        for rule in self.proposed_network_policy_amendments or ():
            yield AcceptWithAmendment(rule)


class FileChangeApproval(PendingRequest, FileChangeRequestApprovalParams):
    """Files that the agent wants to change where its sandbox does not let it.

    ``item/fileChange/requestApproval``; the fields are those of its params.

    Attributes:
        changes: The files, each with its absolute ``path``, ``kind`` and ``diff``; empty if the
            runtime did not tell.
    """

    method: ClassVar[str] = "item/fileChange/requestApproval"

    told_elsewhere: ClassVar[frozenset[str]] = frozenset({"changes"})

    changes: tuple[FileUpdateChange, ...] = ()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What can be decided."""
        return (Accept(), AcceptForSession(), Decline(), Cancel())

    def response(self, decision: Decision) -> FileChangeRequestApprovalResponse:
        """Say a decision in the protocol's words.

        Args:
            decision: The decision.

        Raises:
            InvalidArgumentError: It is not available.
        """
        check_available(decision, self)
        return FileChangeRequestApprovalResponse(
            decision=FileChangeApprovalDecision(_PLAIN[decision])
        )

    def describe(self) -> str:
        """Say in a line what is asked for."""
        named = [f"{shown(one.path)} ({_kind(one)})" for one in self.changes[:_MOST_FILES]]
        more = len(self.changes) - len(named)
        files = ", ".join(named) + (f" and {more} more" if more else "")
        return f"the change of {files or 'files'}{_because(self.reason)}"


class PermissionsApproval(PendingRequest, PermissionsRequestApprovalParams):
    """Permissions that the agent wants to have, for the turn or longer.

    ``item/permissions/requestApproval``; the fields are those of its params.
    """

    method: ClassVar[str] = "item/permissions/requestApproval"

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What can be decided; and `AcceptWithAmendment`, with a part of ``permissions``.

        That is a ``GrantedPermissionProfile``.
        """
        return (Accept(), AcceptForSession(), Decline())

    def response(self, decision: Decision) -> PermissionsRequestApprovalResponse:
        """Say a decision in the protocol's words.

        Args:
            decision: The decision.

        Raises:
            InvalidArgumentError: It is not available, or grants more than was asked for.
        """
        granted, for_session = self._granted(decision)
        scope = PermissionGrantScope.session if for_session else PermissionGrantScope.turn
        return PermissionsRequestApprovalResponse(permissions=granted, scope=scope)

    def describe(self) -> str:
        """Say in a line what is asked for."""
        asked = self.permissions.model_dump_json(by_alias=True, exclude_none=True)
        return f"the permissions {shown(asked)}{_because(self.reason)}"

    def _granted(self, decision: Decision) -> tuple[GrantedPermissionProfile, bool]:
        if isinstance(decision, AcceptWithAmendment):
            granted: object = decision.amendment
            if isinstance(granted, RequestPermissionProfile):
                granted = _all_of(granted)
            if not isinstance(granted, GrantedPermissionProfile):
                raise not_available(decision, self)
            if not is_part(granted, self.permissions):
                raise InvalidArgumentError("more permissions would be granted than were asked for")
            return granted, decision.for_session
        check_available(decision, self)
        if decision == Decline():
            return GrantedPermissionProfile(), False
        return _all_of(self.permissions), decision == AcceptForSession()


class McpToolApproval(PendingRequest, FormMcpServerElicitationRequestParams):
    """A tool of an MCP server that the agent wants to call.

    ``mcpServer/elicitation/request``, as the runtime itself uses it; the fields are those of its
    params. The tool's name is in the ``message`` only.
    """

    method: ClassVar[str] = "mcpServer/elicitation/request"

    @property
    def arguments(self) -> JsonValue:
        """What the tool would be given; ``None`` if the runtime does not tell."""
        return self.meta.get("tool_params") if isinstance(self.meta, dict) else None

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What can be decided."""
        meta = self.meta if isinstance(self.meta, dict) else {}
        persist = meta.get("persist")
        offered = persist if isinstance(persist, list) else [persist]
        longer: list[Decision] = []
        if "session" in offered:
            longer.append(AcceptForSession())
        if "always" in offered:
            longer.append(AcceptWithAmendment("always"))
        return (Accept(), *longer, Decline())  # the runtime's "cancel" declines as well

    def response(self, decision: Decision) -> McpServerElicitationRequestResponse:
        """Say a decision in the protocol's words.

        Args:
            decision: The decision.

        Raises:
            InvalidArgumentError: It is not available.
        """
        check_available(decision, self)
        if decision == Decline():
            return McpServerElicitationRequestResponse(action=McpServerElicitationAction.decline)
        accepted = McpServerElicitationRequestResponse(action=McpServerElicitationAction.accept)
        if isinstance(decision, AcceptForSession):
            accepted.meta = {"persist": "session"}
        elif isinstance(decision, AcceptWithAmendment):
            accepted.meta = {"persist": "always"}
        return accepted

    def describe(self) -> str:
        """Say in a line what is asked for."""
        given = "" if self.arguments is None else f" ({shown(json.dumps(self.arguments))})"
        return f"a tool of the MCP server {shown(self.server_name)}: {shown(self.message)}{given}"


ApprovalRequest: TypeAlias = (
    CommandApproval | FileChangeApproval | PermissionsApproval | McpToolApproval
)
"""What needs approval; to be told apart by ``isinstance`` or ``match``."""


def _all_of(asked: RequestPermissionProfile) -> GrantedPermissionProfile:
    return decode_leniently(GrantedPermissionProfile.from_wire, asked.to_wire())


def check_available(decision: object, request: ApprovalRequest) -> None:
    """Refuse a decision that a request does not offer.

    Raises:
        InvalidArgumentError: It does not.
    """
    if decision not in request.decisions:
        raise not_available(decision, request)


def not_available(decision: object, request: ApprovalRequest) -> InvalidArgumentError:
    """Make the error for a decision that a request does not offer."""
    offered = ", ".join(map(repr, request.decisions))
    return InvalidArgumentError(
        f"{request.method} cannot be answered by {decision!r}, but by {offered}"
    )


def _decision(offered: CommandExecutionApprovalDecision) -> Decision | None:
    """Say a decision of the protocol in our words; ``None`` for one that is not known here."""
    match offered:
        case AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecision():
            payload = offered.accept_with_execpolicy_amendment
            return AcceptWithAmendment(tuple(payload.execpolicy_amendment))
        case ApplyNetworkPolicyAmendmentCommandExecutionApprovalDecision():
            return AcceptWithAmendment(
                offered.apply_network_policy_amendment.network_policy_amendment
            )
        case _:
            return next((ours for ours, theirs in _PLAIN.items() if theirs == offered), None)


def _wire(decision: Decision) -> CommandExecutionApprovalDecision:
    """Say a decision about a command in the protocol's words."""
    if not isinstance(decision, AcceptWithAmendment):
        return CommandExecutionApprovalDecisionValue(_PLAIN[decision])
    amendment = decision.amendment
    if isinstance(amendment, NetworkPolicyAmendment):
        return ApplyNetworkPolicyAmendmentCommandExecutionApprovalDecision(
            apply_network_policy_amendment=ApplyNetworkPolicyAmendmentCommandExecutionApprovalDecisionPayload(
                network_policy_amendment=amendment
            )
        )
    assert isinstance(amendment, (tuple, list))  # no other is available for a command
    return AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecision(
        accept_with_execpolicy_amendment=AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecisionPayload(
            execpolicy_amendment=list(amendment)
        )
    )


def _kind(change: FileUpdateChange) -> str:
    return getattr(change.kind, "type", "change")


def _because(reason: str | None) -> str:
    return f" (because: {shown(reason)})" if reason else ""
