"""What somebody asks for is a version, `latest` or a path."""

from __future__ import annotations

import pytest
from codex_generator.runtimes.wanted import nearest, version_in

PUBLISHED = ["0.154.0", "0.163.0", "0.164.0a2", "0.166.0", "0.167.2", "0.168.0"]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.163.0", "0.163.0"),
        ("rust-v0.163.0", "0.163.0"),
        ("v0.163.0", "0.163.0"),
        ("0.116.0-alpha.1", "0.116.0a1"),
        ("0.116.0a1", "0.116.0a1"),
        ("0.163.0.post1", "0.163.0"),
        ("1.2.3-alpha.1.2", "1.2.3a1.post2"),
    ],
)
def test_a_version_is_read_in_any_spelling(text: str, version: str) -> None:
    assert version_in(text) == version


@pytest.mark.parametrize("text", ["latest", "main", "0.163", "./0.163.0", "bin/codex", ""])
def test_what_is_no_version_is_none(text: str) -> None:
    assert version_in(text) is None


@pytest.mark.parametrize(
    ("version", "around"),
    [
        ("0.167.0", ["0.163.0", "0.166.0", "0.167.2"]),
        ("0.1.0", ["0.154.0", "0.163.0", "0.166.0"]),
        ("9.0.0", ["0.166.0", "0.167.2", "0.168.0"]),
        ("0.164.0a1", ["0.154.0", "0.163.0", "0.164.0a2"]),
    ],
)
def test_the_nearest_versions_stand_around_the_one_that_is_not_there(
    version: str, around: list[str]
) -> None:
    assert nearest(version, PUBLISHED) == around


def test_where_there_is_none_there_is_none_near() -> None:
    assert nearest("0.163.0", []) == []
