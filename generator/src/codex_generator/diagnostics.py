"""Diagnostics: what the generator refuses to guess, as values.

A stage that meets something it has no rule for records a `Diagnostic` and goes on, so that
one run reports everything there is to decide. Any diagnostic fails the run. Input that cannot
be read at all is an `InputError` instead: nothing after it would make sense.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Kind(str, Enum):
    """The name of a diagnostic: what a maintainer looks for, and what tests expect."""

    UNSUPPORTED_KEYWORD = "unsupported-keyword"
    UNSUPPORTED_SHAPE = "unsupported-shape"
    NAME_COLLISION = "name-collision"
    REFERENCE_CYCLE = "reference-cycle"
    NO_RESPONSE = "method-without-response"
    UNCLAIMED_RESPONSE = "response-without-method"
    RESPONSE_CLAIMED_TWICE = "response-claimed-twice"
    STALE_ERRATUM = "stale-erratum"
    STABLE_ONLY = "stable-only"
    UNREPRESENTABLE_DEFAULT = "unrepresentable-default"
    ASYNC_SOURCE = "async-source"


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One thing that a person has to decide, and where it stands."""

    place: str
    kind: Kind
    reason: str

    def __str__(self) -> str:
        """Render the diagnostic as `place: kind: reason`."""
        return f"{self.place}: {self.kind.value}: {self.reason}"


@dataclass
class Diagnostics:
    """Collects diagnostics over all stages of one run."""

    _found: set[Diagnostic] = field(default_factory=set[Diagnostic])

    def add(self, kind: Kind, place: str, reason: str) -> None:
        """Record one diagnostic; the same one twice counts once."""
        self._found.add(Diagnostic(place, kind, reason))

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return what was found, in a stable order."""
        return tuple(sorted(self._found))

    def raise_if_any(self) -> None:
        """Fail the run when anything was found.

        Raises:
            DiagnosticsError: with every diagnostic of the run.
        """
        if self._found:
            raise DiagnosticsError(self.sorted())


class GeneratorError(Exception):
    """Base of everything that ends a run with a message instead of a traceback."""


class InputError(GeneratorError):
    """A schema file that cannot be used: says which file, where in it, and why."""

    def __init__(self, file: str, place: str, reason: str) -> None:
        """Take the file, the place inside of it, and the reason."""
        self.file = file
        self.place = place
        self.reason = reason
        super().__init__(f"{file}: {place}: {reason}")


class DiagnosticsError(GeneratorError):
    """The run found something it has no rule for."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Take the diagnostics of the run."""
        self.diagnostics = diagnostics
        lines = [str(diagnostic) for diagnostic in diagnostics]
        lines.append(f"{len(lines)} diagnostic(s): nothing was written")
        super().__init__("\n".join(lines))
