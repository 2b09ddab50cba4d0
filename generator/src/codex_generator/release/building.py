"""Building: a staged folder becomes a wheel or an sdist, the same bytes each time."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final, Literal

from codex_generator.commands import run
from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import PACKED, SILENT, Meter
from codex_generator.release.outputs import size_of, watch_growth

Kind = Literal["wheel", "sdist"]

EPOCH: Final = "1580601600"
"""Unix time in archives, 2020-02-02: what hatchling uses where nothing is set."""


def build(staged: Path, out: Path, kind: Kind, meter: Meter = SILENT) -> Path:
    """Build one distribution with `python -m build`, in this environment.

    Not isolated: another hatchling would write other bytes, so it is the pinned one.

    Args:
        staged: the package folder.
        out: a folder for the result, with room for it twice.
        kind: what to build.
        meter: takes by how many bytes the archive has grown.

    Returns:
        The file that was made.

    Raises:
        ReleaseError: The build failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    before = {*out.iterdir()}
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(out)]
    # The archive grows in the temporary folder: let that be where there is room for it.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "TMPDIR": str(out)}
    meter.expect(int(size_of(staged) * PACKED))
    with watch_growth(out, meter):
        run([*command, str(staged)], environment=environment)
    made = [path for path in out.iterdir() if path not in before]
    if len(made) != 1:
        raise ReleaseError(f"{staged.name}: the build made {len(made)} files, and not one")
    return made[0]
