"""What the handshake tells about the server."""

from __future__ import annotations

import pytest
from codex_app_server_types import InitializeResponse
from openai_codex.errors import RuntimeTooOldError
from openai_codex.metadata import OLDEST_RUNTIME, Metadata, check_runtime


def metadata(user_agent: str) -> Metadata:
    return Metadata.of(
        InitializeResponse(
            user_agent=user_agent,
            codex_home="/home/me/.codex",
            platform_family="unix",
            platform_os="linux",
        )
    )


@pytest.mark.parametrize(
    ("user_agent", "name", "version"),
    [
        ("me/0.163.0 (Debian 12.0.0; x86_64) unknown (me; 1.0)", "me", "0.163.0"),
        ("my editor/0.164.0-alpha.1 (Mac OS 15)", "my editor", "0.164.0-alpha.1"),
        ("a/b/1.0 (x)", "a/b", "1.0"),
        ("", None, None),
        ("no version here", None, None),
    ],
)
def test_name_and_version_are_parsed_from_the_user_agent(
    user_agent: str, name: str | None, version: str | None
) -> None:
    info = metadata(user_agent).server_info

    assert (info.name, info.version) == (name, version)


def test_the_rest_is_as_it_came() -> None:
    reported = metadata("me/1 (x)")

    assert reported.user_agent == "me/1 (x)"
    assert reported.codex_home == "/home/me/.codex"
    assert (reported.platform_family, reported.platform_os) == ("unix", "linux")
    assert reported.serverInfo == reported.server_info


@pytest.mark.parametrize("version", [OLDEST_RUNTIME, "0.163.0", "0.163.0-alpha.2", "1.0.0"])
def test_a_runtime_that_is_new_enough_will_do(version: str) -> None:
    check_runtime(metadata(f"me/{version} (x)"))


@pytest.mark.parametrize("user_agent", ["", "me", "me/unreleased (x)", "me/7 (x)"])
def test_a_runtime_of_unknown_version_is_given_a_chance(user_agent: str) -> None:
    check_runtime(metadata(user_agent))


def test_a_runtime_that_is_too_old_is_refused_with_both_versions() -> None:
    with pytest.raises(RuntimeTooOldError, match=r"0\.99\.0.*0\.154\.0 or newer") as caught:
        check_runtime(metadata("me/0.99.0 (x)"), ["/opt/codex"])

    assert (caught.value.version, caught.value.minimum) == ("0.99.0", OLDEST_RUNTIME)
    assert caught.value.argv == ("/opt/codex",)
