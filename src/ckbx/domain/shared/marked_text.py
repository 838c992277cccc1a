"""A text a county may word itself: ``{{名称}}`` stands for a value, and nothing is executed.

Papers and messages share it: what may be named is an allow-list of theirs, what is named is
filled as text and only once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Final

MARK: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def fault_of(text: str, allowed: Collection[str], *, longest: int, example: str) -> str | None:
    """Why a text cannot be used, in Chinese; None: it can. ``longest``: characters."""
    if len(text) > longest:
        return f"超过 {longest} 字，请拆成几段" if longest > 1_000 else f"超过 {longest} 字，请缩短"
    for found in MARK.finditer(text):
        if found[1] not in allowed:
            return f"不认识的项目“{found[1]}”；可用：{'、'.join(allowed)}"
    if _BRACES.search(MARK.sub("", text)):
        return f"有不成对或不能用的花括号；项目写成 {{{{{example}}}}}"
    return None


def fill_marks(text: str, value: Callable[[str], str]) -> str:
    """The text with every placeholder replaced by the value of its name."""
    return MARK.sub(lambda found: value(found[1]), text)
