"""Parameters of a function: what the model is told of them, and how arguments are checked."""

from __future__ import annotations

import inspect
from types import SimpleNamespace, new_class
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_type_hints

from codex_app_server_rpc.params import reasons
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import to_json

from openai_codex.errors import InvalidArgumentError, ToolError
from openai_codex.tools.schema import outspoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codex_app_server_types import JsonValue
    from pydantic.json_schema import JsonSchemaWarningKind

    from openai_codex.tools.callee import Callee

__all__ = ["Parameters"]

_MOST_REASONS: Final = 10
"""How many things that are wrong with its arguments the model is told at once."""

_Fields = dict[str, tuple[Any, Any]]


class Parameters:
    """The parameters of a tool.

    Attributes:
        schema: The JSON Schema of an object with an argument for each.
    """

    def __init__(
        self,
        callee: Callee,
        *,
        tool: str,
        descriptions: Mapping[str, str],
        scope: Mapping[str, object],
    ) -> None:
        """Derive a schema of a function's annotations.

        Args:
            callee: The function.
            tool: What to call it in an error.
            descriptions: What each parameter is for, if the annotation does not say it.
            scope: The names that stand where the function was defined, beside its module's.

        Raises:
            InvalidArgumentError: A parameter is nothing that a model can give; it is named.
        """
        self._names: dict[str, str] = {}
        self._own_defaults: set[str] = set()
        fields: _Fields = {}
        for parameter in callee.parameters:
            where = f"tool {tool}: parameter {parameter.name}"
            hint = _hint(parameter, callee.scope, scope, where)
            # Pydantic keeps some names, such as model_config; the parameter's is an alias.
            field = f"parameter_{len(fields)}"
            fields[field] = _field(parameter, hint, descriptions.get(parameter.name), where)
            self._names[field] = parameter.name
            if not isinstance(parameter.default, FieldInfo) and parameter.default is not _NONE:
                self._own_defaults.add(field)
        self._model, schema = _built(fields, self._names, tool)
        self.schema: dict[str, JsonValue] = schema

    def arguments(self, given: JsonValue) -> dict[str, object]:
        """Make the arguments for the function of what the model has given.

        Args:
            given: The ``arguments`` of ``item/tool/call``.

        Returns:
            Values of the parameters' types, by the parameters' names. What the model has not
            given is left to the function's own defaults.

        Raises:
            ToolError: They do not fit; it says to the model what is wrong with which.
        """
        try:
            # As JSON, whose text becomes a date even where the types are strict.
            model = self._model.model_validate_json(to_json(given))
        except ValidationError as error:
            wrong = reasons(error)
            told = "; ".join(wrong[:_MOST_REASONS])
            more = len(wrong) - _MOST_REASONS
            raise ToolError(
                f"the arguments do not fit: {told}" + (f"; and {more} more" if more > 0 else "")
            ) from error
        return {
            name: getattr(model, field)
            for field, name in self._names.items()
            if field in model.model_fields_set or field not in self._own_defaults
        }


_NONE: Final = inspect.Parameter.empty


class _Schema(GenerateJsonSchema):
    """Without titles, which repeat the names, and without warnings about defaults."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012 - so it is in pydantic
        "skipped-choice",
        "non-serializable-default",
    }

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _hint(
    parameter: inspect.Parameter,
    of_module: dict[str, object],
    of_place: Mapping[str, object],
    where: str,
) -> Any:
    """Give the type of a parameter, whose annotation may be text."""
    if parameter.kind in (
        parameter.VAR_POSITIONAL,
        parameter.VAR_KEYWORD,
        parameter.POSITIONAL_ONLY,
    ):
        raise InvalidArgumentError(f"{where} cannot be given by name, which is how models do it")
    if parameter.annotation is _NONE:
        raise InvalidArgumentError(f"{where} has no type: annotate it")
    alone = SimpleNamespace(__annotations__={"it": parameter.annotation})
    try:
        return get_type_hints(alone, of_module, of_place, include_extras=True)["it"]
    except NameError as error:
        raise InvalidArgumentError(
            f"{where}: {error} where the tool is: define or import it before, outside of "
            "TYPE_CHECKING"
        ) from error
    except Exception as error:  # whatever text that is no type leads to
        raise InvalidArgumentError(f"{where}: its annotation is no type: {error}") from error


def _field(
    parameter: inspect.Parameter, hint: Any, documented: str | None, where: str
) -> tuple[Any, Any]:
    """Make the field of a parameter: its annotation, and its default, which may be `_NONE`."""
    default = parameter.default
    if isinstance(default, FieldInfo):  # number: int = Field(ge=1)
        hint, default = Annotated[hint, default], _NONE
    notes = cast("tuple[object, ...]", getattr(hint, "__metadata__", ()))
    of_fields = [note for note in notes if isinstance(note, FieldInfo)]
    if any(note.alias or note.validation_alias for note in of_fields):
        raise InvalidArgumentError(f"{where} has an alias: name the parameter itself like that")
    descriptions = [note.description for note in of_fields]
    descriptions += [note for note in notes if isinstance(note, str)]
    described = next(filter(None, [*descriptions, documented]), None)
    ours = Field(alias=parameter.name, description=described)
    try:
        return Annotated[hint, ours], default
    except (AttributeError, TypeError) as error:  # such as a number, in some Pythons
        raise InvalidArgumentError(f"{where}: its annotation is no type") from error


def _built(
    fields: _Fields, names: Mapping[str, str], tool: str
) -> tuple[type[BaseModel], dict[str, JsonValue]]:
    """Make the model of some fields, and its schema."""
    try:
        return _model(fields)
    except Exception as error:  # types of the user's bring their own code to this
        for field, given in fields.items():
            try:
                _model({field: given})
            except Exception as reason:
                raise InvalidArgumentError(
                    f"tool {tool}: parameter {names[field]}: {_first_sentence(reason)}"
                ) from reason
        raise InvalidArgumentError(f"tool {tool}: {_first_sentence(error)}") from error


def _model(fields: _Fields) -> tuple[type[BaseModel], dict[str, JsonValue]]:
    # As a class statement does, which knows of more than `create_model` did in pydantic 2.10.
    namespace: dict[str, Any] = {
        "__module__": __name__,
        "__annotations__": {name: hint for name, (hint, _) in fields.items()},
        "model_config": ConfigDict(extra="forbid"),
        **{name: default for name, (_, default) in fields.items() if default is not _NONE},
    }
    made = new_class("Parameters", (BaseModel,), exec_body=lambda names: names.update(namespace))
    model = cast("type[BaseModel]", made)
    schema = model.model_json_schema(schema_generator=_Schema)
    del schema["title"]
    return model, outspoken(schema)


def _first_sentence(error: Exception) -> str:
    return str(error).partition("\n")[0].partition(". ")[0]
