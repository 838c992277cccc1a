"""有风险的孩子: who is away, suspected, in a case or back in its 巩固期, and what is due for each?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from ckbx.domain.alert.kinds import alert_title
from ckbx.domain.attendance.marks import is_unexplained
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.codes import AWAY, Stage
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.legal.deadlines import LEGAL_KINDS, OF_OFFICE, ROLE_OF_BODY
from ckbx.ledgers.alert_folds import LEVELS
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.pages.cases.due import DAILY, falls_to
from ckbx.web.tones import tone_of
from ckbx.web.words import class_name
from projections import alerts, cases, deadlines, legal_deadlines, roster, suspected
from projections.alerts import AlertRow
from projections.cases import CaseOnDay
from projections.roster import Place
from projections.suspected import SuspectedRow

WARNINGS: Final = frozenset(
    {
        "absence_warning",
        "visit_due",
        "not_checked_in",
        "long_leave_check",
        "long_leave_unconfirmed",
        "leave_expired",
        "relapse",
    }
)
"""Kinds of alerts that say a child is at risk; the others speak of papers and posts."""
_AWAY: Final = frozenset(
    {
        TrackingStatus.DROPPED_OUT,
        TrackingStatus.SUSPECTED,
        TrackingStatus.MISSING,
        TrackingStatus.NOT_ENROLLED,
        TrackingStatus.ABSENT,
    }
)
_BEFORE_A_CASE: Final = frozenset({"absence_warning", "visit_due"})
_BACK: Final = frozenset({Stage.RETURNED, Stage.CONSOLIDATING})
_SERVE: Final = "legal_serve"
GROUPS: Final = ("case", "warning", "back", "over")
_TONES: Final = {"红": "red", "橙": "orange", "黄": "yellow", "蓝": "blue"}


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done for a child; ``mine``: it falls to a role of the viewer."""

    title: str
    who: str
    due_on: date | None
    overdue: bool
    mine: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A child at risk as the answers know it, before its name is read."""

    place: Place
    case: CaseOnDay | None
    suspicion: SuspectedRow | None
    warnings: Sequence[AlertRow]
    duties: Sequence[Duty]

    @property
    def away(self) -> bool:
        """Whether the child is not where it should be."""
        attends = self.suspicion is not None and self.suspicion.attending_since is not None
        return self.place.status in _AWAY and not attends

    @property
    def back(self) -> bool:
        """Whether it has come back and is still followed."""
        return self.case is not None and self.case.case.stage in _BACK

    @property
    def returned(self) -> bool:
        """Whether its return waits to be confirmed."""
        return self.case is not None and self.case.case.stage is Stage.RETURNED

    @property
    def group(self) -> str:
        """Where a page lists it: ``case``, ``warning``, ``back`` or ``over``."""
        if self.back:
            return "back"
        if self.case is not None and self.case.case.over is not None and self.suspicion is None:
            return "over"
        return "case" if self.case is not None or self.suspicion is not None else "warning"

    @property
    def serves(self) -> bool:
        """Whether the viewer has a paper to take to the guardian."""
        return any(each.title == LEGAL_KINDS[_SERVE] for each in self.mine)

    @property
    def mine(self) -> list[Duty]:
        """What falls to the viewer."""
        return [each for each in self.duties if each.mine]


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """A child at risk as a page shows it."""

    found: Found
    child: UUID
    case_id: UUID | None
    name: str
    school_name: str
    class_name: str
    tags: Sequence[tuple[str, str]]
    duties: Sequence[Duty]


def at_risk(
    look: Look, *, roles: Collection[str] = (), account: str = "", beside: Iterable[Place] = ()
) -> list[Found]:
    """The children of the look's scope who are away, warned of, or in an open case; those away
    first, then by what is due. ``roles``, ``account``: those of the viewer; ``beside``: children of the
    scope that are listed where they are away, though nothing was opened for them yet.
    """
    reading, scope, at = look.reading, look.question.scope, look.at
    open_cases = cases.cases_on(reading, scope, which=cases.OPEN, **at)
    due = deadlines.due_of(reading, open_cases, **at)
    legal = legal_deadlines.of_papers(reading, open_cases, **at)
    duties = {
        each.case.id: [
            *_to_serve(each, legal.get(each.case.id, ()), look.question.as_of, roles),
            *_duties([*own.deadlines, *legal.get(each.case.id, ())], at, roles),
        ]
        for each, own in zip(open_cases, due, strict=True)
    }
    by_child = {each.place.child: each for each in open_cases}
    doubted = {row.child: row for row in suspected.suspected(reading, scope, **at)}
    warned: dict[UUID, list[AlertRow]] = {}
    for row in alerts.alerts(reading, scope, open_only=True, **at):
        if row.child is not None and row.kind in WARNINGS:
            warned.setdefault(row.child, []).append(row)
    wanted = dict.fromkeys([*by_child, *doubted, *warned])
    places = roster.place_of(reading, scope, wanted, **at)
    found = [
        Found(
            place=place,
            case=by_child.get(child),
            suspicion=doubted.get(child),
            warnings=own,
            duties=duties[by_child[child].case.id]
            if child in by_child
            else [_warned(row, look.question.as_of, account) for row in own],
        )
        for child, place in places.items()
        for own in [_once_each(warned.get(child, ()), in_case=child in by_child)]
    ]
    found += [
        Found(place=place, case=None, suspicion=None, warnings=(), duties=())
        for place in beside
        if place.status in _AWAY and place.child not in places
    ]
    return sorted(found, key=_gravest_first)


def risks(
    found: Iterable[Found], people: Mapping[UUID, Person], names: Mapping[str, str], today: date
) -> list[Risk]:
    """The same with their names, in the same order."""
    return [_risk(each, people, names, today) for each in found]


def place_class(place: Place, today: date) -> str:
    """The class of a place in words; empty where it has none."""
    return class_name(place.class_key, school_year_of(today)) if place.class_key else ""


def _risk(
    found: Found, people: Mapping[UUID, Person], names: Mapping[str, str], today: date
) -> Risk:
    place = found.place
    return Risk(
        found=found,
        child=place.child,
        case_id=found.case.case.id if found.case is not None else None,
        name=people[place.child].name,
        school_name=names.get(place.school or "", place.school or ""),
        class_name=place_class(place, today),
        tags=list(_tags(found)),
        duties=found.duties,
    )


def _tags(found: Found) -> Iterator[tuple[str, str]]:
    """What to say of the child: words and their colour."""
    doubt, case = found.suspicion, found.case
    if doubt is not None and doubt.attending_since is not None:
        since = doubt.attending_since
        yield f"{since.month}月{since.day}日起到校，待认定", "green"
    elif doubt is not None and doubt.unexplained_days:
        yield f"无故缺勤 {doubt.unexplained_days} 天", "red"
    elif doubt is not None:
        yield doubt.source.label, "red"
    if doubt is not None and doubt.ground_changed:
        yield "依据已变", "orange"
    if case is not None:
        yield case.case.stage.label, tone_of(case.case.stage)
    if doubt is None and found.group in ("warning", "over") and found.place.status in _AWAY:
        yield _since(found.place)
    for row in found.warnings:
        yield alert_title(row.kind, row.rule), _TONES[row.level]


def _since(place: Place) -> tuple[str, str]:
    """How the child stands and since when; who was excused is not merely away."""
    words, tone = place.status.label, tone_of(place.status)
    if place.status is TrackingStatus.ABSENT and place.reason and not is_unexplained(place.reason):
        words, tone = place.reason.label, "blue"
    return f"{words}（{place.since.month}月{place.since.day}日起）", tone


def _once_each(rows: Iterable[AlertRow], *, in_case: bool) -> list[AlertRow]:
    """The gravest of each kind; the first warnings say nothing that a case does not."""
    kept: dict[str, AlertRow] = {}
    for row in sorted(rows, key=lambda row: LEVELS.index(row.level)):
        if not (in_case and row.kind in _BEFORE_A_CASE):
            kept.setdefault(row.kind, row)
    return list(kept.values())


def _warned(row: AlertRow, today: date, account: str) -> Duty:
    """What an alert asks for; it stands in the inbox of those it was sent to."""
    return Duty(
        title=alert_title(row.kind, row.rule),
        who="、".join(row.posts) or "县教育局",
        due_on=row.due_on,
        overdue=row.due_on is not None and row.due_on < today,
        mine=account in row.to,
    )


def _duties(due: Iterable[Deadline], at: Mapping[str, Any], roles: Collection[str]) -> list[Duty]:
    """What is open or overdue, the most pressing first; what a guardian has to do, or what is
    merely waited for, is nobody's duty.
    """
    found = []
    for each in due:
        waited = each.kind in LEGAL_KINDS and each.kind not in OF_OFFICE
        late = each.outcome is Outcome.MISSED and each.evidence is None
        if waited or each.kind == DAILY or not (late or each.outcome is Outcome.OPEN):
            continue
        if late and each.over_on is not None and each.over_on <= at["as_of"]:
            continue
        found.append(
            Duty(
                title=deadlines.KINDS.get(each.kind, each.kind),
                who=ROLE_TITLES.get(each.role, each.role.value),
                due_on=each.due_on,
                overdue=late,
                mine=falls_to(each, roles),
            )
        )
    return sorted(_latest_of_kind(found), key=lambda d: d.due_on or date.max)


def _to_serve(
    found: CaseOnDay, due: Iterable[Deadline], today: date, roles: Collection[str]
) -> Iterator[Duty]:
    """Papers that wait to be served by no day: those with a day are among the deadlines."""
    if found.steps is None or found.case.stage not in AWAY:
        return
    if any(each.kind == _SERVE for each in due):
        return
    for paper in found.steps.unserved(today):
        role = ROLE_OF_BODY[paper.body]
        yield Duty(
            title=LEGAL_KINDS[_SERVE],
            who=ROLE_TITLES[role],
            due_on=None,
            overdue=False,
            mine=role.value in roles,
        )


def _latest_of_kind(found: Iterable[Duty]) -> list[Duty]:
    """A weekly duty missed four times is said once: by its earliest open day."""
    kept: dict[tuple[str, bool], Duty] = {}
    for each in found:
        key = (each.title, each.overdue)
        known = kept.get(key)
        if known is None or (each.due_on or date.max) < (known.due_on or date.max):
            kept[key] = each
    return list(kept.values())


def _gravest_first(found: Found) -> tuple[bool, int, date, bytes]:
    due = min((d.due_on for d in found.duties if d.due_on), default=date.max)
    rank = GROUPS.index(found.group)
    return not found.away, rank, due, found.place.child.bytes
