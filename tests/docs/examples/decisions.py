"""The scenes of the examples about approvals, tools, logins and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_codex.testing import Gate, Reply

from tests.docs.examples.issuer import agreed, ignored, refused
from tests.docs.examples.scene import Run, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openai_codex.testing import ModelRequest

APPROVALS = """\
declined: the command ...sudo true... (because: to be root)
...
The agent wants your approval of a command.
Command:
  | ...date > today.txt...
...
  | to note it
  1) accept
...
> Noted.
"""

ERRORS = """\
resume nothing: there is no such thread
say nothing: the call is wrong: the input is empty: ...
no such model: the turn failed after 1 items: turn ... failed: ...no-such-model...
too slow: it is interrupted after 2 s
again: done
"""

NOBODY = "Nobody is logged in.\n"


def noted(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert (folder / "today.txt").is_file()
    assert "rejected" in asked[2].tool_outputs["root"]
    assert "exited with code 0" in asked[3].tool_outputs["note"]


def sold(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert asked[3].tool_outputs == {
        "typo": "no cofee here, only tea, coffee",
        "count": "3",
        "price": "7.0",
        "sell": '{"tea":12,"coffee":1}',
    }


def stumble(request: ModelRequest) -> Reply | str:
    """Fail where the example wants to see a failure."""
    if request.body["model"] == "no-such-model":
        return Reply.failure(400, "There is no no-such-model.")
    if "long" in request.prompt:
        return Reply.text("Once ", Gate())
    return "Hello."


SCENES: Mapping[str, tuple[Scene, ...]] = {
    "approvals": (
        Scene(
            (Run(APPROVALS, types=("y",)),),
            script=[
                Reply.command("date", justification="to know the date"),
                Reply.command("sudo true", justification="to be root", call_id="root"),
                Reply.command("date > today.txt", justification="to note it", call_id="note"),
                "Noted.",
            ],
            check=noted,
        ),
    ),
    "tools": (
        Scene(
            (Run("14 euros.\n{'tea': 12, 'coffee': 1}\n"),),
            script=[
                Reply.tool_call("count", {"item": "cofee"}, call_id="typo"),
                Reply.tool_call("count", {"item": "coffee"}, call_id="count")
                + Reply.tool_call("price", {"item": "coffee"}, call_id="price"),
                Reply.tool_call("sell", {"item": "coffee", "number": 2}, call_id="sell"),
                "14 euros.",
            ],
            check=sold,
        ),
    ),
    "errors": (Scene((Run(ERRORS),), script=stumble),),
    "login": (
        Scene(
            (
                Run(NOBODY),
                Run("Logged in by apiKey.\n", ("api-key",)),
                Run("Logged in by apiKey.\n"),  # the login is kept
                Run(NOBODY, ("logout",)),
            ),
            surroundings=ignored,
            with_account=False,
        ),
        Scene(
            (
                Run("Enter ABCD-1234 at ...\nWelcome.\nLogged in by chatgpt.\n", ("device-code",)),
                Run("Logged in by chatgpt.\n"),
            ),
            surroundings=agreed,
            with_account=False,
        ),
        Scene(
            (Run("Log in at ...\nWelcome.\nLogged in by chatgpt.\n", ("chatgpt",)),),
            surroundings=agreed,
            with_account=False,
        ),
        Scene(
            (Run(f"Log in at ...\nNo login: ...access_denied...\n{NOBODY}", ("chatgpt",)),),
            surroundings=refused,
            with_account=False,
        ),
        Scene(
            (
                Run(
                    f"Log in at ...\nNobody came: canceled.\n{NOBODY}",
                    ("chatgpt", "--patience", "0.1"),
                ),
            ),
            surroundings=ignored,
            with_account=False,
        ),
    ),
}
