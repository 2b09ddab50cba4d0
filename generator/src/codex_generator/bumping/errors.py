"""The error that ends a bump."""

from __future__ import annotations

from codex_generator.diagnostics import GeneratorError


class BumpError(GeneratorError):
    """A bump cannot begin, or cannot go on; the tree is as it was."""
