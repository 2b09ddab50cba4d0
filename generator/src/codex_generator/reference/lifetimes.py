"""Lifetimes: since when the protocol has a message, in words."""

from __future__ import annotations

from collections.abc import Mapping

from codex_generator.ir import Past


def lifetimes_in_words(past: Past) -> Mapping[str, str]:
    """Say of every message since when the protocol has it, and what became of it.

    Returns:
        A phrase such as `since 0.143.0, stable since 0.151.0`, by wire name.
    """
    oldest = past.versions[0]
    return {
        lifetime.wire: ", ".join(
            (f"{state} " if number else "")
            + f"since {release}"
            + (" or earlier" if release == oldest else "")
            for number, (release, state) in enumerate(lifetime.changes)
        )
        for lifetime in past.lifetimes
    }
