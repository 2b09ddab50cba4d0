"""A bill of materials is valid CycloneDX, and says what a wheel is made of and whose it is."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypedDict

import pytest
from codex_generator.release.checking.bom import bill_of_materials
from codex_generator.release.checking.expected import Expected, expected_runtime
from codex_generator.release.packages import Content, read_package
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from typing_extensions import NotRequired

from tests.release.stand_ins import LINUX_ARM, RELEASE, WINDOWS, package, tarball

REPOSITORY = Path(__file__).parents[2]
DIGEST = sha256(b"the wheel").hexdigest()
OTHER_DIGEST = sha256(b"another wheel").hexdigest()

RPC = f"codex_app_server_rpc-{RELEASE}"
NEEDED = (
    f"codex-app-server-types=={RELEASE}",
    "pydantic<3,>=2.10",
    'websockets<18,>=15; extra == "websocket"',
)


class Hash(TypedDict):
    alg: str
    content: str


class License(TypedDict):
    expression: str


class Reference(TypedDict):
    url: str


Component = TypedDict(
    "Component",
    {
        "bom-ref": str,  # which no class could have
        "type": str,
        "name": str,
        "group": str,
        "version": NotRequired[str],
        "description": str,
        "purl": str,
        "hashes": list[Hash],
        "licenses": list[License],
        "externalReferences": list[Reference],
    },
)
"""Not each has all: a test fails where one lacks what it looks at."""


class Dependency(TypedDict):
    ref: str
    dependsOn: NotRequired[list[str]]


class Metadata(TypedDict):
    component: Component
    timestamp: str


class Bill(TypedDict):
    serialNumber: str
    metadata: Metadata
    components: list[Component]
    dependencies: list[Dependency]


def runtime_for(platform_tag: str, folder: Path) -> Expected:
    platform = WINDOWS if platform_tag.startswith("win") else LINUX_ARM
    source = tarball(package(platform), folder / "codex.tgz")
    contents = read_package(source, platform, RELEASE)
    return expected_runtime(REPOSITORY, RELEASE, platform_tag, contents)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    """Give what the wheel with everybody's programs holds."""
    return runtime_for("manylinux_2_17_aarch64", tmp_path_factory.mktemp("linux"))


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    """Give what a wheel without bubblewrap holds."""
    return runtime_for("win_amd64", tmp_path_factory.mktemp("windows"))


@pytest.fixture
def pure() -> Expected:
    """Give what a wheel without programs holds."""
    info = f"{RPC}.dist-info"
    content = Content(sha256(b"x").hexdigest(), 1, executable=False)
    return Expected(
        name=f"{RPC}-py3-none-any.whl",
        layer="rpc",
        version=RELEASE,
        contents={"codex_app_server_rpc/__init__.py": content, f"{info}/METADATA": content},
        metadata=f"{info}/METADATA",
        requirements=NEEDED,
    )


def bill_of(wheel: Expected, digest: str = DIGEST) -> Bill:
    bill: Bill = json.loads(bill_of_materials(wheel, digest))
    return bill


def named(bill: Bill, name: str) -> Component:
    [component] = [component for component in bill["components"] if component["name"] == name]
    return component


def faults_of(text: str) -> str | None:
    """Return what is wrong with a bill by CycloneDX's own schema."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return None if error is None else str(error)


def test_a_bill_is_valid(runtime: Expected, windows: Expected, pure: Expected) -> None:
    for wheel in (runtime, windows):
        assert faults_of(bill_of_materials(wheel, DIGEST)) is None
    assert faults_of(bill_of_materials(pure, DIGEST)) is None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"alg": "SHA-256"', '"alg": "SHA-257"'),
        ('"serialNumber": "urn:uuid:', '"serialNumber": "'),
        ('"expression": "Apache-2.0"', '"expression": 2'),
        ('"bomFormat"', '"bomShape"'),
    ],
)
def test_a_bill_that_is_not_valid_is_told_from_one_that_is(
    pure: Expected, right: str, wrong: str
) -> None:
    text = bill_of_materials(pure, DIGEST)
    assert right in text
    assert faults_of(text.replace(right, wrong)) is not None


def test_the_same_wheel_gives_the_same_bill(runtime: Expected, pure: Expected) -> None:
    assert bill_of_materials(runtime, DIGEST) == bill_of_materials(runtime, DIGEST)
    backwards = replace(pure, requirements=tuple(reversed(NEEDED)))
    assert bill_of_materials(pure, DIGEST) == bill_of_materials(backwards, DIGEST)


def test_another_wheel_gives_another_serial_number(runtime: Expected) -> None:
    here, there = bill_of(runtime), bill_of(runtime, OTHER_DIGEST)
    assert here["serialNumber"] != there["serialNumber"]


def test_a_bill_says_which_wheel_it_is_of(runtime: Expected) -> None:
    wheel = bill_of(runtime)["metadata"]["component"]
    assert wheel["bom-ref"] == runtime.name
    assert (wheel["name"], wheel.get("version")) == ("openai-codex-cli-bin", RELEASE)
    assert wheel["hashes"] == [{"alg": "SHA-256", "content": DIGEST}]
    assert wheel["purl"] == f"pkg:pypi/openai-codex-cli-bin@{RELEASE}?file_name={runtime.name}"


def test_a_bill_has_the_time_that_is_in_the_wheel_and_not_that_of_its_making(
    pure: Expected,
) -> None:
    assert bill_of(pure)["metadata"]["timestamp"] == "2020-02-02T00:00:00+00:00"


def test_every_file_is_there_with_its_hash(runtime: Expected) -> None:
    found = {component["name"]: component["hashes"] for component in bill_of(runtime)["components"]}
    assert len(found) > 10
    assert found == {
        path: [{"alg": "SHA-256", "content": content.sha256}]
        for path, content in runtime.contents.items()
    }


@pytest.mark.parametrize(
    ("path", "owner", "license_", "source"),
    [
        ("bin/codex", "Codex", "Apache-2.0", "openai/codex"),
        ("bin/codex-code-mode-host", "Codex", "Apache-2.0", "openai/codex"),
        (
            "codex-path/rg",
            "ripgrep",
            "(MIT OR Unlicense) AND BSD-3-Clause AND BSD-2-Clause",
            "BurntSushi/ripgrep",
        ),
        ("codex-resources/bwrap", "bubblewrap", "LGPL-2.0-or-later", "containers/bubblewrap"),
    ],
)
def test_a_program_is_there_with_its_owner_and_licence(
    runtime: Expected, path: str, owner: str, license_: str, source: str
) -> None:
    program = named(bill_of(runtime), f"codex_cli_bin/{path}")
    assert (program["type"], program["group"]) == ("application", owner)
    assert [found["expression"] for found in program["licenses"]] == [license_]
    assert [found["url"] for found in program["externalReferences"]] == [
        f"https://github.com/{source}"
    ]


def test_a_file_that_is_no_program_has_no_licence_of_its_own(runtime: Expected) -> None:
    file = named(bill_of(runtime), "codex_cli_bin/__init__.py")
    assert file["type"] == "file"
    assert not {"group", "licenses", "externalReferences"} & file.keys()


def test_a_wheel_is_under_the_licences_of_all_its_programs(
    runtime: Expected, windows: Expected, pure: Expected
) -> None:
    ripgrep = "(MIT OR Unlicense) AND BSD-3-Clause AND BSD-2-Clause"
    licenses = [
        [found["expression"] for found in bill_of(wheel)["metadata"]["component"]["licenses"]]
        for wheel in (runtime, windows, pure)
    ]
    assert licenses == [
        [f"{ripgrep} AND Apache-2.0 AND LGPL-2.0-or-later"],
        [f"{ripgrep} AND Apache-2.0"],
        ["Apache-2.0"],
    ]


def test_a_wheel_depends_on_what_it_needs_and_on_its_programs(
    runtime: Expected, pure: Expected
) -> None:
    dependencies = {
        found["ref"]: found.get("dependsOn", [])
        for found in (
            *bill_of(runtime)["dependencies"],
            *bill_of(pure)["dependencies"],
        )
    }
    assert dependencies[runtime.name] == sorted(runtime.programs)
    assert dependencies[pure.name] == [
        "codex-app-server-types==0.163.0",
        "pydantic<3,>=2.10",
        'websockets<18,>=15; extra == "websocket"',
    ]


def test_only_what_is_pinned_has_a_version(pure: Expected) -> None:
    bill = bill_of(pure)
    pinned, ranged = named(bill, "codex-app-server-types"), named(bill, "pydantic")
    assert (pinned.get("version"), ranged.get("version")) == (RELEASE, None)
    assert pinned["purl"] == f"pkg:pypi/codex-app-server-types@{RELEASE}"
    assert pinned["description"] == f"codex-app-server-types=={RELEASE}"
    assert ranged["purl"] == "pkg:pypi/pydantic"
    assert ranged["description"] == "pydantic<3,>=2.10"
