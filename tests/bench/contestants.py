"""The two sides of every comparison, and how they are measured: in turns, in one run."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Contestants:
    """The environments that are compared; both hold the same Python.

    Attributes:
        ours: The Python of the environment with the packages of this repository.
        peer: The Python of the environment with the package that people use today.
        repetitions: How often each subject is measured.
    """

    ours: Path
    peer: Path
    repetitions: int


@dataclass(frozen=True)
class Subject:
    """One thing to measure: a script run by one Python in a process of its own.

    Attributes:
        name: How the report calls it.
        python: The interpreter.
        command: The script and its arguments. It prints one JSON object of numbers.
    """

    name: str
    python: Path
    command: tuple[str, ...]

    def measure(self) -> dict[str, float]:
        """Run the script once and return what it measured."""
        # `-I`: neither the folder, the user's packages nor PYTHON* variables reach the child.
        # What it says on stderr is left to be seen.
        command = [str(self.python), "-I", *self.command]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120)
        measured: dict[str, float] = json.loads(done.stdout)
        return measured


def measure_in_turns(subjects: Sequence[Subject], repetitions: int) -> list[dict[str, float]]:
    """Measure subjects side by side and return the medians of each, in the order given.

    They take turns, so that a machine that slows down or warms up does so for all of them; a
    first round, which fills disk and bytecode caches, does not count.

    Args:
        subjects: What to measure.
        repetitions: How many rounds count.
    """
    rounds = [[subject.measure() for subject in subjects] for _ in range(repetitions + 1)][1:]
    return [
        {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}
        for samples in zip(*rounds, strict=True)
    ]
