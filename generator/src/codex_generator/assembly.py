"""Assembly: from the loaded bundles to the `Protocol` that is rendered."""

from __future__ import annotations

from dataclasses import replace

from codex_generator.calls import build_methods, build_server_requests
from codex_generator.diagnostics import Diagnostics
from codex_generator.domains import domain_of
from codex_generator.errata import Erratum, clashing_variants
from codex_generator.errata_status import check_errata, judge
from codex_generator.ir import (
    Alias,
    Compatibility,
    Declaration,
    Notification,
    Past,
    Protocol,
)
from codex_generator.load import Bundle, Source
from codex_generator.lower.context import Context
from codex_generator.lower.definitions import lower_definitions
from codex_generator.methods import methods_in
from codex_generator.modules import build_modules
from codex_generator.stability import check_superset, mark_experimental, summarise
from codex_generator.traffic import Traffic, read_traffic


def assemble(
    source: Source,
    errata: tuple[Erratum, ...],
    past: Past,
    compatibility: Compatibility,
    diagnostics: Diagnostics,
) -> Protocol:
    """Lower both bundles and put everything together.

    Args:
        source: the loaded bundles.
        errata: what the schema does not say.
        past: what other runtimes know.
        compatibility: with which of them the packages work.
        diagnostics: takes everything without a rule.
    """
    bundle = source.experimental
    traffic = read_traffic(bundle, errata, diagnostics)
    check_errata(judge(traffic, bundle, source.version, errata), diagnostics)
    clashing = clashing_variants(errata, bundle.definitions)
    names = {(entry.union, entry.tag): entry.name for entry in clashing}
    full = _lower(bundle, traffic, names, diagnostics)
    # What is odd about the stable bundle is odd about the experimental one too, which holds
    # all of it: reporting it twice would say nothing new.
    stable = _lower(source.stable, traffic, names, Diagnostics())
    # What has no name yet would only fail again, and less clearly, in what follows.
    diagnostics.raise_if_any()
    check_superset(full.declarations, stable.declarations, diagnostics)
    declarations = mark_experimental(full.declarations, stable.declarations)
    _add_adapters(declarations, traffic)
    stable_methods = methods_in(source.stable.definitions, "ClientRequest")
    stable_events = methods_in(source.stable.definitions, "ServerNotification")
    stable_requests = methods_in(source.stable.definitions, "ServerRequest")
    experimental_methods = {call.wire for call in traffic.clients} - stable_methods
    return Protocol(
        version=source.version,
        hashes=tuple(source.hashes.items()),
        modules=build_modules(declarations, full.owners, _roots(traffic), diagnostics),
        methods=build_methods(traffic.clients, declarations, stable_methods, diagnostics),
        notifications=tuple(
            Notification(
                event.wire, event.payload, event.description, event.wire not in stable_events
            )
            for event in traffic.events
        ),
        server_requests=build_server_requests(traffic.servers, declarations, stable_requests),
        stability=summarise(declarations.values(), experimental_methods),
        past=past,
        compatibility=compatibility,
    )


def _lower(
    bundle: Bundle,
    traffic: Traffic,
    names: dict[tuple[str, str], str],
    diagnostics: Diagnostics,
) -> Context:
    context = Context(bundle.definitions, diagnostics, _documents(traffic), names)
    lower_definitions(context)
    return context


def _documents(traffic: Traffic) -> dict[str, str]:
    documents: dict[str, str] = {}
    for call in traffic.requests:
        if call.params is not None:
            documents.setdefault(call.params, f"Params of `{call.wire}`.")
        documents.setdefault(call.response, f"Response to `{call.wire}`.")
    for event in traffic.events:
        documents.setdefault(event.payload, f"Payload of the notification `{event.wire}`.")
    return documents


def _roots(traffic: Traffic) -> dict[str, frozenset[str]]:
    roots: dict[str, set[str]] = {}
    for call in traffic.requests:
        names = roots.setdefault(domain_of(call.wire), set())
        names |= {call.response} | ({call.params} if call.params is not None else set[str]())
    for event in traffic.events:
        roots.setdefault(domain_of(event.wire), set()).add(event.payload)
    return {domain: frozenset(names) for domain, names in roots.items()}


def _add_adapters(declarations: dict[str, Declaration], traffic: Traffic) -> None:
    # Whoever decodes needs a class or an adapter; a union has no class.
    decoded = {call.response for call in traffic.requests}
    decoded |= {call.params for call in traffic.servers if call.params is not None}
    decoded |= {event.payload for event in traffic.events}
    for name in decoded:
        found = declarations.get(name)
        if isinstance(found, Alias):
            declarations[name] = replace(found, adapter=True)
