"""What differs between two protocols, and whether it breaks programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.changes.change import Action, Change, Severity, Subject
from codex_generator.changes.compare import compare
from codex_generator.changes.surfaces import read_surface
from codex_generator.schema import Json

from tests.generator.schemas import (
    STRING,
    Definitions,
    constant,
    envelope,
    reference,
    struct,
    write_schema,
)

NULLABLE: Json = {"type": ["string", "null"]}
INTEGER: Json = {"type": "integer"}
BREAKING, ADDITIVE, NEUTRAL = Severity.BREAKING, Severity.ADDITIVE, Severity.NEUTRAL

PROTOCOL: dict[str, Json] = {
    "ClientRequest": envelope({"pet/adopt": reference("PetAdoptParams")}),
    "ServerRequest": envelope({"pet/ask": reference("PetAskParams")}),
    "ServerNotification": envelope({"pet/born": reference("PetBornNotification")}),
    "PetAdoptParams": struct({"name": STRING}, mood=reference("Mood"), mate=reference("Pet")),
    "PetAdoptResponse": struct({"pet": reference("Pet"), "state": reference("State")}),
    "PetAskParams": struct({"question": STRING}),
    "PetAskResponse": struct({"answer": STRING}, tone=reference("Tone")),
    "PetBornNotification": struct({"pet": reference("Pet")}),
    "Pet": struct({"name": STRING}, owner=NULLABLE),
    "Mood": {"type": "string", "enum": ["calm", "wild"]},
    "State": {"type": "string", "enum": ["asleep", "awake"]},
    "Tone": {"type": "string", "enum": ["soft"]},
}
"""Sent are `PetAdoptParams`, `Mood`, `Tone`; read are `PetAskParams`, `State`; `Pet` is both."""


def changes(tmp_path: Path, old: Definitions, new: Definitions) -> list[Change]:
    folders = [write_schema(tmp_path / name, each) for name, each in (("old", old), ("new", new))]
    before, after = (read_surface(folder, folder.parent.name, ()) for folder in folders)
    return list(compare(before, after))


def told(found: list[Change]) -> list[tuple[Subject, Action, str, Severity]]:
    return [(each.subject, each.action, each.name, each.severity) for each in found]


def test_two_equal_protocols_do_not_differ(tmp_path: Path) -> None:
    assert changes(tmp_path, PROTOCOL, PROTOCOL) == []


FIELD = Subject.FIELD


@pytest.mark.parametrize(
    ("name", "new", "expected"),
    [
        (
            "PetAdoptParams",
            struct({"name": STRING, "age": INTEGER}, mood=reference("Mood"), mate=reference("Pet")),
            (FIELD, Action.ADDED, "PetAdoptParams.age", BREAKING),
        ),
        (
            "PetAdoptParams",
            struct({"name": STRING}, age=INTEGER, mood=reference("Mood"), mate=reference("Pet")),
            (FIELD, Action.ADDED, "PetAdoptParams.age", ADDITIVE),
        ),
        (
            "PetAdoptParams",
            struct({"name": STRING}, mood=reference("Mood")),
            (FIELD, Action.REMOVED, "PetAdoptParams.mate", BREAKING),
        ),
        (
            "PetAdoptParams",
            struct({"name": NULLABLE}, mood=reference("Mood"), mate=reference("Pet")),
            (FIELD, Action.CHANGED, "PetAdoptParams.name", ADDITIVE),
        ),
        (
            "PetAskParams",
            struct({"question": STRING, "urgent": {"type": "boolean"}}),
            (FIELD, Action.ADDED, "PetAskParams.urgent", ADDITIVE),
        ),
        (
            "PetAskParams",
            struct({"question": NULLABLE}),
            (FIELD, Action.CHANGED, "PetAskParams.question", BREAKING),
        ),
        (
            "PetAskParams",
            struct(question=STRING),
            (FIELD, Action.CHANGED, "PetAskParams.question", BREAKING),
        ),
        (
            "PetAskParams",
            struct(),
            (FIELD, Action.REMOVED, "PetAskParams.question", BREAKING),
        ),
        (
            "PetAskResponse",
            struct({"answer": INTEGER}, tone=reference("Tone")),
            (FIELD, Action.CHANGED, "PetAskResponse.answer", BREAKING),
        ),
        (
            "Pet",
            struct({"name": STRING, "owner": NULLABLE}),
            (FIELD, Action.CHANGED, "Pet.owner", BREAKING),
        ),
        (
            "Pet",
            struct({"name": STRING}, owner=STRING),
            (FIELD, Action.CHANGED, "Pet.owner", BREAKING),
        ),
        (
            "Mood",
            {"type": "string", "enum": ["calm"]},
            (Subject.VALUE, Action.REMOVED, "Mood.wild", BREAKING),
        ),
        (
            "State",
            {"type": "string", "enum": ["asleep", "awake", "dreaming"]},
            (Subject.VALUE, Action.ADDED, "State.dreaming", ADDITIVE),
        ),
    ],
    ids=[
        "a new required field of what is sent",
        "a new optional field of what is sent",
        "a field of what is sent that went",
        "a wider field of what is sent",
        "a new required field of what is read",
        "a field of what is read that may be null now",
        "a field of what is read that may be missing now",
        "a field of what is read that went",
        "another type of what is sent in answer",
        "a field of both that has to be given now",
        "a narrower field of both",
        "a value of what is sent that went",
        "a new value of what is read",
    ],
)
def test_a_change_of_a_type_is_judged_by_its_direction(
    tmp_path: Path, name: str, new: Json, expected: tuple[Subject, Action, str, Severity]
) -> None:
    assert told(changes(tmp_path, PROTOCOL, {**PROTOCOL, name: new})) == [expected]


def test_a_narrower_field_of_what_is_read_breaks_nobody(tmp_path: Path) -> None:
    old = {**PROTOCOL, "PetAskParams": struct({"question": NULLABLE})}
    expected = (FIELD, Action.CHANGED, "PetAskParams.question", NEUTRAL)
    assert told(changes(tmp_path, old, PROTOCOL)) == [expected]


def test_methods_notifications_and_server_requests_come_and_go(tmp_path: Path) -> None:
    methods = envelope(
        {"pet/adopt": reference("PetAdoptParams"), "pet/feed": reference("PetFeedParams")}
    )
    new = {
        **PROTOCOL,
        "ClientRequest": methods,
        "PetFeedParams": struct(),
        "PetFeedResponse": struct(),
        "ServerRequest": envelope({}),
        "ServerNotification": envelope({}),
    }
    found = told(changes(tmp_path, PROTOCOL, new))
    assert (Subject.METHOD, Action.ADDED, "pet/feed", ADDITIVE) in found
    assert (Subject.TYPE, Action.ADDED, "PetFeedParams", ADDITIVE) in found
    assert (Subject.SERVER_REQUEST, Action.REMOVED, "pet/ask", BREAKING) in found
    assert (Subject.NOTIFICATION, Action.REMOVED, "pet/born", BREAKING) in found


def test_a_method_that_has_the_same_params_under_another_name_was_renamed(tmp_path: Path) -> None:
    new = {**PROTOCOL, "ClientRequest": envelope({"pet/take": reference("PetAdoptParams")})}
    (change,) = changes(tmp_path, PROTOCOL, new)
    assert (change.action, change.before, change.after) == (
        Action.RENAMED,
        "pet/adopt",
        "pet/take",
    )


def test_a_type_under_another_name_was_renamed_wherever_it_is_named(tmp_path: Path) -> None:
    old = {**PROTOCOL, "PetState": PROTOCOL["State"]}
    old["PetAdoptResponse"] = struct({"pet": reference("Pet"), "state": reference("PetState")})
    del old["State"]
    (change,) = changes(tmp_path, old, PROTOCOL)
    assert (change.action, change.before, change.after) == (Action.RENAMED, "PetState", "State")
    assert change.severity is BREAKING


@pytest.mark.parametrize(
    ("gone", "come"),
    [
        ({"Leash": struct({"length": INTEGER})}, {"Bowl": struct({"volume": INTEGER})}),
        # A single part may be the same by chance: the names would have to say so.
        (
            {"CurrentTimeReadParams": struct({"threadId": STRING})},
            {"ThreadMemoryReadParams": struct({"threadId": STRING})},
        ),
    ],
)
def test_what_has_little_in_common_was_not_renamed(
    tmp_path: Path, gone: dict[str, Json], come: dict[str, Json]
) -> None:
    old, new = {**PROTOCOL, **gone}, {**PROTOCOL, **come}
    assert {change.action for change in changes(tmp_path, old, new)} == {
        Action.ADDED,
        Action.REMOVED,
    }


def test_another_name_of_a_string_is_no_other_type(tmp_path: Path) -> None:
    old = {**PROTOCOL, "Path": STRING, "PetAskParams": struct({"question": reference("Path")})}
    new = {**PROTOCOL, "Path": STRING, "Place": STRING}
    new["PetAskParams"] = struct({"question": reference("Place")})
    found = {change.name: change.severity for change in changes(tmp_path, old, new)}
    assert found["PetAskParams.question"] is NEUTRAL


def test_a_union_that_gets_a_name_is_what_it_is_made_of(tmp_path: Path) -> None:
    place: Json = {"anyOf": [STRING, reference("Pet")]}
    old = {**PROTOCOL, "PetAdoptParams": struct({"home": NULLABLE})}
    home: Json = {"anyOf": [reference("Place"), {"type": "null"}]}
    new = {**PROTOCOL, "Place": place, "PetAdoptParams": struct({"home": home})}
    there = {change.name: change.severity for change in changes(tmp_path / "1", old, new)}
    back = {change.name: change.severity for change in changes(tmp_path / "2", new, old)}
    assert there["PetAdoptParams.home"] is ADDITIVE
    assert back["PetAdoptParams.home"] is BREAKING


@pytest.mark.parametrize(
    ("before", "after", "action", "severity"),
    [("new", "old", Action.STABLE, ADDITIVE), ("old", "new", Action.EXPERIMENTAL, BREAKING)],
)
def test_what_moves_between_stable_and_experimental_is_told(
    tmp_path: Path, before: str, after: str, action: Action, severity: Severity
) -> None:
    stable = {**PROTOCOL, "ClientRequest": envelope({})}
    bundles = {"old": None, "new": stable}
    folders = {
        name: write_schema(tmp_path / name, PROTOCOL, bundle) for name, bundle in bundles.items()
    }
    old, new = (read_surface(folders[name], name, ()) for name in (before, after))
    assert told(list(compare(old, new))) == [(Subject.METHOD, action, "pet/adopt", severity)]


def test_a_variant_is_told_at_its_union_and_what_is_in_it_at_the_variant(tmp_path: Path) -> None:
    def union(*arms: Json) -> Json:
        return {"oneOf": list(arms)}

    bark = struct({"type": constant("bark"), "volume": INTEGER})
    loud = struct({"type": constant("bark"), "volume": NULLABLE})
    nap = struct({"type": constant("nap")})
    old = {**PROTOCOL, "Act": union(bark), "PetBornNotification": struct({"act": reference("Act")})}
    new = {**old, "Act": union(loud, nap)}
    assert told(changes(tmp_path, old, new)) == [
        (FIELD, Action.CHANGED, "Act.bark.volume", BREAKING),
        (Subject.VARIANT, Action.ADDED, "Act.nap", ADDITIVE),
    ]


def test_what_a_method_takes_instead_breaks_and_so_does_what_it_has_to_take(
    tmp_path: Path,
) -> None:
    none = {**PROTOCOL, "ClientRequest": envelope({"pet/adopt": {"type": "null"}}, required=False)}
    free = {**PROTOCOL, "PetAdoptParams": struct({}, name=STRING)}
    breaking = (Subject.METHOD, Action.CHANGED, "pet/adopt", BREAKING)
    assert breaking in told(changes(tmp_path / "1", none, PROTOCOL))
    assert breaking in told(changes(tmp_path / "2", PROTOCOL, none))
    additive = (Subject.METHOD, Action.CHANGED, "pet/adopt", ADDITIVE)
    assert additive in told(changes(tmp_path / "3", none, free))
