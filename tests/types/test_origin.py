"""The types say what they were made from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from codex_app_server_types.origin import RUNTIME_VERSION, SCHEMA_SHA256
from packaging.version import Version

SCHEMA = Path(__file__).parents[2] / "schema"


@pytest.mark.parametrize("flavour", ["stable", "experimental"])
def test_the_hash_of_each_flavour_is_that_of_its_file(flavour: str) -> None:
    content = (SCHEMA / f"{flavour}.json").read_bytes()

    assert SCHEMA_SHA256[flavour] == hashlib.sha256(content).hexdigest()


def test_the_runtime_is_the_one_of_the_manifest() -> None:
    version = json.loads((SCHEMA / "manifest.json").read_text(encoding="utf-8"))["version"]

    # The runtime writes 1.2.3-alpha.4 where Python writes 1.2.3a4.
    assert Version(RUNTIME_VERSION) == Version(version.partition(".post")[0])
