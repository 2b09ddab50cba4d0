"""The protocol reference: everything is on it, once, and what it says of the packages is so."""

from __future__ import annotations

import ast
import inspect
import json
import posixpath
import re
from collections import Counter
from pathlib import Path

import openai_codex
import pytest
from codex_app_server_rpc.answers import ErrorAnswer, ResultAnswer, safe_answer
from codex_app_server_rpc.generated.catalog import METHODS
from codex_app_server_rpc.generated.notifications import NOTIFICATIONS
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_generator.history.file import read_history
from codex_generator.history.timeline import Kind
from codex_generator.reference.answers import ANSWERS, UNKNOWN
from codex_generator.reference.facade import ARGUMENTS, FACADE
from codex_generator.tree import SCHEMA

REPOSITORY = Path(__file__).parents[2]
ROOT = REPOSITORY / "docs/protocol"
FACADE_SOURCES = REPOSITORY / "packages/sdk/src/openai_codex/_async"

BUDGET = 1_200_000
"""Bytes of all pages in the tree, which are some 740 000."""
LARGEST = 100_000
"""Bytes of the largest page."""

BY_THE_CLIENT = {
    *("initialize", "review/start"),
    *("thread/compact/start", "turn/interrupt", "turn/start"),
}
"""Requests that the raw client makes for the facade, by methods of other names."""

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.rglob("*.md"))
}


def anchors(page: str) -> list[str]:
    """Return the anchors of a page that are stated on it."""
    return re.findall(r"\{ #(\S+) \}", page)


def headings(page: str) -> list[str]:
    """Return the second-level headings of a page, as they read."""
    found: list[str] = re.findall(r"^## (.*?)(?: \{ #\S+ \})?$", page, re.MULTILINE)
    return [heading.replace("\\", "") for heading in found]


def headings_below(folder: str) -> list[str]:
    """Return the headings of the pages of one kind."""
    return [
        heading
        for path, page in PAGES.items()
        if path.startswith(folder) and not path.endswith("index.md")
        for heading in headings(page)
    ]


def test_every_client_request_has_its_section() -> None:
    assert sorted(headings_below("methods/")) == sorted(METHODS)


def test_every_notification_has_its_section() -> None:
    assert sorted(headings_below("notifications/")) == sorted(NOTIFICATIONS)


def test_every_server_request_has_its_section() -> None:
    assert sorted(headings(PAGES["server-requests.md"])) == sorted(SERVER_REQUESTS)


def test_every_type_has_one_place() -> None:
    prefix = "codex_app_server_types."
    found = Counter(
        anchor.removeprefix(prefix)
        for page in PAGES.values()
        for anchor in anchors(page)
        if anchor.startswith(prefix)
    )
    assert [name for name, times in found.items() if times > 1] == []
    assert set(found) == rendered_types()


def rendered_types() -> set[str]:
    """Return the names of all types and adapters, read from the package without the generator."""
    source = REPOSITORY / "packages/types/src/codex_app_server_types"
    names: set[str] = set()
    for file in source.glob("[a-z]*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.AnnAssign):
                kind = ast.unparse(node.annotation)
                if kind == "TypeAlias" or kind.startswith("TypeAdapter["):
                    names.add(ast.unparse(node.target))
    return names


def test_no_anchor_stands_twice_on_a_page() -> None:
    for path, page in PAGES.items():
        assert [name for name, times in Counter(anchors(page)).items() if times > 1] == [], path


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for path, page in PAGES.items():
        for target in re.findall(r"\]\(([^)]+)\)", page):
            file, _, anchor = target.partition("#")
            found = posixpath.normpath(posixpath.join(posixpath.dirname(path), file))
            if found.startswith("../"):
                assert (ROOT / found).is_file(), (path, target)
            else:
                to = PAGES[found if file else path]
                assert not anchor or anchor in anchors(to), (path, target)


def test_pages_are_of_a_size_to_be_read() -> None:
    sizes = {path: len(page.encode()) for path, page in PAGES.items()}
    assert sum(sizes.values()) < BUDGET
    assert max(sizes.values()) < LARGEST


def test_the_names_of_the_facade_are_those_that_make_the_calls() -> None:
    assert set(FACADE) - BY_THE_CLIENT == called_by_the_facade()


def called_by_the_facade() -> set[str]:
    """Return the requests whose methods the facade's sources name."""
    wires = {info.python_name: wire for wire, info in METHODS.items()}
    return {
        wires[node.attr]
        for file in FACADE_SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in wires
        and ast.unparse(node.value).endswith("client")
    }


@pytest.mark.parametrize("name", sorted({name for names in FACADE.values() for name in names}))
@pytest.mark.parametrize("prefix", ["", "Async"])
def test_every_name_of_the_facade_is_there(name: str, prefix: str) -> None:
    found: object = openai_codex
    for part in f"{prefix}{name}".split("."):
        found = getattr(found, part)
    assert callable(found)


@pytest.mark.parametrize("name", sorted({name for names in ARGUMENTS.values() for name in names}))
def test_every_argument_of_the_facade_is_there(name: str) -> None:
    found = re.fullmatch(r"Codex(?:\.(\w+))?\((\w+)=…\)", name)
    assert found is not None
    function = openai_codex.Codex if found[1] is None else getattr(openai_codex.Codex, found[1])
    assert found[2] in inspect.signature(function).parameters


def test_only_server_requests_are_answered_by_arguments() -> None:
    assert set(ARGUMENTS) <= set(SERVER_REQUESTS)


def test_every_server_request_has_an_answer_to_tell() -> None:
    assert set(SERVER_REQUESTS) <= set(ANSWERS)


def test_no_answer_is_told_to_what_no_runtime_asks() -> None:
    assert set(ANSWERS) <= set(read_history(REPOSITORY / SCHEMA).timelines(Kind.SERVER_REQUEST))


@pytest.mark.parametrize("wire", sorted(ANSWERS))
def test_the_answer_that_is_told_is_the_one_that_is_given(wire: str) -> None:
    told, given = ANSWERS[wire], safe_answer(wire)
    if told.result:
        assert given == ResultAnswer(json.loads(told.result))
    elif isinstance(given, ErrorAnswer):
        assert str(given.code) in told.words
    else:
        assert wire == "currentTime/read"


def test_a_request_that_is_not_known_is_answered_as_is_told() -> None:
    given = safe_answer("new/request")
    assert isinstance(given, ErrorAnswer)
    assert str(given.code) in UNKNOWN.words
