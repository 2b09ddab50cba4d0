"""Every check is done that can be, whatever came of those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from codex_generator.compat.checking import Checker
from codex_generator.compat.columns import Column
from codex_generator.compat.copies import Copies
from codex_generator.compat.matrix import Check, Outcome, Row

from tests.generator.compat.trees import column, generation, make_tree, runtime

GOOD, BAD = "print('good')", "import sys; sys.exit('bad')"
HANGS = "import threading; threading.Event().wait()"
OK, FAILED = Outcome.OK, Outcome.FAILED

Checking = Callable[..., list[Row]]


def tell_nobody(version: str, check: Check) -> None:
    pass


@pytest.fixture
def check(tmp_path: Path) -> Checking:
    """Checks runtimes with some columns."""
    root = make_tree(tmp_path / "tree")

    def check(
        columns: Sequence[Column],
        *versions: str,
        deadline: float = 60.0,
        jobs: int = 1,
        told: Callable[[str, Check], None] = tell_nobody,
    ) -> list[Row]:
        copies = Copies(root, tmp_path / "scratch")
        checker = Checker(copies, columns, "0.154.0", tmp_path / "logs", told, deadline)
        return checker.check_all([runtime(version) for version in versions], jobs)

    return check


def outcomes(row: Row) -> list[Outcome]:
    return [check.outcome for check in row.checks]


def test_a_column_that_fails_stops_neither_the_others_nor_other_runtimes(check: Checking) -> None:
    columns = [generation(GOOD), column("types", BAD), column("raw", GOOD)]

    rows = check(columns, "0.160.0", "0.161.0", jobs=2)

    assert [row.version for row in rows] == ["0.160.0", "0.161.0"]
    assert [outcomes(row) for row in rows] == [[OK, FAILED, OK]] * 2
    assert not any(row.passed for row in rows)


def test_of_a_column_s_commands_none_follows_one_that_fails(check: Checking) -> None:
    [row] = check([column("types", GOOD, BAD, "print('never')")], "0.160.0")

    [failed] = row.checks
    assert failed.log is not None
    assert "never')" not in failed.log.read_text(encoding="utf-8")


def test_without_generation_only_what_is_pinned_is_checked(check: Checking) -> None:
    columns = [generation(BAD), column("types", GOOD), column("pinned", GOOD, pinned=True)]

    [row] = check(columns, "0.160.0")

    assert outcomes(row) == [FAILED, Outcome.NOT_REACHED, OK]
    assert "the generation has failed" in row.checks[1].reason


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        ("0.153.9", Outcome.NOT_MEANT),
        ("0.154.0", OK),
        ("0.154.0a1", OK),
        ("1.0.0", OK),
    ],
)
def test_what_needs_a_supported_runtime_is_checked_on_no_other(
    check: Checking, version: str, outcome: Outcome
) -> None:
    [row] = check([column("facade", GOOD, supported=True)], version)

    assert outcomes(row) == [outcome]
    assert row.passed


def test_a_failure_has_its_last_lines_and_a_log_of_everything(check: Checking) -> None:
    script = "import sys; print(*range(100), 'the end', sep='\\n'); sys.exit(1)"

    [row] = check([column("types", script)], "0.160.0")

    [failed] = row.checks
    assert failed.reason.splitlines() == ["96", "97", "98", "99", "the end", "exit code 1"]
    assert failed.log is not None
    lines = failed.log.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("$ ")
    assert lines[1:3] == ["0", "1"]


def test_what_hangs_has_failed(check: Checking) -> None:
    [row] = check([column("types", HANGS)], "0.160.0", deadline=0.5)

    [failed] = row.checks
    assert failed.outcome is FAILED
    assert failed.reason.endswith("has not ended within 0 s")


def test_what_cannot_be_run_has_failed(check: Checking) -> None:
    missing = Column("types", "", lambda _: (("/no/such/program",),))

    [row] = check([missing], "0.160.0")

    assert row.checks[0].reason.endswith("cannot be run: No such file or directory")


def test_an_interruption_ends_what_was_begun_and_nothing_has_failed_by_it(
    check: Checking, tmp_path: Path
) -> None:
    told: list[Outcome] = []

    def interrupt(_: str, done: Check) -> None:
        told.append(done.outcome)
        raise KeyboardInterrupt

    # The second one hangs, if nobody ends it, for longer than a test may take.
    columns = [column("types", f"import os\nif '0.161.0' in os.environ['CODEX_BIN']: {HANGS}")]

    with pytest.raises(KeyboardInterrupt):
        check(columns, "0.160.0", "0.161.0", jobs=2, told=interrupt)

    assert told == [OK]
    [log] = (tmp_path / "logs" / "0.161.0").iterdir()
    assert log.read_text(encoding="utf-8").endswith("stopped\n")


def test_commands_find_the_packages_of_their_copy_and_the_runtime(
    check: Checking, tmp_path: Path
) -> None:
    script = "import layer, os; print(layer.WHERE, os.environ['CODEX_BIN'])"

    [row] = check([generation(script), column("pinned", script, pinned=True)], "0.160.0")

    said = [check.log.read_text(encoding="utf-8").split()[-2:] for check in row.checks if check.log]
    source = "packages/types/src/layer.py"
    assert said == [
        [str(tmp_path / "scratch" / folder / source), "codex-0.160.0"]
        for folder in ("0.160.0", "pinned")
    ]
