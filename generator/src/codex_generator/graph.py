"""The graph of declarations: order, and the cycles that must not be.

The protocol has no recursive type. Rendering relies on it: every name is defined before it is
used, so annotations need no quotes and modules import each other in one direction only.
"""

from __future__ import annotations

from collections.abc import Mapping

from codex_generator.diagnostics import Diagnostics, Kind


def ordered(references: Mapping[str, frozenset[str]], diagnostics: Diagnostics) -> tuple[str, ...]:
    """Return every name after those that it refers to, by name where that leaves a choice.

    Args:
        references: the names that each name refers to; others are ignored.
        diagnostics: takes cycles.
    """
    done: dict[str, None] = {}
    for start in sorted(references):
        _visit(start, references, done, [], diagnostics)
    return tuple(done)


def _visit(
    name: str,
    references: Mapping[str, frozenset[str]],
    done: dict[str, None],
    path: list[str],
    diagnostics: Diagnostics,
) -> None:
    if name in done or name not in references:
        return
    if name in path:
        cycle = " -> ".join([*path[path.index(name) :], name])
        diagnostics.add(Kind.REFERENCE_CYCLE, name, f"a type that contains itself: {cycle}")
        return
    path.append(name)
    for other in sorted(references[name]):
        _visit(other, references, done, path, diagnostics)
    path.pop()
    done[name] = None
