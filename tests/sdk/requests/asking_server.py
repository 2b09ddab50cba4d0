"""An app-server that asks what each turn tells it to.

The text that starts a turn is a JSON list of steps, of which these are made by the functions here:
ask something, wait for so many replies, and so on. When all steps are done, the turn's answer is
the JSON of the replies that came for it, all of each by request id, and the turn is over. Replies
to a turn that is over already are among those of the next one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from tests.misbehaving.server.manners import (
    REPLY,
    Message,
    Turn,
    answers,
    notification,
    read,
    result,
    thread_started,
    write,
)

__all__ = ["ask", "delta", "die", "item", "replies", "resolve", "script"]

Step = list[Any]
EXIT_CODE = 7


def ask(request_id: int | str, method: str, **params: Any) -> Step:
    """Ask something, for the turn unless the params name another."""
    return ["ask", request_id, method, params]


def replies(count: int) -> Step:
    """Wait until so many replies have come for this turn."""
    return ["replies", count]


def resolve(request_id: int | str) -> Step:
    """Say that a request wants no reply any more."""
    return ["resolve", request_id]


def item(event: str, **members: Any) -> Step:
    """Say that an item is ``started`` or ``completed``."""
    return ["item", event, members]


def delta(text: str) -> Step:
    """Say a piece of text."""
    return ["delta", text]


def die() -> Step:
    """End the process."""
    return ["die"]


def script(*steps: Step) -> str:
    """Put steps together."""
    return json.dumps(steps)


class Play:
    """A turn that runs, and the replies that came for it."""

    def __init__(self, message: Message) -> None:
        self.turn = Turn.of(message)
        text = "".join(part.get("text", "") for part in message["params"]["input"])
        steps = json.loads(text)
        self.replies: dict[str, list[Any]] = {}
        self.asked: set[int | str] = set()
        self.steps: Iterator[None] = self.played(steps)

    def played(self, steps: list[Step]) -> Iterator[None]:
        """Do all steps; gives way where one has to wait."""
        write(self.turn.started())
        for kind, *arguments in steps:
            yield from getattr(self, f"do_{kind}")(*arguments)
        write(self.turn.message(json.dumps(self.replies)), self.turn.completed())

    def do_ask(self, request_id: int | str, method: str, params: Message) -> Iterator[None]:
        yield from ()
        self.asked.add(request_id)
        address = {"threadId": self.turn.thread, "turnId": self.turn.id}
        write({"id": request_id, "method": method, "params": {**address, **params}})

    def do_replies(self, count: int) -> Iterator[None]:
        while len(self.replies) < count:
            yield

    def do_resolve(self, request_id: int | str) -> Iterator[None]:
        yield from ()
        write(
            notification("serverRequest/resolved", threadId=self.turn.thread, requestId=request_id)
        )

    def do_item(self, event: str, members: Message) -> Iterator[None]:
        yield from ()
        write(self.turn.event(f"item/{event}", item=members))

    def do_delta(self, text: str) -> Iterator[None]:
        yield from ()
        write(self.turn.delta(text))

    def do_die(self) -> Iterator[None]:
        yield from ()
        os._exit(EXIT_CODE)


def main() -> None:
    """Serve until stdin ends."""
    plays: dict[str, Play] = {}
    strays: dict[str, list[Any]] = {}
    for message in read():
        method = message.get("method", REPLY)
        if method == "turn/start":
            play = Play(message)
            plays[play.turn.id] = play
            play.replies, strays = strays, {}
            write(play.turn.answer(message))
        elif method == "turn/interrupt":
            plays.pop(message["params"]["turnId"], None)
            write(*answers(message))
        elif method == "thread/fork":
            write(result(message, thread_started(f"copy-{message['id']}")))
        elif method == "thread/resume":
            write(result(message, thread_started(message["params"]["threadId"])))
        elif method == "thread/archive":
            write(result(message, {}))
        elif method == "thread/unarchive":
            thread = thread_started(message["params"]["threadId"])["thread"]
            write(result(message, {"thread": thread}))
        elif method == REPLY:
            asked = (play.replies for play in plays.values() if message["id"] in play.asked)
            reply = message.get("result", message.get("error"))
            next(asked, strays).setdefault(str(message["id"]), []).append(reply)
        else:
            write(*answers(message))
        for name, play in list(plays.items()):
            if next(play.steps, plays) is plays:
                del plays[name]


if __name__ == "__main__":
    main()
