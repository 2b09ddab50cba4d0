"""Writes the table of misbehaving servers into the docs: ``python -m tests.misbehaving``."""

from __future__ import annotations

from tests.misbehaving.page import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
