"""What is left out on another runtime is named where it is left out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.end_to_end import selection
from tests.end_to_end.selection import OUR_SIDE, lacking, skip_what_lacks


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


def test_a_test_is_skipped_with_that_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def item(*marks: tuple[str, ...]) -> Any:
        added: list[pytest.MarkDecorator] = []
        found = [SimpleNamespace(args=names) for names in marks]

        def iter_markers(_: str) -> list[SimpleNamespace]:
            return found

        return SimpleNamespace(iter_markers=iter_markers, add_marker=added.append, added=added)

    monkeypatch.setattr(selection, "lacking", " and ".join)
    free, bound = item(), item(("a",), ("b", "c"))
    skip_what_lacks([free, bound])

    assert free.added == []
    assert [mark.kwargs for mark in bound.added] == [{"reason": "a and b and c"}]
