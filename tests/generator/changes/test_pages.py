"""How changes are written down, and what the command says of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from codex_generator.changes.change import Action, Change, Severity, Subject
from codex_generator.changes.pages import Comparison, as_json, as_markdown, as_summary
from codex_generator.cli import main
from codex_generator.runtime import installed_runtime

from tests.generator.schemas import STRING, struct, write_schema

ROOT = Path(__file__).parents[3]

GONE = Change(
    Subject.METHOD, Action.REMOVED, "pet/adopt", Severity.BREAKING, "nothing is left of it"
)
NEW = Change(
    Subject.FIELD, Action.ADDED, "Pet.age", Severity.ADDITIVE, "it can be read", after="integer",
    experimental=True,
)  # fmt: skip
OTHER = Change(
    Subject.FIELD, Action.CHANGED, "Pet.home", Severity.NEUTRAL, "only its name is another",
    "Path", "Place",
)  # fmt: skip
PETS = Comparison("1.0.0", "1.1.0", (GONE, NEW, OTHER))

PAGE = """\
# 1.1.0

What changed in the protocol since 1.0.0, for programs that use these \
packages: 1 breaking, 1 additive, 1 neutral.

## Breaking

### Methods removed

- `pet/adopt`: nothing is left of it

## New

### Fields added

- `Pet.age` *(experimental)*: `integer`; it can be read

## Without consequence

### Fields changed

- `Pet.home`: `Path` -> `Place`; only its name is another
"""


def test_a_page_has_the_worst_first() -> None:
    assert as_markdown(PETS) == PAGE


def test_names_stay_names_on_a_page() -> None:
    hostile = replace(OTHER, name="Pet.`<b>", before="[a](b)", after="# c")
    line = as_markdown(replace(PETS, changes=(hostile,))).splitlines()[-1]
    told = "`[a](b)` -> `# c`; only its name is another"
    assert line == f"- <code>Pet.\\`&#60;b&#62;</code>: {told}"


def test_a_summary_has_the_counts_and_all_that_breaks() -> None:
    assert as_summary(PETS).splitlines() == [
        "1.0.0 -> 1.1.0: 1 breaking, 1 additive, 1 neutral",
        "  method pet/adopt: nothing is left of it",
    ]


def test_json_has_everything() -> None:
    document = json.loads(as_json(PETS))
    assert (document["old"], document["new"], document["severity"]) == (
        "1.0.0",
        "1.1.0",
        "breaking",
    )
    assert document["changes"][1] == {
        "subject": "field",
        "action": "added",
        "name": "Pet.age",
        "severity": "additive",
        "reason": "it can be read",
        "before": "",
        "after": "integer",
        "experimental": True,
    }


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    """Write two schemas, of which the second lacks a field."""
    old = write_schema(tmp_path / "old", {"Pet": struct({"name": STRING}, age=STRING)})
    new = write_schema(tmp_path / "new", {"Pet": struct({"name": STRING})})
    return str(old), str(new)


@pytest.mark.parametrize(
    ("options", "code"),
    [([], 0), (["--fail-on", "breaking"], 3), (["--fail-on", "additive"], 3)],
)
def test_the_exit_code_tells_the_severity_if_asked(
    folders: tuple[str, str], options: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *folders, *options]) == code
    assert "field Pet.age" in capsys.readouterr().out


def test_what_does_not_differ_fails_on_nothing(folders: tuple[str, str]) -> None:
    old, _ = folders
    assert main(["diff", old, old, "--fail-on", "additive"]) == 0


def test_what_only_adds_does_not_fail_on_what_breaks(folders: tuple[str, str]) -> None:
    old, new = folders
    assert main(["diff", new, old, "--fail-on", "breaking"]) == 0
    assert main(["diff", new, old, "--fail-on", "additive"]) == 3


def test_the_pinned_schema_is_that_of_the_installed_runtime(
    capsys: pytest.CaptureFixture[str],
) -> None:
    schema, runtime = str(ROOT / "schema"), str(installed_runtime())
    assert main(["diff", schema, runtime, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["old"] == found["new"]
    assert found["changes"] == []


@pytest.mark.parametrize("content", ["nothing", "an empty folder", "half a bundle", "no runtime"])
def test_bad_input_is_one_sentence(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    if content == "an empty folder":
        place.mkdir()
    elif content == "half a bundle":
        place = write_schema(tmp_path, {"Pet": struct()})
        (place / "experimental.json").write_text("{", encoding="utf-8")
    elif content == "no runtime":
        place.write_text("no program", encoding="utf-8")
    assert main(["diff", str(ROOT / "schema"), str(place)]) == 1
    (message,) = capsys.readouterr().err.splitlines()
    assert str(place.name) in message
