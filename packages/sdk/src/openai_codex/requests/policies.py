"""Ready-made answers to requests for approval, and how to put them together.

A policy is a function from a request to a decision, plain or async; ``None`` says that it has no
opinion on this request::

    first_of(allow_commands("git status", "ls"), allow_paths("src"), Console().approvals)
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from codex_app_server_types import (
    CommandExecutionApprovalKind,
    PathFileSystemPath,
    UnknownPatchChangeKind,
    UpdatePatchChangeKind,
)

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.approvals import (
    ApprovalRequest,
    CommandApproval,
    FileChangeApproval,
    PermissionsApproval,
)
from openai_codex.requests.asking import ask
from openai_codex.requests.decisions import Accept, Decision, Decline, Park

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codex_app_server_types import RequestPermissionProfile

__all__ = ["ApprovalPolicy", "allow_commands", "allow_paths", "deny_all", "first_of"]

ApprovalPolicy: TypeAlias = Callable[
    [ApprovalRequest], "Decision | Park | None | Awaitable[Decision | Park | None]"
]
"""Decides about requests for approval; ``None`` for those it has no opinion on."""


def deny_all(request: ApprovalRequest) -> Decision:
    """Decline everything.

    Args:
        request: What the agent wants to do.
    """
    del request
    return Decline()


def allow_commands(*prefixes: str | Sequence[str]) -> ApprovalPolicy:
    """Allow commands that begin as these do, this time each; no opinion on others.

    Only what runs one program with literal arguments can be allowed: no ``;``, ``&&``, ``|``, no
    redirections, variables or patterns. What an allowed program does with its other arguments is
    not looked at: ``git`` runs programs that its options name, so ``"git status"`` is better.

    Args:
        prefixes: The program and its first arguments: ``"git status"``, or
            ``["git", "status"]``.

    Raises:
        InvalidArgumentError: One of them is empty, or is no literal command.
    """
    allowed = [_prefix(prefix) for prefix in prefixes]

    def policy(request: ApprovalRequest) -> Decision | None:
        if not isinstance(request, CommandApproval) or not _is_bare(request):
            return None
        argv = request.argv
        if argv is not None and any(argv[: len(prefix)] == prefix for prefix in allowed):
            return Accept() if Accept() in request.decisions else None
        return None

    return policy


def allow_paths(*folders: str | os.PathLike[str]) -> ApprovalPolicy:
    """Allow changes below some folders, and permissions for files there; no opinion on others.

    Paths are followed to what they lead to, symbolic links included.

    Args:
        folders: The folders, or single files; relative ones below the current folder of this
            process.
    """
    roots = [os.path.abspath(folder) for folder in folders]

    def is_below(path: str) -> bool:
        found = Path(os.path.realpath(path))
        return os.path.isabs(path) and any(
            found.is_relative_to(root) for root in map(os.path.realpath, roots)
        )

    def policy(request: ApprovalRequest) -> Decision | None:
        if isinstance(request, FileChangeApproval):
            paths = list(_paths_of(request))
        elif isinstance(request, PermissionsApproval):
            paths = list(_files_of(request.permissions))
        else:
            return None
        return Accept() if paths and all(map(is_below, paths)) else None

    return policy


def first_of(*policies: ApprovalPolicy) -> ApprovalPolicy:
    """Ask one policy after the other, until one of them has an opinion.

    Args:
        policies: The policies, in this order.
    """

    async def policy(request: ApprovalRequest) -> Decision | Park | None:
        for one in policies:
            decision = await ask(one, request)
            if decision is not None:
                return decision
        return None

    return policy


def _prefix(given: str | Sequence[str]) -> tuple[str, ...]:
    try:
        prefix = tuple(shlex.split(given) if isinstance(given, str) else given)
    except ValueError as error:
        raise InvalidArgumentError(f"{given!r} does not begin a command: {error}") from error
    if not prefix:
        raise InvalidArgumentError("an empty beginning would allow every command")
    return prefix


def _is_bare(request: CommandApproval) -> bool:
    """Tell whether a command is all that is asked for: no input, no network, no permissions."""
    return (
        request.kind == CommandExecutionApprovalKind.command
        and request.network_approval_context is None
        and request.additional_permissions is None
    )


def _paths_of(request: FileChangeApproval) -> Iterator[str]:
    """List the files that would be changed; nothing, if that cannot be told of all of them."""
    if any(isinstance(change.kind, UnknownPatchChangeKind) for change in request.changes):
        return
    for change in request.changes:
        yield change.path
        if isinstance(change.kind, UpdatePatchChangeKind) and change.kind.move_path is not None:
            yield change.kind.move_path
    if request.grant_root is not None:
        yield request.grant_root


def _files_of(asked: RequestPermissionProfile) -> Iterator[str]:
    """List the files that permissions are asked for; nothing, if they are for other things too."""
    files = asked.file_system
    if files is None or (asked.network is not None and asked.network.enabled):
        return
    entries = [entry.path for entry in files.entries or ()]
    if all(isinstance(path, PathFileSystemPath) for path in entries):
        yield from files.read or ()
        yield from files.write or ()
        yield from (path.path for path in entries if isinstance(path, PathFileSystemPath))
