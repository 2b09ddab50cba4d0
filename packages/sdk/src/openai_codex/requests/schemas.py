"""Validators for schemas that anybody may have written.

Python's ``re`` takes a time for some patterns that doubles with every character, and no thread goes
on meanwhile. So no pattern of a schema is ever evaluated, and none of what depends on one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from jsonschema import Draft202012Validator, FormatChecker, SchemaError, validators
from referencing import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codex_app_server_types import JsonValue
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    Rule: TypeAlias = Callable[
        [Validator, JsonValue, JsonValue, dict[str, JsonValue]], Iterator[ValidationError] | None
    ]
    """Checks a keyword: by the validator, the keyword's value, the instance and the schema."""

__all__ = ["validator_of"]

_PATTERNS: Final = frozenset({"pattern", "patternProperties"})
_REFERENCES: Final = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_LOOKING_FAR: Final = ("unevaluatedItems", "unevaluatedProperties")
"""Keywords whose verdict depends on all that stands beside and below them."""
_TURNING: Final = ("contains", "disallow", "if", "not", "oneOf")
"""Keywords that may refuse a value because what is below them accepts it."""


def validator_of(schema: JsonValue, formats: FormatChecker) -> Validator:
    """Make the validator of a schema, of the draft that it names or else of 2020-12.

    Args:
        schema: The schema.
        formats: Checks the formats.

    Raises:
        SchemaError: The schema is broken.
        TypeError: It is none.
    """
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    if not isinstance(schema, dict):
        raise TypeError("it is no object")
    kind = validators.validator_for(schema, default=Draft202012Validator)
    # Not by `check_schema`, which compiles the patterns: they are of another dialect than Python's.
    for error in kind(kind.META_SCHEMA).iter_errors(schema):
        raise SchemaError.create_from(error)
    if _mentions(schema, _PATTERNS):
        kind = _without_patterns(kind)
    # With a registry of its own, it fetches no reference from the network.
    return kind(schema, registry=Registry(), format_checker=formats)


@cache
def _without_patterns(kind: type[Validator]) -> type[Validator]:
    """Make the class of validators of a draft that evaluate no pattern."""
    known = cast("dict[str, Rule]", kind.VALIDATORS)
    rules: dict[str, Rule] = dict.fromkeys((*_PATTERNS, *_LOOKING_FAR), _accept)
    rules["additionalProperties"] = _unless(_stands_beside_patterns, known["additionalProperties"])
    rules |= {name: _unless(_may_depend, known[name]) for name in _TURNING if name in known}
    # The types of jsonschema say nothing of `extend` and `evolve`.
    made = cast("type[Validator]", cast("Any", validators).extend(kind, rules))
    evolve: Callable[..., Validator] = cast("Any", made).evolve

    def evolve_alike(self: Validator, **changes: object) -> Validator:
        # A schema that names a draft would get the validator of that draft, which evaluates
        # patterns.
        schema = changes.get("schema")
        if isinstance(schema, dict):
            members = cast("dict[str, object]", schema)
            changes["schema"] = {key: members[key] for key in members if key != "$schema"}
        return evolve(self, **changes)

    setattr(made, "evolve", evolve_alike)  # noqa: B010 - subclasses are not intended
    return made


def _accept(*_: object) -> None:
    """Find nothing wrong."""


def _unless(is_open: Callable[[JsonValue, dict[str, JsonValue]], bool], rule: Rule) -> Rule:
    """Leave a rule out where it cannot be told without evaluating patterns."""

    def checked(
        validator: Validator, value: JsonValue, instance: JsonValue, schema: dict[str, JsonValue]
    ) -> Iterator[ValidationError] | None:
        return None if is_open(value, schema) else rule(validator, value, instance, schema)

    return checked


def _stands_beside_patterns(value: JsonValue, schema: dict[str, JsonValue]) -> bool:
    return bool(schema.get("patternProperties"))


def _may_depend(value: JsonValue, schema: dict[str, JsonValue]) -> bool:
    return _mentions(value, _PATTERNS | _REFERENCES)


def _mentions(value: JsonValue, names: frozenset[str]) -> bool:
    """Tell whether an object in a JSON value, however deep, has a member of these names."""
    if isinstance(value, dict):
        return not names.isdisjoint(value) or any(_mentions(one, names) for one in value.values())
    return isinstance(value, list) and any(_mentions(one, names) for one in value)
