"""What is left out on another runtime is named where it is left out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from codex_app_server_rpc import MINIMUM_RUNTIME
from codex_app_server_rpc.generated.history import HISTORY
from codex_app_server_rpc.server_version import is_older

from tests.end_to_end import selection
from tests.end_to_end.selection import OUR_SIDE, is_somewhere, lacking, skip_what_lacks


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


def item(*marks: tuple[str, ...]) -> Any:
    """Make a test that has marks with such names."""
    added: list[pytest.MarkDecorator] = []
    found = [SimpleNamespace(args=names) for names in marks]

    def iter_markers(_: str) -> list[SimpleNamespace]:
        return found

    return SimpleNamespace(iter_markers=iter_markers, add_marker=added.append, added=added)


def test_a_test_is_skipped_with_that_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "lacking", " and ".join)
    free, bound = item(), item(("turn/start",), ("thread/start", "currentTime/read"))
    skip_what_lacks([free, bound])

    assert free.added == []
    reason = "turn/start and thread/start and currentTime/read"
    assert [mark.kwargs for mark in bound.added] == [{"reason": reason}]


def test_what_no_runtime_has_that_we_work_with_is_refused() -> None:
    gone = next(
        name
        for name, changes in HISTORY.items()
        if changes[-1][1] == "gone" and is_older(changes[-1][0], MINIMUM_RUNTIME)
    )
    assert is_somewhere("turn/start")
    assert is_somewhere("currentTime/read")
    assert not is_somewhere(gone)
    with pytest.raises(pytest.UsageError, match=f"nobody runs what is tested here: no {gone}"):
        skip_what_lacks([item(("turn/start", gone))])
