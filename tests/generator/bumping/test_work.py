"""What a bump changes in its copy, where no other test looks."""

from __future__ import annotations

import json
from pathlib import Path

from codex_generator.bumping.work import Work
from codex_generator.errata import ERRATA
from codex_generator.load import read_version

REPOSITORY = Path(__file__).parents[3]
PINNED = "0.147.0"


def test_what_errata_settle_newly_is_noted_and_what_ended_is_told(tmp_path: Path) -> None:
    entries = json.loads(ERRATA.read_text(encoding="utf-8"))
    always = next(entry for entry in entries if entry["seen"].startswith("0.131.0 - "))
    ended = next(entry for entry in entries if entry["seen"].endswith(f" - {PINNED}"))
    always["seen"] = f"0.131.0 - {PINNED}"
    file = tmp_path / "generator/src/codex_generator/errata.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(entries), encoding="utf-8")
    schema = REPOSITORY / "schema"
    version = read_version(schema)

    told = Work(REPOSITORY, tmp_path, PINNED, version, schema).settle_errata()

    always["seen"] = f"0.131.0 - {version}"
    assert json.loads(file.read_text(encoding="utf-8")) == entries
    status, no_longer = told.splitlines()
    assert f"newly: {always['number']}; no longer: {ended['number']}" in status
    assert no_longer == (f"applies no longer: {ended['method']} is answered by {ended['response']}")


def test_what_had_ended_before_is_not_told_again(tmp_path: Path) -> None:
    entries = json.loads(ERRATA.read_text(encoding="utf-8"))
    ended = next(entry for entry in entries if entry["seen"].endswith(f" - {PINNED}"))
    ended["seen"] = "0.131.0"
    file = tmp_path / "generator/src/codex_generator/errata.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(entries), encoding="utf-8")
    schema = REPOSITORY / "schema"

    told = Work(REPOSITORY, tmp_path, "0.150.0", read_version(schema), schema).settle_errata()

    assert f"no longer: {ended['number']}" not in told
    assert str(ended["method"]) not in told
