"""Papers: the hashes and bills of materials that go with a release whose every file is good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from codex_generator.release.checking.bom import SUFFIX, bill_of_materials
from codex_generator.release.checking.expected import Expected
from codex_generator.release.outputs import scratch_folder

SUMS: Final = "SHA256SUMS"
"""The file with the hash of every other, as `sha256sum --check` reads it."""


def papers_in(dist: Path) -> list[str]:
    """Return the names that papers have in a folder, whether or not all are there."""
    return [SUMS, *(path.name for path in dist.glob(f"*{SUFFIX}"))]


def remove_papers(dist: Path) -> None:
    """Remove the papers of an earlier check: what they speak for is not sure any more."""
    for name in papers_in(dist):
        (dist / name).unlink(missing_ok=True)


def write_papers(dist: Path, files: Sequence[Expected], hashes: Mapping[str, str]) -> None:
    """Write a bill of materials beside each wheel, then the hashes of all files.

    Args:
        dist: the folder.
        files: what is in it.
        hashes: the SHA-256 of each of them, in hex, as it was when it was judged.

    Raises:
        OSError: The disk does not take them all; then there are none.
    """
    bills = {
        f"{wheel.name}{SUFFIX}": f"{bill_of_materials(wheel, hashes[wheel.name])}\n".encode()
        for wheel in files
        if wheel.is_wheel
    }
    sums = {**hashes, **{name: sha256(text).hexdigest() for name, text in bills.items()}}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    papers = {**bills, SUMS: "".join(lines).encode()}
    with scratch_folder(dist / "papers") as scratch:
        for name, text in papers.items():
            (scratch / name).write_bytes(text)
        for name in papers:
            (scratch / name).replace(dist / name)
