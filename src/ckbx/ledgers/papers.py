"""What stands on a paper about one child: the person, the place, the chains, the case, its rounds.

What is not recorded is not given: the paper leaves a line to write on. Names and typed words
come from the vault under one access record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from ckbx.application.case_view import CaseView, look_at_cases
from ckbx.application.office import Office
from ckbx.documents.paper import Paper
from ckbx.domain.case.case import Case
from ckbx.domain.child.child import Child
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.answer import Chains
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Role
from ckbx.domain.school.school import County
from ckbx.domain.shared.errors import InputRefused
from ckbx.ledgers.case_words import note_refs
from ckbx.ledgers.cases import CaseNotFound, find_case
from ckbx.ledgers.child import find_child
from ckbx.ledgers.paper_case import Facts, case_values, day_text
from ckbx.ledgers.paper_legal import legal_values
from ckbx.ledgers.question import Look
from ckbx.ledgers.rows import scope_name
from ckbx.ledgers.sexes import sexes
from ckbx.store import Store
from ckbx.vault import Guardian, Person
from projections import responsibility, roster
from projections.scope import Scope

Values = dict[str, Any]
_GRADES: Final = "一二三四五六七八九"


class PaperAboutNobody(InputRefused):
    code = "paper_about_nobody"
    message = "儿童 {child} 的个人信息已依法删除，不能再出具文书"


class Subject(NamedTuple):
    """The child a paper is about, and the case where there is one."""

    child: UUID
    case: UUID | None


def subject_of(store: Store, key: str) -> Subject:
    """The child of a case, or a child with its latest case. Raises what finding them raises."""
    try:
        id_ = find_case(store, key)
    except CaseNotFound:
        return Subject(find_child(store.vault, key), None)
    return Subject(Case(id_).replay(store.log.load([id_])[id_]).child, id_)


def paper_values(
    look: Look, office: Office, paper: Paper, subject: Subject, *, round_: int | None = None
) -> Values:
    """Every placeholder that has a value. ``round_``: the persuasion round a form is about.

    Raises PaperAboutNobody, RoundUnknown.
    """
    child = Child(subject.child).replay(look.log.load([subject.child])[subject.child])
    view = _view(office, look, subject)
    facts = _facts(look, office, subject)
    place = _place(look, child)
    known = responsibility.directory(look.reading, look.position)
    chains = known.chain_for(place, look.question.as_of)
    people = _people(look, subject.child, facts, chains, known)
    if people[subject.child].erased:
        raise PaperAboutNobody(child=subject.child)
    names = _Names(people, known)
    told = Facts(facts, people[subject.child].notes, names)
    values: Values = {
        "县名": _county_name(look, office),
        **_person(people[subject.child], sexes(look, [subject.child]).get(subject.child)),
        **_placed(look, place, child),
        **_responsible(look, chains, names),
        "就学状态": child.status_on(look.question.as_of).label,
    }
    if view is not None:
        values |= case_values(office, view, told, look.question.as_of, round_)
        values |= legal_values(paper.name, told)
    return {name: value for name, value in values.items() if value}


class _Names:
    """The name behind an account, where the chain knows one."""

    def __init__(self, people: Mapping[UUID, Person], known: Directory) -> None:
        self._people, self._known = people, known

    def __call__(self, account: str) -> str:
        subject = self._known.subject_of(account)
        person = self._people.get(subject) if subject else None
        return person.name if person is not None and person.identity else account


def _view(office: Office, look: Look, subject: Subject) -> CaseView | None:
    if subject.case is None:
        return None
    return look_at_cases(office, [subject.case], look.question.as_of)[0]


def _facts(look: Look, office: Office, subject: Subject) -> list[Any]:
    """Facts of the case and of its legal steps, by day."""
    if subject.case is None:
        return []
    streams = [subject.case, LegalSteps.stream(office.county, subject.case)]
    found = look.log.read_streams(streams, up_to=look.position)
    events = [each.event for each in found]
    return sorted(events, key=lambda event: event.occurred_on)


def _place(look: Look, child: Child) -> ChildPlace:
    found = roster.place_of(look.reading, Scope.county(), [child.id], **look.at).get(child.id)
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


def _people(
    look: Look, child: UUID, facts: Iterable[Any], chains: Chains, known: Directory
) -> Mapping[UUID, Person]:
    """Everybody named on the paper, the child's notes and contacts with them: one record."""
    events = list(facts)
    refs = sorted({f"note:{ref}" for event in events for ref in note_refs(event).values()})
    joined = [each for e in events for each in getattr(e, "participants", ())]
    refs += sorted({f"note:{each.person}" for each in joined if each.person})
    accounts = {each.account for each in joined if each.account}
    accounts |= {event.actor for event in events}
    accounts |= {name for event in events for name in getattr(event, "servers", ())}
    accounts |= {a for event in events if (a := getattr(event, "account", None))}
    subjects = [known.subject_of(account) for account in sorted(accounts)]
    holders = [h.subject for line in chains for node in line for h in node.holders]
    return look.people([child, *subjects, *holders], ("identity", "contact", *refs))


def _person(person: Person, sex: str | None) -> Values:
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


def _placed(look: Look, place: ChildPlace, child: Child) -> Values:
    where = look.class_of(place.class_key, place.grade)
    grade, number = where["grade"], where["class"]
    school = place.school or child.school or place.class_key.split("/")[0]
    return {
        "学校": look.school_names().get(school, ""),
        "年级": f"{_GRADES[grade - 1]}年级" if grade and 1 <= grade <= len(_GRADES) else "",
        "班级": f"{number}班" if number else "",
    }


def _responsible(look: Look, chains: Chains, names: _Names) -> Values:
    schools = look.school_names()
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


def _line(look: Look, schools: dict[str, str], nodes: Sequence[Any], names: _Names) -> str:
    said = []
    for node in nodes:
        who = "、".join(names(holder.account) for holder in node.holders if holder.account)
        if who:
            where = scope_name(look, schools, node.scope.kind, node.scope.code)
            place = where if not where.replace("-", "").isalnum() or not where.isascii() else ""
            said.append(f"{place}{node.title} {who}".strip())
    return "；".join(said)


def _county_name(look: Look, office: Office) -> str:
    stream = County.stream(office.county)
    county = County(stream).replay(look.log.load([stream]).get(stream, []))
    return str(getattr(county, "name", "") or "")
