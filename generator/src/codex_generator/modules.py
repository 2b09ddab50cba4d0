"""Modules: declarations grouped by domain, in order, with their imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from codex_generator.diagnostics import Diagnostics
from codex_generator.domains import ITEMS, SHARED, UNLISTED, place_definitions
from codex_generator.graph import ordered
from codex_generator.ir import Alias, Declaration, Import, Module
from codex_generator.names import adapter_name
from codex_generator.support import PACKAGE, SUPPORT

_DOCUMENTS: Final = {
    ITEMS: "Thread items: what a turn is made of, and everything that an item refers to.",
    SHARED: "Types that several domains share.",
    UNLISTED: "Types that no listed method, notification or server request refers to.",
}


def build_modules(
    declarations: Mapping[str, Declaration],
    owners: Mapping[str, str],
    roots: Mapping[str, frozenset[str]],
    diagnostics: Diagnostics,
) -> tuple[Module, ...]:
    """Group declarations into modules.

    Args:
        declarations: by name.
        owners: the definition that each declaration was made for.
        roots: by domain, the definitions that it starts from.
        diagnostics: takes cycles.
    """
    references = {
        name: frozenset(found.uses & declarations.keys()) for name, found in declarations.items()
    }
    order = ordered(references, diagnostics)
    between: dict[str, frozenset[str]] = {owner: frozenset() for owner in owners.values()}
    for name, others in references.items():
        owner = owners[name]
        between[owner] |= {owners[other] for other in others} - {owner}
    places = place_definitions(between, roots)
    modules: dict[str, list[Declaration]] = {}
    for name in order:
        modules.setdefault(places[owners[name]], []).append(declarations[name])
    homes = {name: f"{PACKAGE}.{places[owners[name]]}" for name in order}
    return tuple(_module(name, found, homes) for name, found in sorted(modules.items()))


def _module(name: str, declarations: list[Declaration], homes: Mapping[str, str]) -> Module:
    own = {found.name for found in declarations}
    used = frozenset[str]().union(*(_uses(found) for found in declarations)) - own
    exports = [export for found in declarations for export in _exports(found)]
    fallback = f"Types of the domain `{name}`."
    return Module(
        name=name,
        doc=(_DOCUMENTS.get(name, fallback),),
        imports=_imports(used, homes),
        declarations=tuple(declarations),
        exports=tuple(sorted(exports)),
    )


def _uses(found: Declaration) -> frozenset[str]:
    if isinstance(found, Alias) and found.adapter:
        return found.uses | {"ConfigDict", "TypeAdapter"}
    return found.uses


def _exports(found: Declaration) -> tuple[str, ...]:
    if isinstance(found, Alias) and found.adapter:
        return found.name, adapter_name(found.name)
    return (found.name,)


def _imports(used: Iterable[str], homes: Mapping[str, str]) -> tuple[tuple[Import, ...], ...]:
    sections: dict[int, dict[str, list[str]]] = {}
    for name in used:
        module = SUPPORT.get(name) or homes[name]
        rank = {"typing": 0, "pydantic": 1}.get(module, 2)
        sections.setdefault(rank, {}).setdefault(module, []).append(name)
    return tuple(
        tuple(Import(module, tuple(sorted(names))) for module, names in sorted(section.items()))
        for _, section in sorted(sections.items())
    )
