"""One version rules all packages, and each pins the layer below it exactly."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION: str = json.loads((ROOT / "schema/manifest.json").read_text(encoding="utf-8"))["version"]

NAMES = {
    "types": "codex-app-server-types",
    "rpc": "codex-app-server-rpc",
    "runtime": "openai-codex-cli-bin",
    "sdk": "codex-app-server-sdk-core",
    "bundle": "codex-app-server-sdk",
}
PINS = {
    "types": set[str](),
    "rpc": {"codex-app-server-types"},
    "runtime": set[str](),
    "sdk": {"codex-app-server-rpc", "codex-app-server-types"},
    "bundle": {"codex-app-server-sdk-core", "openai-codex-cli-bin"},
}


def project(layer: str) -> str:
    return (ROOT / "packages" / layer / "pyproject.toml").read_text(encoding="utf-8")


def test_every_package_has_its_folder() -> None:
    assert {folder.name for folder in (ROOT / "packages").iterdir()} == set(NAMES)


@pytest.mark.parametrize("layer", NAMES)
def test_name_and_version_are_those_of_the_table_and_the_manifest(layer: str) -> None:
    found = dict(re.findall(r'^(name|version) = "(.+)"$', project(layer), re.MULTILINE))

    assert found == {"name": NAMES[layer], "version": VERSION}


@pytest.mark.parametrize("layer", NAMES)
def test_our_own_packages_are_pinned_exactly(layer: str) -> None:
    pins = re.findall(r'^    "([\w-]+)(.*)",$', project(layer), re.MULTILINE)
    ours = {name: spec for name, spec in pins if name in NAMES.values()}

    assert ours == dict.fromkeys(PINS[layer], f"=={VERSION}")
