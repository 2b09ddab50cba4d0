"""What can be seen without starting anything: Python, packages, environment variables."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from openai_codex.commands.doctor.findings import Finding, Status
from openai_codex.places import RUNTIME_DISTRIBUTION, RUNTIME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codex_app_server_types import JsonValue

__all__ = ["environment_finding", "packages_finding", "python_finding"]

LAYERS: Final = {
    "facade": "codex-app-server-sdk-core",
    "raw client": "codex-app-server-rpc",
    "types": "codex-app-server-types",
}
"""Our distributions, which must have one version."""

RIVAL: Final = "openai-codex"
"""A distribution whose import package is `openai_codex` too."""

LOGIN_VARIABLES: Final = ("OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN")
OTHER_VARIABLES: Final = (
    "ALL_PROXY",
    "CODEX_CA_CERTIFICATE",
    "CODEX_HOME",
    "CODEX_SQLITE_HOME",
    "CODEX_WIRE_LOG",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LOG_FORMAT",
    "NO_PROXY",
    RUNTIME_VARIABLE,
    "RUST_LOG",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)
"""What else changes how the runtime works; proxies may be written in small letters too."""
PROXIES: Final = {"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"}


def python_finding() -> Finding:
    """Say which Python this is, on which system."""
    name, number = platform.python_implementation(), platform.python_version()
    return Finding(
        "python",
        Status.ok,
        f"{name} {number} on {platform.system()} {platform.release()}, {platform.machine()}",
        details={
            "version": number,
            "implementation": name,
            "executable": sys.executable,
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
        },
    )


def packages_finding(installed: Callable[[str], str | None] | None = None) -> Finding:
    """Say which versions of the layers are installed, and whether they belong together.

    Args:
        installed: Gives the version of a distribution, or ``None`` if it is not installed.
    """
    find = installed or _installed
    layers = {layer: find(name) for layer, name in LAYERS.items()}
    runtime = find(RUNTIME_DISTRIBUTION)
    names = [*LAYERS.values(), RUNTIME_DISTRIBUTION, "pydantic", "rich"]
    details: dict[str, JsonValue] = {name: find(name) for name in names}
    shown = [f"{layer} {number or 'unknown'}" for layer, number in layers.items()]
    summary = ", ".join([*shown, f"runtime package {runtime or 'not installed'}"])
    if (rival := find(RIVAL)) is not None:
        advice = f"Uninstall {RIVAL}, then install the facade again, or the other way round."
        summary = f"{RIVAL} {rival} is installed too, and has modules of the same names; {summary}"
        return Finding("packages", Status.warning, summary, advice, (), {**details, RIVAL: rival})
    if len(set(layers.values())) > 1:
        advice = "Install all of them anew, from one release or one checkout."
        return Finding(
            "packages", Status.warning, f"versions differ: {summary}", advice, (), details
        )
    return Finding("packages", Status.ok, summary, details=details)


def environment_finding(environment: Mapping[str, str] | None = None) -> Finding:
    """Name the environment variables that change how the runtime works; never their values.

    Args:
        environment: The environment; ``None`` for this process's own.
    """
    names = {name for name, value in (environment or os.environ).items() if value}
    login = [name for name in LOGIN_VARIABLES if name in names]
    others = [one for name in OTHER_VARIABLES for one in (name, name.lower()) if one in names]
    proxies = [name for name in others if name.upper() in PROXIES]
    shown = ", ".join([*login, *others]) or "nothing that changes how the runtime works is set"
    advice = None
    if proxies and not {"NO_PROXY", "no_proxy"} & names:
        advice = (
            "The runtime uses the proxy for servers on this machine too: if the model's provider "
            "is one, set NO_PROXY=127.0.0.1,localhost."
        )
    return Finding(
        "environment",
        Status.info if advice or login else Status.ok,
        shown,
        advice,
        (),
        {"login": [*login], "other": [*others]},
    )


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
