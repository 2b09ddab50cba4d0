"""Which params and which response belong to a method."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from codex_generator.diagnostics import Diagnostics
from codex_generator.errata import Erratum, ResponseErratum
from codex_generator.load import Bundle
from codex_generator.methods import Request
from codex_generator.schema import Json, parse
from codex_generator.traffic import read_traffic
from codex_generator.version_ranges import VersionRanges

from tests.generator.schemas import envelope, reference, struct

NULL: Json = {"type": "null"}
SEEN = VersionRanges.parse("1.0.0")
STATUS = ResponseErratum(1, "session/status", "StatusOfSession", SEEN, "Named by hand.")


def match(
    methods: Mapping[str, Json], *definitions: str, errata: tuple[Erratum, ...] = ()
) -> tuple[tuple[Request, ...], list[str]]:
    """Match methods against definitions of the given names; return requests and diagnostics."""
    requests, diagnosed = diagnose(methods, *definitions, errata=errata)
    return requests, [line.split(": ")[1] for line in diagnosed]


def diagnose(
    methods: Mapping[str, Json], *definitions: str, errata: tuple[Erratum, ...] = ()
) -> tuple[tuple[Request, ...], list[str]]:
    """Match methods as `match` does; return the diagnostics in full."""
    diagnostics = Diagnostics()
    schemas: dict[str, Json] = {name: struct() for name in definitions}
    schemas["ClientRequest"] = envelope(methods, required=False)
    parsed = {name: parse(raw, f"#/{name}", diagnostics) for name, raw in schemas.items()}
    traffic = read_traffic(Bundle(parsed), errata, diagnostics)
    return traffic.requests, [str(found) for found in diagnostics.sorted()]


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


def test_what_is_read_without_params_may_be_answered_by_what_one_gets() -> None:
    requests, diagnosed = match({"account/rate/read": NULL}, "GetAccountRateResponse")
    assert (diagnosed, requests[0].response) == ([], "GetAccountRateResponse")


@pytest.mark.parametrize(
    ("method", "response"),
    [("account/rate/read", "GetRateResponse"), ("account/rate/set", "GetAccountRateResponse")],
)
def test_what_one_gets_is_no_guess(method: str, response: str) -> None:
    assert sorted(match({method: NULL}, response)[1]) == [
        "method-without-response",
        "response-without-method",
    ]


def test_a_method_without_a_response_is_diagnosed_with_those_that_are_free() -> None:
    names = ("OtherResponse", "SessionResponse", "StatusOfSessionResponse", "ZooResponse")
    taken = {"some/thing": reference("TakenParams"), "session/status": NULL}
    diagnosed = diagnose(taken, "TakenParams", "TakenResponse", *names)[1]
    assert [line for line in diagnosed if line.startswith("session")] == [
        "session/status: method-without-response: no rule and no erratum names its response; "
        "likely: StatusOfSessionResponse, SessionResponse, ZooResponse"
    ]


def test_where_no_response_is_free_the_diagnostic_says_so() -> None:
    assert diagnose({"session/status": NULL})[1] == [
        "session/status: method-without-response: no rule and no erratum names its response; "
        "every response answers another method already"
    ]


def test_an_erratum_names_the_response() -> None:
    requests, diagnosed = match({"session/status": NULL}, "StatusOfSession", errata=(STATUS,))
    assert (diagnosed, requests[0].response) == ([], "StatusOfSession")


def test_a_rule_goes_before_an_erratum() -> None:
    requests, diagnosed = match(
        {"session/status": NULL}, "StatusOfSession", "SessionStatusResponse", errata=(STATUS,)
    )
    assert (diagnosed, requests[0].response) == ([], "SessionStatusResponse")


def test_a_response_that_nothing_claims_is_diagnosed() -> None:
    assert match({}, "LonelyResponse")[1] == ["response-without-method"]


def test_a_response_that_two_methods_claim_by_rule_is_diagnosed() -> None:
    methods = {"a": reference("XParams"), "b": reference("XParams")}
    assert match(methods, "XParams", "XResponse")[1] == ["response-claimed-twice"]


def test_errata_may_let_two_methods_share_a_response() -> None:
    errata = tuple(
        ResponseErratum(number, method, "WriteResponse", SEEN, "Shared.")
        for number, method in enumerate(("config/write", "config/batch"), start=1)
    )
    methods = {"config/write": NULL, "config/batch": NULL}
    assert match(methods, "WriteResponse", errata=errata)[1] == []


def test_an_erratum_settles_what_two_methods_claim_by_rule() -> None:
    methods = {"a": reference("XParams"), "b": reference("XParams")}
    for response in ("XResponse", "YResponse"):
        erratum = ResponseErratum(1, "b", response, SEEN, "Seen.")
        requests, diagnosed = match(
            methods, "XParams", *sorted({"XResponse", response}), errata=(erratum,)
        )
        assert (diagnosed, requests[1].response) == ([], response)


def test_the_envelopes_of_json_rpc_are_no_unclaimed_responses() -> None:
    assert match({}, "JSONRPCResponse")[1] == []
