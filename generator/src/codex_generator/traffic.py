"""Traffic: everything that goes over the wire, with the names of its types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.errata import Erratum
from codex_generator.load import Bundle
from codex_generator.methods import (
    Event,
    Request,
    candidates,
    check_claims,
    check_methods,
    in_words,
    match_requests,
    method_of,
    read_events,
    unclaimed_responses,
)
from codex_generator.schema import Schema

_ENVELOPES: Final = ("ClientRequest", "ServerRequest", "ServerNotification")


@dataclass(frozen=True)
class Traffic:
    """The requests of both sides and the notifications of a bundle."""

    clients: tuple[Request, ...]
    servers: tuple[Request, ...]
    events: tuple[Event, ...]
    unanswered: tuple[str, ...]
    """Methods, of both sides, whose response neither a rule nor an erratum names."""
    unclaimed: tuple[str, ...]
    """Responses that answer no method."""

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the requests of both sides."""
        return (*self.clients, *self.servers)


def read_traffic(bundle: Bundle, errata: tuple[Erratum, ...], diagnostics: Diagnostics) -> Traffic:
    """Read what goes over the wire.

    Args:
        bundle: of one flavour.
        errata: name responses that no rule matches.
        diagnostics: takes everything that is not matched one to one.
    """
    definitions = bundle.definitions
    for envelope in _ENVELOPES:
        if envelope in definitions:
            check_methods(definitions[envelope].arms, diagnostics)
    clients = match_requests(_arms(bundle, "ClientRequest"), definitions, errata)
    servers = match_requests(_arms(bundle, "ServerRequest"), definitions, errata)
    requests = (*clients.requests, *servers.requests)
    check_claims(requests, diagnostics)
    traffic = Traffic(
        clients.requests,
        servers.requests,
        read_events(_arms(bundle, "ServerNotification"), diagnostics),
        (*clients.unanswered, *servers.unanswered),
        unclaimed_responses(requests, definitions),
    )
    _check_answers(traffic, diagnostics)
    return traffic


def _arms(bundle: Bundle, envelope: str) -> tuple[Schema, ...]:
    found = bundle.definitions.get(envelope)
    return () if found is None else tuple(arm for arm in found.arms if method_of(arm))


def _check_answers(traffic: Traffic, diagnostics: Diagnostics) -> None:
    for method in traffic.unanswered:
        likely = in_words(candidates(method, traffic.unclaimed))
        reason = f"no rule and no erratum names its response; {likely}"
        diagnostics.add(Kind.NO_RESPONSE, method, reason)
    for response in traffic.unclaimed:
        diagnostics.add(Kind.UNCLAIMED_RESPONSE, response, "no method is answered by it")
