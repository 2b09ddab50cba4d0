"""From keyword arguments to the params on the wire."""

from __future__ import annotations

import json

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import UNSET, InvalidArgumentError
from codex_app_server_rpc.params import encode_params, optional_params_of, params_of
from hypothesis import given, strategies as st


def sent(**arguments: object) -> object:
    """Encode the params of ``thread/name/set``, which are two strings."""
    return decoded(params_of(types.ThreadSetNameParams, **arguments))


def decoded(params: types.WireModel | None) -> object:
    encoded = encode_params(params)
    assert encoded is not None
    assert b"\n" not in encoded
    return json.loads(encoded.decode("utf-8"))


def test_arguments_go_out_by_their_wire_names() -> None:
    assert sent(thread_id="T", name="n") == {"threadId": "T", "name": "n"}


def test_what_is_not_given_is_not_sent_and_none_is_null() -> None:
    params = params_of(types.ThreadStartParams, model=None, cwd=UNSET, ephemeral=True)
    assert decoded(params) == {"model": None, "ephemeral": True}


def test_params_without_any_argument_are_an_empty_object() -> None:
    assert decoded(params_of(types.ThreadStartParams, model=UNSET)) == {}


def test_optional_params_are_left_out_altogether_when_no_argument_is_given() -> None:
    assert optional_params_of(types.GetAccountRateLimitsParams) is None
    assert encode_params(None) is None


def test_optional_params_are_sent_when_an_argument_is_none() -> None:
    params = optional_params_of(types.ThreadListParams, cursor=None, limit=UNSET)
    assert decoded(params) == {"cursor": None}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"thread_id": 7, "name": "n"}, "thread_id"),
        ({"thread_id": "T", "name": None}, "name"),
        ({"thread_id": "T"}, "name"),
        ({"thread_id": "T", "name": ["n"]}, "name"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(arguments: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"ThreadSetNameParams: .*\b{name}\b"):
        params_of(types.ThreadSetNameParams, **arguments)


def test_an_argument_that_is_wrong_deep_inside_is_named_by_its_path() -> None:
    with pytest.raises(InvalidArgumentError, match=r"input\.0\.text\.text"):
        params_of(types.TurnStartParams, thread_id="T", input=[{"type": "text", "text": 7}])


def test_how_many_more_arguments_are_wrong_is_said() -> None:
    with pytest.raises(InvalidArgumentError, match="and 1 more"):
        params_of(types.ThreadSetNameParams, thread_id=7, name=8)


def test_an_argument_that_is_wrong_does_not_show_its_value() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        params_of(types.ThreadSetNameParams, thread_id=["sk-secret"], name="n")
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("a\ud83db", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("😀 größe \u2028\x00\n", "😀 größe \u2028\x00\n"),
    ],
)
def test_lone_surrogates_in_an_argument_are_replaced(text: str, scrubbed: str) -> None:
    assert sent(thread_id="T", name=text) == {"threadId": "T", "name": scrubbed}


def test_lone_surrogates_inside_lists_and_objects_are_replaced() -> None:
    params = params_of(
        types.TurnStartParams,
        thread_id="T",
        input=[{"type": "text", "text": "\ud800"}],
        output_schema={"\ud800": ["\udfff", {"a": "\ud800"}]},
    )
    assert decoded(params) == {
        "threadId": "T",
        "input": [{"type": "text", "text": "\ufffd"}],
        "outputSchema": {"\ufffd": ["\ufffd", {"a": "\ufffd"}]},
    }


def test_lone_surrogates_in_a_free_value_of_a_model_are_replaced() -> None:
    params = types.TurnStartParams(thread_id="T", input=[], output_schema={"a": "\ud800"})
    assert decoded(params) == {"threadId": "T", "input": [], "outputSchema": {"a": "\ufffd"}}


def test_an_argument_beside_a_scrubbed_one_is_still_checked() -> None:
    with pytest.raises(InvalidArgumentError, match="thread_id"):
        params_of(types.ThreadSetNameParams, thread_id=7, name="\ud800")


@given(st.text(st.characters(categories=None)))
def test_any_text_goes_out_as_valid_json(text: str) -> None:
    sent(thread_id="T", name=text)


@pytest.mark.parametrize("value", [object(), b"\xff"])
def test_a_value_that_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match="TurnStartParams"):
        encode_params(
            params_of(types.TurnStartParams, thread_id="T", input=[], output_schema={"a": value})
        )


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have_never_reaches_the_wire(number: float) -> None:
    schema = {"number": number, "text": "\ud800"}
    params = params_of(types.TurnStartParams, thread_id="T", input=[], output_schema=schema)
    try:
        encoded = encode_params(params)
    except InvalidArgumentError:
        return
    assert encoded is not None
    assert b"NaN" not in encoded
    assert b"Infinity" not in encoded
