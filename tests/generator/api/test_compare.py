"""What differs between two versions of our packages, and whether it breaks programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.api.sources import compare_packages
from codex_generator.changes.change import Action, Change, Severity, Subject

from tests.generator.api.packages import MODELS, write_packages

BREAKING, ADDITIVE, NEUTRAL = Severity.BREAKING, Severity.ADDITIVE, Severity.NEUTRAL
ADDED, REMOVED, RENAMED, CHANGED = Action.ADDED, Action.REMOVED, Action.RENAMED, Action.CHANGED
FUNCTION, PARAMETER, TYPE = Subject.FUNCTION, Subject.PARAMETER, Subject.TYPE
ATTRIBUTE, VALUE, VARIANT = Subject.ATTRIBUTE, Subject.VALUE, Subject.VARIANT


def changes(folder: Path, old: dict[str, str], new: dict[str, str]) -> list[Change]:
    trees = [write_packages(folder / name, **each) for name, each in (("a", old), ("b", new))]
    before, after = map(str, trees)
    return list(compare_packages(before, after, folder).changes)


def told(found: list[Change]) -> list[tuple[Subject, Action, str, Severity]]:
    return [(each.subject, each.action, each.name, each.severity) for each in found]


def test_two_equal_versions_do_not_differ(tmp_path: Path) -> None:
    sdk = {"sdk": "def run(text: str) -> int: ..."}
    assert changes(tmp_path, sdk, sdk) == []


SDK = "openai_codex"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "def run(): ...", (FUNCTION, ADDED, f"{SDK}.run", ADDITIVE)),
        ("def run(): ...", "", (FUNCTION, REMOVED, f"{SDK}.run", BREAKING)),
        (
            "def start_thread(name: str) -> int: ...",
            "def thread_start(name: str) -> int: ...",
            (FUNCTION, RENAMED, f"{SDK}.start_thread", BREAKING),
        ),
        ("def run(): ...", "async def run(): ...", (FUNCTION, CHANGED, f"{SDK}.run", BREAKING)),
        ("def run(): ...", "run = 1", (ATTRIBUTE, CHANGED, f"{SDK}.run", BREAKING)),
        (
            "def run() -> int: ...",
            "def run() -> int | None: ...",
            (FUNCTION, CHANGED, f"{SDK}.run", BREAKING),
        ),
        (
            "def run() -> int | None: ...",
            "def run() -> int: ...",
            (FUNCTION, CHANGED, f"{SDK}.run", NEUTRAL),
        ),
        ("", "class Thread: ...", (TYPE, ADDED, f"{SDK}.Thread", ADDITIVE)),
        ("class Thread: ...", "", (TYPE, REMOVED, f"{SDK}.Thread", BREAKING)),
        (
            "class Gone(ValueError): ...",
            "class Gone(TypeError): ...",
            (TYPE, CHANGED, f"{SDK}.Gone", BREAKING),
        ),
        ("", "LIMIT = 1", (ATTRIBUTE, ADDED, f"{SDK}.LIMIT", ADDITIVE)),
        ("LIMIT = 1", "LIMIT = 2", (ATTRIBUTE, CHANGED, f"{SDK}.LIMIT", NEUTRAL)),
        ("LIMIT: int = 1", "LIMIT: str = 1", (ATTRIBUTE, CHANGED, f"{SDK}.LIMIT", BREAKING)),
    ],
)
def test_what_a_module_has(
    tmp_path: Path, old: str, new: str, expected: tuple[Subject, Action, str, Severity]
) -> None:
    assert told(changes(tmp_path, {"sdk": old}, {"sdk": new})) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "action", "severity"),
    [
        ("", "*, name: str", ADDED, BREAKING),
        ("", "name: str = ''", ADDED, ADDITIVE),
        ("name: str", "", REMOVED, BREAKING),
        ("name: str", "*, name: str", CHANGED, BREAKING),
        ("*, name: str", "name: str", CHANGED, ADDITIVE),
        ("name: str", "name: str | None", CHANGED, ADDITIVE),
        ("name: str | None", "name: str", CHANGED, BREAKING),
        ("name: str = ''", "name: str", CHANGED, BREAKING),
        ("name: str", "name: str = ''", CHANGED, ADDITIVE),
        ("name: str = 'a'", "name: str = 'b'", CHANGED, BREAKING),
    ],
)
def test_what_a_function_takes(
    tmp_path: Path, old: str, new: str, action: Action, severity: Severity
) -> None:
    before, after = ({"sdk": f"def run({each}): ..."} for each in (old, new))
    found = told(changes(tmp_path, before, after))
    assert found == [(PARAMETER, action, f"{SDK}.run(name)", severity)]


def test_what_is_given_by_position_keeps_its_place(tmp_path: Path) -> None:
    old, new = ({"sdk": f"def run({each}): ..."} for each in ("a: int, b: int", "b: int, a: int"))
    assert told(changes(tmp_path, old, new)) == [
        (PARAMETER, CHANGED, f"{SDK}.run(a)", BREAKING),
        (PARAMETER, CHANGED, f"{SDK}.run(b)", BREAKING),
    ]


def test_what_any_keyword_swallows_is_not_missed(tmp_path: Path) -> None:
    old, new = ({"sdk": f"def run({each}): ..."} for each in ("*, a: int", "**settings: int"))
    assert told(changes(tmp_path, old, new)) == [
        (PARAMETER, ADDED, f"{SDK}.run(settings)", ADDITIVE)
    ]


CLASS = "class Thread:\n    "


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id: str", "id: str\n    def run(self): ...", (FUNCTION, ADDED, "run", ADDITIVE)),
        ("def __enter__(self): ...", "...", (FUNCTION, REMOVED, "__enter__", BREAKING)),
        ("name: str", "title: str", (ATTRIBUTE, REMOVED, "name", BREAKING)),
        ("title_text: str", "title_texts: str", (ATTRIBUTE, RENAMED, "title_text", BREAKING)),
        ("id: str", "id: str | None", (ATTRIBUTE, CHANGED, "id", BREAKING)),
        (
            "@property\n    def id(self) -> str: ...",
            "@property\n    def id(self) -> int: ...",
            (ATTRIBUTE, CHANGED, "id", BREAKING),
        ),
    ],
)
def test_what_a_class_has(
    tmp_path: Path, old: str, new: str, expected: tuple[Subject, Action, str, Severity]
) -> None:
    subject, action, name, severity = expected
    first = changes(tmp_path, {"sdk": CLASS + old}, {"sdk": CLASS + new})[0]
    assert told([first]) == [(subject, action, f"{SDK}.Thread.{name}", severity)]


def test_the_constructor_of_a_dataclass_is_one(tmp_path: Path) -> None:
    head = "from dataclasses import dataclass\n@dataclass\nclass Config:\n    a: int\n"
    found = changes(tmp_path, {"sdk": head}, {"sdk": f"{head}    b: int\n"})
    assert told(found) == [
        (PARAMETER, ADDED, f"{SDK}.Config.__init__(b)", BREAKING),
        (ATTRIBUTE, ADDED, f"{SDK}.Config.b", ADDITIVE),
    ]


def test_what_comes_from_a_private_base_is_the_classes_own(tmp_path: Path) -> None:
    old = "class _Calls:\n    def read(self): ...\nclass Thread(_Calls): ..."
    moved = "class Thread:\n    def read(self): ..."
    gone = "class _Calls: ...\nclass Thread(_Calls): ..."
    expected = [(FUNCTION, REMOVED, f"{SDK}.Thread.read", BREAKING)]
    assert changes(tmp_path / "moved", {"sdk": old}, {"sdk": moved}) == []
    assert told(changes(tmp_path / "gone", {"sdk": old}, {"sdk": gone})) == expected


def test_what_comes_from_a_public_base_is_told_of_there(tmp_path: Path) -> None:
    old = "class Base:\n    def read(self): ...\nclass Thread(Base): ..."
    new = "class Base: ...\nclass Thread(Base): ..."
    lower = "class Base: ...\nclass Thread(Base):\n    def read(self): ..."
    gone = (FUNCTION, REMOVED, f"{SDK}.Base.read", BREAKING)
    assert told(changes(tmp_path / "gone", {"sdk": old}, {"sdk": new})) == [gone]
    assert told(changes(tmp_path / "lower", {"sdk": old}, {"sdk": lower})) == [gone]
    raised = (FUNCTION, ADDED, f"{SDK}.Base.read", ADDITIVE)
    assert told(changes(tmp_path / "raised", {"sdk": lower}, {"sdk": old})) == [raised]


TYPES = "codex_app_server_types"
PETS = f"""{MODELS}
    class PetReadParams(BaseModel):
        name: str
    class PetReadResponse(BaseModel):
        pet: Pet
    class Pet(BaseModel):
        age: int | None = None
    class Dog(Variant):
        kind: Literal["dog"] = "dog"
    class Cat(Variant):
        kind: Literal["cat"] = "cat"
    class Mood(str, Enum):
        calm = "calm"
    Animal: TypeAlias = Annotated[Dog | Cat, "kind"]
    PetId: TypeAlias = str
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "name: str",
            "name: str\n        age: int",
            (ATTRIBUTE, ADDED, "PetReadParams.age", BREAKING),
        ),
        (
            "name: str",
            "name: str\n        age: int | None = None",
            (ATTRIBUTE, ADDED, "PetReadParams.age", ADDITIVE),
        ),
        (
            "name: str",
            "name: str\n        age: int = Field(validation_alias='Age')",
            (ATTRIBUTE, ADDED, "PetReadParams.age", BREAKING),
        ),
        ("name: str", "name: str | None", (ATTRIBUTE, CHANGED, "PetReadParams.name", ADDITIVE)),
        ("pet: Pet", "pet: Pet | None", (ATTRIBUTE, CHANGED, "PetReadResponse.pet", BREAKING)),
        (
            "pet: Pet",
            "pet: Pet\n        old: int",
            (ATTRIBUTE, ADDED, "PetReadResponse.old", ADDITIVE),
        ),
        ("age: int | None = None", "age: int", (ATTRIBUTE, CHANGED, "Pet.age", NEUTRAL)),
        (
            'calm = "calm"',
            'calm = "calm"\n        wild = "wild"',
            (VALUE, ADDED, "Mood.wild", ADDITIVE),
        ),
        ('calm = "calm"', 'wild = "wild"', (VALUE, REMOVED, "Mood.calm", BREAKING)),
        ('calm = "calm"', 'calm = "CALM"', (VALUE, CHANGED, "Mood.calm", BREAKING)),
        ("Dog | Cat", "Dog | Cat | Pet", (VARIANT, ADDED, "Animal: Pet", ADDITIVE)),
        ("Dog | Cat", "Dog", (VARIANT, REMOVED, "Animal: Cat", BREAKING)),
        ("PetId: TypeAlias = str", "PetId: TypeAlias = int", (TYPE, CHANGED, "PetId", BREAKING)),
    ],
)
def test_what_types_are_made_of(
    tmp_path: Path, old: str, new: str, expected: tuple[Subject, Action, str, Severity]
) -> None:
    subject, action, name, severity = expected
    found = changes(tmp_path, {"types": PETS}, {"types": PETS.replace(old, new)})
    assert told(found[:1]) == [(subject, action, f"{TYPES}.{name}", severity)]


def test_a_union_that_gets_a_name_is_what_it_is_made_of(tmp_path: Path) -> None:
    new = PETS.replace("name: str", "name: PetName") + "\n    PetName: TypeAlias = str | Pet"
    there = changes(tmp_path / "1", {"types": PETS}, {"types": new})
    back = changes(tmp_path / "2", {"types": new}, {"types": PETS})
    name = f"{TYPES}.PetReadParams.name"
    assert (ATTRIBUTE, CHANGED, name, ADDITIVE) in told(there)
    assert (ATTRIBUTE, CHANGED, name, BREAKING) in told(back)


def test_a_type_with_a_new_name_is_told_of_once(tmp_path: Path) -> None:
    new = PETS.replace("Pet(", "PetV2(").replace("pet: Pet", "pet: PetV2")
    reader = {"sdk": "from codex_app_server_types import Pet\n__all__ = ['Pet']"}
    other = {"sdk": "from codex_app_server_types import PetV2\n__all__ = ['PetV2']"}
    found = changes(tmp_path, {"types": PETS, **reader}, {"types": new, **other})
    assert told(found) == [
        (TYPE, RENAMED, f"{TYPES}.Pet", BREAKING),
        (TYPE, RENAMED, f"{SDK}.Pet", BREAKING),
    ]


def test_what_several_modules_have_is_told_of_in_the_first(tmp_path: Path) -> None:
    sdk = "from codex_app_server_types import Pet\n__all__ = ['Pet']"
    new = PETS.replace("age: int | None", "age: str")
    found = changes(tmp_path, {"types": PETS, "sdk": sdk}, {"types": new, "sdk": sdk})
    assert [each.name for each in found] == [f"{TYPES}.Pet.age"]


def test_names_that_are_loaded_when_they_are_touched_are_public(tmp_path: Path) -> None:
    old = """
        if TYPE_CHECKING:
            from codex_app_server_types import Pet, Dog
        __all__ = ["Pet", "Dog"]
        def __getattr__(name): ...
    """
    new = old.replace(", Dog", "").replace(', "Dog"', "")
    found = changes(tmp_path, {"types": PETS, "sdk": old}, {"types": PETS, "sdk": new})
    assert told(found) == [(TYPE, REMOVED, f"{SDK}.Dog", BREAKING)]


def test_what_is_private_does_not_count(tmp_path: Path) -> None:
    old = "_LIMIT = 1\ndef _run(): ...\nclass Thread:\n    _id: int\n    def _close(self): ..."
    assert changes(tmp_path, {"sdk": old}, {"sdk": "class Thread: ..."}) == []


@pytest.mark.parametrize("mark", ["Experimental: needs `experimental_api=True`.", "Experimental."])
def test_what_becomes_stable_is_an_addition(tmp_path: Path, mark: str) -> None:
    old, new = (f'class Pet:\n    """A pet.\n\n    {each}\n    """' for each in (mark, ""))
    found = changes(tmp_path, {"sdk": old}, {"sdk": new})
    assert told(found) == [(TYPE, Action.STABLE, f"{SDK}.Pet", ADDITIVE)]


def test_a_module_that_goes_breaks_who_imports_it(tmp_path: Path) -> None:
    old = write_packages(tmp_path / "old")
    (old / "packages/sdk/src/openai_codex/types.py").write_text("__all__ = []", encoding="utf-8")
    new = write_packages(tmp_path / "new")
    found = compare_packages(str(old), str(new), tmp_path).changes
    assert told(list(found)) == [(Subject.MODULE, REMOVED, f"{SDK}.types", BREAKING)]
