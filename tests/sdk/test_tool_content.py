"""What a tool gives back, and what the model gets of it."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import codex_app_server_types as types
import pytest
from openai_codex import ImageInput, InvalidArgumentError, LocalImageInput, TextInput
from openai_codex.tools.content import content_items

from tests.sdk.tool_samples import Options, Place, Span

PIXEL = "data:image/png;base64,iVBORw0KGgo="
TEXT = types.InputTextDynamicToolCallOutputContentItem
IMAGE = types.InputImageDynamicToolCallOutputContentItem
AUDIO = types.InputAudioDynamicToolCallOutputContentItem


class Color(str, Enum):
    red = "rouge"


@dataclass
class Trip:
    to: Place
    on: date


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        (Color.red, "rouge"),
        (TextInput("typed"), "typed"),
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (0.5, "0.5"),
        (math.inf, '"Infinity"'),
        ([], "[]"),
        (["a", "b"], '["a","b"]'),
        (("a", None), '["a",null]'),
        ({"a": [1, None], 2: "é"}, '{"a":[1,null],"2":"é"}'),
        (Options(verbose=True), '{"verbose":true}'),
        (Place(name="here"), '{"name":"here","code":null,"parts":[]}'),
        (Span(1), '{"first":1,"last":7}'),
        ([Span(1)], '[{"first":1,"last":7}]'),
        (
            Trip(Place(name="here"), date(2026, 11, 20)),
            '{"to":{"name":"here","code":null,"parts":[]},"on":"2026-11-20"}',
        ),
        (Path("a"), '"a"'),
    ],
)
def test_text_is_text_and_what_is_no_content_becomes_json(result: object, text: str) -> None:
    assert content_items(result) == [TEXT(text=text)]


def test_an_image_file_is_read(tmp_path: Path) -> None:
    for name in ("pixel.png", "pixel.webp", "pixel.JPG"):
        (tmp_path / name).write_bytes(base64.b64decode(PIXEL.partition(",")[2]))

    urls = [
        content_items(LocalImageInput(tmp_path / name))[0].to_wire()["imageUrl"]
        for name in ("pixel.png", "pixel.webp", "pixel.JPG")
    ]

    assert urls == [PIXEL, PIXEL.replace("png", "webp"), PIXEL.replace("png", "jpeg")]


def test_a_list_with_content_in_it_is_a_list_of_content(tmp_path: Path) -> None:
    audio = AUDIO(audio_url="data:audio/wav;base64,AA==")

    assert content_items(ImageInput(PIXEL)) == [IMAGE(image_url=PIXEL)]
    assert content_items([TEXT(text="a"), IMAGE(image_url=PIXEL), audio]) == [
        TEXT(text="a"),
        IMAGE(image_url=PIXEL),
        audio,
    ]
    assert content_items(("see", ImageInput(PIXEL), 5, Span(1))) == [
        TEXT(text="see"),
        IMAGE(image_url=PIXEL),
        TEXT(text="5"),
        TEXT(text='{"first":1,"last":7}'),
    ]


def in_itself() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (ImageInput("https://a.b/c.png"), "inline: a data: URL, or a LocalImageInput"),
        (IMAGE(image_url="https://a.b/c.png"), "inline: a data: URL"),
        (AUDIO(audio_url="https://a.b/c.wav"), "inline: a data: URL"),
        (["a", ImageInput("https://a.b/c.png")], "inline: a data: URL"),
        (ImageInput(PIXEL, types.ImageDetail.low), "has no detail"),
        (LocalImageInput("a.png", types.ImageDetail.low), "has no detail"),
        (LocalImageInput("/a.txt"), "a.txt is no image, by its name"),
        (LocalImageInput("/a"), "a is no image, by its name"),
        (object(), "a tool returned a object that is neither text nor content, and no JSON"),
        ([object()], "a tool returned a list that is neither text nor content, and no JSON"),
        (b"\xff", "a tool returned a bytes that is neither text nor content, and no JSON"),
        (in_itself(), "a tool returned a list that is neither text nor content, and no JSON"),
    ],
)
def test_what_cannot_be_said_is_an_error(result: object, reason: str) -> None:
    with pytest.raises(InvalidArgumentError, match=reason):
        content_items(result)


def test_an_image_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        content_items(LocalImageInput("/nowhere.png"))
