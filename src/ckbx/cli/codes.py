"""How is a code typed at the command line? As itself or by its Chinese name."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, TypeVar

from ckbx.cli.context import UsageRefused
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.personal import mask_numbers

CodeT = TypeVar("CodeT", bound=Enum)
ROLES = (*ROLE_TITLES, Role.BUREAU_LEADER)


def title(code: Any) -> str:
    """The Chinese name of a code."""
    if isinstance(code, Role):
        return ROLE_TITLES.get(code, "县教育局领导" if code is Role.BUREAU_LEADER else code.value)
    return str(getattr(code, "label", code.value))


def offered(codes: Iterable[Any]) -> str:
    """The Chinese names there are, for a help text (a narrow cell breaks at the marks)."""
    return "；".join(
        f"{each.value} {title(each)}" if len(each.value) == 1 else title(each) for each in codes
    )


def choices(codes: Iterable[Any]) -> str:
    """Every code that may be typed, for a complaint."""
    return "、".join(f"{title(each)}（{each.value}）" for each in codes)


def pick(codes: Iterable[CodeT], text: str, option: str) -> CodeT:
    """The code that was typed. Raises UsageRefused, naming what there is."""
    known = list(codes)
    for each in known:
        if text.strip() in (str(each.value), title(each)):
            return each
    what = f"{option} 的值“{mask_numbers(text)}”不能用，可用：{choices(known)}"
    raise UsageRefused(what=what)


def pick_all(codes: Iterable[CodeT], texts: Iterable[str], option: str) -> list[CodeT]:
    """Several codes; one text may hold several with ``、`` or a comma between."""
    known = list(codes)
    words = [w for text in texts for w in text.replace("、", ",").replace("，", ",").split(",")]
    return [pick(known, word, option) for word in words if word.strip()]


def role_of(text: str, option: str = "--as") -> Role:
    """The role on whose behalf something is recorded. Raises UsageRefused."""
    return pick(ROLES, text, option)
