"""The account of everything that passes between a client and its server; see `ledger`."""

from __future__ import annotations

from codex_app_server_rpc.defaults import CLOSE_GRACE, STOP_GRACE

from tests.rpc.models.far_end import Asked
from tests.rpc.models.ledger import LOST, Entry, Event, Reading, Starting, Turn
from tests.rpc.models.worlds import World
from tests.rpc.wire import notification

__all__ = ["Account"]

STARTED, COMPLETED = "turn/started", "turn/completed"
READ, START, INTERRUPT = "fs/readFile", "turn/start", "turn/interrupt"


class Account:
    """What was called, asked, answered and said, and what follows from it.

    Attributes:
        entries: The calls.
        ongoing: Those of them that went on when everybody had gone on last.
        turns: The server's turns.
        begun: The turns that were begun before their start is answered.
        asks: The server's requests that wait for a reply: their ids by their tokens.
        is_lost: Whether the connection has ended.
        closing: The call that closes the client, if it was made.
        is_right: Whether what has come of everything is what should.
    """

    def __init__(self, world: World, places: int) -> None:
        self.world = world
        self.entries: list[Entry] = []
        self.ongoing: list[Entry] = []
        self.turns: list[Turn] = []
        self.begun: dict[Asked, Turn] = {}
        self.asks: dict[str, str | int] = {}
        self.is_lost = False
        self.closing: Entry | None = None
        self.is_right = True
        self._places = places
        self._was_congested = False
        self._absorbed = 0  # requests of the client
        self._names = 0
        self._held: dict[str, list[Event]] = {}  # on threads where a start waits for its name
        self._active: dict[tuple[str, str], bool] = {}  # and whether they were seen to start
        self._interrupts: dict[Asked, bool] = {}  # and whether the turn had started

    # --- what there is ---------------------------------------------------------------------

    def new_name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def readings(self) -> list[Reading]:
        return [entry for entry in self.ongoing if isinstance(entry, Reading)]

    def starts(self) -> list[Starting]:
        return [entry for entry in self.ongoing if isinstance(entry, Starting)]

    def open_requests(self, method: str | None = None) -> list[Asked]:
        return [
            asked
            for asked in self.world.far.requests
            if not asked.answered and method in {None, asked.method}
        ]

    def owner(self, asked: Asked) -> Reading | None:
        """Find the call that a request was made for, if that still waits for its answer."""
        for entry in self.readings():
            if entry.asked and entry.asked[-1] is asked:
                return entry
        return None

    # --- what happens ----------------------------------------------------------------------

    def enter(self, entry: Entry) -> None:
        """Take note of a call that was made."""
        if isinstance(entry, Starting) and not self.is_lost:
            self._held.setdefault(entry.thread, [])
        self.entries.append(entry)
        self.ongoing.append(entry)
        if isinstance(entry, Reading):
            entry.may_be_blocked = self.world.far.is_congested
            entry.must = LOST if self.is_lost else None
        self.settle()

    def settle(self) -> None:
        """Let everybody go on, and compare what has come of it."""
        self.is_right = False
        self.world.settle()
        self._absorb()
        if self.world.far.is_gone and not self.is_lost:
            self._lose()
        for entry in self.starts():
            if entry.stopper is not None and entry.stopper.call.done and entry.must is None:
                entry.must = "False" if entry.phase == "following" else None
        self._check()
        self.ongoing = [entry for entry in self.ongoing if entry.goes_on]
        for thread in list(self._held):
            if not any(one.is_reserved and one.thread == thread for one in self.starts()):
                del self._held[thread]
        self.is_right = True

    def congest(self, congested: bool) -> None:
        """Have the server read no more, or again."""
        self._was_congested = True
        if congested:
            self.world.far.is_congested = True
        else:
            self.world.far.decongest()
        for entry in self.readings():
            entry.may_be_blocked = congested
        self.settle()

    def pass_time(self, seconds: int) -> None:
        """Let time pass; who has waited too long gives up."""
        self.is_right = False
        for _ in range(seconds):
            self.world.advance(1)
            self._absorb()
            for entry in self.ongoing:
                if isinstance(entry, Reading):
                    entry.pass_time(self.world.now)
            self.settle()

    def interrupt(self, entry: Entry) -> None:
        """Interrupt a call, wherever it waits."""
        self.world.interrupt(entry.call)
        entry.interrupt(self.world.now)
        self.settle()

    def new_turn(self, thread: str) -> Turn:
        self.turns.append(Turn(thread, self.new_name("U")))
        return self.turns[-1]

    def happen(self, turn: Turn, methods: list[str]) -> tuple[list[bytes], list[Event]]:
        """Let things happen in a turn; to be delivered, and noted by `note`."""
        said: list[bytes] = []
        events: list[Event] = []
        for method in methods:
            self._names += 1
            names = {"threadId": turn.thread, "turn": {"id": turn.id}, "number": self._names}
            said.append(notification(method, **names))
            events.append(Event(self._names, method, turn.thread, turn.id))
            turn.is_over = turn.is_over or method == COMPLETED
        return said, events

    def note(self, events: list[Event]) -> None:
        """Take note of events that were delivered."""
        for event in events if not self.is_lost else ():
            key = event.thread, event.turn
            for entry in self.starts():
                if entry.turn is not None and entry.turn.id == event.turn and entry.must is None:
                    entry.given.append(event.number)
                    if event.method == COMPLETED:
                        self._end(entry)
                    elif event.method == STARTED and entry.was_refused:
                        entry.was_refused = False
                        entry.owes_interrupt = not self.world.far.is_congested
                elif entry.is_reserved and entry.thread == event.thread:
                    entry.closed = False
            if event.thread in self._held:
                self._held[event.thread].append(event)
            if event.method == STARTED:
                self._active[key] = True
            elif event.method == COMPLETED:
                self._active.pop(key, None)

    def note_closed(self, thread: str) -> None:
        """Take note that a thread was closed."""
        for turn in self.turns:
            if turn.thread == thread:
                turn.is_over = turn.is_closed = True
        for entry in self.starts() if not self.is_lost else ():
            if entry.thread == thread and entry.turn is not None:
                self._end(entry)
            elif entry.thread == thread:
                entry.closed = True
        for key in [key for key in self._active if key[0] == thread]:
            del self._active[key]

    def name(self, entry: Starting, turn: Turn) -> None:
        """Take note that a start was answered with a turn."""
        entry.bind(turn, self._held[entry.thread])
        if entry.must is None:
            self._active.setdefault((turn.thread, turn.id), False)

    def note_refusal(self, asked: Asked, *, is_final: bool) -> None:
        """Take note that an interrupt was refused.

        Args:
            asked: The interrupt.
            is_final: Whether it was refused for another reason than that the turn does not run.
        """
        thread, turn_id = asked.params["threadId"], asked.params["turnId"]
        makers = [
            entry
            for entry in self.starts()
            if entry.turn is not None and entry.turn.id == turn_id and entry.gives_up
        ]
        others = [self.closing, *(entry for entry in self.ongoing if entry.name == turn_id)]
        if len(makers) != 1 or any(others) or asked is not self._interrupts_of(turn_id)[-1]:
            return  # whose it was is hard to tell
        (maker,) = makers
        if is_final or self._interrupts[asked]:
            maker.must = maker.must or next(iter(maker.may))
        elif self._active.get((thread, turn_id)):
            maker.owes_interrupt = maker.must is None and not self.world.far.is_congested
        else:
            maker.was_refused = True

    def _interrupts_of(self, turn_id: str) -> list[Asked]:
        return [asked for asked in self._interrupts if asked.params["turnId"] == turn_id]

    def _end(self, entry: Starting) -> None:
        if entry.gives_up and self.world.far.is_congested:
            return  # it may be sending its interrupt
        entry.end()

    def _absorb(self) -> None:
        """Take note of what the client has asked."""
        news = self.world.far.requests[self._absorbed :]
        self._absorbed += len(news)
        for asked in news:
            if asked.method == INTERRUPT:
                turn = asked.params["threadId"], asked.params["turnId"]
                assert self._is_justified(turn)
                self._interrupts[asked] = self._active.get(turn, False)
            else:
                self._match(asked)
        if news and not self._was_congested:
            self._check_order()

    def _match(self, asked: Asked) -> None:
        """Find out which call a request was made for."""
        name = asked.params["path" if asked.method == READ else "clientUserMessageId"]
        (entry,) = [one for one in self.entries if one.name == name]
        assert isinstance(entry, Reading)
        entry.ask(asked)

    def _check_order(self) -> None:
        """See that those who came first were served first."""
        served = [bool(entry.asked) for entry in self.readings() if entry.goes_on]
        assert served == sorted(served, reverse=True)

    def _is_justified(self, turn: tuple[str, str]) -> bool:
        """Tell whether somebody has a reason to interrupt a turn."""
        if self.closing is not None and turn in self._active:
            return True
        if any(entry.name == turn[1] for entry in self.ongoing):
            return True  # somebody stops it
        followed = {one.turn.id for one in self.starts() if one.turn is not None}
        for entry in self.ongoing:
            if not isinstance(entry, Starting) or entry.thread != turn[0]:
                continue
            if entry.phase in {"undoing", "leaving"}:
                if entry.turn is not None and entry.turn.id == turn[1]:
                    return True
                # When its time is up, all it knows is what has started meanwhile.
                is_late = entry.turn is None and self.world.now >= (entry.until or 0)
                if is_late and turn in self._active and turn[1] not in followed:
                    return True
        return False

    def _lose(self) -> None:
        self.is_lost = True
        self._active.clear()
        self.asks.clear()
        for entry in set(self.ongoing) - {self.closing}:
            if entry.must is None:
                entry.lose(self.world.now)
            elif isinstance(entry, Reading) and entry.late_at == self.world.now:
                entry.may.add(LOST)  # both at once: it is told of the one or the other

    # --- what must be so -------------------------------------------------------------------

    def _check(self) -> None:
        for entry in self.entries:
            entry.check(self.world.now, self.world.interruption)
            if isinstance(entry, Starting):
                self._check_start(entry)
        self._check_stats()

    def _check_start(self, entry: Starting) -> None:
        if entry.phase == "following":
            assert entry.got == entry.given
        if entry.owes_interrupt:
            assert entry.turn is not None
            assert any(not asked.answered for asked in self._interrupts_of(entry.turn.id))
            entry.owes_interrupt = False

    def _check_stats(self) -> None:
        stats = self.world.client.stats()
        assert stats.received + stats.unmatched + stats.skipped == self.world.far.lines
        assert stats.server_requests == len(self.asks)
        assert stats.missed == stats.merged == 0
        if self.closing is None:
            assert stats.active_turns == len(self._active)
            if not self.world.far.is_congested and not self.is_lost:
                assert stats.consumers == sum(entry.goes_on for entry in self.starts())
        if not any(entry.gives_up for entry in self.starts()):
            assert stats.queued == 0
        if self.is_lost:
            assert (stats.in_flight, stats.waiting, stats.active_turns) == (0, 0, 0)
        elif not self._was_congested:
            inside = sum(entry.waits_for_answer for entry in self.readings())
            assert inside <= self._places
            assert stats.waiting == 0 or inside == self._places
            assert inside <= stats.in_flight <= inside + len(self.open_requests(INTERRUPT))

    def finish(self) -> None:
        """Close the client, and see that nothing is left."""
        world = self.world
        world.far.decongest()
        self.settle()
        call = world.call(lambda: world.close("kill"))
        self.settle()
        assert self.ongoing or world.leftovers() == []
        self.pass_time(int(CLOSE_GRACE + STOP_GRACE))
        assert call.done
        assert self.ongoing == []
        stats = world.client.stats()
        assert (stats.in_flight, stats.waiting, stats.consumers) == (0, 0, 0)
        assert (stats.server_requests, stats.queued, stats.active_turns) == (0, 0, 0)
        assert world.leftovers() == []
