"""A real turn on the real runtime, with a scripted model: no account, no network.

Run it with `python3 scripts/dev.py demo`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codex_app_server_types import (
    AgentMessageDeltaNotification,
    AgentMessageThreadItem,
    CommandExecutionThreadItem,
    ErrorNotification,
)
from codex_cli_bin import bundled_codex_path
from openai_codex import Codex, CodexConfig, TurnFailedError
from openai_codex.testing import IsolatedHome, ModelServer, Reply

if TYPE_CHECKING:
    from codex_app_server_types import ThreadItem
    from openai_codex import TurnHandle, TurnResult

PROMPT = "Which system do you run on, and what is six times seven?"
SCRIPT = (
    Reply.text("I will ask the system itself.", phase="commentary")
    + Reply.command("uname -sr && echo $((6 * 7))"),
    Reply.text(
        "The command ran in the sandbox and printed the system's name and the product: "
        "six times seven is 42.",
        phase="final_answer",
        delay=0.03,
    ),
)

DEV = Path(__file__).with_name("dev.py")
REAL_ACCOUNT = """\
To use a real account instead, log in once with the runtime's own program, then run the same turn
with your own configuration and model:

    {codex} login
    python3 {dev} demo --account
"""


def main() -> int:
    """Run one turn and show all of it."""
    parser = argparse.ArgumentParser(description="A real turn on the real runtime.")
    parser.add_argument(
        "--account",
        action="store_true",
        help="use your own login, configuration and model, in place of the scripted model",
    )
    if parser.parse_args().account:
        return 0 if converse(CodexConfig()) else 1
    print("The model of this demo is scripted: a local server plays it, word for word.")
    print("The runtime is real: it runs the conversation, the command and the sandbox.\n")
    with ModelServer(SCRIPT) as model, IsolatedHome() as home:
        config = CodexConfig(
            cwd=home.workspace, env=home.env, config_overrides=model.config_overrides()
        )
        result = converse(config)
    if result is None or not has_run_a_command(result):
        print("The command did not run: is there a sandbox on this machine?")
        return 1
    print("The token counts are the script's.\n")
    print(REAL_ACCOUNT.format(codex=bundled_codex_path(), dev=DEV))
    return 0


def converse(config: CodexConfig) -> TurnResult | None:
    """Run the turn on a runtime of its own, and give its result unless it failed."""
    with Codex(config) as codex:
        print(f"runtime  Codex app-server {codex.metadata.server_info.version}")
        login = codex.account()
        if login.account is None and login.requires_openai_auth:
            print("Nobody is logged in. Log in with:")
            print(f"\n    {bundled_codex_path()} login\n")
            return None
        thread = codex.thread_start()
        print(f"thread   {thread.id}")
        print(f"you      {PROMPT}")
        try:
            result = follow(thread.turn(PROMPT))
        except TurnFailedError as error:
            print(f"{error}")
            return None
    show(result)
    return result


def follow(turn: TurnHandle) -> TurnResult:
    """Print the agent's text as it comes, and give the turn's result."""
    message = ""
    for event in turn.stream():
        match event.payload:
            case AgentMessageDeltaNotification(item_id=item, delta=text):
                print(text if item == message else f"\nagent    {text}", end="", flush=True)
                message = item
            case ErrorNotification(error=error, will_retry=True):
                print(f"\nretrying {error.message}", flush=True)
            case _:
                pass
    print("\n")
    return turn.run()


def show(result: TurnResult) -> None:
    """Print the final answer, the items and the token usage."""
    print(f"status   {result.status}, after {result.duration_ms} ms")
    print(f"answer   {result.final_response}")
    print("items")
    for item in result.items:
        print(f"  {describe(item)}")
    if result.usage is not None:
        total = result.usage.total
        print(f"tokens   {total.input_tokens} in, {total.output_tokens} out")


def has_run_a_command(result: TurnResult) -> bool:
    """Tell whether the runtime really ran a command, and with success."""
    return any(
        isinstance(item, CommandExecutionThreadItem) and item.exit_code == 0
        for item in result.items
    )


def describe(item: ThreadItem) -> str:
    """Tell what an item is, in a line."""
    match item:
        case CommandExecutionThreadItem(command=command, exit_code=code, aggregated_output=output):
            printed = " / ".join((output or "").split("\n")).strip(" /")
            return f"{item.type}: {command} -> exit code {code}, printed: {printed}"
        case AgentMessageThreadItem(phase=phase, text=text):
            return f"{item.type} ({phase}): {text}"
        case _:
            return f"{item.type}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped")
