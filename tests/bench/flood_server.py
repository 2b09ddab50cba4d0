"""A scripted app-server that outruns any client: ``python flood_server.py SCENARIO NUMBER…``.

Both sides of a comparison are driven by it, so it must not be the bottleneck: it imports next to
nothing, looks for the few members that it needs instead of parsing requests, and renders all that
a turn says before it answers. While a client reads, it only writes, in large pieces. The messages
are shaped like those of the real runtime.

- ``turns SIZE…``: runs turns on its first thread, the first with as many deltas as the first
  number says, and so on. They are rendered before the handshake.
- ``crowd TURNS SIZE``: runs none of so many turns until the last of them is started; then their
  deltas come interleaved.
- ``idle``: starts turns that say nothing more.
- ``unread SIZE``: starts such turns too; before it answers the second ``thread/start`` it sends so
  many deltas of the first turn, or, if none was started, notifications that belong to no turn.
"""

from __future__ import annotations

import os
import sys

TIME = b"1795150766027"
THREAD = b"01a1f752-df89-75c0-9557-%012x"
TURN = b"01a1f752-df9a-73a3-8911-%012x"
MESSAGE = b"msg_%032x"
WORDS = b" and then word %d"

HANDSHAKE = (
    b'{"userAgent":"bench/0.163.0 (Linux)","codexHome":"/home/somebody/.codex",'
    b'"platformFamily":"unix","platformOs":"linux"}'
)
THREAD_STARTED = (
    b'{"thread":{"id":"%(thread)s","environments":[{"environmentId":"local",'
    b'"cwd":"/home/somebody/work","runtimeWorkspaceRoots":["/home/somebody/work"]}],"extra":null,'
    b'"sessionId":"%(thread)s","forkedFromId":null,"parentThreadId":null,"preview":"",'
    b'"ephemeral":false,"section":null,"sectionEnteredAt":null,"projectId":null,'
    b'"historyMode":"paginated","modelProvider":"openai","model":"gpt-5.5","reasoningEffort":null,'
    b'"createdAt":1795150765,"updatedAt":1795150765,"recencyAt":1795150765,'
    b'"status":{"type":"idle"},"path":"/home/somebody/.codex/sessions/%(thread)s.jsonl",'
    b'"cwd":"/home/somebody/work","cliVersion":"0.163.0","originator":"bench","source":"vscode",'
    b'"canAcceptDirectInput":true,"threadSource":null,"agentNickname":null,"agentRole":null,'
    b'"gitInfo":null,"name":null,"daybreakEnabled":null,"turns":[]},"model":"gpt-5.5",'
    b'"modelProvider":"openai","serviceTier":null,"disabledPluginIds":[],'
    b'"cwd":"/home/somebody/work","runtimeWorkspaceRoots":["/home/somebody/work"],'
    b'"instructionSources":[],"approvalPolicy":"on-request","approvalsReviewer":"user",'
    b'"sandbox":{"type":"readOnly","networkAccess":false},'
    b'"activePermissionProfile":{"id":":read-only","extends":null},"reasoningEffort":null,'
    b'"multiAgentMode":"explicitRequestOnly"}'
)
RUNNING_TURN = (
    b'{"id":"%(turn)s","rootTurnId":"%(turn)s","items":[],"itemsView":"notLoaded",'
    b'"status":"inProgress","error":null,"startedAt":1795150765,"completedAt":null,'
    b'"durationMs":null}'
)
COMPLETED_TURN = (
    b'{"id":"%(turn)s","rootTurnId":"%(turn)s","items":[%(item)s],"itemsView":"summary",'
    b'"status":"completed","error":null,"startedAt":1795150765,"completedAt":1795150766,'
    b'"durationMs":723}'
)
ITEM = (
    b'{"type":"agentMessage","id":"%(message)s","text":"%(text)s","phase":"final_answer",'
    b'"memoryCitation":null,"delivery":null,"questions":null}'
)
DELTA = (
    b'{"method":"item/agentMessage/delta","params":{"threadId":"%(thread)s","turnId":"%(turn)s",'
    b'"itemId":"%(message)s","delta":"%(words)s"},"emittedAtMs":%(time)s}\n'
)
OPENING = (
    b'{"method":"thread/status/changed","params":{"threadId":"%(thread)s",'
    b'"status":{"type":"active","activeFlags":[]}},"emittedAtMs":%(time)s}\n'
    b'{"method":"turn/started","params":{"threadId":"%(thread)s","turn":%(running)s},'
    b'"emittedAtMs":%(time)s}\n'
    b'{"method":"item/started","params":{"item":%(empty)s,"threadId":"%(thread)s",'
    b'"turnId":"%(turn)s","startedAtMs":%(time)s},"emittedAtMs":%(time)s}\n'
)
USAGE = (
    b'{"totalTokens":15,"inputTokens":10,"cachedInputTokens":0,"cacheWriteInputTokens":0,'
    b'"outputTokens":5,"reasoningOutputTokens":0}'
)
CLOSING = (
    b'{"method":"item/completed","params":{"item":%(item)s,"threadId":"%(thread)s",'
    b'"turnId":"%(turn)s","completedAtMs":%(time)s},"emittedAtMs":%(time)s}\n'
    b'{"method":"thread/tokenUsage/updated","params":{"threadId":"%(thread)s",'
    b'"turnId":"%(turn)s","tokenUsage":{"total":%(usage)s,"last":%(usage)s,'
    b'"modelContextWindow":258400}},"emittedAtMs":%(time)s}\n'
    b'{"method":"thread/status/changed","params":{"threadId":"%(thread)s",'
    b'"status":{"type":"idle"}},"emittedAtMs":%(time)s}\n'
    b'{"method":"turn/completed","params":{"threadId":"%(thread)s","turn":%(completed)s},'
    b'"emittedAtMs":%(time)s}\n'
)
RATE_LIMITS = (
    b'{"method":"account/rateLimits/updated","params":{"rateLimits":{"limitId":"codex",'
    b'"limitName":null,"normalModelSlug":null,"primary":null,"secondary":null,"credits":null,'
    b'"individualLimit":null,"spendControlReached":null,"planType":null,'
    b'"rateLimitReachedType":null}},"emittedAtMs":%(time)s}\n'
)
MODELS = b'{"data":[],"nextCursor":null}'
FAILURE = b'{"id":%s,"error":{"code":-32601,"message":"the benchmark does not use it"}}\n'


def turn_text(size: int) -> bytes:
    """Return the text of a turn with so many deltas."""
    return b"".join(WORDS % number for number in range(size))


class Turn:
    """The messages of one turn.

    Attributes:
        result: What ``turn/start`` is answered with.
        opening: The notifications before the deltas.
        deltas: The deltas, one line each.
        closing: The notifications after them, ``turn/completed`` last.
    """

    def __init__(self, thread: bytes, number: int, size: int) -> None:
        """Render a turn.

        Args:
            thread: The id of its thread.
            number: Which turn of the server it is; its ids follow from that.
            size: How many deltas it has.
        """
        names = {b"thread": thread, b"turn": TURN % number, b"message": MESSAGE % number}
        names[b"time"] = TIME
        running = RUNNING_TURN % names
        self.result = b'{"turn":%s}' % running
        empty = ITEM % {**names, b"text": b""}
        self.opening = OPENING % {**names, b"running": running, b"empty": empty}
        # Only the words differ: all else is filled in once.
        delta = DELTA % {**names, b"words": WORDS}
        self.deltas = [delta % place for place in range(size)]
        item = ITEM % {**names, b"text": turn_text(size)}
        completed = COMPLETED_TURN % {**names, b"item": item}
        self.closing = CLOSING % {
            **names,
            b"item": item,
            b"completed": completed,
            b"usage": USAGE,
        }

    def events(self) -> bytes:
        """Return all notifications of the turn in one piece."""
        return b"".join([self.opening, *self.deltas, self.closing])


class Server:
    """Starts threads, and turns that say nothing more; scenarios add to that."""

    def __init__(self) -> None:
        self.threads = 0
        self.turns = 0

    def answer(self, request: bytes) -> bytes:
        """Return what a line of the client is answered with; nothing for a notification."""
        if b'"id":' not in request:
            return b""
        method, request_id = member(request, b"method"), member(request, b"id")
        if method == b'"thread/start"':
            before, result, after = self.start_thread()
        elif method == b'"turn/start"':
            before, result, after = self.start_turn(member(request, b"threadId")[1:-1])
        elif method == b'"initialize"':
            before, result, after = b"", HANDSHAKE, b""
        elif method == b'"model/list"':
            before, result, after = b"", MODELS, b""
        else:
            return FAILURE % request_id
        return b'%s{"id":%s,"result":%s}\n%s' % (before, request_id, result, after)

    def start_thread(self) -> tuple[bytes, bytes, bytes]:
        """Return a new thread, between what comes before and after the answer."""
        self.threads += 1
        return b"", THREAD_STARTED % {b"thread": THREAD % self.threads}, b""

    def start_turn(self, thread: bytes) -> tuple[bytes, bytes, bytes]:
        """Return a new turn, between what comes before and after the answer."""
        self.turns += 1
        turn = Turn(thread, self.turns, 0)
        return b"", turn.result, turn.opening


class Turns(Server):
    """Runs turns of the given sizes on the first thread."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        turns = [Turn(THREAD % 1, number, size) for number, size in enumerate(sizes, start=1)]
        self.rendered = iter([(turn.result, turn.events()) for turn in turns])

    def start_turn(self, thread: bytes) -> tuple[bytes, bytes, bytes]:
        result, events = next(self.rendered)
        return b"", result, events


class Crowd(Server):
    """Runs turns all at once: none goes on before the last of them is started."""

    def __init__(self, turns: int, size: int) -> None:
        super().__init__()
        self.expected = turns
        self.size = size
        self.started: list[Turn] = []

    def start_turn(self, thread: bytes) -> tuple[bytes, bytes, bytes]:
        self.turns += 1
        turn = Turn(thread, self.turns, self.size)
        self.started.append(turn)
        if len(self.started) < self.expected:
            return b"", turn.result, b""
        crowd, self.started = self.started, []
        rounds = zip(*(turn.deltas for turn in crowd), strict=True)
        parts = [
            *(turn.opening for turn in crowd),
            *(delta for deltas in rounds for delta in deltas),
            *(turn.closing for turn in crowd),
        ]
        return b"", turn.result, b"".join(parts)


class Unread(Server):
    """Sends many notifications before it answers the second ``thread/start``."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.deltas = b"".join(Turn(THREAD % 1, 1, size).deltas)
        self.rate_limits = RATE_LIMITS % {b"time": TIME} * size

    def start_thread(self) -> tuple[bytes, bytes, bytes]:
        _, result, _ = super().start_thread()
        flood = self.deltas if self.turns else self.rate_limits
        return flood if self.threads == 2 else b"", result, b""


def member(message: bytes, name: bytes) -> bytes:
    """Return the JSON text of a member that is a string or a number, wherever it stands first."""
    value = message.partition(b'"%s":' % name)[2].lstrip()
    if value.startswith(b'"'):
        return value[: value.index(b'"', 1) + 1]
    return value.replace(b"}", b",").partition(b",")[0]


def make_server(scenario: str, *numbers: str) -> Server:
    """Set up the scenario that the command line names."""
    sizes = [int(number) for number in numbers]
    if scenario == "turns":
        return Turns(*sizes)
    if scenario == "crowd":
        return Crowd(*sizes)
    if scenario == "unread":
        return Unread(*sizes)
    return Server()


def main() -> None:
    """Serve until the client closes our stdin, or reads no more."""
    server = make_server(*sys.argv[1:])
    try:
        for line in sys.stdin.buffer:
            rest = memoryview(server.answer(line))
            while rest:
                rest = rest[os.write(1, rest) :]
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    main()
