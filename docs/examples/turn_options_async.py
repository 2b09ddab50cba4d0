"""All options of a turn, and what each is for; what is not given is not sent.

Run it with `python docs/examples/turn_options_async.py`.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from openai_codex import ApprovalMode, AsyncCodex, Sandbox
from openai_codex.types import JsonObject, Personality, ReasoningSummary

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"files": {"type": "integer"}},
    "required": ["files"],
    "additionalProperties": False,
}


async def main() -> None:
    """Run a turn that is told everything, and one that gives a value of a type."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run(
            "How many files are in this folder?",
            # For this turn and those after it:
            approval_mode=ApprovalMode.deny_all,  # who decides what goes beyond the sandbox
            cwd=Path.cwd(),  # where the agent works
            effort="low",  # how hard the model thinks
            model=await default_model(codex),
            personality=Personality.pragmatic,  # how the model talks
            sandbox=Sandbox.read_only,  # what commands may touch
            service_tier=None,  # as the account has it
            summary=ReasoningSummary.concise,  # how the model tells its thoughts
            # For this turn only:
            output_schema=SCHEMA,  # the form of the final answer
            source="example",  # what started it, for statistics
            turn_service_tier=None,  # the service tier of this one
            # For this call:
            check=True,  # a failed turn is an error, TurnFailedError
            timeout=300,  # how long the turn may take, in seconds
            idle_timeout=120,  # how long nothing may happen in it, in seconds
            on_cancel="interrupt",  # whoever stops waiting stops the turn; or "detach"
            if_busy="wait",  # for another turn of the thread; or "refuse", or "steer" it
        )
        print(json.loads(result.final_response or "{}")["files"])

        # In place of a schema, a type: asked again up to `retries` times if the answer is none.
        is_empty = (await thread.run("Is it empty?", output_type=bool, retries=1)).output
        print(is_empty)


async def default_model(codex: AsyncCodex) -> str:
    """Give the name of the model that is taken if none is named."""
    return next(model.model for model in (await codex.models()).data if model.is_default)


if __name__ == "__main__":
    asyncio.run(main())
