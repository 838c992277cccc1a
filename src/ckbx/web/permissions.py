"""角色与权限: which role may do what? One table; a route names what it asks for, nothing else.

What a role sees (its rows) follows from its posts on the day of the request (``rights.py``);
what it may do there stands here (domain §1).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ckbx.domain.responsibility.post import Role


class Permission(StrEnum):
    """What a route asks for."""

    PUBLIC = "public"
    """Nobody has to be signed in."""
    ACCOUNT = "account"
    """The own account, for everybody who is signed in."""
    SEE_TODO = "see_todo"
    """预警与待办, own inbox, 签收."""
    SEE_CHILDREN = "see_children"
    """One child's file and the lists with names, of the own scope."""
    SEE_SCHOOLS = "see_schools"
    """Figures of schools and classes."""
    SEE_CASES = "see_cases"
    """Cases of the own scope."""
    ROLL_CALL = "roll_call"
    """Hand in and amend a class's roll call, 停课, 请假条, 代课."""
    WORK_CASE = "work_case"
    """Steps on a case, and its papers; which of them a role may take says the matrix of steps
    (``domain.case.steps``)."""
    DECIDE_SCHOOL = "decide_school"
    """What the school decides: verification, teacher, return, its monthly report."""
    DECIDE_COUNTY = "decide_county"
    """What the county decides: 认定辍学, 销号, leaves, county letters."""
    ANSWER_CLOSURE = "answer_closure"
    """The bureau's yes or no to a closure that a school reported: the county's officer, and for
    the schools they answer for its leaders."""
    WORK_PLACE = "work_place"
    """What a township or village does: joint visits, notices, walks."""
    REGISTER = "register"
    """学籍: check-in, transfers, endings."""
    CHECK_IN = "check_in"
    """开学报到: who is here, child by child. Teachers and the school's office share the page."""
    EXPORT = "export"
    """Files with the data of more than one child."""
    IMPORT = "import"
    """Rosters, calendars, chains."""
    RULES = "rules"
    """Rule packs and their try-out."""
    INSPECT = "inspect"
    """History of any class or child, differences, samples, the access log."""
    ACCOUNTS = "accounts"
    """Accounts, grants, one-time codes."""

    @property
    def zh(self) -> str:
        """What a person who lacks it is told."""
        return _ZH[self]


P = Permission
_ZH: Final[Mapping[Permission, str]] = {
    P.PUBLIC: "打开网页",
    P.ACCOUNT: "管理自己的账号",
    P.SEE_TODO: "查看待办",
    P.SEE_CHILDREN: "查看学生",
    P.SEE_SCHOOLS: "查看学校情况",
    P.SEE_CASES: "查看个案",
    P.ROLL_CALL: "点名",
    P.WORK_CASE: "办理个案",
    P.DECIDE_SCHOOL: "学校的决定",
    P.DECIDE_COUNTY: "县教育局的决定",
    P.ANSWER_CLOSURE: "答复停课",
    P.WORK_PLACE: "乡镇、村的工作",
    P.REGISTER: "学籍变动",
    P.CHECK_IN: "登记开学报到",
    P.EXPORT: "导出",
    P.IMPORT: "导入",
    P.RULES: "规则",
    P.INSPECT: "督导检查",
    P.ACCOUNTS: "账号管理",
}

INSPECTOR: Final = "inspector"
ADMINISTRATOR: Final = "administrator"
ROLE_ZH: Final[Mapping[str, str]] = {
    Role.CLASS_TEACHER: "班主任",
    Role.CASE_TEACHER: "帮扶教师",
    Role.GRADE_LEADER: "包年级领导",
    Role.PRINCIPAL: "校长",
    Role.REGISTRAR: "学籍管理员",
    Role.BUREAU_LEADER: "包学校局领导",
    Role.BUREAU_OFFICER: "县控辍保学专干",
    Role.TOWNSHIP_OFFICER: "乡镇责任人",
    Role.VILLAGE_OFFICER: "村（社区）责任人",
    Role.LIAISON: "联络员",
    INSPECTOR: "督导",
    ADMINISTRATOR: "系统管理员",
}
_SEEING: Final = frozenset({P.SEE_TODO, P.SEE_CHILDREN, P.SEE_CASES})
_LEADING: Final = _SEEING | {P.SEE_SCHOOLS}
GIVES: Final[Mapping[str, frozenset[Permission]]] = {
    Role.CLASS_TEACHER: _SEEING | {P.ROLL_CALL, P.WORK_CASE, P.CHECK_IN},
    Role.CASE_TEACHER: _SEEING | {P.WORK_CASE},
    Role.GRADE_LEADER: _LEADING | {P.ROLL_CALL, P.CHECK_IN, P.WORK_CASE},
    Role.PRINCIPAL: _LEADING
    | {P.ROLL_CALL, P.WORK_CASE, P.DECIDE_SCHOOL, P.REGISTER, P.CHECK_IN, P.EXPORT},
    Role.REGISTRAR: _LEADING | {P.REGISTER, P.CHECK_IN, P.IMPORT, P.WORK_CASE},
    Role.BUREAU_LEADER: _LEADING | {P.EXPORT, P.ANSWER_CLOSURE},
    Role.BUREAU_OFFICER: _LEADING
    | {P.WORK_CASE, P.DECIDE_COUNTY, P.ANSWER_CLOSURE, P.REGISTER, P.CHECK_IN}
    | {P.EXPORT, P.IMPORT, P.RULES},
    Role.TOWNSHIP_OFFICER: _SEEING | {P.WORK_CASE, P.WORK_PLACE},
    Role.VILLAGE_OFFICER: _SEEING | {P.WORK_CASE, P.WORK_PLACE},
    Role.LIAISON: _SEEING | {P.WORK_CASE, P.WORK_PLACE},
    INSPECTOR: frozenset({P.SEE_CHILDREN, P.SEE_CASES, P.SEE_SCHOOLS, P.INSPECT, P.EXPORT}),
    ADMINISTRATOR: frozenset({P.ACCOUNTS}),
}
"""``notified`` is no role: whoever is only told signs in to nothing."""

STRICT: Final = frozenset({Role.BUREAU_OFFICER, Role.BUREAU_LEADER, INSPECTOR, ADMINISTRATOR})
"""Roles with a second factor and a session that ends after 30 idle minutes
(reliability §8, rows 42 and 47)."""
