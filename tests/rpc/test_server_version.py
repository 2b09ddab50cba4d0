"""A server's version is read from its user agent, and versions have an order."""

from __future__ import annotations

import itertools

import pytest
from codex_app_server_rpc.server_version import is_older, order_of, server_info

ORDERED = [
    *("0.9.0", "0.10.0-alpha.2", "0.10.0-alpha.10", "0.10.0-alpha.beta", "0.10.0-beta"),
    *("0.10.0", "0.10.1", "0.154.0", "1.0.0"),
]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(ORDERED, 2)))
def test_versions_are_ordered_as_semantic_versioning_does(one: str, other: str) -> None:
    assert is_older(one, other)
    assert not is_older(other, one)
    assert not is_older(one, one)


def test_what_a_build_adds_does_not_matter() -> None:
    assert order_of("0.154.0+dirty") == order_of("0.154.0")


HUGE = "9" * 5000
"""More digits than Python makes a number of."""


def test_a_stage_of_thousands_of_digits_is_one_of_a_pre_release() -> None:
    assert is_older(f"0.154.0-{HUGE}", "0.154.0")


@pytest.mark.parametrize("version", ["", "7", "0.154", "unreleased", "v1", f"{HUGE}.0.0"])
def test_what_is_no_version_is_not_older(version: str) -> None:
    assert order_of(version) is None
    assert not is_older(version, "1.0.0")
    assert not is_older("1.0.0", version)


@pytest.mark.parametrize(
    "client_name", ["editor", "editor/9.9.9", "editor/9.9.9 (beta)", "9.9.9", "", "Café/1.0"]
)
def test_a_client_whose_name_looks_like_a_version_is_none(client_name: str) -> None:
    found = server_info(f"{client_name}/0.163.0 (Debian) xterm/1.2 (x; 2.0)", client_name)
    assert (found.name, found.version) == (client_name, "0.163.0")
