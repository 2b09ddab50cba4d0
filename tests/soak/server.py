"""An app-server that can be asked for everything: ``python server.py [with-a-family]``.

What a turn's input or a read's path says is what happens: a word, and perhaps a number. Whatever
waits for somebody goes on with the client's next message, so that nothing depends on time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from os.path import abspath, dirname

sys.path[0] = dirname(dirname(dirname(abspath(__file__))))
from tests.misbehaving.server.manners import (  # noqa: E402 - found by the line above
    Message,
    Turn,
    answers,
    encode,
    failure,
    notification,
    read,
    result,
    write,
    write_bytes,
)

APPROVAL = "item/fileChange/requestApproval"
UNATTENDED = "item/commandExecution/requestApproval"
BUSY = -32001


class Server:
    """The state of the conversation."""

    def __init__(self) -> None:
        self.turns: dict[str, Callable[[Message, Turn, int], None]] = {
            "say": self.say,
            "early": self.say_early,
            "hold": self.hold,
            "tarry": self.tarry,
            "mute": self.hold_mute,
            "doze": self.doze,
            "rant": self.rant,
            "ask": self.ask,
            "withdraw": self.withdraw,
            "family": self.say_in_a_family,
        }
        self.reads: dict[str, Callable[[Message, int], None]] = {
            "echo": self.echo,
            "late": self.answer_late,
            "busy": self.be_busy,
            "flood": self.flood,
            "rubbish": self.rubbish,
            "die": self.die,
        }
        self._late: list[Message] = []
        self._running: dict[str, Turn] = {}
        self._dozing: dict[str, Turn] = {}
        self._mute: set[str] = set()
        self._asked: dict[int, Turn] = {}
        self._numbers = count()
        self._is_busy = False

    def take(self, message: Message) -> None:
        """Take one message of the client."""
        late, self._late = self._late, []
        method = message.get("method")
        if method == "turn/start":
            text = message["params"]["input"][0]["text"]
            word, number = _split(text)
            self.turns[word](message, Turn.of(message), number)
        elif method == "fs/readFile":
            word, number = _split(message["params"]["path"].lstrip("/"))
            self.reads[word](message, number)
        elif method == "turn/interrupt":
            self.interrupt(message)
        elif method == "turn/steer":
            self.steer(message)
        elif method is None:
            self.hear(message)
        elif method == "thread/start" and message["params"].get("serviceName") == "die":
            die(7)
        else:
            write(*answers(message))
        write(*late)

    # --- turns -----------------------------------------------------------------------------

    def say(self, request: Message, turn: Turn, number: int) -> None:
        """Say some words."""
        write(turn.answer(request), *turn.events(*_words(number)))

    def say_early(self, request: Message, turn: Turn, number: int) -> None:
        """End the turn before its start is answered."""
        write(*turn.events(*_words(number)), turn.answer(request))

    def hold(self, request: Message, turn: Turn, number: int) -> None:
        """Begin, and wait to be interrupted or steered."""
        self._running[turn.id] = turn
        write(turn.answer(request), turn.started(), *map(turn.delta, _words(number)))

    def tarry(self, request: Message, turn: Turn, number: int) -> None:
        """Begin, but answer only after the client's next message; else as `hold`."""
        self._running[turn.id] = turn
        self._late.append(turn.answer(request))
        if number:  # whether the turn is seen to start before that
            write(turn.started())
        else:
            self._late.append(turn.started())

    def hold_mute(self, request: Message, turn: Turn, number: int) -> None:
        """As `hold`, but leave the interrupt unanswered: the turn just ends."""
        self._mute.add(turn.id)
        self.hold(request, turn, number)

    def doze(self, request: Message, turn: Turn, number: int) -> None:
        """As `hold`, but begin only when the first interrupt came too early, as the real one."""
        self._dozing[turn.id] = turn
        write(turn.answer(request))

    def rant(self, request: Message, turn: Turn, number: int) -> None:
        """Say much that can be merged (words), and, the number being odd, that cannot (diffs)."""
        piece = turn.event("turn/diff/updated", diff="+word\n") if number % 2 else turn.delta("w ")
        write(turn.answer(request), turn.started())
        write_bytes(encode(piece) * number)
        write(turn.message("done"), turn.completed())

    def ask(self, request: Message, turn: Turn, number: int) -> None:
        """Ask for an approval, and say what was decided; what is asked goes by the number."""
        method = APPROVAL if number % 2 else UNATTENDED
        self._asked[number_of_request := next(self._numbers)] = turn
        write(turn.answer(request), turn.started())
        item = "never" if number % 3 == 0 else "soon"  # how it will be answered
        write(_asking(number_of_request, method, turn, item))

    def withdraw(self, request: Message, turn: Turn, number: int) -> None:
        """Ask for an approval, and withdraw that with the client's next message."""
        number_of_request = next(self._numbers)
        write(turn.answer(request), turn.started())
        write(_asking(number_of_request, APPROVAL, turn, "never"))
        resolved = notification(
            "serverRequest/resolved", threadId=turn.thread, requestId=number_of_request
        )
        self._late += [resolved, turn.message("withdrawn"), turn.completed()]

    def say_in_a_family(self, request: Message, turn: Turn, number: int) -> None:
        """Run a turn between those of child threads."""
        words = _words(number)
        children = [Turn(f"{turn.thread}-child-{place}") for place in range(3)]
        events = zip(*(one.events(*words) for one in (*children, turn)), strict=True)
        write(turn.answer(request), *(event for row in events for event in row))

    def interrupt(self, message: Message) -> None:
        """Stop a turn, as soon as it runs."""
        turn_id = message["params"]["turnId"]
        turn = self._running.pop(turn_id, None)
        if turn is None:
            refusal = failure(message, -32600, "no active turn to interrupt")
            dozing = self._dozing.pop(turn_id, None)
            if dozing is not None:
                self._running[turn_id] = dozing
            write(refusal, *([dozing.started()] if dozing is not None else []))
        elif turn.id in self._mute:
            self._mute.discard(turn.id)
            write(turn.completed("interrupted"))
        else:
            write(result(message, {}), turn.completed("interrupted"))

    def steer(self, message: Message) -> None:
        """Let a turn come to its end."""
        turn_id = message["params"]["expectedTurnId"]
        turn = self._running.pop(turn_id, None)
        if turn is None:
            write(failure(message, -32600, "Invalid request: no active turn to steer"))
        else:
            write(result(message, {"turnId": turn_id}), turn.message("steered"), turn.completed())

    def hear(self, reply: Message) -> None:
        """Take the answer to an approval."""
        turn = self._asked.pop(reply.get("id", -1), None)
        if turn is not None:
            decision = reply.get("result", {}).get("decision", "none")
            write(turn.message(decision), turn.completed())

    # --- reads -----------------------------------------------------------------------------

    def echo(self, request: Message, number: int) -> None:
        """Answer by the path."""
        write(*answers(request))

    def answer_late(self, request: Message, number: int) -> None:
        """Answer after the client's next message."""
        self._late += answers(request)

    def be_busy(self, request: Message, number: int) -> None:
        """Be too busy every other time."""
        self._is_busy = not self._is_busy
        write(*([failure(request, BUSY, "busy")] if self._is_busy else answers(request)))

    def flood(self, request: Message, number: int) -> None:
        """Notify of what nobody asked for, then answer."""
        write_bytes(encode(notification("account/rateLimits/updated", rateLimits={})) * number)
        write(*answers(request))

    def rubbish(self, request: Message, number: int) -> None:
        """Write lines that are no messages, then answer twice."""
        write_bytes(b"this is no message\n\n[1]\n\xff\n" * number)
        write(*answers(request), *answers(request))

    def die(self, request: Message, number: int) -> None:
        """Exit."""
        die(number)


def _split(text: str) -> tuple[str, int]:
    word, _, number = text.partition(" ")
    return word, int(number or 0)


def _words(number: int) -> list[str]:
    return [f"word{place} " for place in range(number)]


def _asking(number: int, method: str, turn: Turn, item: str) -> Message:
    params = {"threadId": turn.thread, "turnId": turn.id, "itemId": item, "startedAtMs": 1}
    return {"id": number, "method": method, "params": params}


_family: list[subprocess.Popen[bytes]] = []


def raise_a_family() -> None:
    """Start a process in this one's group, and one in a session of its own, as commands are."""
    nothing = subprocess.DEVNULL
    for far in (False, True):
        _family.append(
            subprocess.Popen(
                ["sleep", "900"],  # an end of its own, should nobody end it
                start_new_session=far,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
            )
        )


def die(code: int) -> None:
    """Exit at once."""
    for child in _family[1:]:  # nobody could find it any more, once its parent is gone
        child.kill()
        child.wait()
    os._exit(code)


def main(family: str = "") -> None:
    """Serve until stdin ends."""
    if family:
        raise_a_family()
    server = Server()
    for message in read():
        server.take(message)


if __name__ == "__main__":
    main(*sys.argv[1:])
