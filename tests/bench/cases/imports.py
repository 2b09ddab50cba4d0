"""How long importing the package takes, and how much memory it needs."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("import_probe.py")

PACKAGE = "import openai_codex"
# Our package loads its parts when they are first touched, so its bare import alone would flatter.
CLASSES = "from openai_codex import Codex, AsyncCodex"
FLOOR = "import pydantic, asyncio"


def compare_imports(contestants: Contestants) -> Report:
    """Import the package in fresh processes of both environments.

    Args:
        contestants: The environments.
    """
    rows: list[Row] = []
    for statement in (PACKAGE, CLASSES):
        sides = contestants.compare((PROBE, statement), floor=(PROBE, FLOOR))
        rows.append(sides.row(f"`{statement}`, time", "ms", "milliseconds", share=0.30))
        rows.append(sides.row("the same, memory", "MB", "megabytes", share=0.70))
    return Report(
        title="Import",
        note=(
            "fresh processes; memory is what is resident after the import, interpreter included; "
            f"the floor is `{FLOOR}`."
        ),
        rows=rows,
    )
