"""Nothing but the content of the schema decides what is rendered."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from codex_generator.errata import ERRATA
from codex_generator.render import TYPES_SOURCE
from codex_generator.schema import Json
from codex_generator.tree import SCHEMA, produce

from tests.generator.pets import write_pets
from tests.generator.schemas import write_manifest

REPOSITORY = Path(__file__).parents[2]


def shuffled(value: Json, chance: random.Random) -> Json:
    """Return the same JSON with the keys of every object in another order."""
    if isinstance(value, Mapping):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    return value


def shuffle(folder: Path, chance: random.Random) -> None:
    """Rewrite the bundles of a schema folder with shuffled keys."""
    for name in ("stable", "experimental"):
        file = folder / f"{name}.json"
        bundle = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(shuffled(bundle, chance)), encoding="utf-8")
    write_manifest(folder)


def rendered(root: Path, errata: Path = ERRATA) -> dict[Path, str]:
    """Render all but the hashes of the schema's files, which do know the order of keys."""
    files = produce(root, errata)
    assert files.pop(TYPES_SOURCE / "origin.py")
    return files


def test_two_runs_give_equal_files(tmp_path: Path) -> None:
    errata = write_pets(tmp_path)
    assert produce(tmp_path, errata) == produce(tmp_path, errata)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_keys_does_not_matter(tmp_path: Path, seed: int) -> None:
    errata = write_pets(tmp_path)
    expected = rendered(tmp_path, errata)
    shuffle(tmp_path / "schema", random.Random(seed))
    assert rendered(tmp_path, errata) == expected


def test_the_order_of_keys_does_not_matter_to_the_real_schema(tmp_path: Path) -> None:
    for folder in ("as_it_is", "shuffled"):
        (tmp_path / folder).mkdir()
        copy_schema(tmp_path / folder)
    shuffle(tmp_path / "shuffled/schema", random.Random(0))
    write_manifest(tmp_path / "as_it_is/schema")
    assert rendered(tmp_path / "shuffled") == rendered(tmp_path / "as_it_is")


def copy_schema(root: Path) -> None:
    """Copy the real schema below a folder."""
    (root / "schema").mkdir()
    for file in (REPOSITORY / SCHEMA).iterdir():
        (root / "schema" / file.name).write_bytes(file.read_bytes())


def test_the_hash_seed_of_python_does_not_matter(tmp_path: Path) -> None:
    errata = write_pets(tmp_path)
    program = (
        "import hashlib, sys; from pathlib import Path; from codex_generator.tree import produce;"
        "files = produce(Path(sys.argv[1]), Path(sys.argv[2]));"
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), str(errata)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
