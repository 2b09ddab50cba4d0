"""Both clients against a naive account of their calls.

Calls, answers, events, cancellations (Ctrl-C in the sync client), overloads, requests of the
server, the end of the connection and closing come in any order. After each step everybody has gone
on as far as he can, and every call must have ended in its own way, or go on; see `ledger`.
"""

from __future__ import annotations

from typing import Any

import pytest
from codex_app_server_rpc import OverloadRetry
from codex_app_server_rpc.defaults import CLOSE_GRACE, STOP_GRACE
from codex_app_server_types import TurnStartParams
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.rpc.models.account import COMPLETED, INTERRUPT, START, STARTED, Account
from tests.rpc.models.effort import look_for_a_counterexample
from tests.rpc.models.far_end import Asked
from tests.rpc.models.ledger import Entry, Reading, Starting, Turn
from tests.rpc.models.worlds import AsyncWorld, SyncWorld, settled
from tests.rpc.schema_examples import minimal_params
from tests.rpc.turn_messages import turn_result
from tests.rpc.wire import failure, line, notification, request, result

POLICY = OverloadRetry(attempts=3, first_delay=1, max_delay=2)
DELTA = "item/agentMessage/delta"
TOOL_CALL = minimal_params("ServerRequest", "item/tool/call")
THREADS = st.sampled_from(["T1", "T1", "T2"])
TIMEOUTS = st.sampled_from([None, None, 3, 7])
RUBBISH = [b"\n", b"rubbish\n", b"[]\n", line({"method": "future/thing"})]


class ClientModel(RuleBasedStateMachine):
    """A client in its world, and the account of what is to become of its calls."""

    world_class: type[SyncWorld] | type[AsyncWorld]

    @initialize(places=st.integers(1, 3), retries=st.booleans(), seed=st.integers(0, 99))
    def open(self, places: int, retries: bool, seed: int) -> None:
        policy = POLICY if retries else None
        self.attempts = POLICY.attempts if retries else 1
        self.world = self.world_class(seed, max_in_flight=places, overload_retry=policy)
        self.account = Account(self.world, places)

    @property
    def is_lost(self) -> bool:
        return self.account.is_lost

    def draw(self, data: st.DataObject, things: list[Any]) -> Any:
        return data.draw(st.sampled_from(things))

    # --- calls -----------------------------------------------------------------------------

    def deadline(self, timeout: float | None) -> float | None:
        return None if timeout is None else self.world.now + timeout

    @rule(timeout=TIMEOUTS)
    def read(self, timeout: float | None) -> None:
        """Make a request."""
        name = self.account.new_name("/")
        client = self.world.client

        async def script() -> str:
            answer = await settled(client.fs_read_file(path=name, timeout=timeout))
            return str(answer.data_base64)

        call = self.world.call(script)
        self.account.enter(Reading(name, call, self.deadline(timeout), self.attempts))

    @rule(thread=THREADS, timeout=TIMEOUTS, interrupts=st.booleans(), stops=st.booleans())
    def start(self, thread: str, timeout: float | None, interrupts: bool, stops: bool) -> None:
        """Start a turn and read it; when interrupted, stop it or leave it alone."""
        name = self.account.new_name("start")
        params = TurnStartParams(thread_id=thread, input=[], client_user_message_id=name)
        client = self.world.client

        async def script() -> bool:
            stream = await settled(client.start_turn(params, timeout=timeout, interrupt=interrupts))
            entry.stream = stream
            try:
                while (event := await settled(stream.next())) is not None:
                    entry.got.append(event.params["number"])
            finally:
                await settled(stream.stop() if stops else stream.close())
            return bool(stream.is_over)

        how = {"thread": thread, "interrupts": interrupts, "stops": stops}
        call = self.world.call(script)
        entry = Starting(name, call, self.deadline(timeout), self.attempts, **how)
        self.account.enter(entry)

    @precondition(lambda self: self.followed())
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        """Stop a turn that somebody else reads."""
        entry: Starting = self.draw(data, self.followed())
        assert entry.turn is not None
        call = self.world.call(lambda: settled(entry.stream.stop()))
        entry.stopper = Entry(entry.turn.id, call, self.world.now, STOP_GRACE)
        entry.stopper.may = {"True", "False"}
        self.account.enter(entry.stopper)

    def followed(self) -> list[Starting]:
        starts = self.account.starts()
        return [one for one in starts if one.phase == "following" and one.stopper is None]

    def interruptible(self) -> list[Entry]:
        """List the calls that leave nothing in the background when they are interrupted.

        The stopping of a turn does, which goes on in threads and tasks of the client's own; that
        is for `tests.rpc.test_stopping`.
        """
        giving_up = self.giving_up()
        return [
            entry
            for entry in self.account.ongoing
            if entry is self.account.closing
            or (isinstance(entry, Reading) and entry not in giving_up)
        ]

    def giving_up(self) -> list[Starting]:
        return [one for one in self.account.starts() if one.gives_up]

    @precondition(lambda self: self.interruptible())
    @rule(data=st.data())
    def interrupt(self, data: st.DataObject) -> None:
        """Interrupt a call, wherever it waits."""
        self.account.interrupt(self.draw(data, self.interruptible()))

    @rule(seconds=st.sampled_from([1, 2, 4, 6]))
    def pass_time(self, seconds: int) -> None:
        self.account.pass_time(seconds)

    # --- the server ------------------------------------------------------------------------

    @precondition(lambda self: not self.is_lost and self.account.open_requests())
    @rule(
        data=st.data(),
        kind=st.sampled_from(["good", "good", "good", "bad", "busy", "busy"]),
        events=st.integers(0, 3),
        meets_interrupt=st.sampled_from([False, False, False, True]),
    )
    def answer(self, data: st.DataObject, kind: str, events: int, meets_interrupt: bool) -> None:
        """Answer a request, be it too late or not; with a turn come some of its events."""
        asked = self.draw(data, self.account.open_requests())
        owner = self.account.owner(asked)
        meets_interrupt = meets_interrupt and owner in self.interruptible()
        met = owner.call if owner is not None and meets_interrupt else None
        turn: Turn | None = None
        if kind == "good" and asked.method == START:
            turn = self.turn_for(asked, data)
            said, news = self.account.happen(turn, [STARTED, DELTA, COMPLETED][:events])
            place = data.draw(st.integers(0, len(said)))
            said.insert(place, turn_result(asked.id, turn.id))
            self.world.deliver(b"".join(said), meets=met)
            self.account.note(news)
        elif asked.method == INTERRUPT:
            self.answer_interrupt(asked, kind)
        elif kind == "good":
            self.world.deliver(result(asked.id, {"dataBase64": asked.params["path"]}), meets=met)
        else:
            code = -32001 if kind == "busy" else -32600
            self.world.deliver(failure(asked.id, code), meets=met)
        if owner is not None:
            self.tell(owner, asked, kind, turn, meets_interrupt=meets_interrupt)
        asked.answered = True
        self.account.settle()

    def answer_interrupt(self, asked: Asked, kind: str) -> None:
        if kind == "good":
            self.world.deliver(result(asked.id, {}))
        else:
            self.world.deliver(failure(asked.id, -32001 if kind == "busy" else -32600))
            self.account.note_refusal(asked, is_final=kind == "busy")

    def tell(
        self, owner: Reading, asked: Asked, kind: str, turn: Turn | None, *, meets_interrupt: bool
    ) -> None:
        """Take note of what an answer is to its caller, who may be interrupted just then."""
        if meets_interrupt:
            owner.interrupt(self.world.now)
            if owner.must is not None:
                return
        if turn is not None:
            assert isinstance(owner, Starting)
            self.account.name(owner, turn)
        else:
            owner.answer(kind, self.world.now, asked.params.get("path", ""))

    def turn_for(self, asked: Asked, data: st.DataObject) -> Turn:
        """Choose the turn of a start: one that was begun for it, one that runs, or a new one."""
        if asked in self.account.begun:
            return self.account.begun[asked]
        thread = asked.params["threadId"]
        running = [one for one in self.account.turns if one.thread == thread and not one.is_over]
        joins: bool = data.draw(st.booleans())
        if running and joins:
            turn: Turn = self.draw(data, running)
            return turn
        return self.account.new_turn(thread)

    @precondition(lambda self: not self.is_lost and self.account.open_requests(START))
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Begin a turn before its start is answered."""
        asked = self.draw(data, self.account.open_requests(START))
        if asked not in self.account.begun:
            turn = self.account.new_turn(asked.params["threadId"])
            self.account.begun[asked] = turn
            self.say(turn, [STARTED])

    @precondition(lambda self: not self.is_lost)
    @rule(
        data=st.data(),
        methods=st.lists(st.sampled_from([DELTA, DELTA, COMPLETED]), min_size=1, max_size=3),
    )
    def go_on(self, data: st.DataObject, methods: list[str]) -> None:
        """Let something happen in a turn, or in one of somebody else."""
        turns = [turn for turn in self.account.turns if not turn.is_closed]
        turn: Turn | None = self.draw(data, [*turns[-5:], None])
        if turn is None:
            thread = data.draw(st.sampled_from(["T1", "T2", "child"]))
            turn, methods = self.account.new_turn(thread), [STARTED]
        self.say(turn, methods)

    def say(self, turn: Turn, methods: list[str]) -> None:
        said, events = self.account.happen(turn, methods)
        self.world.deliver(b"".join(said))
        self.account.note(events)
        self.account.settle()

    # --- what comes in between -------------------------------------------------------------

    @precondition(lambda self: not self.is_lost)
    @rule(
        data=st.data(),
        what=st.sampled_from(
            ["answer again", "close thread", "say rubbish", "congest"] * 4 + ["hang up", "close"]
        ),
    )
    def disturb(self, data: st.DataObject, what: str) -> None:
        """Let something happen that is rare, or of no use."""
        if what == "answer again":
            answered = [asked.id for asked in self.world.far.requests if asked.answered]
            self.world.deliver(result(self.draw(data, [*answered, 999]), {"dataBase64": "!"}))
        elif what == "close thread":
            thread = data.draw(THREADS)
            self.world.deliver(notification("thread/closed", threadId=thread))
            self.account.note_closed(thread)
        elif what == "say rubbish":
            self.world.deliver(self.draw(data, RUBBISH))
        elif what == "congest":
            self.account.congest(not self.world.far.is_congested)
        elif what == "hang up":
            self.world.hang_up()
        elif self.account.closing is None:
            self.close(self.draw(data, ["interrupt", "drain", "kill"]))
        self.account.settle()

    def close(self, mode: str) -> None:
        call = self.world.call(lambda: self.world.close(mode))
        entry = Entry("close", call, self.world.now, CLOSE_GRACE + STOP_GRACE + 1)
        entry.may = {"None"}
        self.account.closing = entry
        self.account.enter(entry)

    # --- the server's requests -------------------------------------------------------------

    @precondition(lambda self: not self.is_lost)
    @rule(handled=st.booleans(), request_id=st.sampled_from([0, "0", 1]))
    def ask(self, handled: bool, request_id: str | int) -> None:
        """Ask the client something, for which it has a handler or not."""
        if request_id in self.account.asks.values():
            return
        if not handled:
            count = len(self.world.far.replies)
            self.world.deliver(request(request_id, "future/question"))
            self.account.asks["unknown"] = request_id
            self.world.await_replies(count + 1)
            del self.account.asks["unknown"]
            assert self.world.far.replies[count]["error"]["code"] == -32601
            self.account.settle()
            return
        token = self.account.new_name("ask")
        self.world.expect_work(token)
        self.account.asks[token] = request_id
        params = {**TOOL_CALL, "callId": token, "threadId": "none"}
        self.world.deliver(request(request_id, "item/tool/call", **params))
        self.world.await_work(token)
        self.account.settle()

    @precondition(lambda self: self.account.asks)
    @rule(data=st.data())
    def let_handler_go(self, data: st.DataObject) -> None:
        """Let a handler answer."""
        token = self.draw(data, sorted(self.account.asks))
        request_id = self.account.asks.pop(token)
        replies = len(self.world.far.replies)
        self.world.let_go(token)
        (reply,) = self.world.far.replies[replies:]
        assert reply["id"] == request_id
        assert reply["result"]["contentItems"][0]["text"] == token
        self.account.settle()

    @precondition(lambda self: self.account.asks)
    @rule(data=st.data())
    def resolve(self, data: st.DataObject) -> None:
        """Withdraw a request; its handler may still be at work."""
        token = self.draw(data, sorted(self.account.asks))
        request_id = self.account.asks.pop(token)
        self.world.deliver(notification("serverRequest/resolved", requestId=request_id))
        self.account.settle()
        assert self.world.work[token].cancelled == self.world.cancels_handlers

    @precondition(lambda self: self.withdrawn())
    @rule(data=st.data())
    def end_in_vain(self, data: st.DataObject) -> None:
        """Let the handler end whose request wants no reply any more."""
        self.end_work(self.draw(data, self.withdrawn()))

    def withdrawn(self) -> list[str]:
        return [
            token
            for token, work in self.world.work.items()
            if token not in self.account.asks and not work.leave.is_set()
        ]

    def end_work(self, token: str) -> None:
        replies = len(self.world.far.replies)
        self.world.let_go(token)
        assert len(self.world.far.replies) == replies
        self.account.settle()

    def teardown(self) -> None:
        if not hasattr(self, "account"):
            return
        try:
            if self.account.is_right:
                self.finish()
        finally:
            self.world.end()

    def finish(self) -> None:
        """Let all handlers end, close the client, and see that nothing is left."""
        for token in list(self.account.asks):
            self.world.let_go(token)
            del self.account.asks[token]
        for token in self.withdrawn():
            self.end_work(token)
        self.account.finish()


class AsyncClientModel(ClientModel):
    """The async client, whose calls are cancelled."""

    world_class = AsyncWorld


class SyncClientModel(ClientModel):
    """The sync client, whose calls meet Ctrl-C."""

    world_class = SyncWorld


@pytest.mark.parametrize("model", [SyncClientModel, AsyncClientModel], ids=["sync", "async"])
def test_every_call_ends_once_and_in_its_own_way(model: type[ClientModel]) -> None:
    look_for_a_counterexample(model, steps=50, effort=2)
