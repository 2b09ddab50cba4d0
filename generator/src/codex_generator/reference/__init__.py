"""The protocol reference: every call and every type, as pages.

From the same `Protocol` that the packages are rendered from, so that both say the same. What is
left for the templates is Markdown.
"""

from __future__ import annotations

from codex_generator.reference.building import build_reference
from codex_generator.reference.pages import Reference

__all__ = ["Reference", "build_reference"]
