"""The drift check turns red at every kind of tampering, and says what differs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from codex_generator.drift import find_drift
from codex_generator.schema import Json
from codex_generator.templating import BANNER, BANNER_TEXT
from codex_generator.tree import produce, update

from tests.generator.schemas import STRING, struct, write_schema

MODULE = Path("packages/types/src/codex_app_server_types/unlisted.py")
GENERATED = Path("packages/rpc/src/codex_app_server_rpc/generated")
REFERENCE = Path("docs/protocol")
DEFINITIONS: dict[str, Json] = {"Turn": struct({"id": STRING})}

Rendering = dict[Path, str]


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """Render a small schema once."""
    root = tmp_path_factory.mktemp("rendering")
    write_schema(root, DEFINITIONS)
    return produce(root, no_errata(root))


@pytest.fixture
def tree(tmp_path: Path, rendering: Rendering) -> Path:
    """Make a tree that is up to date."""
    update(tmp_path, rendering)
    return tmp_path


def no_errata(folder: Path) -> Path:
    """Write an empty file of errata."""
    file = folder / "errata.json"
    file.write_text("[]", encoding="utf-8")
    return file


def edit(tree: Path) -> None:
    """Change one letter."""
    file = tree / MODULE
    file.write_text(file.read_text(encoding="utf-8").replace("class Turn", "class Tern"))


def append(tree: Path) -> None:
    """Add a byte at the end, which a comparison line by line would miss."""
    with (tree / MODULE).open("ab") as file:
        file.write(b"\n")


def truncate(tree: Path) -> None:
    """Take the last byte away."""
    content = (tree / MODULE).read_bytes()
    (tree / MODULE).write_bytes(content[:-1])


def change_line_ends(tree: Path) -> None:
    """Write the file as Windows would."""
    content = (tree / MODULE).read_bytes()
    (tree / MODULE).write_bytes(content.replace(b"\n", b"\r\n"))


def delete(tree: Path) -> None:
    """Remove a file."""
    (tree / MODULE).unlink()


def add(tree: Path) -> None:
    """Put a file of one's own where every file is rendered."""
    (tree / GENERATED / "extra.py").write_text("", encoding="utf-8")


def edit_page(tree: Path) -> None:
    """Change a word of the protocol reference."""
    file = tree / REFERENCE / "index.md"
    file.write_text(file.read_text(encoding="utf-8").replace("# The protocol", "# A protocol"))


def delete_page(tree: Path) -> None:
    """Remove a page of the protocol reference."""
    (tree / REFERENCE / "types/unlisted.md").unlink()


def add_page(tree: Path) -> None:
    """Put a page of one's own into the protocol reference."""
    (tree / REFERENCE / "types/extra.md").write_text("# Mine\n", encoding="utf-8")


def claim_page(tree: Path) -> None:
    """Put a banner on a document that nobody renders."""
    stray = tree / "docs/concepts/tools.md"
    stray.parent.mkdir()
    stray.write_text(f"<!-- {BANNER_TEXT} -->\n", encoding="utf-8")


def remove_banner(tree: Path) -> None:
    """Take the banner off."""
    file = tree / MODULE
    file.write_text(file.read_text(encoding="utf-8").removeprefix(f"{BANNER}\n"))


def claim(tree: Path) -> None:
    """Put a banner on a file that nobody renders."""
    stray = tree / "packages/rpc/src/codex_app_server_rpc/session.py"
    stray.write_text(f"{BANNER}\n", encoding="utf-8")


def test_a_tree_that_is_up_to_date_has_no_drift(tree: Path, rendering: Rendering) -> None:
    assert find_drift(tree, rendering) == []


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (edit, [f"differs: {MODULE}: line 8"]),
        (append, [f"differs: {MODULE}: line 13"]),
        (truncate, [f"differs: {MODULE}: line 12"]),
        (change_line_ends, [f"differs: {MODULE}: line 1"]),
        (delete, [f"missing: {MODULE}"]),
        (add, [f"not rendered: {GENERATED / 'extra.py'}"]),
        (remove_banner, [f"differs: {MODULE}: line 1", f"no banner: {MODULE}"]),
        (
            claim,
            [
                "banner on a file that is not rendered: "
                "packages/rpc/src/codex_app_server_rpc/session.py"
            ],
        ),
        (edit_page, [f"differs: {REFERENCE / 'index.md'}: line 3"]),
        (delete_page, [f"missing: {REFERENCE / 'types/unlisted.md'}"]),
        (add_page, [f"not rendered: {REFERENCE / 'types/extra.md'}"]),
        (claim_page, ["banner on a file that is not rendered: docs/concepts/tools.md"]),
    ],
)
def test_tampering_is_drift(
    tree: Path, rendering: Rendering, tamper: Callable[[Path], None], expected: list[str]
) -> None:
    tamper(tree)
    assert find_drift(tree, rendering) == expected


@pytest.mark.parametrize(
    "tamper",
    [
        *(edit, append, truncate, change_line_ends, delete, remove_banner, claim),
        *(edit_page, delete_page, claim_page),
    ],
)
def test_generating_again_repairs_it(
    tree: Path, rendering: Rendering, tamper: Callable[[Path], None]
) -> None:
    tamper(tree)
    update(tree, rendering)
    assert find_drift(tree, rendering) == []


def test_generating_again_never_removes_what_it_did_not_render(
    tree: Path, rendering: Rendering
) -> None:
    add(tree)
    update(tree, rendering)
    assert (tree / GENERATED / "extra.py").exists()


def test_what_is_no_longer_rendered_is_removed(tree: Path, rendering: Rendering) -> None:
    fewer = {path: text for path, text in rendering.items() if path != MODULE}
    assert update(tree, fewer) == [MODULE]
    assert not (tree / MODULE).exists()


def test_an_up_to_date_tree_is_not_written_to(tree: Path, rendering: Rendering) -> None:
    assert update(tree, rendering) == []


def test_what_builds_leave_behind_is_no_drift(tree: Path, rendering: Rendering) -> None:
    for name in ("__pycache__/x.pyc", "build/lib/x.py", "types.egg-info/PKG-INFO"):
        left = tree / "packages/types" / name
        left.parent.mkdir(parents=True)
        left.write_bytes(b"")
    assert find_drift(tree, rendering) == []
