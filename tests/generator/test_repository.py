"""The repository's own schema: it renders whole, quickly, and to what is committed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

import pytest
from codex_generator.assembly import assemble
from codex_generator.cli import main
from codex_generator.compatibility import read_compatibility
from codex_generator.diagnostics import Diagnostics
from codex_generator.errata import read_errata
from codex_generator.history.past import read_past
from codex_generator.ir import Enumeration, Model, Protocol
from codex_generator.load import load
from codex_generator.render import write_files
from codex_generator.tree import SCHEMA, produce

REPOSITORY = Path(__file__).parents[2]

BUDGET = 5.0
"""Seconds for a whole regeneration, which takes about one."""


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    """Lower the real schema once."""
    diagnostics = Diagnostics()
    source = load(REPOSITORY / SCHEMA, diagnostics)
    past = read_past(REPOSITORY / SCHEMA, source, diagnostics)
    compatibility = read_compatibility(REPOSITORY / SCHEMA, source.version)
    found = assemble(source, read_errata(), past, compatibility, diagnostics)
    assert diagnostics.sorted() == ()
    return found


class Definition(TypedDict, total=False):
    """What these tests look at in a definition."""

    properties: dict[str, Definition]
    oneOf: list[Definition]
    enum: list[str]


def bundle(flavour: str) -> dict[str, Definition]:
    """Return the definitions of one flavour by name, read without the generator."""
    file = REPOSITORY / SCHEMA / f"{flavour}.json"
    definitions = json.loads(file.read_text(encoding="utf-8"))["definitions"]
    return {**definitions.pop("v2"), **definitions}


def methods_of(flavour: str, envelope: str) -> set[str]:
    """Return the methods of one envelope, read without the generator."""
    arms = bundle(flavour)[envelope].get("oneOf", [])
    return {arm.get("properties", {})["method"].get("enum", [])[0] for arm in arms}


def test_every_definition_has_a_type(protocol: Protocol) -> None:
    exports = {name for module in protocol.modules for name in module.exports}
    assert set(bundle("experimental")) - exports == set()


def test_every_property_has_a_field(protocol: Protocol) -> None:
    models = {
        found.name: {field.wire for field in found.fields}
        for module in protocol.modules
        for found in module.declarations
        if isinstance(found, Model)
    }
    for name, schema in bundle("experimental").items():
        if name in models:
            assert set(schema.get("properties", {})) == models[name]


def test_every_client_request_is_a_method(protocol: Protocol) -> None:
    methods = [method for module in protocol.methods for method in module.methods]
    assert {method.wire for method in methods} == methods_of("experimental", "ClientRequest")
    stable = {method.wire for method in methods if not method.experimental}
    assert stable == methods_of("stable", "ClientRequest")


def test_every_notification_has_a_payload(protocol: Protocol) -> None:
    wires = {found.wire for found in protocol.notifications}
    assert wires == methods_of("experimental", "ServerNotification")


def test_every_server_request_has_a_handler(protocol: Protocol) -> None:
    wires = {found.wire for found in protocol.server_requests}
    assert wires == methods_of("experimental", "ServerRequest")


def test_every_module_fits_on_few_screens(protocol: Protocol) -> None:
    envelopes = {"client_requests", "server_requests", "server_notifications"}
    largest = max(
        len(module.declarations) for module in protocol.modules if module.name not in envelopes
    )
    assert largest < 200


def test_no_enum_has_two_members_of_one_value(protocol: Protocol) -> None:
    for module in protocol.modules:
        for found in module.declarations:
            if isinstance(found, Enumeration):
                values = [member.value for member in found.members]
                assert len(values) == len(set(values)), found.name


def test_a_regeneration_takes_seconds(tmp_path: Path) -> None:
    # Processor time, of ruff as well: a busy machine must not turn this red.
    start = sum(os.times()[:4])
    write_files(tmp_path, produce(REPOSITORY))
    assert sum(os.times()[:4]) - start < BUDGET


def test_rendered_files_are_formatted_as_ruff_formats_them(tmp_path: Path) -> None:
    write_files(tmp_path, produce(REPOSITORY))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", "packages"]
    done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_tree_is_what_the_schema_renders_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(REPOSITORY), "drift"]) == 0, capsys.readouterr().out


def test_the_command_line_renders_a_tree_from_nothing(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / SCHEMA, tmp_path / SCHEMA)
    assert main(["--root", str(tmp_path), "generate"]) == 0
    assert main(["--root", str(tmp_path), "drift"]) == 0


def test_the_command_line_finds_drift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(REPOSITORY / SCHEMA, tmp_path / SCHEMA)
    assert main(["--root", str(tmp_path), "generate"]) == 0
    (tmp_path / "packages/types/README.md").unlink()
    capsys.readouterr()
    assert main(["--root", str(tmp_path), "drift"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "missing: packages/types/README.md",
        "1 difference(s) between the tree and a fresh rendering",
    ]


def test_a_broken_schema_writes_nothing_over_a_good_tree(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / SCHEMA, tmp_path / SCHEMA)
    assert main(["--root", str(tmp_path), "generate"]) == 0
    readme = tmp_path / "packages/types/README.md"
    readme.write_text("edited", encoding="utf-8")
    (tmp_path / SCHEMA / "stable.json").write_text("{", encoding="utf-8")
    assert main(["--root", str(tmp_path), "generate"]) == 1
    assert readme.read_text(encoding="utf-8") == "edited"
