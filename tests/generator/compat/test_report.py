"""The matrix says what came of everything, to people and to programs."""

from __future__ import annotations

import io
import json
from pathlib import Path

from codex_generator.compat.matrix import Check, Matrix, Outcome, Row
from codex_generator.compat.report import as_json, print_matrix
from rich.console import Console

from tests.generator.compat.trees import column

COLUMNS = (column("types"), column("facade", supported=True))
OLD = "facade and pinned packages are for runtimes from 0.154.0 on"
MATRIX = Matrix(
    "0.163.0",
    [
        Row(
            "0.131.0",
            [
                Check("types", Outcome.FAILED, 12.3, "line 1\nline 2", Path("types.log")),
                Check("facade", Outcome.NOT_MEANT, reason=OLD),
            ],
        ),
        Row(
            "0.169.0",
            [
                Check("types", Outcome.OK, 7.0, log=Path("types.log")),
                Check("facade", Outcome.OK, 8.0, log=Path("facade.log")),
            ],
        ),
    ],
)


def test_people_see_a_row_for_each_runtime_and_why_anything_is_not_ok() -> None:
    file = io.StringIO()

    print_matrix(MATRIX, COLUMNS, Console(file=file, width=100))

    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    assert lines == [
        "runtime  types         facade         in all",
        "0.131.0  failed, 12 s  not meant for    12 s",
        "0.169.0  ok, 7 s       ok, 8 s          15 s",
        f"not meant for: {OLD}",
        "0.131.0 types: failed; all of it is in types.log",
        "  line 1",
        "  line 2",
    ]


def test_programs_read_the_same() -> None:
    document = json.loads(as_json(MATRIX))

    assert (document["pinned"], document["passed"]) == ("0.163.0", False)
    old, new = document["runtimes"]
    assert (old["version"], old["passed"], new["passed"]) == ("0.131.0", False, True)
    assert old["checks"][0] == {
        "column": "types",
        "outcome": "failed",
        "seconds": 12.3,
        "reason": "line 1\nline 2",
        "log": "types.log",
    }
