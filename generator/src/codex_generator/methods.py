"""Methods: which params and which response belong to each request.

The bundle lists the requests, but does not say what answers them. Three rules settle most:

1. params `XParams` (also where `null` may stand in for them) -> `XResponse`;
2. no params: the method's path in PascalCase -> `<Path>Response`;
3. no params, and the path ends in `read`: -> `Get<rest of the path>Response`.

The errata settle the rest. A method that is left over, a response that nothing claims, and one
that two claim by rule are diagnostics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.errata import Erratum, ResponseErratum
from codex_generator.names import pascal_case, words
from codex_generator.schema import Schema

_SUFFIX = "Response"
_SHOWN = 3
"""Candidates that are told of."""


@dataclass(frozen=True)
class Request:
    """A request of either side, with the names of its types."""

    wire: str
    params: str | None
    """Name of the params definition, `None` when there are none."""
    params_required: bool
    response: str
    description: str
    erratum: int | None = None
    """Number of the erratum that named the response."""


@dataclass(frozen=True)
class Matching:
    """The requests of one envelope, matched as far as they can be."""

    requests: tuple[Request, ...]
    unanswered: tuple[str, ...]
    """Methods whose response neither a rule nor an erratum names."""


@dataclass(frozen=True)
class Event:
    """A notification, with the name of its payload."""

    wire: str
    payload: str
    description: str


def match_requests(
    arms: Iterable[Schema], definitions: Mapping[str, Schema], errata: Iterable[Erratum]
) -> Matching:
    """Match every request to its params and its response.

    Args:
        arms: of `ClientRequest` or `ServerRequest`.
        definitions: of the bundle.
        errata: name what no rule matches, or the same rule twice.
    """
    by_erratum = {
        entry.method: entry
        for entry in errata
        if isinstance(entry, ResponseErratum) and entry.response in definitions
    }
    ordered = sorted(arms, key=method_of)
    by_rule = [_response_by_rule(arm, definitions) for arm in ordered]
    claims = Counter(by_rule)
    requests: list[Request] = []
    unanswered: list[str] = []
    for arm, response in zip(ordered, by_rule, strict=True):
        wire, number = method_of(arm), None
        erratum = by_erratum.get(wire)
        if erratum is not None and (response is None or claims[response] > 1):
            response, number = erratum.response, erratum.number
        if response is None:
            unanswered.append(wire)
            continue
        params, required = _params_of(arm)
        requests.append(Request(wire, params, required, response, arm.description, number))
    return Matching(tuple(requests), tuple(unanswered))


def unclaimed_responses(
    requests: Iterable[Request], definitions: Mapping[str, Schema]
) -> tuple[str, ...]:
    """Return the responses of a bundle that answer none of its requests, of either side."""
    claimed = {request.response for request in requests}
    return tuple(
        name
        for name in definitions
        if name.endswith(_SUFFIX) and name not in claimed and not name.startswith("JSONRPC")
    )


def candidates(method: str, responses: Iterable[str]) -> tuple[str, ...]:
    """Return the responses that may answer a method, the most likely by its words first."""
    expected = pascal_case(method) + _SUFFIX

    def likeness(response: str) -> tuple[float, float]:
        ours, theirs = set(words(expected)), set(words(response))
        in_order = SequenceMatcher(None, expected, response).ratio()
        return len(ours & theirs) / len(ours | theirs), in_order

    return tuple(sorted(sorted(responses), key=likeness, reverse=True))


def in_words(likely: tuple[str, ...]) -> str:
    """Tell of the first candidates."""
    if not likely:
        return "every response answers another method already"
    return f"likely: {', '.join(likely[:_SHOWN])}"


def check_claims(requests: Iterable[Request], diagnostics: Diagnostics) -> None:
    """Record responses that two requests claim by rule alone.

    Args:
        requests: of both sides; a response that an erratum named may be claimed more than once.
        diagnostics: takes what is found.
    """
    claims: dict[str, list[Request]] = {}
    for request in requests:
        claims.setdefault(request.response, []).append(request)
    for response, found in claims.items():
        if len(found) > 1 and all(request.erratum is None for request in found):
            reason = " and ".join(request.wire for request in found)
            diagnostics.add(Kind.RESPONSE_CLAIMED_TWICE, response, reason)


def read_events(arms: Iterable[Schema], diagnostics: Diagnostics) -> tuple[Event, ...]:
    """Return the notifications of `ServerNotification`."""
    events: list[Event] = []
    for arm in sorted(arms, key=method_of):
        payload = arm.properties.get("params")
        if payload is None or payload.ref is None:
            reason = "a notification whose params are not a definition"
            diagnostics.add(Kind.UNSUPPORTED_SHAPE, arm.place, reason)
            continue
        events.append(Event(method_of(arm), payload.ref, arm.description))
    return tuple(events)


def check_methods(arms: Iterable[Schema], diagnostics: Diagnostics) -> None:
    """Diagnose arms of an envelope that name no method: nothing could be made of them."""
    for arm in arms:
        if not method_of(arm):
            diagnostics.add(Kind.UNSUPPORTED_SHAPE, arm.place, "an envelope without its method")


def method_of(arm: Schema) -> str:
    """Return the method that an envelope's arm stands for; empty if it names none."""
    method = arm.properties.get("method")
    return "" if method is None else method.constant or ""


def methods_in(definitions: Mapping[str, Schema], envelope: str) -> frozenset[str]:
    """Return the methods that an envelope of a bundle knows; none where there is no such."""
    found = definitions.get(envelope)
    return frozenset(filter(None, map(method_of, found.arms if found else ())))


def _params_of(arm: Schema) -> tuple[str | None, bool]:
    params = arm.properties.get("params")
    if params is None:
        return None, False
    plain = [member.ref for member in params.arms or (params,) if not member.is_null]
    return (plain[0] if plain else None), "params" in arm.required


def _response_by_rule(arm: Schema, definitions: Mapping[str, Schema]) -> str | None:
    params, _ = _params_of(arm)
    return next(
        (name for name in _names_by_rule(method_of(arm), params) if name in definitions), None
    )


def _names_by_rule(wire: str, params: str | None) -> Iterator[str]:
    if params is not None:
        yield params.removesuffix("Params") + _SUFFIX
        return
    yield pascal_case(wire) + _SUFFIX
    path, _, verb = wire.rpartition("/")
    if verb == "read":
        yield f"Get{pascal_case(path)}{_SUFFIX}"
