"""What the handshake tells about the server."""

from __future__ import annotations

import pytest
from codex_app_server_types import InitializeResponse
from openai_codex.metadata import Metadata


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
