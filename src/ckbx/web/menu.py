"""Where may a viewer go from every page, and where does it begin? By permission, in one table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from ckbx.domain.responsibility.post import Role
from ckbx.web.permissions import ADMINISTRATOR, INSPECTOR, Permission
from ckbx.web.rights import Viewer


class Item(NamedTuple):
    """One entry: ``page`` is what the template of that page calls itself."""

    page: str
    path: str
    title: str
    permission: Permission


LETTER, BETWEEN, LINE, MOST_LINES = 14, 20, 366, 2
"""How wide a letter of an entry is, what stands around it, and a line of a phone that is 390 wide
(CSS pixels, as ckbx.css has them).
"""
P = Permission
ITEMS: Final = (
    Item("roll_call", "/roll-calls", "点名", P.ROLL_CALL),
    Item("cases", "/cases", "个案", P.SEE_CASES),
    Item("overview", "/overview", "总览", P.SEE_SCHOOLS),
    Item("alerts", "/alerts", "待办", P.SEE_TODO),
    Item("suspected", "/suspected", "疑似辍学", P.SEE_CASES),
    Item("place", "/place", "本地儿童", P.WORK_PLACE),
    Item("children", "/children", "学生", P.SEE_CHILDREN),
    Item("leaves", "/leaves", "休缓免学", P.WORK_CASE),
    Item("reports", "/reports", "月报", P.DECIDE_SCHOOL),
    Item("county_reports", "/county-reports", "县汇总", P.DECIDE_COUNTY),
    Item("rechecks", "/rechecks", "季度复核", P.DECIDE_COUNTY),
    Item("closures", "/closures", "停课", P.ANSWER_CLOSURE),
    Item("transfers", "/transfers", "转学", P.REGISTER),
    Item("check_in", "/check-in", "报到", P.CHECK_IN),
    Item("ledgers", "/ledgers", "台账", P.SEE_CHILDREN),
    Item("chains", "/chains", "责任链", P.SEE_SCHOOLS),
    Item("imports", "/imports", "导入", P.IMPORT),
    Item("rules", "/rules", "规则", P.RULES),
    Item("inspect", "/inspect", "督导", P.INSPECT),
    Item("accounts", "/accounts", "账号", P.ACCOUNTS),
)
_BEGINS: Final = {
    Role.CLASS_TEACHER: "/roll-calls",
    Role.CASE_TEACHER: "/cases",
    Role.GRADE_LEADER: "/overview",
    Role.PRINCIPAL: "/overview",
    Role.REGISTRAR: "/overview",
    Role.BUREAU_LEADER: "/overview",
    Role.BUREAU_OFFICER: "/overview",
    Role.TOWNSHIP_OFFICER: "/place",
    Role.VILLAGE_OFFICER: "/place",
    Role.LIAISON: "/place",
    INSPECTOR: "/inspect",
    ADMINISTRATOR: "/accounts",
}


def menu(viewer: Viewer, served: Collection[str]) -> list[Item]:
    """The entries a viewer may open; ``served``: the paths that there are."""
    return [each for each in ITEMS if viewer.may(each.permission) and each.path in served]


def is_long(items: Iterable[Item]) -> bool:
    """Whether the entries take more than two lines of a phone: then they are one that opens. Two
    stay as they are, so that a teacher comes everywhere with one tap.
    """
    lines, left = 1, LINE
    for item in items:
        width = len(item.title) * LETTER + BETWEEN
        if width > left:
            lines, left = lines + 1, LINE
        left -= width
    return lines > MOST_LINES


def begins_at(viewer: Viewer, served: Collection[str]) -> str:
    """The page a viewer's day begins with; the own account for whoever holds nothing."""
    wanted = [_BEGINS[role] for role in viewer.roles if role in _BEGINS]
    found = (*wanted, *(each.path for each in menu(viewer, served)))
    return next((path for path in found if path in served), "/account")
