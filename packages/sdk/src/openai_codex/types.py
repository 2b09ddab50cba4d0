"""The protocol's types that programs name in annotations and in ``match``.

They are those of `codex_app_server_types`, which has every type of the protocol; this is the
selection that the facade's own methods take and return. Each is loaded when it is first touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_rpc import Notification
    from codex_app_server_types import (
        Account,
        AccountLoginCompletedNotification,
        AdditionalFileSystemPermissions,
        AdditionalNetworkPermissions,
        AgentMessageDeltaNotification,
        AgentMessageThreadItem,
        ApprovalsReviewer,
        AskForApproval,
        AskForApprovalValue,
        BaseBranchReviewTarget,
        CancelLoginAccountResponse,
        CancelLoginAccountStatus,
        CodexErrorInfo,
        CodexErrorInfoValue,
        CommandExecutionOutputDeltaNotification,
        CommandExecutionThreadItem,
        CommitReviewTarget,
        CustomReviewTarget,
        DangerFullAccessSandboxPolicy,
        DynamicToolCallThreadItem,
        ErrorNotification,
        ExternalSandboxSandboxPolicy,
        FileChangeThreadItem,
        FileUpdateChange,
        FunctionCallOutputContentItem,
        GetAccountRateLimitsResponse,
        GetAccountResponse,
        GetAccountTokenUsageResponse,
        GrantedPermissionProfile,
        GranularAskForApproval,
        GranularAskForApprovalPayload,
        ImageDetail,
        ImageUserInput,
        InitializeResponse,
        ItemCompletedNotification,
        ItemStartedNotification,
        JsonValue,
        LocalImageUserInput,
        McpToolCallThreadItem,
        MentionUserInput,
        MessagePhase,
        Model,
        ModelListResponse,
        NetworkPolicyAmendment,
        Personality,
        PlanType,
        ReadOnlySandboxPolicy,
        ReasoningEffort,
        ReasoningSummary,
        ReasoningSummaryTextDeltaNotification,
        ReasoningThreadItem,
        RequestPermissionProfile,
        ReviewTarget,
        SandboxMode,
        SandboxPolicy,
        SkillUserInput,
        SortDirection,
        TextUserInput,
        Thread,
        ThreadArchiveResponse,
        ThreadCompactStartResponse,
        ThreadGoal,
        ThreadGoalStatus,
        ThreadItem,
        ThreadItemEntry,
        ThreadListCwdFilter,
        ThreadListResponse,
        ThreadReadResponse,
        ThreadSetNameResponse,
        ThreadSortKey,
        ThreadSource,
        ThreadSourceKind,
        ThreadStartSource,
        ThreadTokenUsage,
        ThreadTokenUsageUpdatedNotification,
        TokenUsageBreakdown,
        ToolRequestUserInputQuestion,
        Turn,
        TurnCompletedNotification,
        TurnDiffUpdatedNotification,
        TurnError,
        TurnInterruptResponse,
        TurnItemsView,
        TurnPlanUpdatedNotification,
        TurnStartedNotification,
        TurnStatus,
        TurnSteerResponse,
        UncommittedChangesReviewTarget,
        UnknownThreadItem,
        UserInput,
        UserMessageThreadItem,
        WorkspaceWriteSandboxPolicy,
    )

    JsonObject: TypeAlias = dict[str, JsonValue]
    """A JSON object."""

__all__ = [
    "Account",
    "AccountLoginCompletedNotification",
    "AdditionalFileSystemPermissions",
    "AdditionalNetworkPermissions",
    "AgentMessageDeltaNotification",
    "AgentMessageThreadItem",
    "ApprovalsReviewer",
    "AskForApproval",
    "AskForApprovalValue",
    "BaseBranchReviewTarget",
    "CancelLoginAccountResponse",
    "CancelLoginAccountStatus",
    "CodexErrorInfo",
    "CodexErrorInfoValue",
    "CommandExecutionOutputDeltaNotification",
    "CommandExecutionThreadItem",
    "CommitReviewTarget",
    "CustomReviewTarget",
    "DangerFullAccessSandboxPolicy",
    "DynamicToolCallThreadItem",
    "ErrorNotification",
    "ExternalSandboxSandboxPolicy",
    "FileChangeThreadItem",
    "FileUpdateChange",
    "FunctionCallOutputContentItem",
    "GetAccountRateLimitsResponse",
    "GetAccountResponse",
    "GetAccountTokenUsageResponse",
    "GrantedPermissionProfile",
    "GranularAskForApproval",
    "GranularAskForApprovalPayload",
    "ImageDetail",
    "ImageUserInput",
    "InitializeResponse",
    "ItemCompletedNotification",
    "ItemStartedNotification",
    "JsonObject",
    "JsonValue",
    "LocalImageUserInput",
    "McpToolCallThreadItem",
    "MentionUserInput",
    "MessagePhase",
    "Model",
    "ModelListResponse",
    "NetworkPolicyAmendment",
    "Notification",
    "Personality",
    "PlanType",
    "ReadOnlySandboxPolicy",
    "ReasoningEffort",
    "ReasoningSummary",
    "ReasoningSummaryTextDeltaNotification",
    "ReasoningThreadItem",
    "RequestPermissionProfile",
    "ReviewTarget",
    "SandboxMode",
    "SandboxPolicy",
    "SkillUserInput",
    "SortDirection",
    "TextUserInput",
    "Thread",
    "ThreadArchiveResponse",
    "ThreadCompactStartResponse",
    "ThreadGoal",
    "ThreadGoalStatus",
    "ThreadItem",
    "ThreadItemEntry",
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
    "TokenUsageBreakdown",
    "ToolRequestUserInputQuestion",
    "Turn",
    "TurnCompletedNotification",
    "TurnDiffUpdatedNotification",
    "TurnError",
    "TurnInterruptResponse",
    "TurnItemsView",
    "TurnPlanUpdatedNotification",
    "TurnStartedNotification",
    "TurnStatus",
    "TurnSteerResponse",
    "UncommittedChangesReviewTarget",
    "UnknownThreadItem",
    "UserInput",
    "UserMessageThreadItem",
    "WorkspaceWriteSandboxPolicy",
]


def __getattr__(name: str) -> object:
    """Load a type when it is first touched (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "JsonObject":
        from codex_app_server_types import JsonValue

        value: object = dict[str, JsonValue]
    elif name == "Notification":
        from codex_app_server_rpc import Notification

        value = Notification
    else:
        import codex_app_server_types

        value = getattr(codex_app_server_types, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
