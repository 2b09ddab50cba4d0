"""The handshake with the runtime, and what it reports of itself and its configuration."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc import Client, ClientIdentity, StdioTransport, UntestedRuntimeWarning
from codex_app_server_rpc.redaction import redact_text

from openai_codex._version import __version__
from openai_codex.commands.doctor.findings import Finding, Status, worded
from openai_codex.errors import (
    CodexError,
    CodexTimeoutError,
    InvalidArgumentError,
    LaunchError,
    RuntimeTooOldError,
    TransportClosedError,
)
from openai_codex.metadata import Metadata
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue

__all__ = ["Connection", "home_finding"]

NAME: Final = "codex_python_doctor"
CONFIG_WARNING: Final = "configWarning"


class Connection:
    """A runtime of the doctor's own.

    Attributes:
        client: The client; used once `open` has given a finding that is no error.
        notices: What the runtime has found odd about its configuration (``configWarning``).
    """

    def __init__(self, argv: Sequence[str], timeout: float) -> None:
        """Keep what is to be started; nothing runs yet.

        Args:
            argv: The command line.
            timeout: How long each request waits for its answer, in seconds.
        """
        self._argv = argv
        self._timeout = timeout
        self.notices: list[Mapping[str, JsonValue]] = []
        self.client: Client = Client(
            StdioTransport(argv),
            identity=ClientIdentity(name=NAME, version=__version__, title="Codex Python doctor"),
            request_timeout=timeout,
        )
        self.client.watch(CONFIG_WARNING, self._note)

    def open(self) -> Finding:
        """Start the runtime and perform the handshake (``initialize``)."""
        started = time.monotonic()
        try:
            with warnings.catch_warnings():
                # What is to say of the program's version, its own finding says.
                warnings.simplefilter("ignore", UntestedRuntimeWarning)
                self.client.start()
        except CodexError as error:
            skipped = self.client.stats().skipped
            return _failed(error, skipped)
        took = round((time.monotonic() - started) * 1000)
        told = Metadata.of(self.client.server, NAME)
        details: dict[str, JsonValue] = {
            "user_agent": told.user_agent,
            "version": told.server_info.version,
            "codex_home": told.codex_home,
            "platform_family": told.platform_family,
            "platform_os": told.platform_os,
        }
        version = told.server_info.version or f"without a version ({shown(told.user_agent, 100)})"
        summary = f"runtime {version} on {told.platform_os}, in {took} ms"
        notes = (f"home: {told.codex_home}", f"user agent: {shown(told.user_agent)}")
        return Finding("handshake", Status.ok, summary, None, notes, details, took)

    def close(self) -> None:
        """End the runtime, which takes some seconds at most; nothing of it is left."""
        self.client.close()

    def _note(self, notification: Notification) -> None:
        if isinstance(notification.params, dict):
            self.notices.append(notification.params)


def home_finding(environment: Mapping[str, str] | None = None) -> Finding:
    """Say whether the runtime's home can be used.

    Args:
        environment: The environment; ``None`` for this process's own.
    """
    named = (environment or os.environ).get("CODEX_HOME")
    try:
        home = Path(named) if named else Path.home() / ".codex"
    except RuntimeError:  # neither HOME nor the system's list of users tells it
        summary = "CODEX_HOME is not set, and this user has no home folder"
        return Finding("home", Status.error, summary, "Let HOME or CODEX_HOME name a folder.")
    source = "CODEX_HOME" if named else "the default"
    details: dict[str, JsonValue] = {"path": str(home), "named_by": source}
    details["config_file"] = (home / "config.toml").is_file()
    if not home.exists() and not named:
        summary = f"{home} does not exist yet: the runtime makes it"
        return Finding("home", Status.info, summary, details=details)
    if not home.exists():
        advice = "Make the folder, or let CODEX_HOME name another one."
        return Finding("home", Status.error, f"{home} does not exist", advice, (), details)
    if not home.is_dir():
        advice = "Let CODEX_HOME name a folder."
        return Finding("home", Status.error, f"{home} is a file", advice, (), details)
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        advice = "Give yourself the right to write there, or let CODEX_HOME name another folder."
        summary = f"{home} cannot be written: {error.strerror}"
        return Finding("home", Status.error, summary, advice, (), details)
    config = "with" if details["config_file"] else "without"
    summary = f"{home} ({source}), can be written, {config} a config.toml"
    return Finding("home", Status.ok, summary, details=details)


def _failed(error: CodexError, skipped: int) -> Finding:
    """Say why there was no handshake, and what to do."""
    notes: tuple[str, ...] = ()
    if isinstance(error, RuntimeTooOldError):
        summary, advice = str(error), "Use a newer runtime, such as the one of the package."
    elif isinstance(error, LaunchError):
        summary, advice = str(error), "Run the program by hand, to see what the system says."
    elif isinstance(error, TransportClosedError):
        summary = "the program ended in the handshake"
        if error.exit_code is not None:
            summary += f", with exit code {error.exit_code}"
        words, _, _ = error.stderr_tail.partition("Stack backtrace:")
        notes = tuple(shown(line) for line in redact_text(words).strip().splitlines()[-10:])
        advice = (
            "Do what its last words say."
            if notes
            else "It said nothing: is it the runtime, and complete? Install it again."
        )
    elif isinstance(error, InvalidArgumentError):  # of the wire log: all else is checked before
        summary, advice = str(error), "Correct the environment variable, or unset it."
    elif isinstance(error, CodexTimeoutError):
        summary = f"the program did not answer within {error.timeout:g} s"
        summary += f", and wrote {skipped} lines that are no messages" if skipped else ""
        advice = "Is it the runtime? On a slow machine, give it more time by --timeout."
    else:
        summary, advice = (
            worded(str(error)),
            "Is it the runtime, of a version that this library knows?",
        )
    details: dict[str, JsonValue] = {"error": type(error).__name__}
    return Finding("handshake", Status.error, summary, advice, notes, details)
