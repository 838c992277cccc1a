"""Who and where is the child on a paper, and who answers for it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from ckbx.domain.child.child import Child
from ckbx.domain.responsibility.answer import Chains
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Role, ScopeKind
from ckbx.ledgers.paper_case import day_text
from ckbx.ledgers.question import Look
from ckbx.ledgers.rows import scope_name
from ckbx.vault import Guardian, Person
from projections import responsibility, roster
from projections.scope import Scope

Values = dict[str, Any]
_GRADES: Final = "一二三四五六七八九"


class Names:
    """The name behind an account, where the chain knows one."""

    def __init__(self, people: Mapping[UUID, Person], known: Directory) -> None:
        self._people, self._known = people, known

    def __call__(self, account: str) -> str:
        subject = self._known.subject_of(account)
        person = self._people.get(subject) if subject else None
        return person.name if person is not None and person.identity else account


def places_of(look: Look, children: Sequence[Child]) -> dict[UUID, ChildPlace]:
    """Where each child is, or was last."""
    found = roster.place_of(
        look.reading, Scope.county(), [child.id for child in children], **look.at
    )
    return {child.id: _place(look, child, found.get(child.id)) for child in children}


def _place(look: Look, child: Child, found: roster.Place | None) -> ChildPlace:
    if found is not None:
        place = responsibility.child_place(look.reading, found)
        if place.class_key or not child.segments:
            return place
        return msgspec.structs.replace(place, class_key=child.segments[-1][0])
    return ChildPlace(
        child=str(child.id),
        county=look.reading.county,
        school="",
        class_key=child.segments[-1][0] if child.segments else "",
        grade=None,
        village_code="",
        registered_code="",
    )


def person_values(person: Person, sex: str | None) -> Values:
    """The person, its guardian and where they live."""
    identity, contact = person.identity, person.contact
    guardian = next(iter(contact.guardians), Guardian()) if contact else Guardian()
    values: Values = {
        "性别": sex,
        "监护人": guardian.name,
        "监护人证件号": guardian.id_number,
        "监护人电话": guardian.phone or (contact.phone if contact else ""),
        "监护关系": guardian.relation,
        "户籍地": contact.household_address if contact else "",
        "现住址": contact.home_address if contact else "",
    }
    if identity is not None:
        values |= {
            "学生姓名": identity.name,
            "出生日期": day_text(identity.birth_date),
            "民族": identity.ethnic,
            "身份证件号": identity.id_number,
            "学籍号": identity.student_no,
        }
    return values


def place_values(look: Look, schools: Mapping[str, str], place: ChildPlace, child: Child) -> Values:
    """School, grade and class."""
    where = look.class_of(place.class_key, place.grade)
    grade, number = where["grade"], where["class"]
    school = place.school or child.school or place.class_key.split("/")[0]
    return {
        "学校": schools.get(school, ""),
        "年级": f"{_GRADES[grade - 1]}年级" if grade and 1 <= grade <= len(_GRADES) else "",
        "班级": f"{number}班" if number else "",
    }


def responsible_values(look: Look, schools: dict[str, str], chains: Chains, names: Names) -> Values:
    """Who answers for the child on both lines, by name."""
    return {
        "班主任": "、".join(
            names(holder.account)
            for node in chains.education
            if node.role is Role.CLASS_TEACHER
            for holder in node.holders
        ),
        "政府线责任人": _line(look, schools, chains.government, names),
        "教育线责任人": _line(look, schools, chains.education, names),
    }


def _line(look: Look, schools: dict[str, str], nodes: Sequence[Any], names: Names) -> str:
    said = []
    for node in nodes:
        who = "、".join(names(holder.account) for holder in node.holders if holder.account)
        if who:
            kind, code = node.scope.kind, node.scope.code
            where = "" if kind is ScopeKind.STUDENT else scope_name(look, schools, kind, code)
            place = "" if where.isascii() else where
            said.append(f"{place}{node.title} {who}".strip())
    return "；".join(said)
