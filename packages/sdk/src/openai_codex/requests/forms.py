"""Checking the content of a form against its JSON Schema.

The schema comes from an MCP server: it may be broken, and must not make this program fetch
anything. The content may be a secret: what is wrong with it is said in the words of the schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias, cast
from urllib.parse import urlsplit

from codex_app_server_rpc.params import scrub
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed import DataclassInstance
    from codex_app_server_types import JsonValue
    from jsonschema import FormatChecker, ValidationError

__all__ = ["FormContent", "check_value", "plain_content", "rules_of"]

FormContent: TypeAlias = "Mapping[str, object] | BaseModel | DataclassInstance"
"""What a form is filled in with: a mapping, or a pydantic model or dataclass of its fields."""

_RULES: Final = {
    "type": "of type {}",
    "enum": "one of {}",
    "const": "{}",
    "format": "of the format {}",
    "pattern": "of the pattern {}",
    "minLength": "at least {} characters long",
    "maxLength": "at most {} characters long",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "of at least {} items",
    "maxItems": "of at most {} items",
    "uniqueItems": "of different items",
    "additionalProperties": "without further members",
}
"""What a value must be, by the keyword of the schema that says so."""

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def plain_content(content: FormContent) -> JsonValue:
    """Turn the content of a form into JSON values.

    Args:
        content: The content. Fields of a model or dataclass that are ``None`` are left out: no
            field of a form may be null.

    Raises:
        InvalidArgumentError: It is something else, or cannot be written as JSON.
    """
    given: object = content
    reason: str | None = None
    try:
        if isinstance(given, BaseModel):
            # Warnings would show the values.
            given = given.model_dump(by_alias=True, exclude_none=True, warnings=False)
        elif is_dataclass(given):
            adapter: TypeAdapter[object] = TypeAdapter(type(given))
            given = adapter.dump_python(given, by_alias=True, exclude_none=True, warnings=False)
        if isinstance(given, Mapping):
            text = to_json(scrub(dict(cast("Mapping[object, object]", given))), by_alias=True)
            plain: JsonValue = json.loads(text, parse_constant=_refuse)
            return plain
    except (ValueError, RecursionError, AttributeError) as error:
        reason = type(error).__name__
    # Not out of the first error, which may show the values.
    if reason is not None:
        raise InvalidArgumentError(f"the content of a form is JSON; this cannot be ({reason})")
    raise InvalidArgumentError(
        "the content of a form is a mapping, or a pydantic model or a dataclass; not of type "
        f"{type(content).__name__}"
    )


def check_value(value: JsonValue, schema: JsonValue, *, place: str = "") -> None:
    """Check a value against a JSON Schema, of the draft that it names or else of 2020-12.

    Regular expressions (``pattern``, ``patternProperties``) are not evaluated, nor are rules that
    depend on them: a hostile one would stop the whole program. The server checks its own answers.

    Args:
        value: The value.
        schema: The schema.
        place: Where the value stands.

    Raises:
        InvalidArgumentError: It does not fit: the error names the places and the rules, not the
            values. Or the schema is broken.
    """
    # Loaded here, for few programs ever have to fill in a form.
    from openai_codex.requests.schemas import validator_of

    broken: str | None = None
    wrong: list[str] = []
    try:
        for error in sorted(validator_of(schema, _formats()).iter_errors(value), key=_position):
            wrong += _violations(error, place)
    except Exception as error:  # the schema is anybody's, and may break anything
        broken = _what_is_broken(error)
    if broken is not None:  # not out of the first error, which may show the values
        raise InvalidArgumentError(f"the schema of the form is broken: {broken}")
    if wrong:
        raise InvalidArgumentError("; ".join(dict.fromkeys(wrong)))


def rules_of(schema: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Say what a schema demands of a value beyond its type, a rule each.

    A ``pattern`` is among them: `check_value` leaves it to people, and to the server.
    """
    apart = ("type", "enum", "const", "additionalProperties")
    return tuple(_rule(key, schema[key]) for key in _RULES if key in schema and key not in apart)


def _violations(error: ValidationError, place: str) -> Iterable[str]:
    path = ".".join([*([place] if place else []), *map(str, error.absolute_path)])
    where = shown(path) if path else "the content"
    rule = str(error.validator)
    if rule == "required":
        members = cast("Mapping[str, object]", error.instance)
        names = cast("list[str]", error.validator_value)
        missing = [name for name in names if name not in members]
        return [f"{shown(f'{path}.{name}' if path else name)}: must be given" for name in missing]
    if rule in _RULES:
        return [f"{where}: must be {_rule(rule, error.validator_value)}"]
    return [f"{where}: does not fit the rule {shown(rule)!r} of the form"]


def _rule(keyword: str, value: object) -> str:
    several = cast("list[object]", value) if isinstance(value, list) else [value]
    return _RULES[keyword].format(", ".join(map(_said, several)))


def _said(value: object) -> str:
    # The types of the schema make a float of every number.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return shown(json.dumps(value, ensure_ascii=False))


def _position(error: ValidationError) -> list[str]:
    return [str(step) for step in error.absolute_path]


def _what_is_broken(error: Exception) -> str:
    from jsonschema import SchemaError

    if isinstance(error, SchemaError):  # it is about the schema alone
        place = ".".join(map(str, error.absolute_path))
        return shown(f"{place}: {error.message}" if place else error.message)
    return type(error).__name__


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


@cache
def _formats() -> FormatChecker:
    """Make the checker of MCP's formats; those of ``jsonschema`` need other packages."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, check in _FORMATS.items():
        checker.checks(name, raises=ValueError)(check)
    return checker


def _is_email(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    rest = value[len(parts.scheme) + 1 :]
    return bool(parts.scheme and rest) and value.isprintable() and " " not in value


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    date.fromisoformat(value)
    return True


def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    found = _TIME.fullmatch(value)
    if found is None:
        return False
    day, time, zone = found.groups()
    datetime.fromisoformat(f"{day}T{time}{zone.upper().replace('Z', '+00:00')}")
    return True


_FORMATS: Final[Mapping[str, Callable[[object], bool]]] = {
    "email": _is_email,
    "uri": _is_uri,
    "date": _is_date,
    "date-time": _is_time,
}
