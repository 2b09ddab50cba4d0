"""What the stable bundle does not have is marked experimental."""

from __future__ import annotations

from codex_generator.diagnostics import Diagnostics
from codex_generator.ir import Declaration, Enumeration, Model, Stability
from codex_generator.schema import Json
from codex_generator.stability import check_superset, mark_experimental, summarise

from tests.generator.schemas import STRING, constant, lower, struct

BOTH = struct({"id": STRING})
Bundle = dict[str, Json]


def marked(full: Bundle, stable: Bundle) -> dict[str, Declaration]:
    """Lower both bundles and mark what only the first has."""
    return mark_experimental(lower(full)[0], lower(stable)[0])


def summary(full: Bundle, stable: Bundle) -> Stability:
    """Return the table of what only the first bundle has."""
    return summarise(marked(full, stable).values(), [])


def test_what_both_bundles_have_is_stable() -> None:
    assert summary({"Turn": BOTH}, {"Turn": BOTH}) == Stability((), (), (), ())


def test_a_type_is_experimental() -> None:
    assert summary({"Turn": BOTH}, {}).types == ("Turn",)


def test_a_field_of_a_stable_type_is_experimental() -> None:
    full: Bundle = {"Turn": struct({"id": STRING}, extra=STRING)}
    assert summary(full, {"Turn": BOTH}).fields == (("Turn", "extra"),)


def test_a_member_of_a_stable_enum_is_experimental() -> None:
    full: Bundle = {"Mode": {"type": "string", "enum": ["fast", "faster"]}}
    stable: Bundle = {"Mode": {"type": "string", "enum": ["fast"]}}
    assert summary(full, stable).members == (("Mode", "faster"),)


def test_a_variant_of_a_stable_union_is_experimental() -> None:
    arms: list[Json] = [struct({"type": constant(tag)}) for tag in ("cat", "dog")]
    full: Bundle = {"Pet": {"oneOf": arms}}
    assert summary(full, {"Pet": {"oneOf": arms[:1]}}).types == ("DogPet",)


def test_documents_say_so() -> None:
    full: Bundle = {"Turn": struct({"id": STRING}, extra=STRING), "New": BOTH}
    found = marked(full, {"Turn": BOTH})
    turn, new = found["Turn"], found["New"]
    assert isinstance(turn, Model)
    assert isinstance(new, Model)
    assert turn.fields[1].doc == ("Experimental.",)
    assert new.doc[-1] == "Experimental."


def test_a_stable_member_keeps_its_document() -> None:
    mode: Bundle = {"Mode": {"type": "string", "enum": ["fast"]}}
    found = marked(mode, mode)["Mode"]
    assert isinstance(found, Enumeration)
    assert found.members[0].doc == ()


def test_what_only_the_stable_bundle_has_is_diagnosed() -> None:
    diagnostics = Diagnostics()
    full, stable = lower({"Turn": BOTH})[0], lower({"Turn": struct(gone=STRING), "Old": BOTH})[0]
    check_superset(full, stable, diagnostics)
    places = [found.place for found in diagnostics.sorted()]
    assert places == ["Old", "Turn.gone"]
