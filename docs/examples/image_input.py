"""Show the model an image by its URL; the runtime takes `data:` URLs, which hold the image itself.

Run it with `python docs/examples/image_input.py`.
"""

from __future__ import annotations

import base64
import struct
import zlib

from openai_codex import Codex, ImageInput


def main() -> None:
    """Ask what is to be seen on an image that was just drawn."""
    image = ImageInput(data_url(one_colour(red=0, green=128, blue=128)))
    with Codex() as codex:
        thread = codex.thread_start()
        result = thread.run(["Which colour is this? Answer in one word.", image])
        print(result.final_response)


def data_url(png: bytes) -> str:
    """Put an image into a URL."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def one_colour(*, red: int, green: int, blue: int, size: int = 64) -> bytes:
    """Draw a square of one colour, as a PNG file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    row = b"\0" + bytes((red, green, blue)) * size
    pixels = zlib.compress(row * size)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    main()
