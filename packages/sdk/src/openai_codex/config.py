"""How a client is set up: which program runs, in which surroundings, under which name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc import DEFAULT_MAX_IN_FLIGHT, DEFAULT_REQUEST_TIMEOUT

from openai_codex._version import __version__
from openai_codex.arguments import check, check_strings, check_time
from openai_codex.errors import InvalidArgumentError
from openai_codex.tracing.settings import Tracing

if TYPE_CHECKING:
    from codex_app_server_rpc import OverloadRetry

__all__ = ["CodexConfig", "check_no_launch", "checked_config"]


@dataclass(frozen=True)
class CodexConfig:
    """The setup of a `Codex` or `AsyncCodex`. Everything has a default.

    Attributes:
        codex_bin: The runtime program to run; ``None`` for the one that the environment variable
            ``CODEX_BIN`` of this process names, or else the installed package
            ``openai-codex-cli-bin`` carries.
        launch_args_override: The whole command line to run instead of
            ``codex app-server --config …``; then ``codex_bin`` and ``config_overrides`` are not
            used.
        config_overrides: Settings of the runtime's ``config.toml`` as ``key=value``, the value
            in TOML, for example ``'model="gpt-5.5"'``; they go on the command line, where other
            users of the machine may see them: no secrets here.
        cwd: The working directory of the runtime; ``None`` to inherit this process's.
        env: Environment variables laid over this process's own; a value of ``None`` takes the
            variable away. Not shown by ``repr``.
        client_name: Who the client says it is (``clientInfo.name``), for the server's logs.
        client_title: The client's name as people read it.
        client_version: The client's version.
        experimental_api: Whether to opt in to what the protocol marks experimental
            (``capabilities.experimentalApi``).
        request_timeout: How long a request waits for the runtime's answer, in seconds; ``None``
            for no limit. Turns are no requests: see `Thread.run`.
        handler_timeout: How long a request of the runtime may wait for an answer, parked or not, in
            seconds, before it gets the safe one; ``None`` for no limit.
        max_in_flight: How many requests may wait for their answers at once; the next ones wait
            in line, first come, first served, each within its own timeout.
        overload_retry: How to send requests again that the runtime was too busy to execute
            (-32001); ``None`` to raise `ServerBusyError`.
        check_version: Whether to refuse a runtime that is older than this library can use
            (`RuntimeTooOldError`), and to warn of one that is newer than any that it was tested on
            (`UntestedRuntimeWarning`).
        tracing: Whether OpenTelemetry gets spans of threads, turns, items, tools and approvals, and
            the runtime the context of the trace; or a `Tracing` that says more. Needs the extra
            ``otel``.
    """

    codex_bin: str | os.PathLike[str] | None = None
    launch_args_override: tuple[str, ...] | None = None
    config_overrides: tuple[str, ...] = ()
    cwd: str | os.PathLike[str] | None = None
    env: Mapping[str, str | None] | None = field(default=None, repr=False)
    client_name: str = "codex_python_sdk"
    client_title: str = "Codex Python SDK"
    client_version: str = __version__
    experimental_api: bool = False
    request_timeout: float | None = DEFAULT_REQUEST_TIMEOUT
    handler_timeout: float | None = None
    max_in_flight: int = DEFAULT_MAX_IN_FLIGHT
    overload_retry: OverloadRetry | None = None
    check_version: bool = True
    tracing: Tracing | bool = False

    def __post_init__(self) -> None:
        """Refuse values of the wrong type here, where their names are known."""
        for name in ("client_name", "client_title", "client_version"):
            check(name, getattr(self, name), "a string", str)
        for name in ("codex_bin", "cwd"):
            check(name, getattr(self, name), "a path", str, os.PathLike, type(None))
        if self.codex_bin == "":
            raise InvalidArgumentError("codex_bin is empty: it names no program")
        check_strings("config_overrides", self.config_overrides)
        if self.launch_args_override is not None:
            check_strings("launch_args_override", self.launch_args_override)
        check_time("request_timeout", self.request_timeout)
        check_time("handler_timeout", self.handler_timeout)
        check("max_in_flight", self.max_in_flight, "a number", int)
        if self.max_in_flight < 1:
            raise InvalidArgumentError("max_in_flight is at least 1: else nothing is ever sent")
        self._check_retry()
        check("check_version", self.check_version, "a bool", bool)
        check("tracing", self.tracing, "a bool or a Tracing", bool, Tracing)
        check("env", self.env, "a mapping of strings", Mapping, type(None))
        for variable, value in (self.env or {}).items():
            check("a name in env", variable, "a string", str)
            check(f"the value of {variable} in env", value, "a string or None", str, type(None))

    def _check_retry(self) -> None:
        if self.overload_retry is not None:
            from codex_app_server_rpc import OverloadRetry

            check("overload_retry", self.overload_retry, "an OverloadRetry", OverloadRetry)


def checked_config(config: CodexConfig | None) -> CodexConfig:
    """Give the configuration, or the default one for ``None``.

    Raises:
        InvalidArgumentError: It is something else.
    """
    check("config", config, "a CodexConfig", CodexConfig, type(None))
    return config or CodexConfig()


_LAUNCH: Final = ("codex_bin", "launch_args_override", "config_overrides", "cwd", "env")
"""What is of use only to whoever starts a runtime."""


def check_no_launch(config: CodexConfig) -> None:
    """Refuse a configuration that says how to start a runtime, where none is started.

    Raises:
        InvalidArgumentError: It does; all the names are in the message.
    """
    default = CodexConfig()
    given = [name for name in _LAUNCH if getattr(config, name) != getattr(default, name)]
    if given:
        raise InvalidArgumentError(
            f"with a transport no runtime is started, so {', '.join(given)} would do nothing: "
            "leave it out of the config, and set it where the server is started"
        )
