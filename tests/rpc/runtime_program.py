"""The real runtime that tests run: the one that `CODEX_BIN` names, or else the installed one."""

from __future__ import annotations

from openai_codex.places import search

__all__ = ["runtime_program"]


def runtime_program() -> str:
    """Give the path of the program, found where the facade finds it."""
    place = search(None)[-1]
    assert place.program is not None, place.problem
    return place.program
