"""Documents name the pinned version: the new one, where it is that which they mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.bumping.mentions import update_mentions
from codex_generator.compat.page import BEGIN, END

OLD, NEW = "1.2.0", "1.3.0"


@pytest.mark.parametrize(
    ("text", "updated"),
    [
        ("`pip install codex==1.2.0`", "`pip install codex==1.3.0`"),
        ("runs 1.2.0.", "runs 1.3.0."),
        ("codex_cli_bin-1.2.0-py3-none-any.whl", "codex_cli_bin-1.3.0-py3-none-any.whl"),
        ("codex@1.2.0-darwin-arm64.tgz", "codex@1.3.0-darwin-arm64.tgz"),
        ("was seen at 1.2.0", None),
        ("At 1.2.0 it was so", None),
        ("as it was seen at\n1.2.0", None),
        ("what 1.2.0 is", "what 1.3.0 is"),
        ("1.2.0.post1", None),
        ("1.2.0a1 and 1.2.0-beta.2", None),
        ("1.2.01, 11.2.0, 0.1.2.0", None),
        ("rust-v1.2.0", "rust-v1.3.0"),
    ],
)
def test_what_means_the_pinned_version(tmp_path: Path, text: str, updated: str | None) -> None:
    page = tmp_path / "README.md"
    page.write_text(text, encoding="utf-8")

    changed = update_mentions(tmp_path, OLD, NEW)

    assert page.read_text(encoding="utf-8") == (updated or text)
    assert changed == ([] if updated is None else [Path("README.md")])


def test_what_was_seen_of_runtimes_stays(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"1.2.0\n{BEGIN}\n| 1.2.0 | ok |\n{END}\n1.2.0\n", encoding="utf-8")

    update_mentions(tmp_path, OLD, NEW)

    told = f"1.3.0\n{BEGIN}\n| 1.2.0 | ok |\n{END}\n1.3.0\n"
    assert page.read_text(encoding="utf-8") == told


def test_what_says_what_was_stays(tmp_path: Path) -> None:
    pages = ["docs/page.md", "docs/decisions/0001.md", "docs/changes/1.2.0.md", "docs/a/other.md"]
    for name in pages:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(OLD, encoding="utf-8")

    assert update_mentions(tmp_path, OLD, NEW) == [Path("docs/a/other.md"), Path("docs/page.md")]
