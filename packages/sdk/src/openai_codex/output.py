"""Answers of a type: the schema that the model is held to, and the value that comes of its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from codex_app_server_rpc.deadline import Deadline
from codex_app_server_rpc.params import reasons
from codex_app_server_types import UNSET

from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError, OutputValidationError
from openai_codex.schemas import Strict

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_types import JsonValue
    from pydantic import TypeAdapter

    from openai_codex.results import TurnResult

    OutputType: TypeAlias = type["OutputT"] | TypeAdapter["OutputT"]
    """What an answer can be asked to be."""

__all__ = [
    "NO_FORMAT",
    "Attempts",
    "OutputFormat",
    "OutputT",
    "asked_again",
    "format_of",
]

OutputT = TypeVar("OutputT")


class OutputFormat(Generic[OutputT]):
    """What the final answer of a turn is to be."""

    def __init__(self, output_type: OutputType[OutputT]) -> None:
        """Derive the schema of a type.

        Args:
            output_type: A pydantic model, a dataclass, a ``TypedDict`` or a plain annotation; or
                a ``TypeAdapter`` of it.

        Raises:
            InvalidArgumentError: Pydantic knows no schema of it, or no model can be held to it;
                the error names the field.
        """
        from pydantic import PydanticUndefinedAnnotation, PydanticUserError, TypeAdapter

        if isinstance(cast("object", output_type), (str, Mapping)):
            given = type(output_type).__name__
            raise InvalidArgumentError(f"output_type is a type, not a {given}: see output_schema")
        try:
            adapter: TypeAdapter[OutputT]
            if isinstance(output_type, TypeAdapter):
                adapter = output_type
            else:
                adapter = TypeAdapter(output_type)
            schema = adapter.json_schema()
        except (PydanticUserError, PydanticUndefinedAnnotation) as error:
            reason = error.message.partition(". ")[0]
            raise InvalidArgumentError(f"output_type: {reason}") from error
        self._adapter = adapter
        self._strict = Strict(schema)

    @property
    def schema(self) -> dict[str, JsonValue]:
        """The JSON Schema for ``outputSchema``."""
        return self._strict.schema

    def typed(self, result: TurnResult[None]) -> TurnResult[OutputT]:
        """Give a result its output, if its turn is completed.

        Raises:
            OutputValidationError: There is no final answer, or it does not fit.
        """
        from codex_app_server_types import TurnStatus

        made = cast("TurnResult[OutputT]", result)
        if result.status == TurnStatus.completed:
            return replace(made, _output=self._parsed(result))
        return replace(made, _output=UNSET)

    def _parsed(self, result: TurnResult[None]) -> OutputT:
        from pydantic import ValidationError
        from pydantic_core import from_json, to_json

        if result.final_response is None:
            raise OutputValidationError(result, ["there is no final answer"])
        try:
            value: JsonValue = from_json(result.final_response)
        except ValueError as error:
            raise OutputValidationError(result, [f"it is no JSON: {error}"]) from error
        try:
            return self._adapter.validate_json(to_json(self._strict.relaxed(value)))
        except ValidationError as error:
            raise OutputValidationError(result, reasons(error)) from error


NO_FORMAT: OutputFormat[None] | None = None
"""That of a turn whose answer may be anything."""


class Attempts:
    """Counts the turns that are made for one answer, within the time for all of them."""

    def __init__(self, retries: int, timeout: float | None, *, is_typed: bool) -> None:
        """Begin with the first one.

        Args:
            retries: How many more there may be.
            timeout: How long all of them may take, in seconds; ``None`` for no limit.
            is_typed: Whether the answer is to be of a type.

        Raises:
            InvalidArgumentError: There is no such number; or nothing to ask again for.
        """
        check("retries", retries, "a number", int)
        if retries < 0 or (retries and not is_typed):
            raise InvalidArgumentError("retries is how often to ask again for an output_type")
        self._left = retries
        self._deadline = Deadline(timeout)

    def begin_another(self) -> bool:
        """Tell whether there may be another one, and count it."""
        self._left -= 1
        return self._left >= 0 and self.remaining() != 0

    def remaining(self) -> float | None:
        """Give the seconds that are left, or ``None`` for no limit."""
        return self._deadline.remaining()


def format_of(
    output_type: OutputType[OutputT] | None, output_schema: object
) -> OutputFormat[OutputT] | None:
    """Give the format of a type, if there is one.

    Raises:
        InvalidArgumentError: No model can be held to it; or there is a schema as well.
    """
    if output_type is None:
        return None
    if output_schema is not UNSET:
        raise InvalidArgumentError("output_type or output_schema: a turn has one of them")
    return OutputFormat(output_type)


def asked_again(error: OutputValidationError) -> str:
    """Say to the model what is wrong with its answer."""
    wrong = "\n".join(f"- {reason}" for reason in error.errors)
    return (
        f"Your last answer does not fit its JSON schema:\n{wrong}\n"
        "Give the whole answer again, as JSON that fits, and nothing else."
    )
