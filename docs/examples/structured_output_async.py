"""Get an answer as a value of a type: a pydantic model, a dataclass, or a plain type.

Run it with `python docs/examples/structured_output_async.py`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from openai_codex import AsyncCodex, OutputValidationError
from pydantic import BaseModel, Field


class Issue(BaseModel):
    """Something that should be better."""

    file: str
    line: int | None = None
    severity: int = Field(ge=1, le=5, description="5 is worst.")
    summary: str


class Review(BaseModel):
    """What a reviewer says."""

    issues: list[Issue]
    verdict: str


@dataclass
class Counts:
    """How much there is."""

    files: int
    lines: int


async def main() -> None:
    """Ask for values of three types on one thread."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        try:
            review = (await thread.run("Review this folder.", output_type=Review, retries=1)).output
        except OutputValidationError as error:
            print(f"not a review: {error.text}")
        else:
            for issue in review.issues:
                print(f"{issue.file}:{issue.line or '?'} [{issue.severity}] {issue.summary}")
            print(review.verdict)

        counts = (await thread.run("How big is it?", output_type=Counts)).output
        print(f"{counts.files} files, {counts.lines} lines")

        words = (await thread.run("Three words that describe it.", output_type=list[str])).output
        for word in words:
            print(f"- {word}")


if __name__ == "__main__":
    asyncio.run(main())
