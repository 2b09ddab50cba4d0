"""While somebody is asked nothing else is written, and nobody but the one who asks waits."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openai_codex.commands.run.asking import Asker
from openai_codex.commands.run.live import LiveDisplay
from openai_codex.commands.run.plain import PlainDisplay
from openai_codex.requests.console import Console
from openai_codex.requests.decisions import Accept

from tests.sdk.commands.events import completed
from tests.sdk.requests.examples import command

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex.commands.run.display import Display


class Keys(io.BytesIO):
    """Somebody who accepts, after something else has happened."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(b"y\n")
        self._meanwhile = meanwhile

    def read1(self, size: int | None = -1, /) -> bytes:
        self._meanwhile()
        return super().read1(size)


def keyboard(meanwhile: Callable[[], object]) -> io.TextIOWrapper:
    """Give a keyboard at which that happens before the answer."""
    return io.TextIOWrapper(Keys(meanwhile))


@pytest.fixture(params=["plain", "live"])
def shown(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Display, io.StringIO]:
    """Give a display, and what it writes."""
    monkeypatch.setenv("TERM", "dumb")
    written = io.StringIO()
    plain = request.param == "plain"
    return PlainDisplay(written, written) if plain else LiveDisplay(written), written


def test_what_happens_while_somebody_is_asked_is_shown_after_the_answer(
    shown: tuple[Display, io.StringIO],
) -> None:
    display, written = shown
    before = ""

    def meanwhile() -> None:
        nonlocal before
        display.note("a note")
        display.show(completed({"type": "dreaming", "id": "I9"}))
        before = written.getvalue()

    answer = Asker(display, Console(keyboard(meanwhile), written)).approvals(command())
    display.end(None)

    assert answer == Accept()
    assert "a note" not in before
    assert "dreaming" not in before
    after = written.getvalue()[len(before) :]
    assert after.index("a note") < after.index("dreaming")


def test_a_display_that_ends_waits_for_no_answer(shown: tuple[Display, io.StringIO]) -> None:
    display, written = shown
    before, after = "", ""

    def meanwhile() -> None:
        nonlocal before, after
        display.note("a note")
        before = written.getvalue()
        display.end(None)
        display.note("the end")
        after = written.getvalue()[len(before) :]

    Asker(display, Console(keyboard(meanwhile), written)).approvals(command())

    assert before.endswith("> ")
    assert [line.rstrip() for line in after.splitlines()] == ["", "a note", "the end"]


def test_whoever_asks_is_known_as_long_as_anybody_asks() -> None:
    display = PlainDisplay(io.StringIO(), io.StringIO())
    seen: list[bool] = []
    asker = Asker(display, Console(keyboard(lambda: seen.append(asker.is_asking)), io.StringIO()))

    asker.approvals(command())

    assert [*seen, asker.is_asking] == [True, False]
