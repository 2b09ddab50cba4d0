"""What is not finished leaves nothing behind, also where it was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.release.checking.expected import Expected
from codex_generator.release.checking.papers import SUMS, write_papers
from codex_generator.release.outputs import scratch_folder, size_of, watch_growth
from codex_generator.release.packages import Content
from codex_generator.release.pipeline import run_all
from codex_generator.release.progress import Board
from rich.console import Console

BOARD = Board(Console(file=StringIO()))
ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def finished_process() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / f".staging.{finished_process()}.part"
    left.mkdir()
    (left / "half.whl").write_bytes(b"half")

    with scratch_folder(tmp_path / "staging") as scratch:
        assert names(tmp_path) == [scratch.name]

    assert names(tmp_path) == []


def test_what_another_process_works_on_is_not_removed(tmp_path: Path) -> None:
    theirs = tmp_path / f".staging.{os.getppid()}.part"
    theirs.mkdir()

    with scratch_folder(tmp_path / "staging"):
        pass

    assert names(tmp_path) == [theirs.name]


def test_a_folder_that_changes_while_it_is_measured_does_no_harm(tmp_path: Path) -> None:
    over = threading.Event()

    def churn() -> None:
        while not over.is_set():
            (tmp_path / "a/b").mkdir(parents=True)
            (tmp_path / "a/b/file").write_bytes(b"x" * 10)
            (tmp_path / "a/b/file").unlink()
            (tmp_path / "a/b").rmdir()
            (tmp_path / "a").rmdir()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        sizes = {size_of(tmp_path) for _ in range(2000)}
    finally:
        over.set()
        thread.join()

    assert sizes <= {0, 10}


def test_growth_is_told_as_it_happens(tmp_path: Path) -> None:
    grown = threading.Event()

    class Meter:
        total = 0

        def expect(self, total: int) -> None:
            raise AssertionError(total)

        def add(self, count: int) -> None:
            self.total += count
            grown.set()

    meter = Meter()
    (tmp_path / "before").write_bytes(b"x" * 5)
    with watch_growth(tmp_path, meter):
        (tmp_path / "file").write_bytes(b"x" * 1000)
        assert grown.wait(30)

    assert meter.total in range(1, 1006)


def test_results_come_in_the_order_of_the_jobs() -> None:
    first = threading.Event()

    def waits() -> int:
        first.wait(30)
        return 1

    def goes() -> int:
        first.set()
        return 2

    assert run_all([waits, goes], BOARD) == [1, 2]


def test_the_first_failure_stops_what_is_at_work() -> None:
    board = Board(Console(file=StringIO()))
    working = threading.Event()
    done: list[str] = []

    def fails() -> None:
        working.wait(30)
        raise GeneratorError("out of ink")

    def works() -> None:
        with board.step("working") as meter:
            working.set()
            while True:
                meter.add(1)

    def begins() -> None:
        with board.step("beginning"):
            done.append("begun")

    with pytest.raises(GeneratorError, match="out of ink"):
        run_all([fails, works], board)

    with pytest.raises(GeneratorError, match="stopped"):
        begins()
    assert done == []


PAPERS = """\
import resource, sys
from dataclasses import replace
from pathlib import Path
from codex_generator.release.checking.papers import write_papers
from tests.release.test_outputs import files
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_papers(Path(sys.argv[1]), *files())
"""


def files() -> tuple[list[Expected], dict[str, str]]:
    """Return a wheel of a hundred files, and its hash."""
    content = Content("ab" * 32, 1, executable=False)
    contents = {f"codex_app_server_types/{number}.py": content for number in range(100)}
    wheel = Expected("types.whl", "types", "0.163.0", contents, "METADATA", ("pydantic",))
    return [wheel], {"types.whl": "cd" * 32}


def test_papers_that_the_disk_does_not_take_are_not_there_by_half(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PAPERS, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert os.strerror(27) in done.stderr
    assert names(tmp_path) == []

    write_papers(tmp_path, *files())
    assert names(tmp_path) == [SUMS, "types.whl.cdx.json"]
