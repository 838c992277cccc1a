"""Who is meant, in Chinese: roles as a sentence names them."""

from __future__ import annotations

from ckbx.domain.legal.codes import PAPERS, STEP_ONE_ROLES, PaperKind

ROLE_TITLES = {
    "class_teacher": "班主任",
    "case_teacher": "帮扶教师",
    "grade_leader": "年级负责人",
    "principal": "校长",
    "bureau_leader": "县教育局领导",
    "bureau_officer": "县教育局",
    "township_officer": "乡镇人民政府",
    "village_officer": "村（社区）",
    "inspector": "督导",
    "registrar": "学籍管理员",
    "liaison": "联络员",
    "administrator": "系统管理员",
}


def who(kind: PaperKind) -> str:
    """Who may issue and serve a paper of this kind."""
    return who_of(PAPERS[kind].roles)


def who_of(roles: tuple[str, ...]) -> str:
    """Several roles in one phrase."""
    if roles == STEP_ONE_ROLES:
        return "学校、村（社区）或乡镇"
    return "或".join(ROLE_TITLES.get(role, role) for role in roles)
