"""What is decoded encodes to what came in: for every definition of the schema."""

from __future__ import annotations

import pytest
from codex_app_server_types import WireModel

from tests.types.decoding import decode, encode, encode_text, same_json, unknown_parts
from tests.types.instances import for_all, instances, of_arm, sample
from tests.types.protocol import ALTERNATIVES, DEFINITIONS, Arm, Json, allows

every_definition = pytest.mark.parametrize("name", sorted(DEFINITIONS))
every_alternative = pytest.mark.parametrize("arm", ALTERNATIVES, ids=str)
every_alternative_with_fields = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if arm.fields], ids=str
)


@every_alternative
def test_what_comes_in_goes_out_again(arm: Arm) -> None:
    @for_all(of_arm(arm), examples=4)
    def check(raw: Json) -> None:
        decoded = decode(arm.definition, raw)

        assert same_json(encode(arm.definition, decoded), raw)
        assert same_json(encode_text(arm.definition, decoded), raw)


@every_alternative_with_fields
def test_every_property_of_the_schema_is_a_field(arm: Arm) -> None:
    decoded = decode(arm.definition, sample(arm))

    assert isinstance(decoded, WireModel)
    assert not decoded.model_extra, "kept, but no type says so"


@every_alternative
def test_nothing_of_this_version_is_taken_for_unknown(arm: Arm) -> None:
    assert unknown_parts(decode(arm.definition, sample(arm))) == []


@every_alternative
def test_a_decoded_value_is_accepted_where_json_is(arm: Arm) -> None:
    decoded = decode(arm.definition, sample(arm))

    assert decode(arm.definition, decoded) == decoded


@every_definition
def test_the_instances_of_these_tests_are_allowed_by_the_schema(name: str) -> None:
    @for_all(instances(name), examples=2)
    def check(raw: Json) -> None:
        assert allows(DEFINITIONS[name], raw)
