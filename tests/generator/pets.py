"""A protocol in small: every shape of the real one, in some twenty definitions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from codex_generator.schema import Json

from tests.generator.schemas import STRING, constant, envelope, reference, struct, write_schema

NULL: Json = {"type": "null"}


def nullable(schema: Json) -> Json:
    """Wrap a schema so that `null` fits as well."""
    return {"anyOf": [schema, NULL]}


def titled(title: str, schema: Mapping[str, Json]) -> Json:
    """Give a schema a title, as the variants of the bundle have."""
    return {**schema, "title": title}


PETS: dict[str, Json] = {
    "ClientRequest": envelope(
        {
            "pet/adopt": reference("PetAdoptParams"),
            "pet/login": reference("PetLoginParams"),
            "pet/list": NULL,
            "pet/call": nullable(reference("PetCallParams")),
        },
        required=False,
    ),
    "ServerRequest": envelope({"item/pet/ask": reference("PetAskParams")}),
    "ServerNotification": {
        **envelope({"pet/born": reference("PetBornNotification")}),
        "properties": {"emittedAtMs": {"type": "integer", "format": "int64"}},
    },
    "ClientNotification": envelope({"initialized": NULL}, required=False),
    "JSONRPCMessage": {"anyOf": [reference("JSONRPCCall"), reference("JSONRPCNotice")]},
    "JSONRPCCall": struct({"id": reference("RequestId"), "method": STRING}, params=True),
    "JSONRPCNotice": struct({"method": STRING}, params=True),
    "RequestId": {"anyOf": [STRING, {"type": "integer", "format": "int64"}]},
    "v2": {
        "RequestId": {"anyOf": [STRING, {"type": "integer", "format": "int64"}]},
        "ThreadItem": {
            "description": 'What happened. "Quoted", and a \\ too.',
            "oneOf": [
                titled(
                    "BarkThreadItem",
                    struct(
                        {"type": constant("bark"), "volume": {"type": "integer"}},
                        mood={"allOf": [reference("v2/Mood")], "default": "calm"},
                    ),
                ),
                titled(
                    "NapThreadItem", struct({"type": constant("nap")}, async_={"type": "boolean"})
                ),
            ],
        },
        "Mood": {
            "oneOf": [
                {"type": "string", "enum": ["calm", "wild"]},
                {"type": "string", "enum": ["none"], "description": "Asleep."},
            ]
        },
    },
    "Leash": {
        "oneOf": [
            {"type": "string", "enum": ["never", "on-request"]},
            {
                **struct({"granular": struct({"max_length": {"type": "number"}})}),
                "additionalProperties": False,
                "title": "GranularLeash",
                "description": "A leash to measure.",
            },
        ]
    },
    "PetAdoptParams": {
        **struct(
            {"petName": STRING},
            leash=nullable(reference("Leash")),
            tags={"type": "array", "items": STRING, "default": []},
            meta={"type": ["object", "null"], "additionalProperties": True},
            **{"$schema": {"description": "Anything."}, "timeout": {"type": "integer"}},
        ),
        "description": "Adopt a pet.",
    },
    "PetAdoptResponse": struct({"item": reference("v2/ThreadItem")}),
    "PetLoginParams": {
        "oneOf": [
            titled("KeyPetLoginParams", struct({"type": constant("key"), "key": STRING})),
            titled("GuestPetLoginParams", struct({"type": constant("guest")})),
        ]
    },
    "PetLoginResponse": {"oneOf": [titled("OkPetLoginResponse", struct({"type": constant("ok")}))]},
    "PetListResponse": struct({"content": {"type": "array", "items": reference("PetContent")}}),
    "PetContent": {
        "anyOf": [
            struct({"uri": STRING, "text": STRING}),
            struct({"uri": STRING, "blob": STRING}),
        ]
    },
    "PetCallParams": struct(loud={"type": "boolean"}),
    "PetCallResponse": struct(),
    "PetAskParams": {
        **struct({"threadId": STRING}),
        "oneOf": [struct({"mode": constant("form")}), struct({"mode": constant("url")})],
    },
    "PetAskResponse": struct({"answer": nullable(reference("Leash"))}),
    "PetBornNotification": struct({"item": reference("v2/ThreadItem")}),
}
"""The experimental bundle."""

STABLE_PETS: dict[str, Json] = {
    name: schema for name, schema in PETS.items() if not name.startswith("PetCall")
} | {
    "ClientRequest": envelope(
        {"pet/adopt": reference("PetAdoptParams"), "pet/list": NULL}, required=False
    ),
    "PetAdoptParams": struct({"petName": STRING}, leash=nullable(reference("Leash"))),
}
"""The stable bundle: without `pet/call`, `pet/login` and most options of `pet/adopt`."""


def write_pets(root: Path) -> Path:
    """Write the protocol below a folder, and an empty file of errata, whose path is returned."""
    write_schema(root, PETS, STABLE_PETS)
    errata = root / "errata.json"
    errata.write_text("[]", encoding="utf-8")
    return errata
