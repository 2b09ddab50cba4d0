"""The store keeps what is right, whole, under its version; of all else it keeps nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.runtimes.errors import NotTheRuntimeError, OtherVersionError
from codex_generator.runtimes.store import Store

from tests.generator.runtimes.published import script

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def kept(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


def fetch(version: str, site: Path) -> str:
    """Fetch a runtime, in no time."""
    program = site / "codex_cli_bin/bin/codex"
    program.parent.mkdir(parents=True)
    program.write_text(script(version), encoding="utf-8")
    program.chmod(0o755)
    return "somewhere"


def fetch_another(version: str, site: Path) -> str:
    return fetch("0.199.0", site)


def fetch_nothing(version: str, site: Path) -> str:
    return "somewhere"


def break_off(version: str, site: Path) -> str:
    fetch(version, site)
    raise GeneratorError("the line is dead")


def interrupt(version: str, site: Path) -> str:
    fetch(version, site)
    raise KeyboardInterrupt


def fill_the_disk(version: str, site: Path) -> str:
    raise OSError(28, "No space left on device")


def fetch_no_more(version: str, site: Path) -> str:
    raise AssertionError("it is there")


def test_what_was_fetched_is_not_fetched_again(store: Store) -> None:
    first = store.runtime("0.201.0", fetch)
    again = store.runtime("0.201.0", fetch_no_more)

    assert first.program == again.program == first.program.resolve()
    assert (first.origin, again.origin) == ("somewhere", "the cache")
    assert kept(store) == {"runtime-0.201.0"}


def test_the_schema_is_kept_beside_its_runtime(store: Store) -> None:
    schema = store.schema("0.201.0", fetch)
    again = store.schema("0.201.0", fetch_no_more)

    assert schema == again
    names = {path.name for path in schema.iterdir()}
    assert names == {"stable.json", "experimental.json", "manifest.json"}
    assert kept(store) == {"runtime-0.201.0", "schema-0.201.0"}


@pytest.mark.parametrize(
    ("fails", "error", "words"),
    [
        (fetch_another, OtherVersionError, "it is 0.199.0, and not 0.201.0"),
        (fetch_nothing, NotTheRuntimeError, "holds no codex_cli_bin/bin/codex"),
        (break_off, GeneratorError, "the line is dead"),
        (fill_the_disk, GeneratorError, "No space left on device"),
        (interrupt, KeyboardInterrupt, ""),
    ],
)
def test_what_is_not_right_leaves_nothing(
    store: Store,
    fails: Callable[[str, Path], str],
    error: type[BaseException],
    words: str,
) -> None:
    with pytest.raises(error) as caught:
        store.runtime("0.201.0", fails)

    assert words in str(caught.value)
    assert kept(store) == set()


def test_what_a_killed_process_left_is_removed(store: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = store.folder / f".runtime-0.201.0.{ended.pid}.part"
    left.mkdir(parents=True)

    store.runtime("0.201.0", fetch)

    assert kept(store) == {"runtime-0.201.0"}


def test_a_kept_runtime_that_was_replaced_since_is_refused(store: Store) -> None:
    program = store.runtime("0.201.0", fetch).program
    program.write_text(script("0.199.0"), encoding="utf-8")

    with pytest.raises(OtherVersionError) as caught:
        store.runtime("0.201.0", fetch_no_more)

    site = store.site_of("0.201.0")
    assert str(caught.value).endswith(f"not 0.201.0; remove {site} to have it fetched anew")


def test_a_kept_runtime_that_is_not_whole_any_more_is_refused(store: Store) -> None:
    store.runtime("0.201.0", fetch).program.unlink()

    with pytest.raises(NotTheRuntimeError, match=r"remove .*runtime-0\.201\.0 to have it fetched"):
        store.runtime("0.201.0", fetch_no_more)
