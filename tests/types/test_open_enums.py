"""An enum takes any string: what it does not know becomes a member that keeps it."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref

import pytest
from codex_app_server_types import Turn, TurnStatus

KNOWN = TurnStatus.in_progress
UNKNOWN = TurnStatus("paused")

both = pytest.mark.parametrize(("member", "text"), [(KNOWN, "inProgress"), (UNKNOWN, "paused")])


def test_a_known_value_is_its_member() -> None:
    assert TurnStatus("inProgress") is KNOWN


def test_only_a_member_of_the_protocol_is_known() -> None:
    assert KNOWN.is_known
    assert not UNKNOWN.is_known


@both
def test_a_member_equals_its_string_and_hashes_like_it(member: TurnStatus, text: str) -> None:
    assert member == text
    assert hash(member) == hash(text)
    assert {text: "found"}[member] == "found"


def test_unknown_members_are_equal_when_their_strings_are() -> None:
    assert TurnStatus("paused") == UNKNOWN
    assert TurnStatus("stopped") != UNKNOWN
    assert UNKNOWN != KNOWN
    assert len({UNKNOWN, TurnStatus("paused"), TurnStatus("stopped"), KNOWN}) == 3


@both
def test_a_member_is_written_as_its_string(member: TurnStatus, text: str) -> None:
    assert str(member) == text
    assert f"{member}" == text
    assert f"{member:>12}|" == f"{text:>12}|"
    assert "%s" % member == text  # noqa: UP031 -- one of the ways people write it
    assert "".join([member]) == text
    assert member.value == text


@both
def test_the_repr_of_a_member_shows_its_class_and_string(member: TurnStatus, text: str) -> None:
    assert "TurnStatus" in repr(member)
    assert repr(text) in repr(member)


@both
def test_a_member_is_encoded_to_json_as_its_string(member: TurnStatus, text: str) -> None:
    assert json.dumps({"status": member}) == json.dumps({"status": text})


@both
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_member_survives_pickling(member: TurnStatus, text: str, protocol: int) -> None:
    restored = pickle.loads(pickle.dumps(member, protocol))

    assert type(restored) is TurnStatus
    assert restored == text
    assert restored.is_known is member.is_known


@both
def test_a_member_survives_copying(member: TurnStatus, text: str) -> None:
    for copied in (copy.copy(member), copy.deepcopy(member), copy.deepcopy([member])[0]):
        assert type(copied) is TurnStatus
        assert copied == text
        assert copied.is_known is member.is_known


def test_a_match_statement_tells_known_and_unknown_apart() -> None:
    def describe(status: TurnStatus) -> str:
        match status:
            case TurnStatus.in_progress:
                return "running"
            case TurnStatus() if not status.is_known:
                return f"new: {status}"
            case _:
                return "over"

    assert describe(KNOWN) == "running"
    assert describe(TurnStatus.failed) == "over"
    assert describe(UNKNOWN) == "new: paused"


def test_an_unknown_member_is_forgotten_with_its_last_user() -> None:
    member = weakref.ref(TurnStatus("x" * 1000))
    gc.collect()

    assert member() is None


def test_unknown_values_do_not_become_part_of_the_enum() -> None:
    before = list(TurnStatus), dict(TurnStatus.__members__)

    unknown = [TurnStatus(f"value {number}") for number in range(100)]

    assert (list(TurnStatus), dict(TurnStatus.__members__)) == before
    assert len(set(unknown)) == 100


@pytest.mark.parametrize("value", [None, 3, True, b"inProgress", ["inProgress"], {}])
def test_what_is_no_string_is_no_value(value: object) -> None:
    with pytest.raises(ValueError, match="is not a valid TurnStatus"):
        TurnStatus(value)


def test_a_field_takes_a_member_or_a_plain_string() -> None:
    turn = Turn.from_wire({"id": "1", "items": [], "status": "paused"})

    assert turn.status == UNKNOWN
    assert Turn(id="1", items=[], status=KNOWN).to_wire()["status"] == "inProgress"
    assert Turn(id="1", items=[], status=UNKNOWN).to_wire()["status"] == "paused"
