"""Let the model call Python functions: plain ones, async ones, and methods of an object.

Run it with `python docs/examples/tools_async.py`.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from openai_codex import AsyncCodex, CodexConfig, ToolError, tool
from pydantic import Field


class Stock:
    """What a shop has."""

    def __init__(self) -> None:
        self.left = {"tea": 12, "coffee": 3}

    @tool
    def count(self, item: str) -> int:
        """Tell how many of an item are left."""
        if item not in self.left:
            raise ToolError(f"no {item} here, only {', '.join(self.left)}")
        return self.left[item]

    @tool
    def sell(self, item: str, number: Annotated[int, Field(ge=1)] = 1) -> dict[str, int]:
        """Sell some of an item.

        Args:
            item: What to sell.
            number: How many.
        """
        self.left[item] -= number
        return self.left


@tool(timeout=10)
async def price(item: str) -> float:
    """Tell what an item costs, in euros."""
    return {"tea": 4.5, "coffee": 7.0}[item]


async def main() -> None:
    """Have the model use the functions, and look at what it did with them."""
    stock = Stock()
    async with AsyncCodex(CodexConfig(experimental_api=True)) as codex:  # tools are experimental
        thread = await codex.thread_start(tools=[stock.count, stock.sell, price])
        result = await thread.run("Sell all the coffee but one. What does that come to?")
        print(result.final_response)
    print(stock.left)


if __name__ == "__main__":
    asyncio.run(main())
