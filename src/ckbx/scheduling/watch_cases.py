"""How are cases, what was done in them and who attends again folded for the clock's run?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Integer, Text

from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.codes import Means
from ckbx.domain.child import events as e
from ckbx.domain.child.relapse import RULE_ALARM
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.legal.events import LegalStepsOpened
from ckbx.domain.shared.event import DomainEvent
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.tables import PlainTable, Position, child

_DAYS = (
    "suspected_on",
    "first_absent_on",
    "determined",
    "returned",
    "confirmed",
    "over",
    "cleared",
)
CASES = PlainTable(
    "watch_cases",
    key=(child("case_id"),),
    values=(
        child("pupil"),
        Column("episode", Integer),
        Column("source", Text),
        Column("school", Text),
        *(Column(name, Integer) for name in _DAYS),
        Column("returned_at", Position),
        Column("returned_by", Integer),
    ),
)
"""Cases that were not withdrawn, with the days (ordinals, None: not yet) of their course;
``returned_at``: when the return was recorded (microseconds since 1970), ``returned_by`` the
version of the fact that says so.
"""

DEEDS = PlainTable(
    "watch_case_deeds",
    key=(child("case_id"), Column("version", Integer)),
    values=(
        Column("kind", Text),
        Column("day", Integer),
        Column("what", Text),
        Column("reply_by", Integer),
        Column("answered", Integer),
    ),
    load_by=1,
)
"""What people did in a case, under the version of its fact. ``what``: of a round the tier, the
outcome and the means; of a follow-up its kind; of a letter its number.
"""

ALARMS = PlainTable(
    "watch_case_alarms",
    key=(child(), Column("day", Integer)),
    values=(Column("rule", Text),),
)
"""Red alarms of the 巩固期 (two days away again) that were not taken back."""

ATTENDING = PlainTable(
    "watch_attending",
    key=(child(), Column("episode", Integer), Column("since", Integer)),
    values=(Column("counted", Integer), Column("until", Integer)),
    load_by=2,
)
"""Stretches in which a suspect counts in 在校 again."""

LEGAL = PlainTable(
    "watch_case_legal",
    key=(child("case_id"),),
    values=(Column("opened", Integer),),
)
"""Cases with legal steps, whose streams a run has to load; the day the first one was taken."""

TABLES = (CASES, DEEDS, ALARMS, ATTENDING, LEGAL)
ROUND, REPORT, VISIT, LETTER, CHECK, FOLLOW_UP = (
    "round",
    "report",
    "visit",
    "letter",
    "check",
    "follow_up",
)
_AT = {name: 4 + n for n, name in enumerate((*_DAYS, "returned_at", "returned_by"))}
_CLEARED = (TrackingStatus.ENROLLED, TrackingStatus.NOT_ENROLLED)


def _opened(fold: Fold, event: ev.CaseOpened, _position: int) -> None:
    days = (event.occurred_on.toordinal(), event.first_absent_on.toordinal())
    known = (event.child.bytes, event.episode, event.source.value, event.school)
    later = [None] * (len(_AT) - len(days))
    fold[CASES].put(event.originator_id.bytes, (*known, *days, *later))


def _set(fold: Fold, event: DomainEvent, **days: int | None) -> None:
    rows, key = fold[CASES], event.originator_id.bytes
    known = rows.get(key)
    if known is not None:
        values = list(known)
        for name, day in days.items():
            values[_AT[name]] = day
        rows.put(key, tuple(values))


def _day(name: str) -> Handler:
    return lambda fold, event, _position: _set(fold, event, **{name: event.occurred_on.toordinal()})


def _revised(fold: Fold, event: ev.CaseRevised, _position: int) -> None:
    on, first = event.occurred_on.toordinal(), event.first_absent_on.toordinal()
    _set(fold, event, suspected_on=on, first_absent_on=first)


def _withdrawn(fold: Fold, event: ev.CaseWithdrawn, _position: int) -> None:
    """It never was, and nothing in it was ever due."""
    key, deeds = event.originator_id.bytes, fold[DEEDS]
    fold[CASES].drop(key)
    for each in deeds.keys_of(key):
        deeds.drop(each)


def _returned(fold: Fold, event: oc.ChildReturned, _position: int) -> None:
    on = event.occurred_on.toordinal()
    by = event.originator_version
    _set(fold, event, returned=on, returned_at=fold.recorded_at, returned_by=by)


def _concluded(fold: Fold, event: ev.CaseConcluded, _position: int) -> None:
    on = event.occurred_on.toordinal()
    _set(fold, event, over=on, cleared=on if event.how in _CLEARED else None)


def _goes_on(fold: Fold, event: DomainEvent, _position: int) -> None:
    _set(fold, event, over=None, cleared=None)


def _did(
    fold: Fold, event: DomainEvent, kind: str, what: str = "", reply_by: int | None = None
) -> None:
    key = (event.originator_id.bytes, event.originator_version)
    fold[DEEDS].put(key, (kind, event.occurred_on.toordinal(), what, reply_by, None))


def _deed(kind: str) -> Handler:
    return lambda fold, event, _position: _did(fold, event, kind)


def _held(fold: Fold, event: wk.PersuasionHeld, _position: int) -> None:
    means = "visit" if event.means is Means.VISIT else "other"
    _did(fold, event, ROUND, f"{event.tier.value} {event.outcome.value} {means}")


def _followed_up(fold: Fold, event: oc.FollowUpMade, _position: int) -> None:
    _did(fold, event, FOLLOW_UP, event.kind.value)


def _sent(fold: Fold, event: wk.LetterSent, _position: int) -> None:
    _did(fold, event, LETTER, str(event.number), event.reply_by.toordinal())


def _answered(fold: Fold, event: wk.LetterAnswered, _position: int) -> None:
    rows = fold[DEEDS]
    for key in rows.keys_of(event.originator_id.bytes):
        known = rows.get(key)
        if known is not None and (known[0], known[2]) == (LETTER, str(event.number)):
            rows.put(key, (*known[:4], event.occurred_on.toordinal()))


def _legal(fold: Fold, event: LegalStepsOpened, _position: int) -> None:
    fold[LEGAL].put(event.case.bytes, (event.occurred_on.toordinal(),))


def _alarm(fold: Fold, event: e.AbsenceWarned, _position: int) -> None:
    if event.rule == RULE_ALARM:
        fold[ALARMS].put((event.originator_id.bytes, event.occurred_on.toordinal()), (event.rule,))


def _no_alarm(fold: Fold, event: e.AbsenceWarningWithdrawn, _position: int) -> None:
    if event.rule == RULE_ALARM:
        fold[ALARMS].drop((event.originator_id.bytes, event.occurred_on.toordinal()))


def _attends(fold: Fold, event: e.SuspectAttendanceChanged, _position: int) -> None:
    """All stretches of the episode anew."""
    rows, part = fold[ATTENDING], (event.originator_id.bytes, event.episode)
    for key in rows.keys_of(part):
        rows.drop(key)
    for since, counted, until in event.spans:
        ends = until.toordinal() if until is not None else None
        rows.put((*part, since.toordinal()), (counted.toordinal(), ends))


HANDLERS: Mapping[type[Any], Handler] = {
    ev.CaseOpened: _opened,
    ev.CaseRevised: _revised,
    ev.CaseWithdrawn: _withdrawn,
    ev.CaseConcluded: _concluded,
    ev.CaseResumed: _goes_on,
    ev.CaseRelapsed: _day("over"),
    ev.CaseRelapseWithdrawn: _goes_on,
    oc.SuspicionVerified: _deed(CHECK),
    oc.DropoutDetermined: _day("determined"),
    oc.ChildReturned: _returned,
    oc.ReturnConfirmed: _day("confirmed"),
    oc.FollowUpMade: _followed_up,
    oc.StabilityConfirmed: _day("over"),
    wk.PersuasionHeld: _held,
    wk.WrittenReportMade: _deed(REPORT),
    wk.LiaisonVisited: _deed(VISIT),
    wk.LetterSent: _sent,
    wk.LetterAnswered: _answered,
    LegalStepsOpened: _legal,
    e.AbsenceWarned: _alarm,
    e.AbsenceWarningWithdrawn: _no_alarm,
    e.SuspectAttendanceChanged: _attends,
}
