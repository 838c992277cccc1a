"""What is a township or village called? Regions have codes; their names stand in post titles.

“城关镇镇长” is the post of 城关镇, “岩门村包村干部” that of 岩门村. A title that names no place
(“镇长”) gives none; a township may still be named by the posts of its villages
(“高坡乡大村村主任”).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ckbx.domain.responsibility.post import Scope, ScopeKind

_TOWNSHIP: Final = "[\u4e00-\u9fff]{1,12}?(?:街道|[镇乡])"
_SAYS: Final = {
    ScopeKind.TOWNSHIP: re.compile(f"({_TOWNSHIP})"),
    ScopeKind.VILLAGE: re.compile(f"(?:{_TOWNSHIP})?([\u4e00-\u9fff]{{1,12}}?(?:社区|村))"),
}
_WITHIN: Final = re.compile(f"({_TOWNSHIP})[\u4e00-\u9fff]{{1,12}}?(?:社区|村)")
_NO_NAME: Final = re.compile("[包驻联本各副乡]|所在|分管|常务")
"""How a title begins that says what its holder does there, and not where."""


def region_name(scope: Scope, titles: Iterable[str]) -> str:
    """The name that the first of these titles says; empty where none says one."""
    says = _SAYS.get(scope.kind)
    if says is None:
        return ""
    found = (says.match(each) for each in titles if not _NO_NAME.match(each))
    return next((name[1] for name in found if name), "")


def township_of(titles: Iterable[str]) -> str:
    """The township that titles of posts of its villages name; empty where none does, or they do
    not agree.
    """
    found = {
        name[1] for each in titles if not _NO_NAME.match(each) and (name := _WITHIN.match(each))
    }
    return found.pop() if len(found) == 1 else ""
