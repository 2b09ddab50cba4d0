"""What a command line would run, told without a shell: only what is beyond doubt."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from openai_codex.requests.commands import plain_argv


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("ls", ("ls",)),
        ("git status", ("git", "status")),
        ("  git   status\t-s ", ("git", "status", "-s")),
        ("/bin/bash -lc ls", ("ls",)),
        ("/bin/bash -lc 'touch out.txt'", ("touch", "out.txt")),
        ("bash -c 'touch out.txt'", ("touch", "out.txt")),
        ("/usr/bin/zsh -lc 'git commit -m \"a b\"'", ("git", "commit", "-m", "a b")),
        ("""/bin/sh -c "echo 'it'\\''s'" """, None),
        ("grep 'a;b' file", ("grep", "a;b", "file")),
        ('grep "a (b)" --color=auto', ("grep", "a (b)", "--color=auto")),
        ("echo ''", ("echo", "")),
        ("/usr/bin/env bash -lc ls", ("/usr/bin/env", "bash", "-lc", "ls")),
        ("./bash -lc ls", ("./bash", "-lc", "ls")),
        ("/tmp/bash -lc ls", ("/tmp/bash", "-lc", "ls")),
        ("bash -x ls", ("bash", "-x", "ls")),
        ("/bin/bash -lc 'bash -lc ls'", ("bash", "-lc", "ls")),
    ],
)
def test_one_program_with_literal_arguments_is_taken_apart(
    command: str, argv: tuple[str, ...] | None
) -> None:
    assert plain_argv(command) == argv


@pytest.mark.parametrize(
    "script",
    [
        "git status; rm -rf /",
        "git status && rm x",
        "git status & rm x",
        "git status | sh",
        "git status\nrm x",
        "git status > out",
        "git status < in",
        "git status $(rm x)",
        "git status `rm x`",
        "git status $HOME",
        'git status "$HOME"',
        'git status "`rm x`"',
        "git status *",
        "git status ?",
        "git status [a]",
        "git status {a,b}",
        "git status ~",
        "git status \\; rm x",
        "git status # rm x",
        "! git status",
        "(git status)",
        "GIT_PAGER=evil git status",
        "'A=1' git status",
        "git status 'open",
        "git status\rrm x",
        "git status\x00",
        "gıt status",
        "",
        " ",
    ],
)
@pytest.mark.parametrize("shell", ["", "/bin/bash -lc "])
def test_what_a_shell_gives_a_meaning_to_is_left_alone(shell: str, script: str) -> None:
    command = f"{shell}{shlex.quote(script)}" if shell else script
    assert plain_argv(command) is None


@pytest.mark.parametrize(
    "script",
    ["printf '%s|' a 'b c' \"d;e\" f=g h@i -- ''", "printf '%s|' 'a$b`c' \"x'y\" q'r s't:u,v"],
)
def test_a_shell_sees_the_same_arguments(script: str) -> None:
    argv = plain_argv(f"/bin/sh -c {shlex.quote(script)}")

    assert argv is not None
    by_shell = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    by_itself = subprocess.run([*argv], capture_output=True, text=True, check=True)
    assert by_itself.stdout == by_shell.stdout
