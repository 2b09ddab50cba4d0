"""What MCP servers ask: which kind it is, and how it may be answered."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from openai_codex import InvalidArgumentError, ProtocolError
from openai_codex.requests.changes import FileChanges
from openai_codex.requests.decisions import Accept, AcceptForSession, Cancel, Decline
from openai_codex.requests.elicitations import (
    FormElicitation,
    OpenaiFormElicitation,
    Submit,
    UrlElicitation,
)
from openai_codex.requests.kinds import request_of
from pydantic import BaseModel

from tests.sdk.requests.received import SECRET, address, elicitation, form, openai_form

NAME = {"type": "string", "minLength": 2}
SCHEMA: Any = {"type": "object", "properties": {}}


class Person(BaseModel):
    name: str
    age: int | None = None


@pytest.mark.parametrize(
    ("mode", "params", "kind"),
    [
        ("form", {"requestedSchema": SCHEMA}, FormElicitation),
        ("openai/form", {"requestedSchema": {"allOf": []}}, OpenaiFormElicitation),
        ("openaiForm", {"requestedSchema": True}, OpenaiFormElicitation),
        ("url", {"url": "https://a.b", "elicitationId": "1"}, UrlElicitation),
    ],
)
def test_an_elicitation_is_of_the_class_of_its_mode(
    mode: str, params: dict[str, Any], kind: type[object]
) -> None:
    raw = elicitation(mode, **params, fromTheFuture=[1])
    typed = request_of(raw, FileChanges())

    assert type(typed) is kind
    assert typed is not None
    assert isinstance(raw.params, dict)
    assert json.loads(typed.to_json()) == {**raw.params, "requestId": 8, "method": raw.method}


@pytest.mark.parametrize("mode", ["openai/userVerification", "telepathy"])
def test_a_mode_that_no_person_can_be_asked_is_not_typed(mode: str) -> None:
    assert (
        request_of(elicitation(mode, title="t", description="d", challenge="c"), FileChanges())
        is None
    )


def test_params_that_do_not_fit_their_mode_are_an_error() -> None:
    with pytest.raises(ProtocolError, match="requestedSchema: Field required"):
        request_of(elicitation("form"), FileChanges())


def test_a_form_asked_for_again_is_the_same_and_another_one_is_not() -> None:
    first = form(name=NAME)

    assert form(name=NAME).key == first.key
    assert first.model_copy(update={"request_id": 99}).key != first.key
    assert first.model_copy(update={"message": "And now?"}).key != first.key
    assert address().key != first.key


@pytest.mark.parametrize(
    ("answer", "action"),
    [(None, "decline"), (Decline(), "decline"), (Cancel(), "cancel")],
    ids=str,
)
@pytest.mark.parametrize(
    "request_", [form("name", name=NAME), openai_form(SCHEMA), address()], ids=lambda r: r.mode
)
def test_everything_can_be_declined_and_cancelled(request_: Any, answer: Any, action: str) -> None:
    assert request_.response(answer).to_wire() == {"action": action}


@pytest.mark.parametrize(
    "content", [{"name": "Bob"}, Person(name="Bob")], ids=lambda c: type(c).__name__
)
@pytest.mark.parametrize(
    "request_",
    [form("name", name=NAME, age={"type": "integer"}), openai_form(SCHEMA)],
    ids=lambda r: r.mode,
)
def test_a_form_is_submitted_with_its_content(request_: Any, content: Any) -> None:
    response = request_.response(Submit(content))

    assert response.to_wire() == {"action": "accept", "content": {"name": "Bob"}}


def test_the_meta_goes_out_beside_the_content() -> None:
    response = form(name=NAME).response(Submit({}, meta={"persist": "session"}))

    assert response.to_wire() == {
        "action": "accept",
        "content": {},
        "_meta": {"persist": "session"},
    }


def test_content_that_does_not_fit_is_refused_without_showing_it() -> None:
    request = form("name", name={**NAME, "maxLength": 3})
    with pytest.raises(InvalidArgumentError) as caught:
        request.response(Submit({"name": SECRET}))

    assert str(caught.value) == "name: must be at most 3 characters long"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"of other fields than the form has: 'name'$"):
        form(name=NAME).response(Submit({"nmae": "Bob"}))


def test_to_accept_a_form_is_to_submit_nothing() -> None:
    assert form(name=NAME).response(Accept()).to_wire() == {"action": "accept", "content": {}}
    with pytest.raises(InvalidArgumentError, match=r"^name: must be given$"):
        form("name", name=NAME).response(Accept())


def test_an_address_is_accepted_without_content() -> None:
    assert address().response(Accept()).to_wire() == {"action": "accept"}


@pytest.mark.parametrize(
    ("request_", "answer", "accepted"),
    [
        (
            address(),
            Submit({"a": SECRET}),
            r"Accept\(\), Decline\(\) or Cancel\(\); not by a Submit",
        ),
        (address(), True, "Accept.*; not by a bool"),
        (form(), {"a": SECRET}, r"Submit\(content\), Decline\(\) or Cancel\(\); not by a dict"),
        (form(), AcceptForSession(), "Submit.*; not by a AcceptForSession"),
    ],
    ids=str,
)
def test_an_answer_of_another_kind_is_refused(request_: Any, answer: Any, accepted: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"is answered by {accepted}$"):
        request_.response(answer)


def test_what_is_submitted_is_not_shown() -> None:
    assert SECRET not in repr(Submit({"a": SECRET}, meta={"b": SECRET}))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/login?x=1", "example.com"),
        ("https://github.com@evil.example/", "evil.example"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("https://[::1]:8000/", "::1"),
        ("https://[broken/", None),
        ("about:blank", None),
        ("https://" + "a" * 300, None),
    ],
)
def test_an_address_tells_where_it_leads(url: str, host: str | None) -> None:
    assert address(url).host == host


def test_a_summary_has_the_host_of_an_address_and_no_more() -> None:
    summary = address(f"https://example.com/?token={SECRET}").describe()

    assert summary == "the MCP server tiny: Who are you? (example.com)"
    assert form().describe() == "a form of the MCP server tiny: Who are you?"
    assert openai_form(SCHEMA).describe() == form().describe()
