"""How protocol methods become Python functions."""

from __future__ import annotations

from codex_generator.calls import build_methods, build_server_requests
from codex_generator.diagnostics import Diagnostics
from codex_generator.ir import Method
from codex_generator.methods import Request
from codex_generator.schema import Json

from tests.generator.schemas import STRING, constant, lower, reference, struct

UNION: Json = {"oneOf": [{**struct({"type": constant("cat")}), "title": "CatPet"}]}


def method(params: Json, *, wire: str = "pet/name/set", required: bool = True) -> Method:
    """Build the function of one method from the schema of its params."""
    definitions: dict[str, Json] = {"PetParams": params, "PetResponse": struct(), "Pet": UNION}
    declarations, _ = lower(definitions)
    request = Request(wire, "PetParams", required, "PetResponse", "")
    (module,) = build_methods([request], declarations, frozenset([wire]), Diagnostics())
    return module.methods[0]


def test_a_path_becomes_one_flat_name() -> None:
    assert method(struct()).name == "pet_name_set"


def test_params_are_flattened_into_keywords() -> None:
    (parameter,) = method(struct({"petId": STRING})).parameters
    assert (parameter.name, parameter.annotation, parameter.required) == ("pet_id", "str", True)


def test_required_keywords_come_first() -> None:
    names = [found.name for found in method(struct({"z": STRING}, a=STRING)).parameters]
    assert names == ["z", "a"]


def test_none_is_accepted_only_where_the_protocol_accepts_null() -> None:
    params = struct(a=STRING, b={"type": ["string", "null"]})
    assert [found.annotation for found in method(params).parameters] == ["str", "str | None"]


def test_a_keyword_never_takes_the_name_of_the_timeout() -> None:
    (parameter,) = method(struct({"timeout": {"type": "integer"}})).parameters
    assert (parameter.name, parameter.field) == ("timeout_", "timeout")


def test_params_that_must_be_sent_are_built_always() -> None:
    assert method(struct(a=STRING)).params_function == "params_of"


def test_params_that_may_be_left_out_are_built_when_something_was_given() -> None:
    assert method(struct(a=STRING), required=False).params_function == "optional_params_of"


def test_params_with_required_fields_are_built_always() -> None:
    assert method(struct({"a": STRING}), required=False).params_function == "params_of"


def test_params_that_are_a_union_are_one_keyword() -> None:
    found = method({"anyOf": [STRING, reference("Pet")]})
    assert found.params_function == ""
    assert [(found.name, found.annotation) for found in found.parameters] == [
        ("params", "t.PetParams")
    ]


def test_a_response_that_is_a_union_is_decoded_by_its_adapter() -> None:
    declarations, _ = lower({"LoginResponse": UNION, "LoginParams": struct()})
    request = Request("login", "LoginParams", True, "LoginResponse", "")
    (module,) = build_methods([request], declarations, frozenset(["login"]), Diagnostics())
    assert module.methods[0].decoder == "t.LoginResponseAdapter.validate_python"


def test_a_method_that_is_not_stable_says_what_it_needs() -> None:
    declarations, _ = lower({"AParams": struct(), "AResponse": struct()})
    request = Request("a", "AParams", True, "AResponse", "")
    (module,) = build_methods([request], declarations, frozenset(), Diagnostics())
    assert module.methods[0].experimental
    assert "Experimental: needs `experimental_api=True`." in module.methods[0].doc


def test_a_keyword_is_documented_in_the_words_of_the_schema() -> None:
    described: Json = {"type": "string", "description": "What to call it.\nIn full."}
    doc = method(struct({"petName": described})).doc
    assert "    pet_name: What to call it. In full." in doc


def test_two_methods_with_one_name_are_diagnosed() -> None:
    diagnostics = Diagnostics()
    declarations, _ = lower({"AResponse": struct()})
    requests = [Request(wire, None, False, "AResponse", "") for wire in ("a/b", "a_b")]
    build_methods(requests, declarations, frozenset(), diagnostics)
    assert [found.kind.value for found in diagnostics.sorted()] == ["name-collision"]


def test_the_params_of_a_server_request_name_their_decoder() -> None:
    declarations, _ = lower({"AskParams": UNION, "AskResponse": struct()})
    request = Request("item/ask", "AskParams", True, "AskResponse", "")
    (found,) = build_server_requests([request], declarations, frozenset())
    assert (found.handler, found.decoder) == ("item_ask", "AskParamsAdapter")
