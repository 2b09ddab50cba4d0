"""Show the model an image file.

Run it with `python docs/examples/local_image_async.py screenshot.png`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from openai_codex import AsyncCodex, LocalImageInput


async def main() -> None:
    """Ask what is to be seen on the image that is named on the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} IMAGE")
    path = Path(sys.argv[1]).resolve()  # the runtime reads it, and may work in another folder
    if not path.is_file():
        sys.exit(f"{path} is no file")  # the runtime would tell the model alone
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run(["Describe this image in one sentence.", LocalImageInput(path)])
        print(result.final_response)


if __name__ == "__main__":
    asyncio.run(main())
