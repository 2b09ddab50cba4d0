"""Ready-made answers to requests for approval, and how to put them together.

A policy is a function from a request to a decision, plain or async; ``None`` says that it has no
opinion on this request::

    first_of(allow_commands("uname -a", exact=True), allow_paths("docs"), Console().approvals)
"""

from __future__ import annotations

import inspect
import os
import shlex
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from codex_app_server_types import (
    CommandExecutionApprovalKind,
    PathFileSystemPath,
    UnknownPatchChangeKind,
    UpdatePatchChangeKind,
)

from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.approvals import (
    ApprovalRequest,
    CommandApproval,
    FileChangeApproval,
    PermissionsApproval,
)
from openai_codex.requests.asking import After, ask, check_callable
from openai_codex.requests.commands import plain_argv
from openai_codex.requests.decisions import Accept, Decision, Decline, Park
from openai_codex.requests.permissions import has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codex_app_server_types import RequestPermissionProfile

__all__ = ["ApprovalPolicy", "allow_commands", "allow_paths", "deny_all", "first_of"]

_GUARDED: Final = frozenset({".git", ".codex", ".agents"})

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


def allow_commands(
    *commands: str | Sequence[str],
    exact: bool = False,
    cwd: str | os.PathLike[str] | None = None,
) -> ApprovalPolicy:
    """Allow commands that begin as these do, this time each; no opinion on others.

    What is allowed runs outside the sandbox, in a folder and with further arguments that the agent
    chooses. ``git`` runs programs that its options or the folder's configuration name, ``make`` and
    ``npm`` what the folder says: allow such programs in a ``cwd`` only that the agent cannot write,
    and better not at all. With ``exact`` there are no further arguments.

    Only what runs one program with literal arguments can be allowed: no ``;``, ``&&``, ``|``, no
    redirections, variables or patterns; and only on this machine.

    Args:
        commands: The program and its first arguments: ``"git status"``, or
            ``["git", "status"]``.
        exact: Whether the command has to be one of these as it is, with no more arguments.
        cwd: The folder in which it has to run, as it is when the policy is made; ``None`` for any.

    Raises:
        InvalidArgumentError: One of them is empty, or is no literal command, which would never be
            asked for.
    """
    allowed = [_prefix(command) for command in commands]
    folder = None if cwd is None else _real(cwd)

    def policy(request: ApprovalRequest) -> Decision | None:
        if not isinstance(request, CommandApproval) or not _is_bare(request):
            return None
        if folder is not None and (not request.cwd or os.path.realpath(request.cwd) != folder):
            return None
        argv = request.argv
        if argv is None or not any(
            argv == prefix if exact else argv[: len(prefix)] == prefix for prefix in allowed
        ):
            return None
        return Accept() if Accept() in request.decisions else None

    return policy


def allow_paths(*folders: str | os.PathLike[str]) -> ApprovalPolicy:
    """Allow changes below some folders, and permissions for files there; no opinion on others.

    Links are followed: of the folders when the policy is made, of the files when it is asked. A
    link that is put in place of a folder after that is followed by the runtime, not by this. What
    configures tools that run outside the sandbox (``.git``, ``.codex`` and ``.agents``) is not
    allowed, unless a folder lies in there itself.

    Args:
        folders: The folders, or single files; relative ones below the current folder of this
            process.

    Raises:
        InvalidArgumentError: One of them is empty, or is no path.
    """
    roots = [Path(_real(folder)) for folder in folders]

    def is_below(path: str) -> bool:
        found = Path(os.path.realpath(path))
        return os.path.isabs(path) and any(
            found.is_relative_to(root)
            and _GUARDED.isdisjoint(part.casefold() for part in found.relative_to(root).parts)
            for root in roots
        )

    def policy(request: ApprovalRequest) -> Decision | None:
        if isinstance(request, FileChangeApproval):
            paths = list(_paths_of(request))
        elif isinstance(request, PermissionsApproval) and _is_here(request):
            paths = list(_files_of(request.permissions))
        else:
            return None
        return Accept() if paths and all(map(is_below, paths)) else None

    return policy


def first_of(*policies: ApprovalPolicy) -> ApprovalPolicy:
    """Ask one policy after the other, until one of them has an opinion.

    Args:
        policies: The policies, in this order.

    Raises:
        InvalidArgumentError: One of them is no function.
    """
    for one in policies:
        check_callable("a policy", one)

    def policy(
        request: ApprovalRequest,
    ) -> Decision | Park | None | Awaitable[Decision | Park | None]:
        for number, one in enumerate(policies, 1):
            decision = one(request)
            if inspect.isawaitable(decision):
                return After(decision, partial(_or_else, policies[number:], request))
            if decision is not None:
                return decision
        return None

    return policy


async def _or_else(
    others: tuple[ApprovalPolicy, ...], request: ApprovalRequest, decided: Decision | Park | None
) -> Decision | Park | None:
    if decided is None and others:
        return await ask(first_of(*others), request)
    return decided


def _prefix(given: object) -> tuple[str, ...]:
    try:
        words = shlex.split(given) if isinstance(given, str) else list(cast("Sequence[str]", given))
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{given!r} does not begin a command: {error}") from error
    if not words:
        raise InvalidArgumentError("an empty beginning would allow every command")
    if not all(isinstance(cast("object", word), str) for word in words):
        raise InvalidArgumentError(f"{given!r} does not begin a command: its words are strings")
    if isinstance(given, str) and plain_argv(given) != tuple(words):
        raise InvalidArgumentError(
            f"{given!r} is more than one program with literal arguments: it can not be allowed"
        )
    return tuple(words)


def _real(path: object) -> str:
    """Follow a path of the caller's to where it leads now."""
    check("a folder", path, "a path", str, os.PathLike)
    if not os.fspath(cast("str | os.PathLike[str]", path)):
        raise InvalidArgumentError("an empty path would allow the current folder: say '.'")
    return os.path.realpath(os.path.expanduser(cast("str | os.PathLike[str]", path)))


def _is_here(request: CommandApproval | PermissionsApproval) -> bool:
    """Tell whether a request is about this machine."""
    return request.environment_id in (None, "local")


def _is_bare(request: CommandApproval) -> bool:
    """Tell whether a command is all that is asked for: no input, no network, no permissions."""
    return (
        _is_here(request)
        and request.kind == CommandExecutionApprovalKind.command
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
    if files is None or has_unknown(asked) or (asked.network and asked.network.enabled):
        return
    entries = [entry.path for entry in files.entries or ()]
    if all(isinstance(path, PathFileSystemPath) for path in entries):
        yield from files.read or ()
        yield from files.write or ()
        yield from (path.path for path in entries if isinstance(path, PathFileSystemPath))
