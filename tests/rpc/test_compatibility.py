"""Servers that are too old are refused, newer ones than were tested are told of."""

from __future__ import annotations

import logging
import warnings

import pytest
from codex_app_server_rpc import (
    MINIMUM_RUNTIME,
    TESTED_RUNTIME,
    RuntimeTooOldError,
    UntestedRuntimeWarning,
)
from codex_app_server_rpc.compatibility import check_runtime
from codex_app_server_types.origin import RUNTIME_VERSION

TESTED = {MINIMUM_RUNTIME, RUNTIME_VERSION, TESTED_RUNTIME, f"{TESTED_RUNTIME}-alpha.1"}


@pytest.mark.parametrize("version", sorted(TESTED))
def test_what_was_tested_will_do_without_a_word(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    check_runtime(version)
    assert not caplog.records


@pytest.mark.parametrize("version", ["0.0.0", "0.153.4", f"{MINIMUM_RUNTIME}-alpha.1"])
def test_what_is_too_old_is_refused_with_what_to_do(version: str) -> None:
    with pytest.raises(RuntimeTooOldError) as caught:
        check_runtime(version, argv=["/opt/codex"])
    error = caught.value
    assert (error.version, error.minimum) == (version, MINIMUM_RUNTIME)
    assert error.argv == ("/opt/codex",)
    assert f"is {version}, but this library needs {MINIMUM_RUNTIME} or newer" in str(error)
    assert f"install openai-codex-cli-bin=={RUNTIME_VERSION}" in str(error)


def test_whoever_connects_to_what_is_too_old_has_nothing_to_install() -> None:
    with pytest.raises(RuntimeTooOldError, match=f"connect to a newer one.*{RUNTIME_VERSION}"):
        check_runtime("0.153.4")


def test_what_is_newer_is_warned_of_once_for_each_version() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for version in ("97.0.0", "97.0.1-alpha.1", "97.0.0", "97.0.1-alpha.1"):
            check_runtime(version)
    assert [warning.category for warning in caught] == [UntestedRuntimeWarning] * 2
    assert "is 97.0.0, and this library was tested on none newer" in str(caught[0].message)


def test_what_is_newer_can_be_refused_each_time() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UntestedRuntimeWarning)
        for _ in range(2):
            with pytest.raises(UntestedRuntimeWarning, match="98"):
                check_runtime("98.0.0")


def test_the_log_has_what_is_newer_each_time(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UntestedRuntimeWarning)
        check_runtime("96.0.0")
        check_runtime("96.0.0")
    assert [record.levelname for record in caplog.records] == ["INFO"] * 2


@pytest.mark.parametrize("version", [None, "unreleased", "7"])
def test_what_says_no_version_is_given_a_chance(
    version: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    check_runtime(version)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
