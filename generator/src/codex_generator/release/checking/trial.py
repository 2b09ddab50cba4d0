"""A real turn on what was installed; run by the Python of a fresh installation, through stdin.

It takes the folder that everything has to come from, the version that everything has to have and
what the runtime may call itself, and ends with a sentence when any of it is not so, or the turn is
not as scripted.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from codex_app_server_types import CommandExecutionThreadItem
from codex_cli_bin import bundled_codex_path, bundled_path_dir
from openai_codex import Codex, CodexConfig
from openai_codex.testing import IsolatedHome, ModelServer, Reply

MODULES = ("codex_app_server_types", "codex_app_server_rpc", "codex_cli_bin", "openai_codex")
DISTRIBUTIONS = (
    "codex-app-server-types",
    "codex-app-server-rpc",
    "codex-app-server-sdk-core",
    "openai-codex-cli-bin",
)


def main(place: Path, version: str, releases: list[str]) -> None:
    """Check where everything lies and which version it has, then run a turn."""
    for name in MODULES:
        file = importlib.import_module(name).__file__
        if file is None or not Path(file).resolve().is_relative_to(place.resolve()):
            sys.exit(f"{name} does not come from the installation, but from {file}")
    for name in DISTRIBUTIONS:
        if installed_version(name) != version:
            sys.exit(f"{name} is {installed_version(name)}, and not {version}")
    run_turn(releases)


def run_turn(releases: list[str]) -> None:
    """Have a scripted model ask for a command, which runs in the real sandbox."""
    commands, expected = ["echo $((6 * 7))"], "42\n"
    if (programs := bundled_path_dir()) is not None:
        commands.append("command -v rg && rg --version")
        expected += f"{programs / 'rg'}\nripgrep "
    script = (Reply.command(" && ".join(commands)), Reply.text("It ran.", phase="final_answer"))
    with ModelServer(script) as model, IsolatedHome() as home:
        config = CodexConfig(
            cwd=home.workspace, env=home.env, config_overrides=model.config_overrides()
        )
        with Codex(config) as codex:
            result = codex.thread_start().run("Run it.")
            runtime = codex.metadata.server_info.version
    if runtime not in releases:
        sys.exit(f"the runtime is {runtime}, and not {' or '.join(releases)}")
    ran = [item for item in result.items if isinstance(item, CommandExecutionThreadItem)]
    if [item.exit_code for item in ran] != [0]:
        sys.exit(f"the command did not run: {ran}")
    if not (ran[0].aggregated_output or "").startswith(expected):
        sys.exit(f"the command printed {ran[0].aggregated_output!r}, not {expected!r}")
    if result.final_response != "It ran.":
        sys.exit(f"the final response is {result.final_response!r}")
    print(f"runtime {runtime} at {bundled_codex_path()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
