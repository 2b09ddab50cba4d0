"""The JSON Schema that an answer has to keep to, and whether it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codex_app_server_types import JsonValue
    from jsonschema import SchemaError, ValidationError
    from jsonschema.protocols import Validator

__all__ = ["AnswerSchema"]


class AnswerSchema:
    """A JSON Schema from a file, of the draft that it names or else of 2020-12.

    Formats and regular expressions are not checked, nor are rules that depend on expressions: the
    model is held to them, and evaluating a hostile one would take forever.

    Attributes:
        schema: The schema itself, for ``outputSchema``.
    """

    def __init__(self, schema: Mapping[str, JsonValue]) -> None:
        """Check that it is a schema.

        Raises:
            InvalidArgumentError: It is none; the error says where it is wrong.
        """
        self.schema: Mapping[str, JsonValue] = schema
        self._validator = _validator(schema)

    @classmethod
    def of(cls, file: Path) -> AnswerSchema:
        """Read a schema.

        Raises:
            InvalidArgumentError: The file cannot be read, or holds no schema.
        """
        where = f"--output-schema is {file}, which"
        try:
            schema: object = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidArgumentError(f"{where} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise InvalidArgumentError(f"{where} is not JSON: {error}") from error
        if not isinstance(schema, dict):
            raise InvalidArgumentError(f"{where} holds no JSON object")
        try:
            return cls(cast("Mapping[str, JsonValue]", schema))
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"{where} is no JSON Schema: {error}") from error

    def problem_of(self, answer: str | None) -> str | None:
        """Say in a sentence why an answer does not keep to it; ``None`` if it does."""
        if answer is None:
            return "There is no answer, and so none that keeps to the schema."
        try:
            value: JsonValue = json.loads(answer)
        except (ValueError, RecursionError) as error:
            return f"The answer does not keep to the schema: it is no JSON: {error}."
        try:
            wrong = min(self._validator.iter_errors(value), key=_place, default=None)
        except Exception as error:  # a reference that leads nowhere, or around in a circle
            return f"Whether the answer keeps to the schema cannot be told: {shown(str(error))}."
        return None if wrong is None else f"The answer does not keep to the schema: {_said(wrong)}."


def _validator(schema: Mapping[str, JsonValue]) -> Validator:
    # Loaded here, for most runs have no schema.
    from jsonschema import FormatChecker, SchemaError

    from openai_codex.requests.schemas import validator_of

    try:
        return validator_of(dict(schema), FormatChecker(formats=()))
    except SchemaError as error:
        raise InvalidArgumentError(_said(error)) from error
    except Exception as error:  # anybody's schema may break anything
        raise InvalidArgumentError(shown(str(error))) from error


def _place(error: ValidationError) -> list[str]:
    return [str(step) for step in error.absolute_path]


def _said(error: ValidationError | SchemaError) -> str:
    place = ".".join(map(str, error.absolute_path))
    return shown(f"{place}: {error.message}" if place else error.message)
