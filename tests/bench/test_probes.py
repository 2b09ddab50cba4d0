"""The programs that take the measurements, each once on our own package, with small numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from openai_codex.testing import IsolatedHome, ModelServer, Reply

from tests.bench import flood_server

CASES = Path(__file__).with_name("cases")
KINDS = ("sync", "async")


def run_probe(
    probe: str, *arguments: str, env: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Run a probe in a process and return what it prints."""
    command = [sys.executable, str(CASES / f"{probe}_probe.py"), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60, env=env)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def server(*scenario: str) -> tuple[str, ...]:
    """Return the command line of the scripted app-server."""
    return (sys.executable, "-I", "-S", flood_server.__file__, *scenario)


def test_an_import_is_measured_in_time_and_memory() -> None:
    measured = run_probe("import", "import json")
    assert measured["milliseconds"] > 0
    assert measured["megabytes"] > 1


@pytest.mark.parametrize("probe", [("floor", "cold"), ("cold", "sync"), ("cold", "async")])
def test_a_cold_process_runs_a_turn_on_the_real_runtime(probe: tuple[str, str]) -> None:
    with ModelServer([Reply.text("Hi.")]) as model, IsolatedHome() as home:
        arguments = (*probe[1:], str(home.workspace), *model.config_overrides())
        env = home.process_env | {"PYTHONPATH": os.pathsep.join(sys.path)}
        run_probe(probe[0], *arguments, env=env)
        model.assert_exhausted()


@pytest.mark.parametrize(
    "probe", [("floor", "lifecycle"), ("lifecycle", "sync"), ("lifecycle", "async")]
)
def test_start_and_close_are_measured(probe: tuple[str, str]) -> None:
    measured = run_probe(*probe, "2", *server("idle"))
    assert measured["wall"] > 0
    assert measured["cpu"] > 0


@pytest.mark.parametrize("request_name", ["models", "thread_start"])
@pytest.mark.parametrize("probe", [("floor",), ("round_trip", "sync"), ("round_trip", "async")])
def test_round_trips_are_measured(probe: tuple[str, ...], request_name: str) -> None:
    measured = run_probe(*probe, request_name, "5", *server("idle"))
    assert measured.keys() >= {"wall", "cpu"}
    assert measured["wall"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_is_measured_and_its_events_counted(kind: str) -> None:
    measured = run_probe("turn", kind, "stream", "20", *server("turns", "1", "20"))
    assert measured.keys() == {"wall", "cpu", "events"}
    assert measured["events"] == 25


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_measured(kind: str) -> None:
    measured = run_probe("turn", kind, "run", "20", *server("turns", "1", "20"))
    assert measured.keys() == {"wall", "cpu"}


def test_the_floor_of_a_turn_is_measured() -> None:
    assert run_probe("floor", "turn", "20", *server("turns", "1", "20"))["cpu"] > 0


def test_a_text_that_is_not_whole_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_probe("turn", "sync", "run", "21", *server("turns", "1", "20"))


@pytest.mark.parametrize("probe", [("floor", "crowd"), ("crowd", "sync"), ("crowd", "async")])
def test_turns_at_once_are_measured(probe: tuple[str, str]) -> None:
    measured = run_probe(*probe, "3", *server("crowd", "3", "2"))
    assert measured.keys() == {"wall", "cpu"}


@pytest.mark.parametrize("kind", KINDS)
def test_requests_beside_idle_streams_are_measured(kind: str) -> None:
    measured = run_probe("idle", kind, "3", "10", *server("idle"))
    assert measured["p99"] >= measured["p50"] > 0


def test_requests_beside_nothing_are_the_floor_of_that() -> None:
    assert run_probe("floor", "thread_start", "10", *server("idle"))["p99"] > 0


@pytest.mark.parametrize("stream", ["open", "none"])
@pytest.mark.parametrize("probe", [("floor", "unread"), ("memory", "sync"), ("memory", "async")])
def test_the_growth_of_memory_is_measured(probe: tuple[str, str], stream: str) -> None:
    assert "megabytes" in run_probe(*probe, stream, *server("unread", "100"))
