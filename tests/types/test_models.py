"""Every model of the package is whole: it builds, copies, pickles and shows itself."""

from __future__ import annotations

import copy
import pickle
from enum import Enum
from typing import Annotated, Literal

import codex_app_server_types as types
import pytest
from codex_app_server_types import ApiKeyLoginAccountParams, WireModel
from pydantic import Field
from pydantic_core import SchemaError

from tests.types.decoding import decode, exported
from tests.types.instances import sample
from tests.types.protocol import ALTERNATIVES, Arm, Json

CLASSES: list[type[object]] = [
    exported(name) for name in types.__all__ if isinstance(exported(name), type)
]
MODELS: list[type[WireModel]] = [each for each in CLASSES if issubclass(each, WireModel)]

every_object = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if arm.schema.get("type") == "object"], ids=str
)


def test_every_model_builds() -> None:
    for model in MODELS:
        model.model_rebuild(force=True, raise_errors=True)

    assert [model for model in MODELS if not model.__pydantic_complete__] == []


def test_every_class_is_documented() -> None:
    assert [each for each in CLASSES if not vars(each).get("__doc__")] == []


@every_object
def test_a_model_survives_pickling(arm: Arm) -> None:
    decoded = decode(arm.definition, sample(arm))

    restored = pickle.loads(pickle.dumps(decoded))

    assert restored == decoded
    assert restored.to_wire() == sample(arm)


@every_object
def test_a_deep_copy_of_a_model_is_equal_and_apart(arm: Arm) -> None:
    decoded = decode(arm.definition, sample(arm))

    copied = copy.deepcopy(decoded)

    assert copied is not decoded
    assert copied == decoded


@every_object
def test_a_model_shows_its_class_and_fields(arm: Arm) -> None:
    decoded = decode(arm.definition, sample(arm))
    assert isinstance(decoded, WireModel)

    shown = repr(decoded)

    assert shown.startswith(f"{type(decoded).__name__}(")
    assert all(f"{name}=" in shown for name in decoded.model_fields_set)


def test_a_model_does_not_show_its_secrets() -> None:
    key = ApiKeyLoginAccountParams(api_key="sk-secret")

    assert "sk-secret" not in repr(key) + str(key)
    assert "api_key='...'" in repr(key)
    assert key.to_wire() == {"type": "apiKey", "apiKey": "sk-secret"}


def test_a_difference_in_any_field_makes_models_differ() -> None:
    raw: Json = {"id": "1", "items": [], "status": "completed"}

    assert decode("Turn", raw) == decode("Turn", dict(raw))
    assert decode("Turn", raw) != decode("Turn", {**raw, "status": "failed"})
    assert decode("Turn", raw) != decode("Turn", {**raw, "ofANewerServer": 1})


class Pressing(str, Enum):
    """Constants; pydantic shows them when it builds a model, and then Ctrl-C is pressed."""

    A = "a"
    B = "b"

    def __repr__(self) -> str:
        raise KeyboardInterrupt


def test_a_ctrl_c_while_a_model_is_built_stays_one() -> None:
    class Pressed(WireModel):
        key: Literal[Pressing.A, Pressing.B]

    with pytest.raises(KeyboardInterrupt):
        Pressed.from_wire({"key": "a"})


def test_what_else_is_wrong_when_a_model_is_built_is_told() -> None:
    class Broken(WireModel):
        key: Annotated[str, Field(pattern="(")]

    with pytest.raises(SchemaError, match="regex"):
        Broken.from_wire({"key": "a"})
