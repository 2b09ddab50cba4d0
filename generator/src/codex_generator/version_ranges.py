"""Ranges of versions: on which runtimes something was seen.

They are written `0.131.0 - 0.149.1, 0.157.0`: from one version to another, or one alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version


@dataclass(frozen=True)
class VersionRanges:
    """Versions of the runtime, as ranges that hold both of their ends."""

    ranges: tuple[tuple[Version, Version], ...]
    """In order, none within another."""

    @classmethod
    def parse(cls, text: str) -> VersionRanges:
        """Read ranges as they are written.

        Raises:
            ValueError: when they are not, or out of order.
        """
        pairs = [part.partition(" - ") for part in text.split(", ")]
        ranges = [(Version(first), Version(last or first)) for first, _, last in pairs]
        ends = [version for pair in ranges for version in pair]
        if ends != sorted(ends):
            raise ValueError(f"out of order: {text}")
        return cls(tuple(ranges))

    def __str__(self) -> str:
        """Write the ranges as `parse` reads them."""
        return ", ".join(
            f"{first}" if first == last else f"{first} - {last}" for first, last in self.ranges
        )

    def __contains__(self, version: Version) -> bool:
        """Tell whether a version lies in one of the ranges."""
        return any(first <= version <= last for first, last in self.ranges)

    @property
    def last(self) -> Version:
        """Return the newest version."""
        return self.ranges[-1][1]

    def joined(self, version: Version, since: Version) -> VersionRanges:
        """Return the ranges with one version more.

        Args:
            version: the new one.
            since: where whoever saw it came from. If the last range holds it, that range goes on
                to the new version; if not, what was seen went in between and came back.
        """
        *earlier, (first, last) = self.ranges
        if first <= since <= last < version:
            return VersionRanges((*earlier, (first, version)))
        return VersionRanges(tuple(sorted([*self.ranges, (version, version)])))
