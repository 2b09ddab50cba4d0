"""What stands in fences on the pages is true: see docs/maintainers/documents.md."""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from tests.docs.commands import mistakes
from tests.docs.pages import ROOT, Block, page_paths, read_blocks
from tests.docs.programs import ast_of, programs

BLOCKS = {path: read_blocks(path) for path in page_paths()}
RUN = [path for path, blocks in BLOCKS.items() if programs(blocks)]
SHELLS = ("sh", "powershell")
KNOWN = {"python", *SHELLS, "toml", "json", "jsonl", "ini", "text", "markdown", "dockerfile"}


def of_language(*languages: str) -> list[Block]:
    return [
        block
        for blocks in BLOCKS.values()
        for block in blocks
        if block.language in languages and "not checked" not in block.remarks
    ]


def name_of(value: Path | Block) -> str:
    return value.place if isinstance(value, Block) else value.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_the_programs_of_a_page_run(page: Path) -> None:
    command = [sys.executable, "-m", "tests.docs.run", str(page)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_every_block_says_in_which_language_it_is() -> None:
    assert [
        f"{block.place}: {block.language!r}"
        for blocks in BLOCKS.values()
        for block in blocks
        if block.language not in KNOWN
    ] == []


def test_what_is_not_to_be_run_is_python_all_the_same() -> None:
    for block in of_language("python"):
        if not block.is_included:
            ast_of(block)


@pytest.mark.parametrize("block", of_language(*SHELLS), ids=name_of)
def test_commands_name_what_is_there(block: Block) -> None:
    assert list(mistakes(block)) == []


def test_data_is_well_formed() -> None:
    for block in of_language("json", "jsonl", "toml", "ini"):
        assert parsed(block), block.place


def parsed(block: Block) -> object:
    if block.language == "toml":
        return tomli.loads(block.code)
    if block.language == "ini":
        parser = configparser.ConfigParser()
        parser.read_string(block.code)
        return parser.sections()
    texts = block.code.splitlines() if block.language == "jsonl" else [block.code]
    return [json.loads(text) for text in texts]
