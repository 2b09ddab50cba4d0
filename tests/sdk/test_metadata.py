"""What the handshake tells about the server."""

from __future__ import annotations

import pytest
from codex_app_server_types import InitializeResponse
from openai_codex.metadata import Metadata


def metadata(user_agent: str, client_name: str = "me") -> Metadata:
    return Metadata.of(
        InitializeResponse(
            user_agent=user_agent,
            codex_home="/home/me/.codex",
            platform_family="unix",
            platform_os="linux",
        ),
        client_name,
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


@pytest.mark.parametrize(
    "client_name", ["editor", "editor/0.1.0", "editor/0.1.0 (beta)", "0.1.0", "", "Café/1.0"]
)
def test_a_client_may_have_any_name(client_name: str) -> None:
    user_agent = f"{client_name}/0.163.0 (Debian 12.0.0; x86_64) xterm/1.2 ({client_name}; 2.0)"

    info = metadata(user_agent, client_name).server_info

    assert (info.name, info.version) == (client_name, "0.163.0")


def test_a_name_that_the_runtime_has_changed_is_found_by_its_form() -> None:
    info = metadata("Caf_/0.1.0/0.163.0 (x)", "Café/0.1.0").server_info

    assert (info.name, info.version) == ("Caf_/0.1.0", "0.163.0")


def test_the_rest_is_as_it_came() -> None:
    reported = metadata("me/1 (x)")

    assert reported.user_agent == "me/1 (x)"
    assert reported.codex_home == "/home/me/.codex"
    assert (reported.platform_family, reported.platform_os) == ("unix", "linux")
    assert reported.serverInfo == reported.server_info
