"""What is decoded encodes to what came in: for every definition of the schema."""

from __future__ import annotations

import pytest

from tests.types.decoding import decode, encode, encode_text, same_json
from tests.types.instances import for_all, instances, of_arm
from tests.types.protocol import ALTERNATIVES, DEFINITIONS, Arm, Json, allows

every_definition = pytest.mark.parametrize("name", sorted(DEFINITIONS))
every_alternative = pytest.mark.parametrize("arm", ALTERNATIVES, ids=str)


@every_alternative
def test_what_comes_in_goes_out_again(arm: Arm) -> None:
    @for_all(of_arm(arm), examples=4)
    def check(raw: Json) -> None:
        decoded = decode(arm.definition, raw)

        assert same_json(encode(arm.definition, decoded), raw)
        assert same_json(encode_text(arm.definition, decoded), raw)


@every_definition
def test_the_instances_of_these_tests_are_allowed_by_the_schema(name: str) -> None:
    @for_all(instances(name), examples=2)
    def check(raw: Json) -> None:
        assert allows(DEFINITIONS[name], raw)
