"""The walkthrough is committed without outputs, and prints in a kernel what it promises."""

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from openai_codex.testing import IsolatedHome

from tests.docs.notebooks import execute
from tests.docs.notebooks.expected import EXPECTED

NOTEBOOK = Path(__file__).resolve().parents[3] / "docs" / "notebooks" / "walkthrough.ipynb"

Cell = dict[str, Any]


def read(text: str) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(text)
    return notebook


def committed() -> dict[str, Any]:
    return read(NOTEBOOK.read_text(encoding="utf-8"))


def code_cells(notebook: dict[str, Any]) -> list[Cell]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def executed() -> dict[str, Any]:
    """Execute the notebook, away from the user's own Jupyter, IPython and Codex."""
    with IsolatedHome() as home:
        ended = subprocess.run(
            [sys.executable, execute.__file__, NOTEBOOK, home.path],
            cwd=home.workspace,
            env=home.process_env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    return read(ended.stdout)


def shown(cell: Cell) -> dict[str, str]:
    """Put together what a cell printed, by stream; whatever else it shows is told by its type."""
    streams: dict[str, str] = {}
    for output in cell["outputs"]:
        name = output.get("name", output["output_type"])
        streams[name] = streams.get(name, "") + output.get("text", str(output))
    return streams


def test_every_cell_prints_what_it_promises_and_shows_nothing_else() -> None:
    matches = doctest.OutputChecker().check_output

    for cell in code_cells(executed()):
        streams = shown(cell)
        wanted, got = EXPECTED[cell["id"]], streams.pop("stdout", "")
        assert matches(wanted, got, doctest.ELLIPSIS), (cell["id"], wanted, got)
        assert streams == {}, cell["id"]


def test_every_code_cell_and_no_other_has_an_expectation() -> None:
    assert list(EXPECTED) == [cell["id"] for cell in code_cells(committed())]


def test_the_notebook_is_committed_without_outputs_and_traces_of_a_machine() -> None:
    notebook = committed()

    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_the_notebook_is_written_as_jupyter_writes_it() -> None:
    notebook = committed()

    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert all(re.fullmatch("[a-z-]{2,64}", cell["id"]) for cell in notebook["cells"])
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    assert NOTEBOOK.read_text(encoding="utf-8") == text


def test_one_line_switches_to_an_account() -> None:
    first = "".join(code_cells(committed())[0]["source"])

    assert first.endswith("\nACCOUNT = False")
