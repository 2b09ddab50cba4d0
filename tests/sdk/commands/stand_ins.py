"""Programs that stand in for the runtime, each wrong in its own way."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

__all__ = ["stand_in"]

_PROGRAM = """\
#!{python}
import sys, time
if sys.argv[1:] == ["--version"]:
    print("codex-cli {version}")
    sys.exit()
if sys.argv[2:3] == ["generate-json-schema"]:
    with open(sys.argv[4] + "/codex_app_server_protocol.schemas.json", "w") as file:
        file.write("another schema")
    sys.exit()
{body}
"""

ANSWER = """\
import json
request = json.loads(sys.stdin.readline())
told = {"userAgent": AGENT, "codexHome": "/nowhere", "platformFamily": "a", "platformOs": "b"}
print(json.dumps({"id": request["id"], "result": told}), flush=True)
"""
"""Performs the handshake; `AGENT` is to be set before."""

REFUSE = """\
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        error = {"code": -32603, "message": "not today"}
        print(json.dumps({"id": request["id"], "error": error}), flush=True)
"""
"""Answers everything after the handshake with an error."""


def stand_in(folder: Path, body: str, *, version: str = "0.163.0", name: str = "codex") -> str:
    """Make a program that says a version and prints a schema, and as a server does something else.

    Args:
        folder: Where to put it.
        body: What it does as a server, in Python.
        version: The version that it says.
        name: The name of its file.
    """
    path = folder / name
    text = _PROGRAM.format(python=sys.executable, version=version, body=textwrap.dedent(body))
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)
