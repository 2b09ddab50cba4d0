"""`diff` takes versions: the checkout's own needs no fetching, and others are kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from codex_generator.cli import main
from codex_generator.runtimes.obtaining import schema_source
from codex_generator.runtimes.store import Store

from tests.generator.runtimes.published import program
from tests.generator.schemas import STRING, struct, write_schema

PETS = {"Pet": struct({"name": STRING})}
OLDER_PETS = {"Pet": struct({"name": STRING}, collar=STRING)}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def root(tmp_path: Path, store: Store) -> Path:
    """A checkout of 1.2.3, and the schema of 1.2.2 in the store: neither needs a network."""
    older = write_schema(tmp_path / "older", OLDER_PETS)
    facts = json.loads((older / "manifest.json").read_text(encoding="utf-8"))
    (older / "manifest.json").write_text(json.dumps({**facts, "version": "1.2.2"}))
    store.folder.mkdir()
    older.rename(store.schema_of("1.2.2"))
    return write_schema(tmp_path / "checkout", PETS).parent


@pytest.mark.parametrize("spelling", ["1.2.2", "rust-v1.2.2"])
def test_versions_are_compared(
    root: Path, store: Store, capsys: pytest.CaptureFixture[str], spelling: str
) -> None:
    command = ["--root", str(root), "--runtimes", str(store.folder), "diff", spelling, "1.2.3"]
    assert main([*command, "--format", "json"]) == 0

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["old"], found["new"]) == ("1.2.2", "1.2.3")
    assert [change["name"] for change in found["changes"]] == ["Pet.collar"]
    assert said.err == ""


def test_what_is_pinned_is_that_of_the_checkout_also_for_a_fix_of_ours(
    root: Path, store: Store
) -> None:
    assert schema_source("1.2.3", store, root / "schema") == root / "schema"
    assert schema_source("1.2.3.post1", store, root / "schema") == root / "schema"


def test_a_path_that_reads_as_a_version_begins_with_a_dot(
    root: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1.2.2").mkdir()

    assert schema_source("1.2.2", store, root / "schema") == store.schema_of("1.2.2")
    assert schema_source("./1.2.2", store, root / "schema") == tmp_path / "1.2.2"


@pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")
def test_another_program_is_told(
    root: Path, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = program(tmp_path, "#!/bin/sh\necho Python 3.10.13\n")

    assert main(["--root", str(root), "diff", "1.2.3", str(other)]) == 1

    (message,) = capsys.readouterr().err.splitlines()
    assert message.startswith(f"{other}: is not the Codex runtime: ")
