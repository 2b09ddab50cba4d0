"""Everything that the schema names has a field and a type of its own."""

from __future__ import annotations

import pytest
from codex_app_server_types import WireModel

from tests.types.decoding import decode, unknown_parts
from tests.types.instances import sample
from tests.types.protocol import ALTERNATIVES, Arm

every_alternative = pytest.mark.parametrize("arm", ALTERNATIVES, ids=str)
every_alternative_with_fields = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if arm.fields], ids=str
)


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
