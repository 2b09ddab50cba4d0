"""Places in flight, and the line of those who wait for one."""

from __future__ import annotations

import pytest
from codex_app_server_rpc import InvalidArgumentError
from codex_app_server_rpc.core.window import Window
from hypothesis import given, strategies as st


class Guest:
    """Counts how often it is let in."""

    def __init__(self) -> None:
        self.admitted = 0

    def admit(self) -> None:
        self.admitted += 1


def guests(count: int) -> list[Guest]:
    return [Guest() for _ in range(count)]


def full(window: Window, size: int) -> list[Guest]:
    """Take every place."""
    inside = guests(size)
    assert all(window.enter(guest) for guest in inside)
    return inside


def test_there_are_as_many_places_as_were_asked_for() -> None:
    window = Window(3)
    full(window, 3)
    assert not window.enter(Guest())
    assert (window.taken, window.waiting) == (3, 1)


def test_whoever_finds_a_place_is_not_called_in() -> None:
    window = Window(1)
    (inside,) = full(window, 1)
    assert inside.admitted == 0


def test_a_place_is_handed_to_whoever_waits_longest() -> None:
    window = Window(1)
    (inside,) = full(window, 1)
    line = guests(3)
    for guest in line:
        window.enter(guest)
    window.leave(inside)
    assert [guest.admitted for guest in line] == [1, 0, 0]
    window.leave(line[0])
    assert [guest.admitted for guest in line] == [1, 1, 0]
    assert (window.taken, window.waiting) == (1, 1)


def test_nobody_gets_in_before_those_who_wait() -> None:
    window = Window(1)
    (inside,) = full(window, 1)
    first, second = guests(2)
    window.enter(first)
    window.leave(inside)
    assert not window.enter(second)


def test_a_place_that_nobody_wants_is_free() -> None:
    window = Window(1)
    (inside,) = full(window, 1)
    window.leave(inside)
    assert window.taken == 0
    assert window.enter(Guest())


def test_whoever_leaves_the_line_takes_no_place_and_gives_none_away() -> None:
    window = Window(1)
    (inside,) = full(window, 1)
    first, second = guests(2)
    window.enter(first)
    window.enter(second)
    window.leave(first)
    assert (window.taken, window.waiting) == (1, 1)
    assert second.admitted == 0
    window.leave(inside)
    assert (first.admitted, second.admitted) == (0, 1)


def test_leaving_twice_gives_one_place_away() -> None:
    window = Window(1)
    (inside,) = full(window, 1)
    line = guests(2)
    for guest in line:
        window.enter(guest)
    window.leave(inside)
    window.leave(inside)
    assert [guest.admitted for guest in line] == [1, 0]


def test_whoever_was_never_there_gives_no_place_away() -> None:
    window = Window(1)
    full(window, 1)
    waiting = Guest()
    window.enter(waiting)
    window.leave(Guest())
    assert waiting.admitted == 0


def test_closing_lets_everybody_in_once_and_in_order() -> None:
    window = Window(1)
    order: list[int] = []

    class Numbered:
        def __init__(self, number: int) -> None:
            self.number = number

        def admit(self) -> None:
            order.append(self.number)

    full(window, 1)
    for number in range(3):
        window.enter(Numbered(number))
    window.close()
    window.close()
    assert order == [0, 1, 2]
    assert window.waiting == 0


def test_after_closing_everybody_can_leave() -> None:
    window = Window(1)
    people = [*full(window, 1), *guests(3)]
    for guest in people[1:]:
        window.enter(guest)
    window.close()
    for guest in people:
        window.leave(guest)
    assert (window.taken, window.waiting) == (0, 0)


@given(st.integers(1, 4), st.lists(st.integers(0, 9)))
def test_places_are_neither_lost_nor_made(size: int, moves: list[int]) -> None:
    # Each number enters if it is outside, and leaves if it is inside or in line.
    window = Window(size)
    inside: list[int] = []
    line: list[int] = []
    people: dict[int, Guest] = {}
    for number in moves:
        if number in people:
            window.leave(people.pop(number))
            (inside if number in inside else line).remove(number)
            if line and len(inside) < size:
                inside.append(line.pop(0))
                assert people[inside[-1]].admitted == 1
        else:
            people[number] = Guest()
            entered = window.enter(people[number])
            (inside if entered else line).append(number)
            assert entered == (len(inside) <= size and not line)
        assert (window.taken, window.waiting) == (len(inside), len(line))
        assert window.taken <= size
        assert sum(guest.admitted for guest in people.values()) <= len(inside)


@pytest.mark.parametrize("size", [0, -1])
def test_without_any_place_nothing_would_ever_be_sent(size: int) -> None:
    with pytest.raises(InvalidArgumentError, match="max_in_flight is at least 1"):
        Window(size)
