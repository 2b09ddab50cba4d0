"""Errors of getting a runtime: each is one sentence, and nothing half made is left."""

from __future__ import annotations

from codex_generator.diagnostics import GeneratorError


class RuntimeFetchError(GeneratorError):
    """A runtime cannot be had."""


class UnknownVersionError(RuntimeFetchError):
    """No runtime of that version was published for this machine; names the nearest."""


class NoNetworkError(RuntimeFetchError):
    """What publishes runtimes cannot be reached."""


class NotTheRuntimeError(RuntimeFetchError):
    """A program is not the Codex runtime, or cannot be run."""


class OtherVersionError(RuntimeFetchError):
    """A runtime says that it is of another version than the one that was asked for."""
