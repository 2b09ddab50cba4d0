"""The status of the errata: which of them a version of the runtime bears out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.errata import Erratum, clashing_variants
from codex_generator.load import Bundle
from codex_generator.methods import candidates, in_words
from codex_generator.traffic import Traffic, read_traffic
from codex_generator.versions import runtime_version


@dataclass(frozen=True)
class ErrataStatus:
    """What one version of the runtime makes of the errata, each in the order of its numbers."""

    version: Version
    """Of the runtime, without what we have fixed on it."""
    applied: tuple[Erratum, ...]
    """Those that settle something, wherever they were seen."""
    newly: tuple[Erratum, ...]
    """Those of them that were not seen on this version: see `extend_errata`."""
    no_longer: tuple[Erratum, ...]
    """Those that do not apply, and were last seen on an older version."""
    stale: tuple[Erratum, ...]
    """Those that do not apply, although they were seen on this version, or on both sides of it."""
    unanswered: Mapping[str, tuple[str, ...]]
    """Methods without a response, and the responses that may be it, the most likely first."""

    @property
    def is_as_stated(self) -> bool:
        """Tell whether the errata say of this version what is so, and lack nothing."""
        return not (self.newly or self.stale or self.unanswered)

    def __str__(self) -> str:
        """Say it in a line."""
        numbers = {
            "apply": self.applied,
            "newly": self.newly,
            "no longer": self.no_longer,
            "stale": self.stale,
        }
        parts = [
            f"{words}: {', '.join(str(entry.number) for entry in entries)}"
            for words, entries in numbers.items()
            if entries
        ]
        parts += [
            f"{method} has no response, {in_words(likely)}"
            for method, likely in self.unanswered.items()
        ]
        return f"{self.version}: {'; '.join(parts) or 'no erratum applies'}"

    def begun_since(self, version: str) -> tuple[Erratum, ...]:
        """Return those that apply, and were not seen on another version."""
        return tuple(entry for entry in self.applied if runtime_version(version) not in entry.seen)

    def ended_since(self, version: str) -> tuple[Erratum, ...]:
        """Return those that do not apply any more, and were seen on another version."""
        return tuple(entry for entry in self.no_longer if runtime_version(version) in entry.seen)


def errata_status(bundle: Bundle, version: str, errata: tuple[Erratum, ...]) -> ErrataStatus:
    """Look at the errata against a runtime's schema, whatever else that has no rule for.

    Args:
        bundle: the experimental one, which holds everything.
        version: of the packages, or of the runtime.
        errata: all of them.
    """
    return judge(read_traffic(bundle, errata, Diagnostics()), bundle, version, errata)


def judge(
    traffic: Traffic, bundle: Bundle, version: str, errata: tuple[Erratum, ...]
) -> ErrataStatus:
    """Look at the errata against traffic that was read with them."""
    numbers = {request.erratum for request in traffic.requests}
    numbers |= {entry.number for entry in clashing_variants(errata, bundle.definitions)}
    applied = tuple(entry for entry in errata if entry.number in numbers)
    others = [entry for entry in errata if entry.number not in numbers]
    looked_at = runtime_version(version)
    return ErrataStatus(
        looked_at,
        applied,
        newly=tuple(entry for entry in applied if looked_at not in entry.seen),
        no_longer=tuple(entry for entry in others if entry.seen.last < looked_at),
        stale=tuple(entry for entry in others if looked_at in entry.seen),
        unanswered={name: candidates(name, traffic.unclaimed) for name in traffic.unanswered},
    )


def check_errata(status: ErrataStatus, diagnostics: Diagnostics) -> None:
    """Record errata that do not apply although they should."""
    for entry in status.stale:
        reason = f"was seen on {entry.seen}, and does not apply to {status.version}: {entry}"
        diagnostics.add(Kind.STALE_ERRATUM, f"erratum {entry.number}", reason)
