"""What breaks the protocol is a `pydantic.ValidationError`, never another one."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.types.decoding import decode, encode
from tests.types.instances import ANY_JSON, for_all, instances, sample
from tests.types.protocol import (
    ALTERNATIVES,
    DEFINITIONS,
    Arm,
    Json,
    allows,
    is_array,
    is_object,
    kind,
    named,
    tag,
)

every_definition = pytest.mark.parametrize("name", sorted(DEFINITIONS))
every_alternative_with_fields = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if arm.fields], ids=str
)


def is_told_by_tag(arm: Arm) -> bool:
    """Tell whether it takes no more than a tag, or nothing at all, to know the alternative."""
    same = [other for other in named(arm.definition) if other.label == arm.label]
    return bool(arm.required) and kind(arm.definition) != "union" and len(same) == 1


@st.composite
def broken(draw: st.DrawFn, name: str) -> Json:
    """Make instances of a definition with one part replaced by anything, or left out."""

    def damage(value: Json) -> Json:
        if value and is_array(value) and draw(st.booleans()):
            index = draw(st.integers(0, len(value) - 1))
            return [*value[:index], damage(value[index]), *value[index + 1 :]]
        if value and is_object(value) and draw(st.integers(0, 3)):
            key = draw(st.sampled_from(sorted(value)))
            rest = {other: value[other] for other in value if other != key}
            return {**rest, key: damage(value[key])} if draw(st.booleans()) else rest
        return draw(ANY_JSON)

    return damage(draw(instances(name)))


@every_definition
def test_anything_either_validates_or_is_a_validation_error(name: str) -> None:
    @for_all(broken(name), examples=3)
    def check(raw: Json) -> None:
        with suppress(ValidationError):
            encode(name, decode(name, raw))


@pytest.mark.parametrize("arm", [arm for arm in ALTERNATIVES if is_told_by_tag(arm)], ids=str)
def test_a_required_property_that_is_missing_is_an_error(arm: Arm) -> None:
    known = sample(arm)
    for name in arm.required:
        if name == tag(DEFINITIONS[arm.definition]):
            continue
        with pytest.raises(ValidationError):
            decode(arm.definition, {key: known[key] for key in known if key != name})


@every_alternative_with_fields
def test_a_property_of_another_type_is_an_error(arm: Arm) -> None:
    known = sample(arm)
    for name, schema in arm.fields.items():
        if name == tag(DEFINITIONS[arm.definition]):
            continue
        for wrong in ([[["wrong"]]], 5.5):
            if allows(schema, wrong):
                continue
            with pytest.raises(ValidationError):
                decode(arm.definition, {**known, name: wrong})
