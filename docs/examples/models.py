"""See which runtime answers, and which models it offers.

Run it with `python docs/examples/models.py`.
"""

from __future__ import annotations

from openai_codex import Codex
from openai_codex.types import Model


def main() -> None:
    """Print what the runtime says of itself, and of its models."""
    with Codex() as codex:
        metadata = codex.metadata
        print(f"Codex app-server {metadata.server_info.version} on {metadata.platform_os}")
        print(f"configuration, logins and threads: {metadata.codex_home}")
        for model in codex.models().data:
            print(described(model))


def described(model: Model) -> str:
    """Say in a line what a model is, and how hard it can think."""
    efforts = ", ".join(option.reasoning_effort for option in model.supported_reasoning_efforts)
    mark = "*" if model.is_default else " "
    return f"{mark} {model.model}: {model.description} Efforts: {efforts}."


if __name__ == "__main__":
    main()
