"""Policies: what each allows, and what it has no opinion on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc.threads import discard
from openai_codex import (
    Accept,
    AcceptForSession,
    Cancel,
    Decline,
    InvalidArgumentError,
    Park,
    allow_commands,
    allow_paths,
    deny_all,
    first_of,
)
from openai_codex.requests.asking import ask

from tests.sdk.requests.examples import change, command, file_change, mcp_tool, permissions

if TYPE_CHECKING:
    from pathlib import Path

    from openai_codex import ApprovalPolicy, ApprovalRequest


def decided(policy: ApprovalPolicy, request: ApprovalRequest) -> object:
    """Ask a policy, be it plain or async."""
    return asyncio.run(ask(policy, request))


@pytest.mark.parametrize(
    "request_", [command(), file_change(), permissions({}), mcp_tool(persist="session")]
)
def test_deny_all_declines_everything(request_: ApprovalRequest) -> None:
    assert decided(deny_all, request_) == Decline()


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("ls", "ls"),
        ("ls", "/bin/bash -lc 'ls -la /'"),
        ("git status", "git status -s"),
        (["git", "status"], "git status"),
        ('git "log -1"', "git 'log -1' x"),
    ],
)
def test_a_command_that_begins_as_allowed_is_accepted_this_time(prefix: Any, text: str) -> None:
    assert decided(allow_commands("pwd", prefix), command(text)) == Accept()


@pytest.mark.parametrize(
    "request_",
    [
        command("git push"),
        command("gitstatus"),
        command("/tmp/git status"),
        command("git"),
        command("git status; rm -rf /"),
        command("git status $(rm x)"),
        command("sh -c 'git status | sh'"),
        command("PAGER=evil git status"),
        command(None),
        command("git status", kind="writeStdin"),
        command("git status", kind="somethingNew"),
        command("git status", networkApprovalContext={"host": "h", "protocol": "https"}),
        command("git status", additionalPermissions={"network": {"enabled": True}}),
        command("git status", availableDecisions=["cancel"]),
        command("git status", environmentId="remote"),
        file_change(change("git status")),
        permissions({"network": {"enabled": True}}),
        mcp_tool(),
    ],
)
def test_it_has_no_opinion_on_anything_else(request_: ApprovalRequest) -> None:
    assert decided(allow_commands("git status"), request_) is None


@pytest.mark.parametrize(
    "prefix",
    ["", "  ", [], "git 'status", "git; rm", "ls > x", "$HOME/x", "A=1 git", [1], b"git", 3, None],
)
def test_what_begins_no_command_is_refused(prefix: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"empty beginning|does not begin|is more than"):
        allow_commands(prefix)


@pytest.mark.parametrize(("text", "decision"), [("git diff", Accept()), ("git diff -x", None)])
def test_an_exact_command_has_no_further_arguments(text: str, decision: object) -> None:
    assert decided(allow_commands("git diff", exact=True), command(text)) == decision


def test_a_command_can_be_allowed_in_one_folder_only(tmp_path: Path) -> None:
    home, evil = tmp_path / "home", tmp_path / "home" / "evil"
    evil.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    policy = allow_commands("make", cwd=tmp_path / "link")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(evil)

    assert decided(policy, command("make", cwd=str(home))) == Accept()
    assert decided(policy, command("make", cwd=str(evil))) is None
    assert decided(policy, command("make", cwd=str(tmp_path / "link"))) is None
    assert decided(policy, command("make", cwd=None)) is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a link out of it, beside another one."""
    (tmp_path / "src").mkdir()
    (tmp_path / "srcs").mkdir()
    (tmp_path / "src" / "out").symlink_to(tmp_path / "srcs")
    (tmp_path / "in").symlink_to(tmp_path / "src")
    return tmp_path


@pytest.mark.parametrize("paths", [["src/a"], ["src/a", "src/new/b"], ["in/a"], ["srcs/../src/a"]])
def test_changes_below_a_folder_are_accepted(folder: Path, paths: list[str]) -> None:
    request = file_change(*(change(str(folder / path)) for path in paths))
    assert decided(allow_paths("/nowhere", folder / "src"), request) == Accept()


def test_a_single_file_can_be_allowed(folder: Path) -> None:
    policy = allow_paths(folder / "src" / "a")

    assert decided(policy, file_change(change(str(folder / "src" / "a")))) == Accept()
    assert decided(policy, file_change(change(str(folder / "src" / "b")))) is None


def test_a_relative_folder_is_that_of_when_the_policy_was_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    policy = allow_paths("src")
    monkeypatch.chdir("/")

    assert decided(policy, file_change(change(str(folder / "src" / "a")))) == Accept()


def test_the_allowed_folder_is_the_one_that_there_was(folder: Path) -> None:
    policy = allow_paths(folder / "src")
    (folder / "src").rename(folder / "old")
    (folder / "src").symlink_to(folder)

    request = file_change(change(str(folder / "victim")))
    assert decided(policy, request) is None


@pytest.mark.parametrize("name", [".git/hooks/pre-commit", "a/.codex/config.toml", ".AGENTS/x"])
def test_what_configures_other_tools_is_nothing_it_decides(folder: Path, name: str) -> None:
    request = file_change(change(str(folder / "src" / name)))

    assert decided(allow_paths(folder), request) is None
    inside = (folder / "src" / name).parent
    assert decided(allow_paths(inside), request) == Accept()


@pytest.mark.parametrize("path", ["", None, 3, b"src", ["src"]])
def test_what_is_no_folder_is_refused(path: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"empty path|a folder is a path"):
        allow_paths(path)


def test_a_folder_below_home_is_that(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("HOME", str(folder))

    assert decided(allow_paths("~/src"), file_change(change(str(folder / "src/a")))) == Accept()


@pytest.mark.parametrize(
    "paths",
    [[], ["srcs/a"], ["src/a", "srcs/a"], ["src/../srcs/a"], ["src/out/a"], ["src/../../../etc/x"]],
)
def test_changes_that_reach_out_of_it_are_nothing_it_decides(
    folder: Path, paths: list[str]
) -> None:
    request = file_change(*(change(f"{folder}/{path}") for path in paths))
    assert decided(allow_paths(folder / "src"), request) is None


def test_a_file_that_is_moved_out_of_it_is_nothing_it_decides(folder: Path) -> None:
    def moved(place: str) -> ApprovalRequest:
        target = str(folder / place)
        return file_change(change(str(folder / "src" / "a"), "update", move_path=target))

    policy = allow_paths(folder / "src")
    assert decided(policy, moved("src/b")) == Accept()
    assert decided(policy, moved("srcs/b")) is None


@pytest.mark.parametrize(
    "request_",
    [
        file_change(change("relative")),
        file_change(change("/allowed/a"), grantRoot="/"),
        file_change(change("/allowed/a"), change("/allowed/b", "teleport")),
        file_change(change("/allowed/a", "update", move_path=1)),
        permissions({}),
        permissions({"fileSystem": {}}),
        permissions({"fileSystem": {"write": ["/allowed/a", "/other"]}}),
        permissions({"fileSystem": {"read": ["/other"]}}),
        permissions({"fileSystem": {"write": ["/allowed"]}, "network": {"enabled": True}}),
        permissions({"fileSystem": {"write": ["/allowed"]}}, environmentId="remote"),
        permissions({"fileSystem": {"write": ["/allowed"]}, "processes": {"debug": True}}),
        permissions({"fileSystem": {"write": ["/allowed"], "exec": ["/"]}}),
        permissions(
            {
                "fileSystem": {
                    "write": ["/allowed"],
                    "entries": [
                        {"path": {"type": "glob_pattern", "pattern": "/**"}, "access": "write"}
                    ],
                }
            }
        ),
        command("touch /allowed/a"),
        mcp_tool(),
    ],
)
def test_what_is_more_than_files_there_is_nothing_it_decides(request_: ApprovalRequest) -> None:
    assert decided(allow_paths("/allowed"), request_) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"write": ["/allowed/a"]},
        {"read": ["/allowed"], "write": ["/allowed/a"]},
        {"entries": [{"path": {"type": "path", "path": "/allowed/a"}, "access": "write"}]},
    ],
)
def test_permissions_for_files_there_are_accepted(asked: dict[str, Any]) -> None:
    request = permissions({"fileSystem": asked, "network": {"enabled": False}})
    assert decided(allow_paths("/allowed"), request) == Accept()


async def waits(request: ApprovalRequest) -> Accept | None:
    await asyncio.sleep(0)
    return Accept() if "wait" in request.describe() else None


def parks(request: ApprovalRequest) -> Park | None:
    return Park() if "park" in request.describe() else None


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("ls", Accept()),
        ("wait", Accept()),
        ("park", Park()),
        ("wait park", Accept()),
        ("rm", Cancel()),
    ],
)
def test_the_first_policy_that_has_an_opinion_decides(text: str, decision: object) -> None:
    policy = first_of(allow_commands("ls"), waits, parks, lambda _: Cancel())
    assert decided(policy, command(text)) == decision


def test_nobody_after_it_is_asked() -> None:
    asked: list[str] = []

    def second(request: ApprovalRequest) -> AcceptForSession:
        asked.append(request.describe())
        return AcceptForSession()

    assert decided(first_of(deny_all, second), command()) == Decline()
    assert asked == []


@pytest.mark.parametrize("policy", [3, [deny_all], Accept(), Accept])
def test_what_is_no_policy_is_refused_at_once(policy: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a policy is a function"):
        first_of(deny_all, policy)


async def test_a_chain_that_is_never_begun_leaves_nothing_behind() -> None:
    made = first_of(waits, deny_all)(command("wait"))
    discard(made)


def test_policies_without_an_opinion_have_none_together() -> None:
    assert decided(first_of(allow_commands("ls"), first_of(), parks), command("rm")) is None
