"""A whole process on the real runtime: import, start, one short turn, close."""

from __future__ import annotations

from pathlib import Path

from openai_codex.testing import IsolatedHome, ModelServer, Reply

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("cold_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")


def compare_cold_processes(contestants: Contestants) -> Report:
    """Run one turn a process on the real runtime, whose model is scripted in this process.

    Args:
        contestants: The environments, each with the runtime.
    """
    rows: list[Row] = []
    for kind in ("sync", "async"):
        with ModelServer(lambda request: Reply.text("Hi.")) as model, IsolatedHome() as home:
            work = (home.workspace, *model.config_overrides())
            sides = contestants.compare(
                (PROBE, kind, *work),
                floor=(FLOOR, "cold", *work),
                environment=home.process_env,
            )
        rows.append(sides.row(f"cold process, {kind}, wall", "ms", "process", share=0.6))
        rows.append(sides.row("the same, CPU", "ms", "cpu"))
    return Report(
        title="A cold process",
        note=(
            "from the start of Python to its exit on the real runtime: import, start, one short "
            "turn, close. CPU is Python's alone; the floor speaks to the runtime without a client."
        ),
        rows=rows,
    )
