"""The history says since which runtime each message exists, whatever the order it is told in."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from codex_generator.cli import main
from codex_generator.diagnostics import DiagnosticsError, GeneratorError, InputError
from codex_generator.history.extending import extend, extend_by
from codex_generator.history.file import HISTORY, read_history, write_history
from codex_generator.history.timeline import History, Kind, State
from codex_generator.tree import SCHEMA, produce

from tests.generator.schemas import Definitions, envelope, struct, write_schema

ROOT = Path(__file__).parents[3]

NOTHING = {kind: dict[str, State]() for kind in Kind}


def protocol(*methods: str) -> Definitions:
    """Make a bundle of methods without params."""
    responses = {f"{name.title()}Response": struct() for name in methods}
    requests: Definitions = {name: {"type": "null"} for name in methods}
    return {"ClientRequest": envelope(requests), **responses}


def snapshot(**states: State) -> dict[Kind, dict[str, State]]:
    """Make a snapshot that knows some methods."""
    return {**NOTHING, Kind.METHOD: states}


def history(*told: tuple[str, dict[Kind, dict[str, State]]]) -> History:
    """Make a history out of what was seen, in the order in which it was seen."""
    made = History()
    for release, seen in told:
        made = made.extended(release, seen)
    return made


def written(folder: Path, found: History) -> str:
    """Write a history, and return the text."""
    write_history(folder, found)
    return (folder / HISTORY).read_text(encoding="utf-8")


SEEN = (
    ("0.9.0", snapshot(walk=State.EXPERIMENTAL)),
    ("0.10.0-alpha.2", snapshot(walk=State.STABLE)),
    ("0.10.0", snapshot()),
    ("0.11.0", snapshot(walk=State.STABLE, run=State.STABLE)),
)
"""What becomes stable, goes, and comes back."""


def test_each_message_has_its_changes_alone(tmp_path: Path) -> None:
    assert written(tmp_path, history(*SEEN)) == (
        """{
  "versions": [
    "0.9.0",
    "0.10.0-alpha.2",
    "0.10.0",
    "0.11.0"
  ],
  "methods": {
    "run": {"0.11.0": "stable"},
    "walk": {"0.9.0": "experimental", "0.10.0-alpha.2": "stable", "0.10.0": "gone", \
"0.11.0": "stable"}
  },
  "notifications": {
  },
  "server_requests": {
  }
}
"""
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = written(tmp_path, history(*SEEN))
    assert read_history(tmp_path) == history(*SEEN)
    assert written(tmp_path, read_history(tmp_path)) == text


@pytest.mark.parametrize("order", list(itertools.permutations(SEEN)))
def test_the_order_in_which_runtimes_are_looked_at_does_not_matter(
    tmp_path: Path, order: Iterable[tuple[str, dict[Kind, dict[str, State]]]]
) -> None:
    found = History()
    for release, seen in order:
        write_history(tmp_path, found.extended(release, seen))
        found = read_history(tmp_path)
    assert written(tmp_path, found) == written(tmp_path, history(*SEEN))


def test_a_runtime_between_known_ones_moves_a_change(tmp_path: Path) -> None:
    between = history(*SEEN).extended("0.10.1", snapshot(run=State.EXPERIMENTAL))
    assert between.timelines(Kind.METHOD)["run"] == {
        "0.10.1": State.EXPERIMENTAL,
        "0.11.0": State.STABLE,
    }


def test_the_runtime_of_a_schema_folder_is_added_once(tmp_path: Path) -> None:
    folder = write_schema(tmp_path, protocol("walk", "run"), protocol("run"))
    once = (folder / HISTORY).read_bytes()
    extend(folder)
    assert (folder / HISTORY).read_bytes() == once
    assert read_history(folder).timelines(Kind.METHOD) == {
        "run": {"1.2.3": State.STABLE},
        "walk": {"1.2.3": State.EXPERIMENTAL},
    }


def test_runtimes_are_added_from_folders_named_by_their_versions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_schema(tmp_path, protocol("run"))
    past = tmp_path / "past"
    past.mkdir()
    for version, methods in (("1.2.0", ()), ("1.3.0-alpha.1", ("walk",))):
        write_schema(tmp_path / "scratch", protocol(*methods)).rename(past / version)
    assert main(["--root", str(tmp_path), "history", str(past)]) == 0
    assert capsys.readouterr().out == (
        "schema/history.json knows 3 runtime(s), 1.2.0 to 1.3.0-alpha.1\n"
    )
    assert read_history(folder).timelines(Kind.METHOD) == {
        "run": {"1.2.3": State.STABLE, "1.3.0-alpha.1": State.GONE},
        "walk": {"1.3.0-alpha.1": State.STABLE},
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nightly", "", "'nightly' is no release"),
        ("1.2.4", "{}", "1.2.4/stable.json: #/$schema: not Draft 7"),
        (None, "", "holds no folder of a runtime"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    tmp_path: Path, name: str | None, content: str, message: str
) -> None:
    folder = write_schema(tmp_path, protocol("run"))
    before = (folder / HISTORY).read_bytes()
    past = tmp_path / "past"
    past.mkdir()
    if name is not None:
        (past / name).mkdir()
        (past / name / "stable.json").write_text(content, encoding="utf-8")
    with pytest.raises(GeneratorError, match=re.escape(message)):
        extend_by(folder, past)
    assert (folder / HISTORY).read_bytes() == before


CHANGES: dict[str, object] = {
    "versions": ["1.0.0"],
    "methods": {},
    "notifications": {},
    "server_requests": {},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"versions": None}, "schema/history.json: #/versions: None is not of type 'array'"),
        ({"versions": ["2.0.0", "1.0.0"]}, "#/versions: expected each once, oldest first"),
        ({"versions": ["1.0.0", "1.0.0"]}, "#/versions: expected each once, oldest first"),
        ({"versions": ["latest"]}, "#/versions: 'latest' is no release"),
        ({"methods": {"run": {"1.0.0": "odd"}}}, "#/methods/run/1.0.0: 'odd' is not one of"),
        ({"methods": {"run": {"3.0.0": "gone"}}}, "'3.0.0', of run, is not among them"),
        ({"more": 1}, "#: Additional properties are not allowed ('more' was unexpected)"),
    ],
)
def test_a_file_that_is_no_history(tmp_path: Path, change: dict[str, object], message: str) -> None:
    folder = write_schema(tmp_path, protocol("run"))
    (folder / HISTORY).write_text(json.dumps({**CHANGES, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        read_history(folder)


def test_nothing_is_rendered_of_a_schema_that_is_not_in_the_history(tmp_path: Path) -> None:
    folder = write_schema(tmp_path, protocol("run"))
    (folder / HISTORY).unlink()
    reason = "schema/history.json: #/versions: 1.2.3 is not in it: run `python -m codex_generator"
    with pytest.raises(InputError, match=re.escape(reason)):
        produce(tmp_path)


def test_nothing_is_rendered_of_a_schema_that_the_history_tells_otherwise(tmp_path: Path) -> None:
    folder = write_schema(tmp_path, protocol("run"))
    text = (folder / HISTORY).read_text(encoding="utf-8")
    (folder / HISTORY).write_text(text.replace("stable", "experimental"), encoding="utf-8")
    reason = "1.2.3 had other messages than its schema has"
    with pytest.raises(InputError, match=re.escape(reason)):
        produce(tmp_path)


def test_a_name_that_two_kinds_of_messages_have_is_a_collision(tmp_path: Path) -> None:
    folder = write_schema(tmp_path, protocol("run"))
    past = snapshot() | {Kind.NOTIFICATION: {"run": State.STABLE}}
    write_history(folder, read_history(folder).extended("1.0.0", past))
    (tmp_path / "errata.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DiagnosticsError, match="run: name-collision: one of the notifications"):
        produce(tmp_path, tmp_path / "errata.json")


def test_the_history_of_this_repository_tells_what_is_known_of_the_protocol() -> None:
    found = read_history(ROOT / SCHEMA)
    methods = found.timelines(Kind.METHOD)
    assert methods["thread/items/list"] == {"0.143.0": State.EXPERIMENTAL, "0.151.0": State.STABLE}
    assert methods["thread/rollback"] == {"0.131.0": State.STABLE, "0.156.0": State.GONE}
    requests = found.timelines(Kind.SERVER_REQUEST)
    assert requests["currentTime/read"]["0.171.0"] is State.GONE
    assert found.versions[0] == "0.131.0"
    assert len(found.versions) >= 65
