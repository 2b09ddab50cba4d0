"""Options of threads and turns, in the user's words and in the protocol's.

A preset is sent only when it is given: without one, the user's own configuration decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from os import PathLike, fspath
from typing import TYPE_CHECKING, TypedDict, TypeVar

from codex_app_server_types import UNSET, Unset

from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError
from openai_codex.inputs import external_output, wire_input

if TYPE_CHECKING:
    from codex_app_server_types import (
        ApprovalsReviewer,
        AskForApproval,
        JsonValue,
        Personality,
        ReasoningEffort,
        ReasoningSummary,
        SandboxMode,
        SandboxPolicy,
        TurnStartParams,
    )

    from openai_codex.inputs import RunInput
    from openai_codex.limits import IfBusy, OnCancel

__all__ = [
    "ApprovalMode",
    "Sandbox",
    "TurnKeywords",
    "TurnOptions",
    "approval_words",
    "path",
    "sandbox_mode",
]

PresetT = TypeVar("PresetT", bound=Enum)


class Sandbox(str, Enum):
    """What commands of the agent may touch.

    For finer ones, a thread takes a ``SandboxMode`` of the protocol, a turn a ``SandboxPolicy``.
    """

    read_only = "read-only"
    """They read, and write nothing."""

    workspace_write = "workspace-write"
    """They write below the thread's working directory.

    For a thread, the rest is as in the configuration (``sandbox_workspace_write``); given to a
    turn, it takes network and other writable folders away from this turn on.
    """

    full_access = "full-access"
    """They run without a sandbox."""


class ApprovalMode(str, Enum):
    """Who decides what the agent may do beyond its sandbox.

    What this program is asked, ``approvals=`` decides; without it, all is declined.

    For others, threads and turns take an ``AskForApproval`` of the protocol.
    """

    deny_all = "deny_all"
    """Nobody is asked; what the sandbox does not allow fails (``never``)."""

    auto_review = "auto_review"
    """The agent asks, and a reviewing model decides (``on-request``, reviewer ``auto_review``)."""

    on_request = "on_request"
    """The agent asks this program (``on-request``, reviewer ``user``)."""

    untrusted = "untrusted"
    """The agent asks this program for each command that is not known to be safe.

    In the protocol: ``untrusted``, reviewer ``user``.
    """


class TurnKeywords(TypedDict, total=False):
    """The keywords of a turn that have nothing to do with its output, for checkers."""

    approval_mode: ApprovalMode | AskForApproval | None | Unset
    cwd: str | PathLike[str] | None | Unset
    effort: ReasoningEffort | str | None | Unset
    model: str | None | Unset
    personality: Personality | None | Unset
    sandbox: Sandbox | SandboxPolicy | None | Unset
    service_tier: str | None | Unset
    source: str | None | Unset
    summary: ReasoningSummary | None | Unset
    turn_service_tier: str | None | Unset
    timeout: float | None
    idle_timeout: float | None
    on_cancel: OnCancel
    if_busy: IfBusy


@dataclass(frozen=True)
class TurnOptions:
    """What a turn may be told beside its input; the fields are as for `Thread.run`."""

    approval_mode: ApprovalMode | AskForApproval | None | Unset = UNSET
    cwd: str | PathLike[str] | None | Unset = UNSET
    effort: ReasoningEffort | str | None | Unset = UNSET
    model: str | None | Unset = UNSET
    output_schema: Mapping[str, JsonValue] | None | Unset = UNSET
    personality: Personality | None | Unset = UNSET
    sandbox: Sandbox | SandboxPolicy | None | Unset = UNSET
    service_tier: str | None | Unset = UNSET
    source: str | None | Unset = UNSET
    summary: ReasoningSummary | None | Unset = UNSET
    turn_service_tier: str | None | Unset = UNSET

    def params(self, thread_id: str, said: RunInput) -> TurnStartParams:
        """Make the params of ``turn/start``.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted.
            InvalidArgumentError: The input is empty, or an option has a wrong value.
        """
        from codex_app_server_rpc.params import params_of
        from codex_app_server_types import TurnStartParams

        policy, reviewer = approval_words(self.approval_mode)
        output = external_output(said)
        return params_of(
            TurnStartParams,
            thread_id=thread_id,
            input=wire_input(said) if output is None else [],
            tool_output=UNSET if output is None else output,
            approval_policy=policy,
            approvals_reviewer=reviewer,
            cwd=path(self.cwd),
            effort=self.effort,
            model=self.model,
            output_schema=_plain(self.output_schema),
            personality=self.personality,
            sandbox_policy=_sandbox_policy(self.sandbox),
            service_tier=self.service_tier,
            service_tier_for_turn=self.turn_service_tier,
            summary=self.summary,
            turn_trigger=self.source,
        )


def _plain(
    schema: Mapping[str, JsonValue] | None | Unset,
) -> dict[str, JsonValue] | None | Unset:
    """Give a schema as JSON knows it, whatever kind of mapping it is.

    Raises:
        InvalidArgumentError: It is none.
    """
    if schema is None or isinstance(schema, Unset):
        return schema
    wanted = "a mapping, the JSON Schema (of a pydantic model `Model.model_json_schema()`)"
    check("output_schema", schema, wanted, Mapping)
    return dict(schema)


def path(value: str | PathLike[str] | None | Unset) -> str | None | Unset:
    """Give a path as the protocol writes it."""
    return fspath(value) if isinstance(value, PathLike) else value


def sandbox_mode(value: Sandbox | SandboxMode | None | Unset) -> SandboxMode | None | Unset:
    """Say a preset in the words of ``thread/start``; those words themselves stay.

    Raises:
        InvalidArgumentError: It is neither.
    """
    from codex_app_server_types import SandboxMode

    if value is None or isinstance(value, (Unset, SandboxMode)):
        return value
    modes = {
        Sandbox.read_only: SandboxMode.read_only,
        Sandbox.workspace_write: SandboxMode.workspace_write,
        Sandbox.full_access: SandboxMode.danger_full_access,
    }
    return modes[_preset("sandbox", value, Sandbox, "a SandboxMode of the protocol")]


def approval_words(
    value: ApprovalMode | AskForApproval | None | Unset,
) -> tuple[AskForApproval | None | Unset, ApprovalsReviewer | None | Unset]:
    """Say a mode in the words of the protocol: ``approvalPolicy`` and ``approvalsReviewer``.

    Raises:
        InvalidArgumentError: It is neither a mode nor one of those words.
    """
    from codex_app_server_types import ApprovalsReviewer, AskForApprovalValue, WireModel

    if value is None or isinstance(value, (Unset, AskForApprovalValue, WireModel)):
        return value, UNSET
    modes: dict[ApprovalMode, tuple[AskForApprovalValue, ApprovalsReviewer | Unset]] = {
        ApprovalMode.deny_all: (AskForApprovalValue.never, UNSET),
        ApprovalMode.auto_review: (AskForApprovalValue.on_request, ApprovalsReviewer.auto_review),
        ApprovalMode.on_request: (AskForApprovalValue.on_request, ApprovalsReviewer.user),
        ApprovalMode.untrusted: (AskForApprovalValue.untrusted, ApprovalsReviewer.user),
    }
    return modes[_preset("approval_mode", value, ApprovalMode, "an AskForApproval of the protocol")]


def _sandbox_policy(
    value: Sandbox | SandboxPolicy | None | Unset,
) -> SandboxPolicy | None | Unset:
    """Say a preset in the words of ``turn/start``; a policy of the protocol stays."""
    import codex_app_server_types as types

    if value is None or isinstance(value, Unset):
        return value
    if isinstance(value, types.WireModel):
        return value
    policies: dict[Sandbox, SandboxPolicy] = {
        Sandbox.read_only: types.ReadOnlySandboxPolicy(),
        Sandbox.workspace_write: types.WorkspaceWriteSandboxPolicy(),
        Sandbox.full_access: types.DangerFullAccessSandboxPolicy(),
    }
    return policies[_preset("sandbox", value, Sandbox, "a SandboxPolicy of the protocol")]


def _preset(name: str, value: object, kind: type[PresetT], protocols: str) -> PresetT:
    """Take a preset, or its plain value; refuse others by name, beside the protocol's own words."""
    try:
        return kind(value)
    except ValueError:
        presets = ", ".join(f"{kind.__name__}.{preset.name}" for preset in kind)
        raise InvalidArgumentError(
            f"{name} is one of {presets}, or {protocols}; not {value!r}"
        ) from None
