"""Ending the server's process tree when this process dies without a word.

A process that is killed (SIGKILL, or SIGTERM without a handler) closes nothing. The app-server
sees the end of its stdin and exits; one that hangs does not, and would live for ever. The guardian
is a tiny shell that waits on a pipe whose other end this process alone holds. The end of that
pipe means that this process is gone: the guardian gives the server a moment to follow the end of
its stdin, then kills what is left of its tree, and ends. It sleeps in ``read`` until then.

It also holds the server's stdin open, as its own stdout, so that the server sees that end only
after the guardian has seen who descends from it: nobody can tell that of a process that is gone.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import PROCESS, logger

if TYPE_CHECKING:
    from typing import IO

__all__ = ["Guardian"]

SHELL: Final = "/bin/sh"
SCRIPT: Final = r"""
# What /proc tells is known on Linux only; elsewhere those variables stay empty.
birth() { # set $birth to the start time of process $1
    birth=
    read -r stat </proc/$1/stat && set -- ${stat##*) } && birth=${20}
}
look() { # add every descendant of process $1 to $seen, as ID:BIRTH
    todo=$1
    while [ -n "$todo" ]; do
        set -- $todo
        parent=$1
        shift
        todo=$*
        for list in /proc/$parent/task/*/children; do
            children=
            read -r children <"$list"
            for child in $children; do
                birth $child
                seen="$seen $child:$birth"
                todo="$todo $child"
            done
        done
    done
}
trap '' HUP INT TERM # it ends by itself, soon after its owner
server=$1
birth $server
born=$birth
read -r word || look $server # the end: the owner is gone
exec >/dev/null # lets go of the server's stdin
[ -n "$word" ] && read -r word # a line: the owner ends the server, and has let go of it too
look $server
moments=20
while [ $moments -gt 0 ] && kill -0 -$server; do
    sleep 0.1 || sleep 1
    moments=$((moments - 1))
done
look $server
birth $server
if [ -z "$birth" ] || [ "$birth" = "$born" ]; then
    kill -KILL -$server
fi
for one in $seen; do
    birth ${one%:*}
    [ "$birth" = "${one#*:}" ] && kill -KILL ${one%:*}
done
"""

_logger = logger(PROCESS)


class Guardian:
    """A shell that ends a process group, and what left it, once this process is gone."""

    def __init__(self, group: int, stdin: IO[bytes]) -> None:
        """Start the shell. Where there is none, the server goes without.

        Args:
            group: The id of the server's process, which leads a group.
            stdin: The pipe to the server's stdin.
        """
        self._shell = _start(group, stdin)
        self._was_told = False

    def let_stdin_end(self) -> None:
        """Let go of the server's stdin: its owner closes it; idempotent."""
        shell, was_told, self._was_told = self._shell, self._was_told, True
        if shell is not None and shell.stdin is not None and not was_told:
            with contextlib.suppress(OSError):  # somebody killed it
                shell.stdin.write(b"end\n")

    def dismiss(self) -> None:
        """Let go of the shell, because the group is dealt with; idempotent."""
        shell, self._shell = self._shell, None
        if shell is None:
            return
        assert shell.stdin is not None
        shell.kill()  # before its pipe ends, so that it has nothing to do any more
        shell.wait()
        shell.stdin.close()

    def forget_in_fork(self) -> None:
        """Let go, in a fork of the owner, of the pipe that the owner alone shall hold."""
        shell, self._shell = self._shell, None
        if shell is not None and shell.stdin is not None:
            shell.stdin.close()
            shell.returncode = 0  # not a child of this process: nothing to wait for


def _start(group: int, stdin: IO[bytes]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            [SHELL, "-c", 'eval "$GUARDIAN"', "codex-guardian", str(group)],
            stdin=subprocess.PIPE,
            stdout=stdin,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            # The script stands here, not in the command line, for the sake of those who read `ps`.
            env={"PATH": os.environ.get("PATH", os.defpath), "GUARDIAN": SCRIPT},
            start_new_session=True,  # so that a Ctrl-C or the end of a terminal is not for it
        )
    except OSError as error:
        _logger.info("no guardian for the app-server, should this process be killed: %s", error)
        return None
