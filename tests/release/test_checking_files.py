"""Whatever is wrong with a wheel or an sdist is found and named, and nothing where nothing is."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from codex_generator.release.checking import files
from codex_generator.release.checking.expected import Expected, expected_pure
from codex_generator.release.checking.files import find_faults
from codex_generator.release.packages import Content
from codex_generator.release.pipeline import Release
from codex_generator.release.progress import Board

from tests.release.damage import (
    Damage,
    Specimen,
    add,
    edit,
    edit_record,
    nothing,
    remove,
    sealed,
    set_mode,
)
from tests.release.stand_ins import RELEASE

pytestmark = pytest.mark.timeout(300)

CODEX = "codex_cli_bin/bin/codex"
MARKER = "codex_cli_bin/py.typed"
RUNTIME = f"openai_codex_cli_bin-{RELEASE}-py3-none-manylinux_2_17_aarch64.whl"
INFO = f"openai_codex_cli_bin-{RELEASE}.dist-info"
BUNDLE = f"codex_app_server_sdk-{RELEASE}"
DAMAGED = "is damaged or cut off: "


@pytest.fixture(scope="module")
def expected(
    release: Release, board: Board, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Expected]:
    """Work out what each file of the release has to be, by its name."""
    staged = release.stage_pure(tmp_path_factory.mktemp("staged"))
    pure = [
        file
        for layer, folder in staged.items()
        for file in expected_pure(folder, layer, release.version)
    ]
    runtimes = [wheel.expected for wheel in release.runtime_wheels(board)]
    return {file.name: file for file in [*runtimes, *pure]}


@pytest.fixture
def runtime(dist: Path, expected: dict[str, Expected], tmp_path: Path) -> Specimen:
    """Give a wheel with programs."""
    return Specimen(dist / RUNTIME, expected[RUNTIME], tmp_path)


@pytest.fixture
def bundle(dist: Path, expected: dict[str, Expected], tmp_path: Path) -> Specimen:
    """Give a wheel with pins."""
    name = f"{BUNDLE}-py3-none-any.whl"
    return Specimen(dist / name, expected[name], tmp_path)


@pytest.fixture
def sdist(dist: Path, expected: dict[str, Expected], tmp_path: Path) -> Specimen:
    """Give an sdist."""
    name = f"{BUNDLE}.tar.gz"
    return Specimen(dist / name, expected[name], tmp_path)


def test_files_as_they_were_built_have_no_fault(dist: Path, expected: dict[str, Expected]) -> None:
    found = {file.name: find_faults(file, expected[file.name]) for file in dist.iterdir()}
    assert found == {name: [] for name in expected}
    wheels = {file.layer for file in expected.values() if file.is_wheel}
    sdists = {file.layer for file in expected.values() if not file.is_wheel}
    assert wheels - sdists == {"runtime"}
    assert sdists == {"types", "rpc", "sdk", "bundle"}


def test_files_that_were_packed_anew_have_no_fault(runtime: Specimen, sdist: Specimen) -> None:
    assert runtime.faults(nothing) == []
    assert runtime.faults(sealed(nothing)) == []
    assert sdist.faults(nothing) == []


@pytest.mark.parametrize(
    ("damage", "path", "fault"),
    [
        (edit(CODEX, bytes.swapcase), CODEX, "is not the file that it was made from"),
        (add("codex_cli_bin/more.py"), "codex_cli_bin/more.py", "should not be there"),
        (remove(CODEX), CODEX, "is missing"),
    ],
    ids=["edited", "added", "removed"],
)
def test_a_file_that_is_not_as_it_was_is_found_also_where_record_agrees(
    runtime: Specimen, damage: Damage, path: str, fault: str
) -> None:
    record = f"{INFO}/RECORD: is wrong about {path}"
    assert runtime.faults(damage) == [record, f"{path} {fault}"]
    assert runtime.faults(sealed(damage)) == [f"{path} {fault}"]


def test_a_program_without_its_run_bit_is_found(runtime: Specimen) -> None:
    assert runtime.faults(set_mode(CODEX, 0o100644)) == [f"{CODEX} has no run bit"]


def test_a_run_bit_on_what_is_no_program_is_found(runtime: Specimen) -> None:
    assert runtime.faults(set_mode(MARKER, 0o100755)) == [f"{MARKER} has a run bit"]


@pytest.mark.parametrize(
    ("damage", "path"),
    [
        (edit_record(rf"({CODEX},sha256)=.", r"\1=_"), CODEX),
        (edit_record(rf"({CODEX},.*),", r"\1,1"), CODEX),
        (edit_record(rf"{CODEX},.*\n", ""), CODEX),
        (edit_record(r"^", "gone.py,sha256=x,1\n"), "gone.py"),
        (edit_record("RECORD,,", "RECORD,sha256=x,1"), f"{INFO}/RECORD"),
    ],
    ids=["hash", "size", "row too few", "row too many", "hash of its own"],
)
def test_a_record_that_says_otherwise_is_found(
    runtime: Specimen, damage: Damage, path: str
) -> None:
    assert runtime.faults(damage) == [f"{INFO}/RECORD: is wrong about {path}"]


def test_a_record_that_names_a_file_twice_is_found(runtime: Specimen) -> None:
    damage = edit_record(rf"({CODEX},.*\n)", r"\1\1")
    assert runtime.faults(damage) == [f"{INFO}/RECORD: names a file twice"]


def test_a_missing_record_is_found(runtime: Specimen) -> None:
    record = f"{INFO}/RECORD"
    assert runtime.faults(remove(record)) == [f"{record} is missing"]


def test_another_tag_in_the_wheel_than_in_its_name_is_found(runtime: Specimen) -> None:
    path = f"{INFO}/WHEEL"
    damage = sealed(edit(path, lambda text: text.replace(b"manylinux_2_17", b"manylinux_2_28")))
    assert runtime.faults(damage) == [f"{path} is not the file that it was made from"]


def test_a_wheel_for_another_platform_under_the_name_is_found(
    runtime: Specimen, dist: Path
) -> None:
    other = dist / runtime.finished.name.replace("manylinux_2_17", "musllinux_1_1")
    faults = runtime.faults_of_bytes(other.read_bytes())
    assert "codex_cli_bin/codex-path/rg is missing" in faults
    assert f"{INFO}/WHEEL is not the file that it was made from" in faults


CORE = "codex-app-server-sdk-core"
PINS = f"{CORE}=={RELEASE}, openai-codex-cli-bin=={RELEASE}"
LOOSE = f"{CORE}=={RELEASE}, openai-codex-cli-bin>={RELEASE}"
OTHER = f"{CORE}==0.162.0, openai-codex-cli-bin=={RELEASE}"
MAYBE = f'{CORE}=={RELEASE}, openai-codex-cli-bin=={RELEASE}; extra == "x"'
LESS = f"openai-codex-cli-bin=={RELEASE}"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            f"\nVersion: {RELEASE}",
            "\nVersion: 0.162.0",
            f"calls itself codex-app-server-sdk 0.162.0, not codex-app-server-sdk {RELEASE}",
        ),
        (
            "\nName: codex-app-server-sdk",
            "\nName: codex-sdk",
            f"calls itself codex-sdk {RELEASE}, not codex-app-server-sdk {RELEASE}",
        ),
        (f"bin=={RELEASE}", f"bin>={RELEASE}", f"pins {LOOSE}, and not {PINS}"),
        (f"core=={RELEASE}", "core==0.162.0", f"pins {OTHER}, and not {PINS}"),
        (f"Requires-Dist: {CORE}=={RELEASE}\n", "", f"pins {LESS}, and not {PINS}"),
        (f"bin=={RELEASE}", f"bin=={RELEASE}; extra == 'x'", f"pins {MAYBE}, and not {PINS}"),
        (
            f"Requires-Dist: {CORE}=={RELEASE}",
            f"Requires-Dist: {CORE}=={RELEASE}\nRequires-Dist: {CORE}",
            f"pins {CORE}, {PINS}, and not {PINS}",
        ),
        (
            f"{CORE}[cli]=={RELEASE}",
            f"{CORE}[cli]>={RELEASE}",
            f'its extra pins {CORE}[cli]>={RELEASE}; extra == "cli", and not =={RELEASE}',
        ),
    ],
    ids=[
        *("version", "name", "loose pin", "other pin", "no pin", "pin with a marker", "two pins"),
        "loose pin of an extra",
    ],
)
def test_wrong_metadata_is_found_also_where_it_was_staged_so(
    bundle: Specimen, old: str, new: str, fault: str
) -> None:
    path = bundle.expected.metadata
    damage = sealed(edit(path, lambda text: text.replace(old.encode(), new.encode(), 1)))
    differs = f"{path} is not the file that it was made from"
    assert bundle.faults(damage) == [differs, fault]

    with zipfile.ZipFile(bundle.with_damage(damage)) as wheel:
        text = wheel.read(path)
    staged = Content(sha256(text).hexdigest(), len(text), executable=False)
    contents = {**bundle.expected.contents, path: staged}
    assert replace(bundle, expected=replace(bundle.expected, contents=contents)).faults(damage) == [
        fault
    ]


def test_metadata_that_cannot_be_read_is_found(bundle: Specimen) -> None:
    faults = bundle.faults(sealed(edit(bundle.expected.metadata, lambda _: b"\xff\xfe\0")))
    assert f"{bundle.expected.metadata}: 'name' is a required field" in faults


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (edit(f"{BUNDLE}/LICENSE", bytes.upper), "/LICENSE is not the file that it was made from"),
        (add(f"{BUNDLE}/setup.py"), "/setup.py should not be there"),
        (remove(f"{BUNDLE}/NOTICE"), "/NOTICE is missing"),
        (set_mode(f"{BUNDLE}/README.md", 0o755), "/README.md has a run bit"),
    ],
    ids=["edited", "added", "removed", "run bit"],
)
def test_damage_to_an_sdist_is_found(sdist: Specimen, damage: Damage, fault: str) -> None:
    assert sdist.faults(damage) == [f"{BUNDLE}{fault}"]


def test_what_is_wrong_with_the_archive_itself_is_found(runtime: Specimen, sdist: Specimen) -> None:
    assert runtime.faults(add(CODEX.upper())) == [f"{CODEX.upper()!r}: there twice"]
    assert sdist.faults(add("../setup.py")) == ["'../setup.py': a path that is no plain file's"]
    for specimen in (runtime, sdist):
        content = specimen.finished.read_bytes()
        assert specimen.faults_of_bytes(content[: len(content) // 2])[0].startswith(DAMAGED)


def test_a_file_that_the_index_would_not_take_is_found(
    runtime: Specimen, bundle: Specimen, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = bundle.finished.stat().st_size
    monkeypatch.setattr(files, "INDEX_LIMIT", size - 1)
    assert find_faults(bundle.finished, bundle.expected) == [
        f"has {size} bytes, and the index takes {size - 1}"
    ]
    assert find_faults(runtime.finished, runtime.expected) == []
    monkeypatch.setattr(files, "INDEX_LIMIT", size)
    assert find_faults(bundle.finished, bundle.expected) == []

    size = runtime.finished.stat().st_size
    monkeypatch.setitem(files.GRANTED, "runtime", size - 1)
    assert find_faults(runtime.finished, runtime.expected) == [
        f"has {size} bytes, and the index takes {size - 1}"
    ]


def test_a_program_that_installers_would_give_no_run_bit_is_found(runtime: Specimen) -> None:
    no_file = set_mode(CODEX, 0o755)  # pip looks for `S_IFREG` beside the bits
    assert runtime.faults(no_file) == [f"{CODEX} has no run bit"]


def test_a_link_in_a_wheel_is_found(runtime: Specimen) -> None:
    assert any(CODEX in fault for fault in runtime.faults(set_mode(CODEX, 0o120755)))


def test_a_record_that_is_no_table_is_found(runtime: Specimen) -> None:
    assert runtime.faults(edit_record("^", "x" * 200_000)) != []
