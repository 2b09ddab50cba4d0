"""How long importing the package takes, and how much memory it needs."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from tests.bench.contestants import Contestants, Subject, measure_in_turns
from tests.bench.report import Column, Report, Row

PROBE = Path(__file__).with_name("import_probe.py")
COLUMNS = (Column("milliseconds", "time (ms)"), Column("megabytes", "memory (MB)"))
LIMITS = {"milliseconds": 0.35, "megabytes": 0.7}

PACKAGE = "import openai_codex"
# Our package loads its parts when they are first touched, so its bare import alone would flatter.
CLASSES = "from openai_codex import Codex, AsyncCodex"
FLOOR = "import pydantic, asyncio"


def compare_imports(contestants: Contestants) -> Report:
    """Import the package in fresh processes of both environments, in turns.

    Args:
        contestants: The environments.
    """
    ours, peer = contestants.ours, contestants.peer
    subjects = [
        Subject(f"peer: `{PACKAGE}`", peer, (str(PROBE), PACKAGE)),
        Subject(f"ours: `{PACKAGE}`", ours, (str(PROBE), PACKAGE)),
        Subject(f"ours: `{CLASSES}`", ours, (str(PROBE), CLASSES)),
        Subject(f"floor: `{FLOOR}`", ours, (str(PROBE), FLOOR)),
    ]
    medians = measure_in_turns(subjects, contestants.repetitions)
    named = list(zip(subjects, medians, strict=True))
    peer_row, *rows = [
        Row(subject.name, values, LIMITS if subject.name.startswith("ours") else {})
        for subject, values in named
    ]
    return Report(
        title="Import",
        note=(
            f"Medians of {contestants.repetitions} fresh processes each, taken in turns; "
            f"Python {platform.python_version()}, pydantic {version('pydantic')}; memory is what "
            "is resident after the import, interpreter included."
        ),
        columns=COLUMNS,
        peer=peer_row,
        rows=rows,
    )
