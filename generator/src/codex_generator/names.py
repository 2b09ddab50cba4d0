"""Names: how the wire's spelling becomes Python's.

One rule per kind of name, used by every stage. A run of capitals is one word (`mcpURL` ->
`mcp_url`), digits belong to the word before them (`sha256`).
"""

from __future__ import annotations

import builtins
import keyword
import re

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")
_ACRONYMS = ("OAuth", "GitHub", "ChatGPT")
"""Spellings that are one word although their capitals say otherwise."""

# What pydantic's BaseModel defines (2.10 to 2.14, also the deprecated names), and what our own
# base class adds: a field of that name would shadow it. Spelled out, so that rendering does not
# depend on the pydantic that happens to be installed beside the generator.
MODEL_ATTRIBUTES = frozenset(
    {
        "construct", "copy", "dict", "from_orm", "from_wire", "json", "model_computed_fields",
        "model_config", "model_construct", "model_copy", "model_dump", "model_dump_json",
        "model_extra", "model_fields", "model_fields_set", "model_json_schema",
        "model_parametrized_name", "model_post_init", "model_rebuild", "model_validate",
        "model_validate_json", "model_validate_strings", "parse_file", "parse_obj", "parse_raw",
        "schema", "schema_json", "to_wire", "to_wire_json", "update_forward_refs", "validate",
    }
)  # fmt: skip

# Members of an enum that is also a `str` must not shadow the methods of either.
ENUM_ATTRIBUTES = frozenset(
    [name for name in dir(str) if not name.startswith("_")] + ["name", "value", "mro", "is_known"]
)

# Builtins that annotations use: inside of a class body a field of that name would hide them.
ANNOTATION_BUILTINS = frozenset(["bool", "dict", "float", "int", "list", "str"])


def words(name: str) -> list[str]:
    """Split a name of the wire into its words.

    Args:
        name: camelCase, PascalCase, snake_case, kebab-case or a path of those.
    """
    for acronym in _ACRONYMS:
        name = name.replace(acronym, acronym.capitalize())
    return _WORD.findall(name)


def snake_case(name: str) -> str:
    """Return the snake_case form: `thread/name/set` -> `thread_name_set`.

    A leading digit gets an `n` before it: with an underscore, pydantic would call it private.
    """
    snake = "_".join(word.lower() for word in words(name))
    return f"n{snake}" if snake[:1].isdigit() else snake


def pascal_case(name: str) -> str:
    """Return the PascalCase form: `thread/name/set` -> `ThreadNameSet`."""
    parts = re.split(r"[^A-Za-z0-9]+", name)
    return "".join(part[:1].upper() + part[1:] for part in parts if part)


def class_name(title: str) -> str:
    """Return the class name that a title gives, without the namespace that some carry.

    `ApiKeyv2::LoginAccountParams` -> `ApiKeyLoginAccountParams`.
    """
    return re.sub(r"v[0-9]+::", "", title)


def camel_case(name: str) -> str:
    """Return the wire name that the models' alias generator makes of a Python name.

    The twin of `to_camel` in the rendered `_model.py`; a test holds the two equal.
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def field_name(wire: str) -> str:
    """Return the Python name of a field, with a trailing `_` where the plain one is taken."""
    name = snake_case(wire)
    taken = MODEL_ATTRIBUTES | ANNOTATION_BUILTINS
    return f"{name}_" if keyword.iskeyword(name) or name in taken else name


def argument_name(field: str) -> str:
    """Return the name of a method's parameter that fills the given field."""
    return f"{field}_" if field in {"self", "timeout", "params", "t"} else field


def member_name(value: str) -> str:
    """Return the name of an enum member for a value of the wire."""
    name = snake_case(value) or "empty"
    return f"{name}_" if keyword.iskeyword(name) or name in ENUM_ATTRIBUTES else name


def adapter_name(union: str) -> str:
    """Return the name of what decodes a union: `Login` -> `LoginAdapter`."""
    return f"{union}Adapter"


def is_type_name(name: str) -> bool:
    """Tell whether a definition's name can name a Python class as it is."""
    return name.isidentifier() and not keyword.iskeyword(name) and not hasattr(builtins, name)
