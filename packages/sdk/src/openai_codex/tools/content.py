"""What a tool gives back, in a form that the model can read."""

from __future__ import annotations

import base64
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, cast

from codex_app_server_types import (
    InputAudioDynamicToolCallOutputContentItem,
    InputImageDynamicToolCallOutputContentItem,
    InputTextDynamicToolCallOutputContentItem,
)

from openai_codex.errors import InvalidArgumentError
from openai_codex.inputs import ImageInput, LocalImageInput, TextInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_app_server_types import DynamicToolCallOutputContentItem

__all__ = ["content_items"]

_CONTENT = (
    ImageInput,
    InputAudioDynamicToolCallOutputContentItem,
    InputImageDynamicToolCallOutputContentItem,
    InputTextDynamicToolCallOutputContentItem,
    LocalImageInput,
    TextInput,
)


def content_items(result: object) -> list[DynamicToolCallOutputContentItem]:
    """Say a result in content items (``contentItems``). Reads files.

    Args:
        result: Text stands for itself, an image for itself; a list with images or content items
            among text is a list of content. Everything else becomes JSON: models, dataclasses,
            mappings, lists, numbers, ``None``.

    Raises:
        InvalidArgumentError: An image is not inline, or is none; or it cannot be written as JSON.
        OSError: The file of an image cannot be read.
    """
    if isinstance(result, (list, tuple)):
        parts = cast("Sequence[object]", result)
        if any(isinstance(part, _CONTENT) for part in parts):
            return [_item(part) for part in parts]
        result = parts
    return [_item(result)]


def _item(part: object) -> DynamicToolCallOutputContentItem:
    match part:
        case str():
            return InputTextDynamicToolCallOutputContentItem(text=part)
        case TextInput(text=text):
            return InputTextDynamicToolCallOutputContentItem(text=text)
        case ImageInput(url=url):
            _check_detail(part)
            return InputImageDynamicToolCallOutputContentItem(image_url=_inline(url))
        case LocalImageInput():
            _check_detail(part)
            return InputImageDynamicToolCallOutputContentItem(image_url=_read(Path(part.path)))
        case InputImageDynamicToolCallOutputContentItem(image_url=url):
            _inline(url)
            return part
        case InputAudioDynamicToolCallOutputContentItem(audio_url=url):
            _inline(url)
            return part
        case InputTextDynamicToolCallOutputContentItem():
            return part
        case _:
            return InputTextDynamicToolCallOutputContentItem(text=_json(part))


def _inline(url: str) -> str:
    """Refuse a URL that is to be fetched: the runtime fetches none, and calls the reply invalid."""
    if not url.startswith("data:"):
        raise InvalidArgumentError("what a tool shows is inline: a data: URL, or a LocalImageInput")
    return url


def _check_detail(image: ImageInput | LocalImageInput) -> None:
    if image.detail is not None:
        raise InvalidArgumentError("an image that a tool returns has no detail: no place to say it")


def _read(path: Path) -> str:
    # With the types that are in common use but not registered, as image/webp once was.
    kind = mimetypes.guess_type(path.name, strict=False)[0]
    if kind is None or not kind.startswith("image/"):
        raise InvalidArgumentError(f"{path.name} is no image, by its name")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _json(value: object) -> str:
    from pydantic_core import to_json

    try:
        return to_json(value, inf_nan_mode="strings").decode()
    except ValueError as error:
        given = type(value).__name__
        raise InvalidArgumentError(
            f"a tool returned a {given} that is neither text nor content, and no JSON: {error}"
        ) from error
