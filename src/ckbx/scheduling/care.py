"""送教 that fell short, and leaves and placements to be reviewed: what the clock says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import select

from ckbx.domain.placement.home_teaching import Outcome, TeachingPlan, months
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.watch_care import PLANS, REVIEWS, VISITS
from projections.kit.reading import Reading

if TYPE_CHECKING:
    from ckbx.scheduling.facts import Facts

SHORT, REVIEW = "home_visits_short", "leave_review_due"
ONE_DAY = timedelta(days=1)


class Taught(NamedTuple):
    """A child taught at home: ordinals, ``ended`` None while it goes on; ``event`` arranged it."""

    child: UUID
    began: int
    visits_per_month: int
    ended: int | None
    visits: tuple[int, ...]
    event: str


class Review(NamedTuple):
    """A review of a leave or placement, known since ``began``; ordinals."""

    child: UUID
    began: int
    due: int
    ended: int | None
    event: str

    def stood(self, day: date) -> bool:
        """Whether it was still to be made on a day."""
        on = day.toordinal()
        return self.began <= on and (self.ended is None or self.ended > on)


class Care(NamedTuple):
    """What a run knows of them; ``schools``: where each child learned last."""

    taught: Sequence[Taught]
    reviews: Sequence[Review]
    schools: Mapping[UUID, str]


def care(reading: Reading, schools: Mapping[UUID, str]) -> Care:
    """Every plan and review there ever was: some tens in a county."""
    visits: dict[UUID, list[int]] = {}
    made = select(VISITS.c.child, VISITS.c.day).order_by(VISITS.c.child, VISITS.c.day)
    for child, day in reading.rows(made):
        visits.setdefault(child, []).append(day)
    p, r = PLANS.c, REVIEWS.c
    plans = select(p.child, p.began, p.visits, p.ended, p.version).order_by(p.child, p.began)
    reviews = select(r.child, r.began, r.due, r.ended, r.event).order_by(r.child, r.of, r.began)
    return Care(
        [
            Taught(child, began, n, ended, tuple(visits.get(child, ())), f"{child}:{version}")
            for child, began, n, ended, version in reading.rows(plans)
        ],
        [Review(*row) for row in reading.rows(reviews)],
        schools,
    )


def duties(facts: Facts) -> Iterator[Duty]:
    """What is due by the day asked about, over again or not."""
    yield from _short(facts)
    yield from _reviews(facts)


def _short(facts: Facts) -> Iterator[Duty]:
    """On the first day after a month in which fewer visits were made than were due."""
    today = facts.today
    for taught in facts.care.taught:
        school = facts.care.schools.get(taught.child, "")
        over = taught.ended if taught.ended and taught.ended <= today.toordinal() else None
        last = date.fromordinal(over - 1) if over else today
        plan = TeachingPlan(taught.visits_per_month, date.fromordinal(taught.began), last)
        made = [date.fromordinal(day) for day in taught.visits]
        for month in months(plan, made, facts.calendar(school or None), today):
            if month.outcome is Outcome.MISSED:
                yield _duty(
                    SHORT,
                    taught.child,
                    school,
                    month.last_day + ONE_DAY,
                    month.last_day,
                    over=date.fromordinal(over) if over else None,
                    event=taught.event,
                    detail={"planned": month.planned or 0, "done": month.done},
                )


def _reviews(facts: Facts) -> Iterator[Duty]:
    """At the days of the rule pack before and after the review, while it was still to be made."""
    today = facts.today
    for review in facts.care.reviews:
        due = date.fromordinal(review.due)
        over = review.ended if review.ended and review.ended <= today.toordinal() else None
        for offset in facts.rules.rules_on(due).pack.leave_warn:
            on = due + timedelta(days=offset)
            if review.stood(on):
                yield _duty(
                    REVIEW,
                    review.child,
                    facts.care.schools.get(review.child, ""),
                    on,
                    due,
                    over=date.fromordinal(over) if over else None,
                    event=review.event,
                    detail={},
                )


def _duty(
    rule: str,
    child: UUID,
    school: str,
    on: date,
    due_on: date,
    *,
    over: date | None,
    event: str,
    detail: dict[str, int | str],
) -> Duty:
    return Duty(
        kind=rule,
        rule=rule,
        subject=str(child),
        on=on,
        at=Scope(ScopeKind.SCHOOL, school) if school else None,
        child=child,
        school=school or None,
        due_on=due_on,
        over_on=over if over is not None and over >= on else None,
        events=[event],
        detail=detail,
    )
