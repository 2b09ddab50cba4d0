"""Methods: which params and which response belong to each request.

The bundle lists the requests, but does not say what answers them. Two rules settle most:

1. params `XParams` (also where `null` may stand in for them) -> `XResponse`;
2. no params: the method's path in PascalCase -> `<Path>Response`.

The errata settle the rest. A method that is left over, a response that nothing claims, and one
that two claim by rule are diagnostics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.errata import Erratum, ResponseErratum
from codex_generator.names import pascal_case
from codex_generator.schema import Schema

_SUFFIX = "Response"


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
class Event:
    """A notification, with the name of its payload."""

    wire: str
    payload: str
    description: str


def match_requests(
    arms: Iterable[Schema],
    definitions: Mapping[str, Schema],
    errata: tuple[Erratum, ...],
    diagnostics: Diagnostics,
) -> tuple[Request, ...]:
    """Match every request to its params and its response.

    Args:
        arms: of `ClientRequest` or `ServerRequest`.
        definitions: of the bundle.
        errata: name what the rules do not match.
        diagnostics: takes what does not match.
    """
    by_erratum = {entry.method: entry for entry in errata if isinstance(entry, ResponseErratum)}
    requests: list[Request] = []
    for arm in sorted(arms, key=method_of):
        wire = method_of(arm)
        params, required = _params_of(arm)
        response, number = _response_by_rule(wire, params, definitions), None
        erratum = by_erratum.get(wire)
        if response is None and erratum is not None and erratum.response in definitions:
            response, number = erratum.response, erratum.number
        if response is None:
            reason = "no rule and no erratum names its response"
            diagnostics.add(Kind.NO_RESPONSE, wire, reason)
            continue
        requests.append(Request(wire, params, required, response, arm.description, number))
    return tuple(requests)


def check_errata(
    requests: Iterable[Request], errata: tuple[Erratum, ...], diagnostics: Diagnostics
) -> None:
    """Record errata about responses that no request needed.

    Args:
        requests: of both sides.
        errata: all of them.
        diagnostics: takes what is found.
    """
    used = {request.erratum for request in requests}
    for entry in errata:
        if isinstance(entry, ResponseErratum) and entry.number not in used:
            reason = f"{entry.method!r} or {entry.response} is gone, or a rule matches them now"
            diagnostics.add(Kind.STALE_ERRATUM, f"erratum {entry.number}", reason)


def check_claims(
    requests: Iterable[Request],
    definitions: Mapping[str, Schema],
    errata: tuple[Erratum, ...],
    diagnostics: Diagnostics,
) -> None:
    """Record responses that no request claims, and those that two claim without an erratum.

    Args:
        requests: of both sides.
        definitions: of the bundle.
        errata: a response that they name may be claimed more than once.
        diagnostics: takes what is found.
    """
    shared = {entry.response for entry in errata if isinstance(entry, ResponseErratum)}
    claims: dict[str, list[str]] = {}
    for request in requests:
        claims.setdefault(request.response, []).append(request.wire)
    for response, methods in claims.items():
        if len(methods) > 1 and response not in shared:
            reason = " and ".join(methods)
            diagnostics.add(Kind.RESPONSE_CLAIMED_TWICE, response, reason)
    for name in definitions:
        if name.endswith(_SUFFIX) and name not in claims and not name.startswith("JSONRPC"):
            diagnostics.add(Kind.UNCLAIMED_RESPONSE, name, "no method is answered by it")


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


def _response_by_rule(
    wire: str, params: str | None, definitions: Mapping[str, Schema]
) -> str | None:
    stem = pascal_case(wire) if params is None else params.removesuffix("Params")
    name = stem + _SUFFIX
    return name if name in definitions else None
