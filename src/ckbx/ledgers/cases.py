"""Which cases are there, and how does one stand: its facts, its deadlines, what may come next?

Read from the log; names come from the vault, with one access record a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from uuid import UUID

from ckbx.application.case_view import CaseView, is_open, look_at_cases
from ckbx.application.legal import deadlines_of_steps, look_at_steps
from ckbx.application.office import Office
from ckbx.clock import from_micros
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.case.steps import COUNTY, ROLE_TITLES, STEPS, titles
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import CLOSED_BY, PRINCIPAL_FINDINGS, Finding
from ckbx.domain.legal.deadlines import LEGAL_KINDS
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.next_step import NextStep
from ckbx.domain.legal.words import who_of
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import ActedEvent
from ckbx.domain.shared.identifiers import mask_number, normalise
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.case_files import attached_to, file_row
from ckbx.ledgers.case_words import about, note_fields, words_of
from ckbx.ledgers.child import ChildUnknown, find_child
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.question import Look, SchoolUnknown, who
from ckbx.store import Store
from ckbx.vault import Person
from projections import suspected
from projections.scope import Scope

ANSWERS: Final = ("suspected", "roster", "responsibility", "school")
SHORT: Final = 8
"""How many characters of its id name a case."""
_LONGEST_SHORT: Final = 32
_DEADLINES: Final = {
    "verify": "核实",
    "attending_decision": "到校后处理",
    "persuade_school": "学校劝返",
    "persuade_village": "校村联合劝返",
    "persuade_township": "乡镇劝返",
    "written_report": "书面报告",
    "determine": "认定辍学",
    "letter_reply": "复函",
    "return_confirm": "确认返校",
    "follow_daily": "每日到校点名",
    "follow_weekly": "每周回访",
    "follow_monthly": "每月回访",
    "relapse_visit": "缺勤两天当日上门",
    **LEGAL_KINDS,
}
_OUTCOMES: Final = {"open": "未到期", "kept": "按期", "missed": "逾期", "void": "免除"}


class CaseNotFound(InputRefused):
    code = "case_not_found"
    message = "没有找到个案 {key}：请核对个案编号，或用学籍号、身份证号、内部编号；运行 ckbx case list 查看"


class CaseShortAmbiguous(InputRefused):
    code = "case_short_ambiguous"
    message = "编号 {key} 对应 {count} 个个案：请多写几位，运行 ckbx case list 查看完整编号"


def case_ids(look: Look, scope: Scope) -> list[UUID]:
    """Every case there ever was of the children in scope, as far as the answers have come."""
    county = look.reading.county
    found = suspected.suspected(look.reading, scope, all_=True, **look.at)
    gone = suspected.withdrawals(look.reading, scope, **look.at)
    rows = [(row.child, row.episode) for row in found] + [(row.child, row.episode) for row in gone]
    return [case_stream(county, child, episode) for child, episode in rows]


def find_case(store: Store, key: str) -> UUID:
    """The case of an id, of the beginning of one, or of a child (its latest).

    Raises CaseNotFound, CaseShortAmbiguous, LookupAmbiguous.
    """
    return CaseFinder(store).find(key)


class CaseFinder:
    """Finds the cases of several keys; the beginnings of ids are read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: set[UUID] | None = None

    def find(self, key: str) -> UUID:
        """As :func:`find_case`."""
        store, text = self._store, key.strip()
        known = _case_of_id(store, text)
        if known is None and _is_short(text):
            known = self._of_short(text.lower().replace("-", ""))
        if known is None:
            try:
                known = _latest(store, find_child(store.vault, text))
            except ChildUnknown:
                known = None
        if known is None:
            raise CaseNotFound(key=text if _is_short(text) else mask_number(normalise(text)))
        return known

    def _of_short(self, digits: str) -> UUID | None:
        if self._ids is None:
            self._ids = _every_case(self._store)
        found = [id_ for id_ in self._ids if id_.hex.startswith(digits)]
        if len(found) > 1:
            raise CaseShortAmbiguous(key=digits, count=len(found))
        return found[0] if found else None


def _case_of_id(store: Store, text: str) -> UUID | None:
    try:
        id_ = UUID(text)
    except ValueError:
        return None
    return id_ if Case(id_).replay(store.log.load([id_]).get(id_, [])).exists else None


def _is_short(text: str) -> bool:
    digits = text.lower().replace("-", "")
    return SHORT <= len(digits) < _LONGEST_SHORT and set(digits) <= set("0123456789abcdef")


def _every_case(store: Store) -> set[UUID]:
    store.catch_up()
    with store.answers.reading() as reading:
        position = min(reading.position(name) for name in ANSWERS)
        at: dict[str, Any] = {"as_of": store.office.today(), "position": position}
        rows: list[Any] = suspected.suspected(reading, Scope.county(), all_=True, **at)
        rows += suspected.withdrawals(reading, Scope.county(), **at)
    return {case_stream(store.office.county, row.child, row.episode) for row in rows}


def _latest(store: Store, child: UUID) -> UUID | None:
    episodes = Child(child).replay(store.log.load([child]).get(child, [])).episodes
    ids = [case_stream(store.office.county, child, n) for n in range(episodes, 0, -1)]
    loaded = store.log.load(ids) if ids else {}
    cases = [case for id_ in ids if (case := Case(id_).replay(loaded.get(id_, []))).exists]
    kept = [case for case in cases if case.stage is not Stage.WITHDRAWN] or cases
    return kept[0].id if kept else None


def list_json(look: Look, office: Office) -> dict[str, Any]:
    """The open cases of a scope, what falls due first in front; ``all_`` adds the others."""
    q = look.question
    names = look.school_names()
    for code in sorted(q.scope.school_codes):
        if code not in names:
            raise SchoolUnknown(school=code)
    views = look_at_cases(office, case_ids(look, q.scope), q.as_of)
    kept = [view for view in views if q.all_ or is_open(view.case)]
    teachers = [view.case.teacher.holder for view in kept if view.case.teacher]
    people = look.people([*(view.case.child for view in kept), *teachers])
    rows = [_list_row(look, names, view, people) for view in kept]
    rows.sort(key=lambda row: (str(row["due_on"] or "9"), row["suspected_on"], row["case_id"]))
    return {"as_of": q.as_of, "position": look.position, "rows": rows}


def _list_row(look: Look, names: dict[str, str], view: CaseView, people: Any) -> Row:
    case, due = view.case, view.next_due
    teacher = people.get(case.teacher.holder) if case.teacher else None
    return {
        "case": case.id.hex[:SHORT],
        "case_id": str(case.id),
        **who(people, case.child),
        "school_code": case.school,
        "school_name": names.get(case.school or "") or None,
        **look.class_of(view.child.class_key),
        "stage": case.stage.value,
        "stage_title": case.stage.label,
        "suspected_on": case.suspected_on,
        "rounds": len(case.rounds),
        "teacher": teacher.name if teacher else None,
        "teacher_account": case.teacher.account if case.teacher else None,
        "due": _DEADLINES.get(due.kind, due.kind) if due else None,
        "due_on": due.due_on if due else None,
        "missed": view.missed,
        "child_id": str(case.child),
    }


def show_json(look: Look, office: Office, case_id: UUID) -> dict[str, Any]:
    """One case: facts in order with the words kept about them, deadlines, what may follow."""
    (view,) = look_at_cases(office, [case_id], look.question.as_of)
    case = view.case
    streams = [case_id, LegalSteps.stream(office.county, case_id)]
    facts = look.log.read_streams(streams, up_to=look.position)
    teacher = case.teacher.holder if case.teacher else None
    people = look.people([case.child, teacher], ("identity", *note_fields(facts)))
    person = people[case.child]
    names = look.school_names()
    return {
        "case": case.id.hex[:SHORT],
        "case_id": str(case_id),
        "version": case.version,
        "child_id": str(case.child),
        **who(people, case.child),
        "school_code": case.school,
        "school_name": names.get(case.school or "") or None,
        **look.class_of(view.child.class_key),
        "stage": case.stage.value,
        "stage_title": case.stage.label,
        "ground_changed": case.ground_changed is not None,
        "first_absent_on": case.first_absent_on,
        "suspected_on": case.suspected_on,
        "teacher": people[teacher].name if teacher else None,
        "teacher_account": case.teacher.account if case.teacher else None,
        "as_of": look.question.as_of,
        "position": look.position,
        "facts": [_fact(fact, person) for fact in facts],
        "next": list(_next(case)),
        "deadlines": [
            _deadline(each)
            for each in (*view.deadlines, *deadlines_of_steps(office, case, look.question.as_of))
        ],
    }


def _fact(fact: RecordedEvent, person: Person) -> Row:
    event = fact.event
    role = event.acted_as if isinstance(event, ActedEvent) else None
    return {
        "number": event.originator_version,
        "event": event.TOPIC,
        "title": event.TITLE,
        "occurred_on": event.occurred_on,
        "recorded_at": instant_text(from_micros(fact.recorded_at)),
        "actor": event.actor,
        "acted_as": role,
        "acted_as_title": ROLE_TITLES.get(Role(role)) if role else None,
        "about": about(event, words_of(event, person)),
        "files": [file_row(event, each) for each in attached_to(event)],
    }


def _next(case: Case) -> Iterator[Row]:
    for step in STEPS.values():
        if case.stage in step.stages:
            roles = [role.value for role in step.roles]
            yield {
                "step": step.name,
                "action": step.action,
                "roles": roles,
                "who": titles(step.roles),
            }
    found = case.finding
    if case.stage is Stage.VERIFIED and found is not None and found is not Finding.K:
        principal = (Role.PRINCIPAL,) if found in PRINCIPAL_FINDINGS else ()
        roles_ = (*principal, *COUNTY)
        action = f"按核查结论 {found.value} {CLOSED_BY.get(found, '排除疑似')}"
        yield {"step": "clear", "action": action, "roles": [*roles_], "who": titles(roles_)}


def _deadline(each: Deadline) -> Row:
    return {
        "kind": each.kind,
        "title": _DEADLINES.get(each.kind, each.kind),
        "since": each.on,
        "due_on": each.due_on,
        "role": each.role.value,
        "who": ROLE_TITLES.get(each.role, each.role.value),
        "rule": each.rule,
        "rule_version": each.rule_version,
        "outcome": each.outcome.value,
        "outcome_title": _OUTCOMES[each.outcome.value],
        "outcome_on": each.outcome_on,
    }


def steps_json(office: Office, case_id: UUID, day: date) -> dict[str, Any]:
    """The four legal steps of a case: its papers, and what comes next on a day."""
    view = look_at_steps(office, case_id, day)
    return {
        "case": case_id.hex[:SHORT],
        "case_id": str(case_id),
        "version": view.version,
        "as_of": day,
        "papers": [_paper(each) for each in view.state.papers.values()],
        "next": [_legal_step(each, day) for each in view.steps],
    }


def _paper(each: Paper) -> Row:
    service = each.service
    days = f"送达后 {each.due_days} 日" if each.due_days else ""
    return {
        "paper": each.number,
        "kind": each.kind.value,
        "title": each.kind.label + ("（已撤销）" if each.revoked_on else ""),
        "document": each.document,
        "issued_on": each.issued_on,
        "served": f"{service.mode.label} {service.served_on}" if service else "未送达",
        "due": str(each.due_on) if each.due_on else days,
    }


def _legal_step(each: NextStep, day: date) -> Row:
    return {
        "action": each.action.value,
        "title": each.title,
        "step": each.step,
        "paper": each.paper,
        "roles": list(each.who),
        "who": who_of(each.who),
        "opens_on": each.opens_on,
        "due_on": each.due_on,
        "open": each.is_open(day),
        "missing": [missing.text for missing in each.missing],
    }
