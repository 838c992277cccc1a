"""一生一案: one case. Where it stands, who answers, what is due next, and what happened?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.legal import look_at_steps
from ckbx.clock import from_micros, local_day
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import AWAY, CAUSE_CODES
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.case.outcome_events import FollowUpMade
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.case.work_events import CauseRecorded, PersuasionHeld, PlanMade, SupportGiven
from ckbx.domain.child.status import CLOSED_BY
from ckbx.domain.child.visit_events import HomeVisited
from ckbx.domain.legal.codes import BODY_OF_ROLE, ORDERS, STEP_TITLES
from ckbx.domain.legal.next_step import Action
from ckbx.domain.legal.words import who_of
from ckbx.domain.responsibility.answer import Answer
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.system_actors import actor_name, is_account
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.before_case import acted_as
from ckbx.ledgers.case_due import DEADLINES
from ckbx.ledgers.case_files import attached_to, file_row
from ckbx.ledgers.case_words import about, label, labels, note_fields, words_of
from ckbx.ledgers.paper_legal import PAPER_KINDS
from ckbx.ledgers.paper_people import Names
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import WebDesk
from ckbx.web.pages.cases.basis import basis_of, named_in
from ckbx.web.pages.cases.due import first_form, waiting
from ckbx.web.pages.cases.forms_shown import shown
from ckbx.web.pages.cases.in_hand import InHand, here, in_hand, legal_role, subjects
from ckbx.web.pages.cases.papers import CASE_PAPERS
from ckbx.web.pages.cases.steps import FORMS, legal_offered, offered
from ckbx.web.pages.cases.steps_legal import SERVE
from ckbx.web.pages.county.recheck_links import back_to
from ckbx.web.pages.frame import base
from ckbx.web.pages.known_places import home_words
from ckbx.web.permissions import ROLE_ZH, Permission
from ckbx.web.words import class_name, days_in_words, tone

_OUTCOMES: Final = {
    Outcome.OPEN: ("未到期", "blue"),
    Outcome.KEPT: ("按期", "green"),
    Outcome.MISSED: ("逾期", "red"),
    Outcome.VOID: ("免除", "grey"),
}
_BACK: Final = {
    "attending_decision": "孩子已经到校，请作决定：真缺过课、劝回来的，改办下面的“办理劝返复学”；"
    "查明没有辍学的（如一直在校、信息有误），在这里按核查结论排除疑似。"
}
_LATE: Final = timedelta(days=3)
_PRINTED: Final = {kind: name for name, kind in PAPER_KINDS.items()}
CASE_PREFIX: Final = "ckbx.case."


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the course in words; ``words`` were typed by people, from the vault."""

    number: int | None
    title: str
    text: str
    words: Sequence[str]
    tone: str
    who: str
    day: date
    recorded_at: Any
    late: bool
    files: Sequence[Mapping[str, Any]]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline with its outcome."""

    title: str
    who: str
    on: date
    due_on: date | None
    said: str
    tone: str
    made_up: bool


def case_page(desk: WebDesk, case_id: str, done: str = "") -> Response:
    """One case as of today. Raises NotThere. ``done``: the step just taken."""
    with desk.look("web:case", "查看个案") as look:
        hand = in_hand(desk, look, case_id)
        case, today = hand.case, desk.today
        due = waiting(hand.file.deadlines, today)
        forms = offered(case, hand.roles)
        legal = _legal(desk, hand)
        form, cause = first_form(case, due, forms, hand.roles)
        if legal["to_serve"]:
            form, cause = FORMS[SERVE], ""
        government = hand.answerable(Line.GOVERNMENT, today)
        education = hand.answerable(Line.EDUCATION, today)
        answering = [each.subject for each in (*government.to, *education.to)]
        teacher = hand.file.teacher
        people = look.people(
            [
                case.child,
                teacher.subject if teacher else None,
                *answering,
                *subjects(hand, form, today),
                *named_in(case, form),
                *map(hand.known.subject_of, _accounts(hand.course)),
            ],
            ("identity", "contact", *note_fields(hand.course), *_named(hand.facts)),
        )
        person, name = people[case.child], Names(people, hand.known)
        facts = list(_facts(hand.course, person, desk, name))
        form_shown = (
            shown(
                form,
                here(desk, look, hand, form, people, cause),
                legal["view"].version if form.legal else hand.seen,
            )
            if form
            else None
        )
        return desk.html(
            "cases/case.html",
            **base(desk, look, "个案"),
            **head(look, hand, person),
            teacher=_holder(teacher, people),
            home=home_words(look, hand.file.place.residence or hand.file.place.village or ""),
            lines=[
                ("政府线", _answer(government, people), government.via),
                ("教育线", _answer(education, people), education.via),
            ],
            done=FORMS[done].title if done in FORMS else "",
            recheck=back_to(desk, look, case.child, done),
            legally=done in FORMS and FORMS[done].legal,
            due=due,
            form=form_shown,
            basis=basis_of(desk.store.office, case, form, people, today),
            others=[each for each in forms if each is not form],
            instead=_instead(case) or _BACK.get(cause, ""),
            plan=_plan(hand.facts, person),
            rounds=list(_rounds(hand.facts, person, name)),
            visits=list(_visits(hand.before, person, name)),
            follow_ups=list(_follow_ups(hand.facts, person)),
            supports=list(_supports(hand.facts, person)),
            deadlines=[_judged(each) for each in hand.file.deadlines],
            days=[(day, list(told)) for day, told in groupby(reversed(facts), lambda f: f.day)],
            facts=len(facts),
            files=[file for fact in facts for file in fact.files],
            papers=CASE_PAPERS if hand.roles else (),
            may_see_child=desk.may(Permission.SEE_CHILDREN),
            earlier=hand.file.earlier,
            later=hand.file.later,
            **legal,
        )


def head(look: Look, hand: InHand, person: Person, role: str | None = None) -> dict[str, Any]:
    """What the head of a case shows on each of its pages. ``role``: in which the viewer acts."""
    case, place = hand.case, hand.file.place
    school = place.school or case.school or ""
    year = school_year_of(look.question.as_of)
    return {
        "case": case,
        "person": person,
        "place": place,
        "school_name": look.school_names().get(school, school),
        "class_name": class_name(place.class_key, year) if place.class_key else "",
        "acts_as": ROLE_ZH.get(role or (hand.roles or [""])[0], ""),
    }


def _holder(held: Any, people: Mapping[UUID, Person]) -> str:
    if held is None:
        return ""
    return people[held.subject].name if held.subject else str(held.account)


def _answer(answer: Answer, people: Mapping[UUID, Person]) -> list[tuple[str, str]]:
    return [
        (people[each.subject].name if each.subject else each.account, each.title)
        for each in answer.to
    ]


def _instead(case: Case) -> str:
    """Where the check found what is decided elsewhere: by whom."""
    found = case.finding
    if found is None or case.stage.value != "verified" or found not in CLOSED_BY:
        return ""
    return f"核查结论 {found.value}（{found.label}）：{CLOSED_BY[found]}"


def _facts(
    facts: Sequence[RecordedEvent], person: Person, desk: WebDesk, name: Names
) -> Iterator[Fact]:
    """By day, those of one day in order of recording."""
    zone = desk.store.clock.zone
    for fact in sorted(facts, key=lambda f: (f.event.occurred_on, f.position)):
        event, recorded = fact.event, from_micros(fact.recorded_at)
        role = acted_as(event)
        acted = ROLE_TITLES.get(Role(role)) if role else None
        own = event.TOPIC.startswith(CASE_PREFIX)
        yield Fact(
            number=event.originator_version if own else None,
            title=event.TITLE,
            text=days_in_words(about(event, {})),
            words=tuple(_words(event, person)),
            tone=tone(event.TOPIC),
            who=_who(event.actor, acted, name),
            day=event.occurred_on,
            recorded_at=recorded,
            late=local_day(recorded, zone) - event.occurred_on > _LATE,
            files=[
                {**file_row(event, each), **({} if own else {"fact": None})}
                for each in attached_to(event)
            ],
        )


def _who(actor: str, acted: str | None, name: Names) -> str:
    """Who acted, and in which role."""
    said = name(actor) if is_account(actor) else actor_name(actor)
    return f"{said}（{acted}）" if acted else said


def _words(event: Any, person: Person) -> Iterator[str]:
    for name, text in words_of(event, person).items():
        if text:
            yield f"{text} {CAUSE_CODES.get(text, '')}" if name == "cause_ref" else text


def _of(facts: Sequence[RecordedEvent], kind: type[Any]) -> list[Any]:
    return [fact.event for fact in facts if isinstance(fact.event, kind)]


def _plan(facts: Sequence[RecordedEvent], person: Person) -> dict[str, Any]:
    """The newest plan and every cause."""
    plans, causes = _of(facts, PlanMade), _of(facts, CauseRecorded)
    codes = [(person.notes.get(each.cause_ref), each.primary) for each in causes]
    found = [
        (CAUSE_CODES.get(code, code), primary)
        for code, primary in dict.fromkeys(codes)
        if code is not None
    ]
    newest = plans[-1] if plans else None
    return {
        "made": newest,
        "words": person.notes.get(newest.plan_ref, "") if newest else "",
        "measures": labels(newest.measures) if newest else "",
        "causes": sorted(found, key=lambda cause: not cause[1]),
    }


def _accounts(facts: Sequence[RecordedEvent]) -> list[str]:
    """The accounts that took part or acted."""
    acted = [fact.event.actor for fact in facts if is_account(fact.event.actor)]
    joined = (each for fact in facts for each in getattr(fact.event, "participants", ()))
    return list(dict.fromkeys([*acted, *(each.account for each in joined if each.account)]))


def _named(facts: Sequence[RecordedEvent]) -> list[str]:
    """The vault's fields of the people without an account who took part."""
    joined = (each for fact in facts for each in getattr(fact.event, "participants", ()))
    return sorted({f"note:{each.person}" for each in joined if each.person})


def _rounds(
    facts: Sequence[RecordedEvent], person: Person, name: Names
) -> Iterator[dict[str, Any]]:
    for each in _of(facts, PersuasionHeld):
        yield {
            "event": each,
            "tier": each.tier.label,
            "place": each.place.label,
            "means": each.means.label,
            "met": labels(each.met),
            "outcome": each.outcome.label,
            "words": person.notes.get(each.words_ref, "") if each.words_ref else "",
            "people": "、".join(
                name(p.account) if p.account else person.notes.get(p.person, "（姓名已删除）")
                for p in each.participants
            ),
        }


def _visits(
    before: Sequence[RecordedEvent], person: Person, name: Names
) -> Iterator[dict[str, Any]]:
    """The home visits before there was a case."""
    for each in _of(before, HomeVisited):
        yield {
            "on": each.occurred_on,
            "who": _who(each.actor, ROLE_TITLES.get(Role(each.visited_by)), name),
            "about": days_in_words(about(each, {})),
            "words": person.notes.get(each.note_ref, "") if each.note_ref else "",
        }


def _follow_ups(facts: Sequence[RecordedEvent], person: Person) -> Iterator[dict[str, Any]]:
    for each in _of(facts, FollowUpMade):
        yield {
            "on": each.occurred_on,
            "kind": label(each.kind),
            "result": label(each.result),
            "words": person.notes.get(each.note_ref, "") if each.note_ref else "",
        }


def _supports(facts: Sequence[RecordedEvent], person: Person) -> Iterator[dict[str, Any]]:
    for each in _of(facts, SupportGiven):
        yield {
            "on": each.occurred_on,
            "measure": label(each.measure),
            "words": person.notes.get(each.note_ref, "") if each.note_ref else "",
        }


def _judged(each: Deadline) -> Judged:
    said, colour = _OUTCOMES[each.outcome]
    return Judged(
        title=DEADLINES.get(each.kind, each.kind),
        who=ROLE_TITLES.get(each.role, each.role.value),
        on=each.on,
        due_on=each.due_on,
        said=said,
        tone=colour,
        made_up=each.outcome is Outcome.MISSED and each.evidence is not None,
    )


def _legal(desk: WebDesk, hand: InHand) -> dict[str, Any]:
    """依法控辍四步 as they stand: shown while the child is away, and where they were begun.

    ``to_serve``: papers of the viewer's own body that wait to be taken to the guardian, with
    what is printed for it; ``to_issue``: those it may issue now.
    """
    case = hand.case
    if case.stage not in AWAY and hand.file.steps is None:
        return {"legal": None, "to_serve": [], "to_issue": [], "waiting_papers": []}
    view = look_at_steps(desk.store.office, case.id, desk.today)
    papers, role = list(view.state.papers.values()), legal_role(hand.roles)
    forms = legal_offered(view, hand.roles, desk.today)
    unserved = view.state.unserved(desk.today) if case.stage in AWAY else []
    return {
        "view": view,
        "waiting_papers": unserved,
        "role": role,
        "to_serve": [
            (paper, _PRINTED.get(paper.kind, ""))
            for paper in unserved
            if paper.body is BODY_OF_ROLE.get(role)
        ],
        "to_issue": [
            (each.kind.label, _PRINTED.get(each.kind, ""))
            for each in view.steps
            if each.action is Action.ISSUE
            and each.kind is not None
            and each.kind in ORDERS
            and role in each.who
            and each.is_open(desk.today)
        ],
        "legal": {
            "forms": forms,
            "papers": papers,
            "appeals": view.state.appeals,
            "steps": [
                (number, title, [p for p in papers if p.step == number], number in view.state.skips)
                for number, title in STEP_TITLES.items()
            ],
            "next": [
                {
                    "title": each.title,
                    "who": who_of(each.who),
                    "opens_on": each.opens_on,
                    "due_on": each.due_on,
                    "open": each.is_open(desk.today),
                    "missing": [missing.text for missing in each.missing],
                }
                for each in view.steps
            ],
        },
    }
