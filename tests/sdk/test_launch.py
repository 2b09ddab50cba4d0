"""From a configuration to a command line and an environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from openai_codex import CodexConfig, InvalidArgumentError, LaunchError, RuntimeNotFoundError
from openai_codex.launch import command_line, environment, find_runtime
from openai_codex.places import search


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEX_BIN", raising=False)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "codex"
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_bundled_program_is_used_by_default() -> None:
    from codex_cli_bin import bundled_codex_path

    assert find_runtime(CodexConfig()) == str(bundled_codex_path())


def test_the_environment_may_name_a_program(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEX_BIN", str(program))

    assert find_runtime(CodexConfig()) == str(program)


def test_an_argument_comes_before_the_environment(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEX_BIN", "/no/such/codex")

    assert find_runtime(CodexConfig(codex_bin=program)) == str(program)


def test_an_environment_that_names_nothing_runnable_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CODEX_BIN", "/no/such/codex")

    with pytest.raises(RuntimeNotFoundError, match="CODEX_BIN is /no/such/codex, but there is no"):
        find_runtime(CodexConfig())


def test_an_empty_variable_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEX_BIN", "")

    assert search(None)[-1].name == "openai-codex-cli-bin"


def test_a_program_on_path_is_not_run_unasked(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setitem(sys.modules, "codex_cli_bin", None)

    with pytest.raises(RuntimeNotFoundError, match="not installed"):
        find_runtime(CodexConfig())


def test_the_places_are_looked_at_in_order_up_to_the_first_that_names_anything(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = ["codex_bin", "CODEX_BIN", "openai-codex-cli-bin"]

    assert [place.name for place in search(None)] == everywhere
    monkeypatch.setenv("CODEX_BIN", str(program))
    assert [place.name for place in search(None)] == everywhere[:2]
    assert [place.name for place in search("/no/such")] == everywhere[:1]


def test_a_named_program_comes_before_the_bundled_one(program: Path) -> None:
    assert command_line(CodexConfig(codex_bin=program)) == [str(program), "app-server"]


def test_a_relative_program_is_found_from_this_folder_whatever_cwd_is_configured(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)

    assert find_runtime(CodexConfig(codex_bin="./codex", cwd="/")) == str(program)


def test_a_bare_name_is_looked_up_on_path(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))

    assert find_runtime(CodexConfig(codex_bin="codex")) == str(program)
    with pytest.raises(RuntimeNotFoundError, match="PATH holds no such program"):
        find_runtime(CodexConfig(codex_bin="codex-of-tomorrow"))


def test_a_folder_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(RuntimeNotFoundError, match="is a folder"):
        find_runtime(CodexConfig(codex_bin=tmp_path))


def test_a_named_program_that_is_missing_is_to_be_named_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(RuntimeNotFoundError, match="Correct it, or leave it out to use the packag"):
        find_runtime(CodexConfig(codex_bin="/no/such"))

    monkeypatch.setenv("CODEX_BIN", "/no/such")
    with pytest.raises(RuntimeNotFoundError, match="Correct it, or unset it to use the package"):
        find_runtime(CodexConfig())


def test_a_missing_runtime_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "codex_cli_bin", None)

    with pytest.raises(RuntimeNotFoundError, match="pip install openai-codex-cli-bin") as caught:
        find_runtime(CodexConfig())

    assert isinstance(caught.value, LaunchError)


def test_each_override_becomes_an_option(program: Path) -> None:
    config = CodexConfig(codex_bin=program, config_overrides=('model="m"', "a.b=1"))

    assert command_line(config)[2:] == ["--config", 'model="m"', "--config", "a.b=1"]


def test_the_override_of_the_command_line_is_taken_as_it_is() -> None:
    config = CodexConfig(
        codex_bin="/no/such", config_overrides=("a=1",), launch_args_override=("ssh", "host")
    )

    assert command_line(config) == ["ssh", "host"]


def test_an_empty_command_line_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="launch_args_override"):
        command_line(CodexConfig(launch_args_override=()))


def test_the_environment_is_laid_over_the_process_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.setenv("CHANGED", "1")
    monkeypatch.setenv("TAKEN_AWAY", "1")

    result = environment(CodexConfig(env={"CHANGED": "2", "TAKEN_AWAY": None, "ADDED": "3"}))

    assert (result["KEPT"], result["CHANGED"], result["ADDED"]) == ("1", "2", "3")
    assert "TAKEN_AWAY" not in result


def test_a_configuration_does_not_show_its_environment() -> None:
    assert "secret" not in repr(CodexConfig(env={"OPENAI_API_KEY": "secret"}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("config_overrides", 'model="m"'),
        ("launch_args_override", "codex app-server"),
        ("config_overrides", (1,)),
        ("config_overrides", None),
        ("codex_bin", 5),
        ("codex_bin", ""),
        ("cwd", 5),
        ("env", "A=1"),
        ("env", {"A": 5}),
        ("env", {5: "A"}),
        ("client_name", 5),
        ("client_version", None),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(InvalidArgumentError, match=field):
        CodexConfig(**{field: value})  # type: ignore[arg-type]  # the mistake


@pytest.mark.skipif(sys.platform == "win32", reason="there a program needs another name")
def test_a_bare_name_that_a_relative_folder_of_path_holds_is_made_absolute(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent.parent)
    monkeypatch.setenv("PATH", program.parent.name)

    assert find_runtime(CodexConfig(codex_bin="codex")) == str(program)
