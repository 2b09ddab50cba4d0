"""Everything in the schema is in the package, under its name and with its stability."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import codex_app_server_types as types
import pytest
from codex_app_server_types import OpenEnum, WireModel, stability

from tests.types.decoding import decode, exported
from tests.types.instances import sample
from tests.types.protocol import (
    ALTERNATIVES,
    DEFINITIONS,
    STABLE,
    Arm,
    alternatives,
    kind,
    named,
    snake,
)

ENUMS = [name for name in sorted(DEFINITIONS) if kind(name) == "enum"]
VARIANTS = [
    arm for arm in ALTERNATIVES if len(named(arm.definition)) > 1 and "properties" in arm.schema
]

every_variant = pytest.mark.parametrize("arm", VARIANTS, ids=str)


def stub() -> ast.Module:
    """Read what type checkers see of the package."""
    path = Path(str(types.__file__)).with_suffix(".pyi")
    return ast.parse(path.read_text(encoding="utf-8"))


def stub_imports() -> dict[str, str]:
    """Return the modules from which the stub takes the names it exports."""
    return {
        alias.asname or alias.name: node.module
        for node in stub().body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if node.module.startswith("codex_app_server_types")
    }


def test_every_definition_is_exported_under_its_name() -> None:
    assert [name for name in DEFINITIONS if not hasattr(types, name)] == []


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_values_of_the_schema(name: str) -> None:
    values = [value for arm in named(name) for value in arm.schema["enum"]]

    enum: type[OpenEnum] = exported(name)

    assert sorted(member.value for member in enum) == sorted(values)


@every_variant
def test_every_variant_is_exported_under_the_name_of_its_class(arm: Arm) -> None:
    variant = type(decode(arm.definition, sample(arm)))

    assert exported(variant.__name__) is variant


@pytest.mark.parametrize("union", sorted({arm.definition for arm in VARIANTS}))
def test_every_variant_of_a_union_has_a_class_of_its_own(union: str) -> None:
    variants = {
        arm.label: type(decode(union, sample(arm))) for arm in VARIANTS if arm.definition == union
    }

    assert len(set(variants.values())) == len(variants)


def test_no_name_is_exported_twice() -> None:
    assert len(set(types.__all__)) == len(types.__all__)


def test_type_checkers_see_the_names_that_there_are() -> None:
    (listed,) = (
        ast.literal_eval(node.value)
        for node in stub().body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )

    assert sorted(listed) == sorted(types.__all__)
    assert sorted(stub_imports()) == sorted(types.__all__)


def test_type_checkers_are_told_where_each_name_really_is() -> None:
    wrong = [
        name
        for name, module in stub_imports().items()
        if getattr(import_module(module), name) is not exported(name)
    ]

    assert wrong == []


def test_definitions_beyond_the_stable_schema_are_marked_experimental() -> None:
    marked = {name for name in DEFINITIONS if name in stability.EXPERIMENTAL_TYPES}

    assert marked == DEFINITIONS.keys() - STABLE.keys()


@every_variant
def test_variants_beyond_the_stable_schema_are_marked_experimental(arm: Arm) -> None:
    known = STABLE.get(arm.definition)
    stable = {other.label for other in alternatives(known)} if known is not None else set[str]()

    variant = type(decode(arm.definition, sample(arm))).__name__

    assert (variant in stability.EXPERIMENTAL_TYPES) is (arm.label not in stable)


def test_fields_beyond_the_stable_schema_are_marked_experimental() -> None:
    arms = [arm for name in STABLE for arm in alternatives(STABLE[name], name)]
    known = {(arm.definition, arm.label) for arm in arms}
    stable = {(arm.definition, arm.label, field) for arm in arms for field in arm.fields}

    expected = {
        (type(decode(arm.definition, sample(arm))).__name__, snake(field))
        for arm in ALTERNATIVES
        for field in arm.fields
        if (arm.definition, arm.label) in known and (arm.definition, arm.label, field) not in stable
    }

    assert expected == stability.EXPERIMENTAL_FIELDS


def test_values_beyond_the_stable_schema_are_marked_experimental() -> None:
    expected = {
        (name, snake(value))
        for name in ENUMS
        if name in STABLE
        for arm in named(name)
        for value in arm.schema["enum"]
        if value not in {old for arm in alternatives(STABLE[name]) for old in arm.schema["enum"]}
    }

    assert expected == stability.EXPERIMENTAL_MEMBERS


def test_requests_beyond_the_stable_schema_are_marked_experimental() -> None:
    known = {arm.label for arm in named("ClientRequest")}
    stable = {arm.label for arm in alternatives(STABLE["ClientRequest"])}

    assert known - stable == stability.EXPERIMENTAL_METHODS


def test_the_docs_of_what_is_experimental_say_so() -> None:
    classes = [exported(name) for name in stability.EXPERIMENTAL_TYPES]
    documented = [each for each in classes if isinstance(each, type)]

    silent = [each.__name__ for each in documented if "Experimental." not in (each.__doc__ or "")]

    assert len(documented) > 100
    assert silent == []


def test_the_docs_of_what_is_stable_do_not_call_it_experimental() -> None:
    stable = [exported(name) for name in STABLE]

    loud = [
        each.__name__
        for each in stable
        if isinstance(each, type)
        and issubclass(each, (WireModel, OpenEnum))
        and "\n    Experimental.\n" in (each.__doc__ or "")
    ]

    assert loud == []
