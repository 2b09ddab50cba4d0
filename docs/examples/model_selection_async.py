"""Choose a model for a thread, and another way of thinking for one turn of it.

Run it with `python docs/examples/model_selection_async.py`, or with the name of a model behind it.
"""

from __future__ import annotations

import asyncio
import sys

from openai_codex import AsyncCodex
from openai_codex.types import Model


async def main() -> None:
    """Start a thread with a model, and let it think more in its second turn."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else None
    async with AsyncCodex() as codex:
        model = chosen((await codex.models()).data, wanted)
        efforts = [option.reasoning_effort for option in model.supported_reasoning_efforts]
        print(f"{model.display_name}, efforts: {', '.join(efforts)}")

        thread = await codex.thread_start(model=model.model)
        quick = await thread.run("What is 17 * 23?", effort=efforts[0])
        print(f"{efforts[0]}: {quick.final_response}")
        careful = await thread.run("Are you sure?", effort=efforts[-1])
        print(f"{efforts[-1]}: {careful.final_response}")


def chosen(models: list[Model], wanted: str | None) -> Model:
    """Find a model by its name; without a name, take the default one."""
    for model in models:
        if model.model == wanted or (wanted is None and model.is_default):
            return model
    sys.exit(f"There is no {wanted}; there are {', '.join(model.model for model in models)}.")


if __name__ == "__main__":
    asyncio.run(main())
