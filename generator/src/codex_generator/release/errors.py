"""The error that ends a release's work with one sentence."""

from __future__ import annotations

from codex_generator.diagnostics import GeneratorError


class ReleaseError(GeneratorError):
    """Something about a release is wrong: nothing half made is left behind."""
