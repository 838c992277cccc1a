"""一生一档: one child. Where it stands, who answers for it, and everything that happened?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from ckbx.application.case_view import is_open
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.case import Case
from ckbx.domain.child.leave_events import TransferStarted
from ckbx.domain.responsibility.answer import Chains, Node
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.actors import Actors
from ckbx.ledgers.case_words import about, note_fields, words_of
from ckbx.ledgers.question import Look
from ckbx.ledgers.rows import scope_name
from ckbx.ledgers.sexes import sexes
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.acts.all import ACTS, GROUPS
from ckbx.web.pages.acts.child_act import ChildAct
from ckbx.web.pages.acts.page import offered
from ckbx.web.pages.cases.in_hand import roles_over
from ckbx.web.pages.county.recheck_links import back_to
from ckbx.web.pages.frame import base
from ckbx.web.pages.known_places import home_words
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name, days_in_words, receiver_name, tell, tone, with_schools
from projections import cases, responsibility, roster, suspected, timeline
from projections.roster import Place, Stretch
from projections.timeline import Entry

_UNTOLD: Final = frozenset({"cause_ref"})
"""A cause may tell of health or belief: it stands on the page of the case, not here."""


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One post of a chain: what it covers, who holds it."""

    where: str
    title: str
    state: str
    state_label: str
    people: tuple[str, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the timeline in words; ``words`` were typed by people, from the vault;
    ``step``: a step on the child's case.
    """

    title: str
    text: str
    words: tuple[str, ...]
    tone: str
    who: str
    entry: Entry
    late: bool
    step: bool


def child_page(
    desk: WebDesk, child_id: str, as_of: str = "", known_at: str = "", done: str = ""
) -> Response:
    """One child's file as of a day, as known on one; empty: now. ``done``: the decision just
    taken.

    Raises BadDay; NotThere for an id that is none, was not there, or is not this viewer's.
    """
    child, known = _parse(child_id), desk.day(known_at)
    day = desk.day(as_of) or min(known or desk.today, desk.today)
    end = desk.end_of(known)
    with desk.look("web:child", "查看一生一档", as_of=day, known_at=end) as look:
        scope = look.question.scope
        place = roster.place_of(look.reading, scope, [child], **look.at).get(child)
        if place is None:
            raise NotThere
        learner = responsibility.child_place(look.reading, place)
        chains = responsibility.chains(look.reading, scope, [learner], **look.at)[learner.child]
        nodes = (*chains.government, *chains.education)
        holders = [h.subject for node in nodes for h in node.holders]
        facts, gaps = timeline.facts_with_gaps(look.reading, look.log, scope, child, **look.at)
        leads = desk.may(Permission.SEE_SCHOOLS)  # who does not needs no mark of poverty or illness
        marks = ("marks",) if leads else ()
        noted = ("identity", "contact", *marks, *note_fields(facts))
        actors = Actors(look, (fact.event.actor for fact in facts))
        people = look.people([child, *holders, *actors.subjects], noted)
        stretches = roster.status_history(look.reading, scope, child, **look.at)
        own = [
            row for row in suspected.suspected(look.reading, scope, **look.at) if row.child == child
        ]
        names = look.school_names()
        return desk.html(
            "child/child.html",
            **base(desk, look, "一生一档"),
            child=child,
            may_see_number=_keeps_register(desk, place),
            may_see_school=leads,
            known_on=known_at,
            person=people[child],
            sex=sexes(look, [child]).get(child, ""),
            marks=_marks(people[child], look.question.as_of),
            place=place,
            village=home_words(look, place.village or ""),
            residence=home_words(look, place.residence or place.village or ""),
            school_name=names.get(place.school or "", ""),
            class_name=_class(place, look.question.as_of),
            suspicion=own[0] if own else None,
            cases=_cases(desk, look, place),
            chains=[
                ("政府线", list(_rungs(look, chains.government, people, names))),
                ("教育线", list(_rungs(look, chains.education, people, names))),
            ],
            days=list(
                _days(
                    facts,
                    people[child],
                    desk,
                    lambda actor: actors.said(actor, people),
                    _schools(facts, names),
                )
            ),
            facts=len(facts),
            gaps=gaps,
            done=next((each.title for each in ACTS if each.path == done), ""),
            recheck=back_to(desk, look, child, done),
            acts=[] if as_of or known else _acts(desk, place),
            stretches=list(reversed(_joined(stretches))),
        )


def _cases(desk: WebDesk, look: Look, place: Place) -> list[tuple[Case, bool]]:
    """The child's cases that the viewer sees, the newest first, and whether it works on each."""
    if not desk.may(Permission.SEE_CASES):
        return []
    scope = desk.viewer.scope(Permission.SEE_CASES)
    found = cases.cases_on(look.reading, scope, children=[place.child], **look.at)
    works = bool(roles_over(desk, place))
    newest = sorted((each.case for each in found), key=lambda case: case.episode, reverse=True)
    return [(case, works and is_open(case)) for case in newest]


def _acts(desk: WebDesk, place: Place) -> list[tuple[str, list[ChildAct]]]:
    """What may be decided now, by what it is about."""
    able = offered(desk, ACTS, place)
    groups = ((title, [act for act in acts if act in able]) for title, acts in GROUPS)
    return [(title, acts) for title, acts in groups if acts]


def _keeps_register(desk: WebDesk, place: Place) -> bool:
    """Whether the viewer keeps this child's register, and may ask for its whole number."""
    return bool(
        desk.viewer.roles_over(
            Permission.REGISTER,
            school=place.school,
            class_key=place.class_key,
            villages=(place.village, place.residence),
            child=place.child,
        )
    )


def _parse(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotThere from None


def _marks(person: Person, day: date) -> list[str]:
    return [mark.code for mark in person.marks.on(day).entries] if person.marks else []


def _class(place: Place, as_of: date) -> str:
    return class_name(place.class_key, school_year_of(as_of)) if place.class_key else ""


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Stretches that differ only in the class are one."""
    joined: list[Stretch] = []
    for each in stretches:
        last = joined[-1] if joined else None
        if last and (last.status, last.reason, last.until) == (
            each.status,
            each.reason,
            each.first,
        ):
            joined[-1] = msgspec.structs.replace(last, until=each.until)
        else:
            joined.append(each)
    return joined


def _rungs(
    look: Look,
    nodes: tuple[Node, ...] | Chains,
    people: Mapping[UUID, Person],
    names: dict[str, str],
) -> Iterator[Rung]:
    node: Any
    for node in nodes:
        yield Rung(
            where=scope_name(look, names, node.scope.kind, node.scope.code)
            if node.scope.kind.value in ("school", "grade", "class")
            else node.scope.kind.zh,
            title=node.title or f"{node.scope.kind.zh}岗位",
            state=node.state.value,
            state_label=node.state.zh,
            people=tuple(people[h.subject].name for h in node.holders if h.subject),
        )


def _schools(facts: Iterable[RecordedEvent], names: Mapping[str, str]) -> Mapping[str, str]:
    """What schools are called: those of the county, and those beyond as it was written down when
    the child was sent there.
    """
    sent = (fact.event for fact in facts if isinstance(fact.event, TransferStarted))
    beyond = {each.receiving_school: each.receiving_name for each in sent}
    return {code: receiver_name(names, code, name) for code, name in beyond.items()} | dict(names)


def _days(
    facts: list[RecordedEvent],
    person: Person,
    desk: WebDesk,
    name: Callable[[str], str],
    schools: Mapping[str, str],
) -> Iterator[tuple[date, list[Told]]]:
    """Newest first, the facts of one day together."""
    zone = desk.store.clock.zone
    for day, found in groupby(reversed(facts), key=lambda fact: fact.event.occurred_on):
        yield day, [_told(fact, person, day, zone, name, schools) for fact in found]


def _told(
    fact: RecordedEvent,
    person: Person,
    day: date,
    zone: ZoneInfo,
    name: Callable[[str], str],
    schools: Mapping[str, str],
) -> Told:
    found = timeline.entry(fact)
    typed = words_of(fact.event, person)
    return Told(
        title=found.title,
        text=tell(found.event, with_schools(found.data, schools))
        or days_in_words(about(fact.event, {})),
        words=tuple(text for name, text in typed.items() if text and name not in _UNTOLD),
        tone=tone(found.event),
        who=name(found.actor),
        entry=found,
        step=found.event.startswith(("ckbx.case.", "ckbx.legal.")),
        late=(found.recorded_at.astimezone(zone).date() - day).days > 3,
    )
