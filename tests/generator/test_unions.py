"""How unions become aliases: one way of telling variants apart a test."""

from __future__ import annotations

from codex_generator.ir import Alias, Enumeration, Model
from codex_generator.schema import Json

from tests.generator.schemas import STRING, constant, declared, lower, reference, struct

Arm = dict[str, Json]

CAT: Arm = {**struct({"type": constant("cat")}, name=STRING), "title": "CatPet"}
DOG: Arm = {**struct({"type": constant("dog")}), "title": "DogPet"}
PET: Json = {"oneOf": [DOG, CAT]}


def keyed(key: str, value: Json, **others: Json) -> Arm:
    """Make an object that exists for its only key."""
    return {**struct({key: value}), "additionalProperties": False, **others}


def annotation(name: str, definitions: dict[str, Json]) -> str:
    """Lower definitions and return what one alias stands for."""
    return declared(Alias, name, definitions).annotation


def test_variants_with_a_constant_become_a_tagged_union_with_an_unknown_arm() -> None:
    expected = 'Annotated[CatPet | DogPet | UnknownPet, Tagged("type")]'
    assert annotation("Pet", {"Pet": PET}) == expected


def test_a_variant_has_its_tag_as_a_default() -> None:
    cat = declared(Model, "CatPet", {"Pet": PET})
    tag = next(field for field in cat.fields if field.is_tag)
    assert (cat.base, tag.annotation, tag.default) == ("Variant", 'Literal["cat"]', '"cat"')


def test_a_variant_begins_with_its_tag() -> None:
    arm: Json = struct({"type": constant("cat"), "a": STRING})
    cat = declared(Model, "CatPet", {"Pet": {"oneOf": [arm]}})
    assert [field.name for field in cat.fields] == ["type", "a"]


def test_the_unknown_arm_keeps_its_tag() -> None:
    unknown = declared(Model, "UnknownPet", {"Pet": PET})
    fields = [(field.name, field.annotation) for field in unknown.fields]
    assert (unknown.base, fields) == ("UnknownVariant", [("type", "str")])


def test_a_union_of_one_variant_is_a_union_all_the_same() -> None:
    expected = 'Annotated[CatPet | UnknownPet, Tagged("type")]'
    assert annotation("Pet", {"Pet": {"oneOf": [CAT]}}) == expected


def test_the_order_of_variants_is_that_of_their_tags() -> None:
    assert annotation("Pet", {"Pet": {"oneOf": [CAT, DOG]}}) == annotation("Pet", {"Pet": PET})


def test_any_property_can_be_the_tag() -> None:
    arms: list[Json] = [struct({"handlerType": constant(value)}) for value in ("a", "b")]
    expected = 'Annotated[AHook | BHook | UnknownHook, Tagged("handler_type")]'
    assert annotation("Hook", {"Hook": {"oneOf": arms}}) == expected


def test_a_constant_that_all_variants_share_is_not_the_tag() -> None:
    arms: list[Json] = [
        struct({"type": constant("hook"), "mode": constant(mode)}) for mode in ("a", "b")
    ]
    expected = 'Annotated[AHook | BHook | UnknownHook, Tagged("mode")]'
    assert annotation("Hook", {"Hook": {"oneOf": arms}}) == expected


def test_a_variant_without_a_title_is_named_after_its_tag() -> None:
    arm = struct({"kind": constant("some/where")})
    expected = 'Annotated[SomeWherePlace | UnknownPlace, Tagged("kind")]'
    assert annotation("Place", {"Place": {"oneOf": [arm]}}) == expected


def test_a_namespace_in_a_title_is_dropped() -> None:
    arm: Json = {**struct({"type": constant("cat")}), "title": "Catv2::Pet"}
    expected = 'Annotated[CatPet | UnknownPet, Tagged("type")]'
    assert annotation("Pet", {"Pet": {"oneOf": [arm]}}) == expected


def test_an_envelope_is_named_after_its_method_because_its_title_is_that_of_the_params() -> None:
    arm: Json = {**struct({"method": constant("turn/start")}), "title": "TurnStart"}
    expected = 'Annotated[TurnStartCall | UnknownCall, Tagged("method")]'
    assert annotation("Call", {"Call": {"oneOf": [arm]}}) == expected


def test_a_variant_called_unknown_leaves_its_name_to_the_protocol() -> None:
    arm: Json = {**struct({"type": constant("unknown")}), "title": "UnknownPet"}
    expected = 'Annotated[UnknownPet | UnrecognizedPet, Tagged("type")]'
    assert annotation("Pet", {"Pet": {"oneOf": [arm]}}) == expected


def test_properties_beside_the_variants_belong_to_each_and_to_the_unknown_one() -> None:
    hook: Json = {**struct({"key": STRING}, note=STRING), "oneOf": [CAT]}
    definitions: dict[str, Json] = {"Hook": hook}
    names = {
        name: {field.name for field in declared(Model, name, definitions).fields}
        for name in ("CatPet", "UnknownHook")
    }
    assert names == {
        "CatPet": {"key", "name", "note", "type"},
        "UnknownHook": {"key", "note", "type"},
    }


def test_two_variants_with_one_name_are_diagnosed() -> None:
    arms: list[Json] = [
        struct({"mode": constant(value)}) for value in ("openai/form", "openaiForm")
    ]
    assert lower({"Form": {"oneOf": arms}})[1] == ["name-collision"]


def test_strings_beside_objects_of_one_key_become_a_keyed_union() -> None:
    strings: Json = {"type": "string", "enum": ["never", "on-request"]}
    arms: list[Json] = [strings, keyed("granular", STRING, title="GranularAsk")]
    expected = "Annotated[AskValue | GranularAsk | UnknownAsk, Keyed()]"
    assert annotation("Ask", {"Ask": {"oneOf": arms}}) == expected


def test_the_strings_of_a_keyed_union_are_one_enum_however_they_are_written() -> None:
    arms: list[Json] = [
        {"type": "string", "enum": ["accept"], "description": "Yes."},
        keyed("amend", STRING),
        {"type": "string", "enum": ["decline"]},
    ]
    values = declared(Enumeration, "DecisionValue", {"Decision": {"oneOf": arms}})
    members = [(member.name, member.doc) for member in values.members]
    assert members == [("accept", ("Yes.",)), ("decline", ())]


def test_an_object_inside_of_a_keyed_variant_is_its_payload() -> None:
    arm = keyed("granular", struct({"rules": {"type": "boolean"}}), title="GranularAsk")
    definitions: dict[str, Json] = {"Ask": {"oneOf": [{"type": "string", "enum": ["never"]}, arm]}}
    assert declared(Model, "GranularAskPayload", definitions).fields[0].name == "rules"


def test_an_arm_that_leaves_everything_open_adds_nothing() -> None:
    arms: list[Json] = [
        {"type": "string", "enum": ["other"]},
        keyed("httpFailed", STRING),
        {"type": ["string", "object"]},
    ]
    expected = "Annotated[InfoValue | HttpFailedInfo | UnknownInfo, Keyed()]"
    assert annotation("Info", {"Info": {"anyOf": arms}}) == expected


def test_references_to_objects_become_a_union_by_shape() -> None:
    definitions: dict[str, Json] = {
        "Message": {"anyOf": [reference("Request"), reference("Notice")]},
        "Request": struct({"id": STRING}),
        "Notice": struct({"method": STRING}),
    }
    expected = "Annotated[Request | Notice | UnknownMessage, Shaped()]"
    assert annotation("Message", definitions) == expected


def test_objects_without_a_tag_are_named_after_the_key_only_they_require() -> None:
    arms: list[Json] = [
        struct({"uri": STRING, "text": STRING}),
        struct({"uri": STRING, "blob": STRING}),
    ]
    expected = "Annotated[TextContent | BlobContent | UnknownContent, Shaped()]"
    assert annotation("Content", {"Content": {"anyOf": arms}}) == expected


def test_an_object_that_alone_requires_several_keys_is_named_after_all_of_them() -> None:
    arms: list[Json] = [
        {**struct({"sessions": STRING}), "title": "SessionsResult"},
        struct({"login_id": STRING, "auth_url": STRING}),
    ]
    expected = "Annotated[SessionsResult | AuthUrlLoginIdResult | UnknownResult, Shaped()]"
    assert annotation("Result", {"Result": {"anyOf": arms}}) == expected


def test_objects_that_nothing_tells_apart_are_diagnosed() -> None:
    arms: list[Json] = [struct({"uri": STRING}), struct({"uri": STRING})]
    assert "unsupported-shape" in lower({"Content": {"anyOf": arms}})[1]


def test_a_string_or_an_object_is_a_plain_union() -> None:
    definitions: dict[str, Json] = {
        "Cursor": {"anyOf": [STRING, reference("Anchor")]},
        "Anchor": struct(),
    }
    assert annotation("Cursor", definitions) == "str | Anchor"
