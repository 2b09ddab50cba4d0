"""All families, in the order of the docs."""

from __future__ import annotations

from tests.misbehaving.cases import (
    answers,
    asking,
    deaths,
    floods,
    handshakes,
    lines,
    newcomers,
    pipes,
    silence,
    turns,
)

FAMILIES = tuple(
    module.FAMILY
    for module in (
        handshakes,
        lines,
        answers,
        newcomers,
        turns,
        asking,
        silence,
        floods,
        deaths,
        pipes,
    )
)
