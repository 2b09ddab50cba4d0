"""Permissions: which are part of others, and whether they are known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_types import UnknownVariant, WireModel

if TYPE_CHECKING:
    from codex_app_server_types import (
        AdditionalFileSystemPermissions,
        GrantedPermissionProfile,
        RequestPermissionProfile,
    )

__all__ = ["has_unknown", "is_part"]


def is_part(granted: GrantedPermissionProfile, asked: RequestPermissionProfile) -> bool:
    """Tell whether nothing is granted that was not asked for, as far as this version knows."""
    if has_unknown(granted):
        return False
    wanted = asked.network is not None and asked.network.enabled
    if granted.network is not None and granted.network.enabled and not wanted:
        return False
    return granted.file_system is None or (
        asked.file_system is not None and _are_part(granted.file_system, asked.file_system)
    )


def _are_part(
    granted: AdditionalFileSystemPermissions, asked: AdditionalFileSystemPermissions
) -> bool:
    return all(
        one in (getattr(asked, name) or ())
        for name in ("entries", "read", "write")
        for one in getattr(granted, name) or ()
    )


def has_unknown(model: WireModel) -> bool:
    """Tell whether there is anything in it that this version does not know."""
    if model.model_extra or isinstance(model, UnknownVariant):
        return True
    values: list[object] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        values += value if isinstance(value, list) else [value]
    return any(isinstance(value, WireModel) and has_unknown(value) for value in values)
