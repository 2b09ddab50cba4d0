"""A protocol in small renders to exactly the files that are committed here.

After a deliberate change of a template, look at the difference and accept it with
`python -m tests.generator.test_golden`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from codex_generator.render import RPC_GENERATED, write_files
from codex_generator.tree import produce

from tests.generator.pets import write_pets

GOLDEN = Path(__file__).with_name("golden")

BY_SCHEMA = ("packages/types/src", "packages/rpc/src", "docs/protocol")
"""Where the files are that a schema shapes, other than by its version."""


_PACKAGE = """\
\"\"\"Stands for the handwritten package, so that linters see what they see there.\"\"\"

from __future__ import annotations
"""


def rendered() -> dict[Path, str]:
    """Render what the schema shapes, without the modules that are the same for every schema."""
    with tempfile.TemporaryDirectory() as folder:
        files = produce(Path(folder), write_pets(Path(folder)))
    package = {RPC_GENERATED.parent / "__init__.py": _PACKAGE}
    return package | {
        path: text
        for path, text in files.items()
        if path.as_posix().startswith(BY_SCHEMA)
        and not (path.name.startswith("_") and not path.name.startswith("__init__"))
    }


def test_the_rendering_is_the_golden_one() -> None:
    golden = {
        path.relative_to(GOLDEN): path.read_text(encoding="utf-8")
        for path in GOLDEN.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert rendered() == golden


if __name__ == "__main__":
    write_files(GOLDEN, rendered())
