"""Stands for the handwritten package, so that linters see what they see there."""

from __future__ import annotations
