"""The two sides of every comparison, and how they are measured: in turns, in one run."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.bench import flood_server
from tests.bench.report import STALLS, Row, Value

Measured: TypeAlias = "Mapping[str, float] | None"
"""Figures by their keys; ``None`` of a subject that stalls."""

DEADLINE = 120.0
"""How long a process has to finish, in seconds, unless its case is about just that."""

_FLOOD_SERVER = Path(flood_server.__file__)


@dataclass(frozen=True)
class Subject:
    """One thing to measure: a script run by one Python in a process of its own.

    Attributes:
        python: The interpreter.
        command: The script and its arguments. It prints one JSON object of numbers.
        environment: The process's whole environment; ``None`` to inherit ours.
        deadline: When the process counts as stalled, in seconds.
    """

    python: Path
    command: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    deadline: float = DEADLINE

    def measure(self) -> Measured:
        """Run the script once.

        Returns:
            What it measured, and as ``process`` the wall time of the whole process in
            milliseconds; ``None`` if it did not finish in time.
        """
        # `-I`: neither the folder, the user's packages nor PYTHON* variables reach the child.
        # What it says on stderr is left to be seen.
        command = [str(self.python), "-I", *self.command]
        start = time.perf_counter()
        try:
            done = subprocess.run(
                command,
                check=True,
                stdout=subprocess.PIPE,
                timeout=self.deadline,
                env=self.environment,
            )
        except subprocess.TimeoutExpired:
            return None
        milliseconds = (time.perf_counter() - start) * 1e3
        measured: dict[str, float] = json.loads(done.stdout)
        return {"process": milliseconds, **measured}


@dataclass(frozen=True)
class Sides:
    """What was measured at both sides; a side that was not measured has no figures.

    Attributes:
        peer: The figures of the package that people use today.
        ours: Our figures.
        floor: What the same work costs without any client.
    """

    peer: Measured
    ours: Measured
    floor: Measured

    def row(
        self,
        name: str,
        unit: str,
        key: str,
        *,
        share: float | None = None,
        limit: float | None = None,
        aim: float | None = None,
    ) -> Row:
        """Make a row of the report.

        Args:
            name: What was measured, in words.
            unit: The unit of the figure.
            key: The key of the figure.
            share: The highest share of the peer's value that is allowed.
            limit: The highest value that is allowed.
            aim: The share that was aimed at, where ``share`` is what was reached instead.
        """
        return Row(
            name,
            unit,
            peer=_value(self.peer, key),
            ours=_value(self.ours, key),
            floor=_value(self.floor, key),
            share=share,
            limit=limit,
            aim=aim,
        )


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

    def flood_server(self, *scenario: object) -> tuple[str, ...]:
        """Return the command line of the scripted app-server, the same for both sides.

        Args:
            *scenario: The scenario's name and numbers.
        """
        # `-S`: it needs nothing of the environment, and starts faster without it.
        return (str(self.ours), "-I", "-S", str(_FLOOD_SERVER), *map(str, scenario))

    def compare(
        self,
        command: Sequence[object],
        *,
        floor: Sequence[object] = (),
        environment: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        ours_alone: bool = False,
    ) -> Sides:
        """Measure one script at both sides, and the floor, in turns.

        Args:
            command: The script and its arguments.
            floor: The script that does the same without a client, if there is one.
            environment: The processes' whole environment; ``None`` to inherit ours.
            deadline: When a process counts as stalled, in seconds.
            ours_alone: Whether to leave out the peer.
        """

        def subject(python: Path, command: Sequence[object]) -> Subject:
            return Subject(python, tuple(map(str, command)), environment, deadline)

        subjects = {"ours": subject(self.ours, command)}
        if not ours_alone:
            subjects["peer"] = subject(self.peer, command)
        if floor:
            subjects["floor"] = subject(self.ours, floor)
        medians = measure_in_turns(list(subjects.values()), self.repetitions)
        sides: dict[str, Measured] = {"peer": {}, "floor": {}}
        return Sides(**sides | dict(zip(subjects, medians, strict=True)))


def measure_in_turns(subjects: Sequence[Subject], repetitions: int) -> list[Measured]:
    """Measure subjects side by side and return the medians of each, in the order given.

    They take turns, so that a machine that slows down or warms up does so for all of them; a
    first round, which fills disk and bytecode caches, does not count. A subject that stalled
    once is not measured again.

    Args:
        subjects: What to measure.
        repetitions: How many rounds count.
    """
    samples: list[list[Mapping[str, float]] | None] = [[] for _ in subjects]
    for _ in range(repetitions + 1):
        for index, subject in enumerate(subjects):
            taken = samples[index]
            if taken is not None:
                measured = subject.measure()
                samples[index] = None if measured is None else [*taken, measured]
    return [None if taken is None else _medians(taken[1:]) for taken in samples]


def _medians(samples: Sequence[Mapping[str, float]]) -> Measured:
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


def _value(measured: Measured, key: str) -> Value:
    if measured is None:
        return STALLS
    return measured.get(key)
