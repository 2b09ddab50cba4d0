"""Every public name is in the API reference, once, and says what it is for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import griffe
import pytest
from codex_generator.api.facts import PUBLIC_MODULES

from tests.docs.pages import ROOT

PACKAGES = ("codex_app_server_types", "codex_app_server_rpc", "openai_codex", "codex_cli_bin")
SOURCES = [str(path) for path in sorted((ROOT / "packages").glob("*/src"))]

PUBLIC = (*PUBLIC_MODULES, "codex_cli_bin")
"""What users import from; the modules below are the project's own."""

PROTOCOL = "codex_app_server_types."
REFERENCE = ROOT / "docs" / "reference"


@cache
def packages() -> griffe.ModulesCollection:
    """Read the packages, as the site does: without importing them."""
    loader = griffe.GriffeLoader(search_paths=SOURCES, docstring_parser="google")
    for package in PACKAGES:
        loader.load(package)
    loader.resolve_aliases(external=True)
    return loader.modules_collection


def public_names() -> Iterator[str]:
    """Give the full name of everything that is public, by each way to it."""
    for name in PUBLIC:
        module = packages()[name]
        listed = module.exports or [member for member in module.members if member.isupper()]
        for member in listed:
            yield f"{name}.{member if isinstance(member, str) else member.name}"
    yield from fixtures()


def fixtures() -> Iterator[str]:
    """Give the full names of the fixtures that the pytest plugin brings."""
    module = "openai_codex.testing.pytest_plugin"
    for name, member in packages()[module].members.items():
        decorated = isinstance(member, griffe.Function) and any(
            ".fixture" in str(decorator.value) for decorator in member.decorators
        )
        if decorated and not name.startswith("_"):
            yield f"{module}.{name}"


def object_of(name: str) -> griffe.Object:
    """Find what a name stands for, wherever it is defined."""
    found = packages()[name]
    return found.final_target if isinstance(found, griffe.Alias) else found


def described() -> list[str]:
    """Give the names that the pages describe: those of mkdocstrings, and the protocol's types."""
    directives = re.compile(r"^::: (\S+)", re.MULTILINE)
    anchors = re.compile(r"(?:\{ |\{)#(codex_app_server_types\.\w+)(?: \}|\})")
    return [
        *found_on_pages("reference", directives),
        *found_on_pages("protocol", anchors),
    ]


def found_on_pages(folder: str, pattern: re.Pattern[str]) -> list[str]:
    pages = sorted((ROOT / "docs" / folder).rglob("*.md"))
    return [name for page in pages for name in pattern.findall(page.read_text(encoding="utf-8"))]


def test_every_public_object_is_described_once() -> None:
    described_objects = Counter(object_of(name).path for name in described())
    public_objects = {object_of(name).path for name in public_names()}

    assert sorted(public_objects - set(described_objects)) == []
    assert [path for path, times in described_objects.items() if times > 1] == []


def test_nothing_is_described_that_is_not_public() -> None:
    assert set(described()) - set(public_names()) == set()


def test_what_is_public_by_several_ways_is_listed_at_each() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in REFERENCE.rglob("*.md"))
    names = set(described())
    unlisted = [
        name
        for name in public_names()
        # A module's name that its package has too is told of as the package's.
        for ways in [(name, f"{name.partition('.')[0]}.{name.rpartition('.')[2]}")]
        if names.isdisjoint(ways) and not any(f"][{way}]" in text for way in ways)
        if f"#{name} " not in text
    ]

    assert unlisted == []


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_has_a_docstring(module: str) -> None:
    names = [name for name in public_names() if name.rpartition(".")[0] == module]
    undocumented = [name for name in names if not object_of(name).has_docstring]

    assert undocumented == []


def test_so_has_every_public_member_of_a_public_class() -> None:
    objects = {object_of(name).path: object_of(name) for name in public_names()}
    undocumented = [
        f"{path}.{member.name}"
        for path, found in objects.items()
        if isinstance(found, griffe.Class) and not path.startswith(PROTOCOL)
        for member in members_of(found)
        if member.name not in documented_names(found)
    ]

    assert undocumented == []


def members_of(found: griffe.Class) -> list[griffe.Object]:
    """Give the public methods and attributes, those of private bases included."""
    bases = [base for base in found.mro() if not base.path.startswith(PROTOCOL)]
    return [
        member
        for owner in [found, *bases]
        for name, member in owner.members.items()
        if not name.startswith("_") and name != "model_config"  # pydantic's
        if isinstance(member, griffe.Object)
    ]


def documented_names(found: griffe.Class) -> set[str]:
    """Give the members that have a docstring here or in a base, or are told by a class's."""
    own = {member.name for member in members_of(found) if member.has_docstring}
    return own | told_by_the_class(found)


def told_by_the_class(found: griffe.Class) -> set[str]:
    """Give the attributes that a docstring of the class lists under ``Attributes:``."""
    return {
        attribute.name
        for owner in [found, *found.mro()]
        if owner.docstring is not None
        for section in owner.docstring.parsed
        if isinstance(section, griffe.DocstringSectionAttributes)
        for attribute in section.value
    }


def test_the_public_modules_are_those_that_the_packages_say_they_have() -> None:
    package = import_module("openai_codex")
    lazily = {f"openai_codex.{name}" for name in ("errors", "testing", "types")}

    assert lazily <= set(PUBLIC)
    assert {name.rpartition(".")[2] for name in lazily} <= set(dir(package))
    assert all(find_spec(name) for name in PUBLIC)
