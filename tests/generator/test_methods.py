"""Which params and which response belong to a method."""

from __future__ import annotations

from collections.abc import Mapping

from codex_generator.diagnostics import Diagnostics
from codex_generator.errata import ResponseErratum
from codex_generator.methods import Request, check_claims, check_errata, match_requests
from codex_generator.schema import Json, parse

from tests.generator.schemas import envelope, reference, struct

NULL: Json = {"type": "null"}
STATUS = ResponseErratum(1, "session/status", "StatusOfSession", "Named by hand.")


def match(
    methods: Mapping[str, Json], *definitions: str, errata: tuple[ResponseErratum, ...] = ()
) -> tuple[tuple[Request, ...], list[str]]:
    """Match methods against definitions of the given names; return requests and diagnostics."""
    diagnostics = Diagnostics()
    arms = parse(envelope(methods, required=False), "#", diagnostics).arms
    schemas = {name: parse(struct(), f"#/{name}", diagnostics) for name in definitions}
    requests = match_requests(arms, schemas, errata, diagnostics)
    check_errata(requests, errata, diagnostics)
    check_claims(requests, schemas, errata, diagnostics)
    return requests, [found.kind.value for found in diagnostics.sorted()]


def test_the_response_is_named_as_the_params_are() -> None:
    requests, diagnosed = match(
        {"thread/start": reference("NewThreadParams")}, "NewThreadParams", "NewThreadResponse"
    )
    assert (diagnosed, requests[0].response) == ([], "NewThreadResponse")


def test_params_that_may_be_null_count_as_params() -> None:
    params: Json = {"anyOf": [reference("NewThreadParams"), NULL]}
    requests, diagnosed = match({"thread/start": params}, "NewThreadParams", "NewThreadResponse")
    assert (diagnosed, requests[0].params) == ([], "NewThreadParams")


def test_without_params_the_response_is_named_as_the_path_is() -> None:
    requests, diagnosed = match({"memory/reset": NULL}, "MemoryResetResponse")
    assert diagnosed == []
    assert (requests[0].params, requests[0].response) == (None, "MemoryResetResponse")


def test_a_method_without_a_response_is_diagnosed() -> None:
    assert match({"session/status": NULL})[1] == ["method-without-response"]


def test_an_erratum_names_the_response() -> None:
    requests, diagnosed = match({"session/status": NULL}, "StatusOfSession", errata=(STATUS,))
    assert (diagnosed, requests[0].response) == ([], "StatusOfSession")


def test_an_erratum_whose_method_is_gone_is_diagnosed() -> None:
    assert match({}, "StatusOfSession", errata=(STATUS,))[1] == ["stale-erratum"]


def test_an_erratum_whose_response_is_gone_is_diagnosed() -> None:
    diagnosed = match({"session/status": NULL}, errata=(STATUS,))[1]
    assert sorted(diagnosed) == ["method-without-response", "stale-erratum"]


def test_an_erratum_that_a_rule_makes_needless_is_diagnosed() -> None:
    diagnosed = match(
        {"session/status": NULL}, "StatusOfSession", "SessionStatusResponse", errata=(STATUS,)
    )[1]
    assert diagnosed == ["stale-erratum"]


def test_a_response_that_nothing_claims_is_diagnosed() -> None:
    assert match({}, "LonelyResponse")[1] == ["response-without-method"]


def test_a_response_that_two_methods_claim_by_rule_is_diagnosed() -> None:
    methods = {"a": reference("XParams"), "b": reference("XParams")}
    assert match(methods, "XParams", "XResponse")[1] == ["response-claimed-twice"]


def test_errata_may_let_two_methods_share_a_response() -> None:
    errata = tuple(
        ResponseErratum(number, method, "WriteResponse", "Shared.")
        for number, method in enumerate(("config/write", "config/batch"), start=1)
    )
    methods = {"config/write": NULL, "config/batch": NULL}
    assert match(methods, "WriteResponse", errata=errata)[1] == []


def test_the_envelopes_of_json_rpc_are_no_unclaimed_responses() -> None:
    assert match({}, "JSONRPCResponse")[1] == []
