"""What is left out on another runtime is named where it is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end import selection
from tests.end_to_end.selection import OUR_SIDE, lacking


def test_files_that_are_not_of_the_core_are_there() -> None:
    assert all(Path(__file__).with_name(name).is_file() for name in OUR_SIDE)


@pytest.mark.parametrize(
    ("runtime", "packages", "reason"),
    [
        ("0.163.0", "0.163.0", ""),
        ("0.171.0", "0.163.0", "runtime 0.171.0: no currentTime/read"),
        ("0.163.0", "0.171.0", "packages for 0.171.0: no currentTime/read"),
    ],
)
def test_what_runtime_or_packages_lack_is_named(
    monkeypatch: pytest.MonkeyPatch, runtime: str, packages: str, reason: str
) -> None:
    monkeypatch.setattr(selection, "runtime_version", lambda: runtime)
    monkeypatch.setattr(selection, "RUNTIME_VERSION", packages)

    assert lacking(["turn/start", "currentTime/read"]) == reason
