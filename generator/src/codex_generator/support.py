"""Support: the names that rendered modules use and that are no protocol types."""

from __future__ import annotations

from typing import Final

PACKAGE: Final = "codex_app_server_types"

SUPPORT: Final = {
    "Annotated": "typing",
    "Literal": "typing",
    "TypeAlias": "typing",
    "Field": "pydantic",
    "ConfigDict": "pydantic",
    "TypeAdapter": "pydantic",
    "OpenEnum": f"{PACKAGE}._enum",
    "JsonValue": f"{PACKAGE}._json",
    "WireModel": f"{PACKAGE}._model",
    "UnknownVariant": f"{PACKAGE}._model",
    "Variant": f"{PACKAGE}._model",
    "Keyed": f"{PACKAGE}._union",
    "Shaped": f"{PACKAGE}._union",
    "Tagged": f"{PACKAGE}._union",
}
"""Where the names come from that are no protocol types."""
