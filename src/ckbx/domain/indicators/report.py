"""All indicators of an as-of day, from the histories of the children and a few more facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.indicators import calibers as c
from ckbx.domain.indicators import episodes, rates
from ckbx.domain.indicators.dates import IndicatorDates
from ckbx.domain.indicators.flows import Flow, Move, counted, flows
from ckbx.domain.indicators.model import Indicator, Stage, no_data
from ckbx.domain.indicators.rates import Base, DeadlineFact
from ckbx.domain.indicators.stays import (
    FIRST_JUNIOR,
    LAST_GRADE,
    Population,
    of_stage,
    should_study,
    stage_of,
    stay_on,
    studies,
)

_S = TrackingStatus
_STAGES: Final = (Stage.PRIMARY, Stage.JUNIOR)
_LEFT: Final = frozenset({Move.SUSPENDED, Move.DROPPED_OUT, Move.OTHER_OUT})


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """Classes of the last school day: see :func:`rates.classes_reported`."""

    day: date | None
    reported: int = 0
    silent: int = 0
    waiting: int = 0


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known beside the histories. None: such facts are not recorded (yet).

    ``cohorts``: the school year in which a child reaches grade 1; ``disabled``: children with
    a disability mark on the as-of day; ``visits``: first visit by (child, episode).
    """

    suspicions: Sequence[episodes.Suspicion]
    cohorts: Mapping[UUID, int | None]
    disabled: AbstractSet[UUID]
    reports: Reports
    visits: Mapping[tuple[UUID, int], date] | None = None
    deadlines: Sequence[DeadlineFact] | None = None


class Report:
    """Works the indicators out for one as-of day; :meth:`all_` gives them in order."""

    def __init__(self, population: Population, dates: IndicatorDates, facts: Facts) -> None:
        self.population = population
        self.dates = dates
        self.facts = facts
        self.year = dates.school_year
        only = population.schools
        self.shown_for = next(iter(only)) if only is not None and len(only) == 1 else None
        """Whose days are named: those of the one school asked about, else the county's."""
        self._since = population.known_since()
        term = dates.term(self.shown_for)
        self._term_year = term.school_year if term is not None else self.year
        self._year_flows = self._flows_of_year(self.year)
        self._year_base = self._stock(self.year)
        self._base_before = self._stock(self.year - 1)

    def all_(self) -> list[Indicator]:
        """Every indicator, stage by stage, in the order of the calibers."""
        made = [
            *self._by_stage(),
            self._three_years(),
            self._nine_years(),
            *self._terms(),
            self._disabled(),
            *self._returns(),
            *self._days(),
            *rates.deadlines_kept(self.facts.deadlines),
            self._reported(),
        ]
        order = {each.id: n for n, each in enumerate(c.CALIBERS)}
        return sorted(made, key=lambda one: order[one.id])

    # Stocks

    def _flows_of_year(self, school_year: int) -> list[Flow]:
        d = self.dates
        return flows(
            self.population, after=d.start_of(school_year), until=d.end, school_year=school_year
        )

    def _stock(self, school_year: int) -> Counter[int]:
        return self.population.attending(self.dates.start_of(school_year), school_year)

    def _base(self, number: int, day: date, name: str) -> Base:
        known = self._since is not None and self._since <= day
        return Base(number=number if known else None, day=day, name=name)

    def _at_year(self, number: int, school_year: int, name: str) -> Base:
        day = min(self.dates.year_start(self.shown_for, school_year), self.dates.as_of)
        return self._base(number, day, name)

    # Dropout rates and enrolment, by stage

    def _by_stage(self) -> list[Indicator]:
        out = self._dropped_out()
        return [
            one
            for stage in _STAGES
            for one in (
                self._named(stage, out),
                rates.net_flow_dropout_rate(
                    stage,
                    counted(self._year_flows, stage),
                    self._at_year(of_stage(self._base_before, stage), self.year - 1, "上学年初"),
                ),
                self._leavers(stage),
                self._enrolment(stage),
            )
        ]

    def _dropped_out(self) -> Counter[int]:
        at = self.population.on(self.dates.as_of)
        return Counter(s.grade_in(self.year) or 0 for _, s in at if s.status is _S.DROPPED_OUT)

    def _named(self, stage: Stage, out: Counter[int]) -> Indicator:
        stock = self.population.attending(self.dates.term_start, self._term_year)
        base = self._at_term(of_stage(stock, stage))
        return rates.named_dropout_rate(stage, of_stage(out, stage), base, ungraded=out[0])

    def _leavers(self, stage: Stage) -> Indicator:
        left: dict[UUID, Flow] = {}
        for flow in self._year_flows:
            if flow.move in _LEFT:
                left.setdefault(flow.child, flow)
        mine = [f for f in left.values() if stage_of(f.grade) is stage]
        suspended = sum(f.move is Move.SUSPENDED for f in mine)
        base = self._at_year(of_stage(self._year_base, stage), self.year, "学年初")
        return rates.leavers_dropout_rate(stage, len(mine), suspended, base)

    def _enrolment(self, stage: Stage) -> Indicator:
        if self.population.schools is not None:
            return no_data(c.NER, "按户籍人口统计，只有全县数", stage=stage)
        of_age = studying = unknown = 0
        for child, stay in self.population.on(self.dates.as_of):
            if not should_study(stay):
                continue
            grade = self._grade_of_age(child)
            unknown += grade is None
            if stage_of(grade) is not stage or grade not in range(1, LAST_GRADE + 1):
                continue
            of_age += 1
            higher = stage_of(stay.grade_in(self.year)) or stage
            studying += studies(stay) and not (stage is Stage.JUNIOR and higher is Stage.PRIMARY)
        return rates.net_enrolment(stage, studying, of_age, unknown)

    def _grade_of_age(self, child: UUID) -> int | None:
        """The grade a child would be in by its age; below 1 or above 9: not of age."""
        cohort = self.facts.cohorts.get(child)
        return None if cohort is None else self.year - cohort + 1

    # Retention

    def _leaving_class(self) -> int:
        """毕业班: grade 9 in school on the day, and who has graduated this school year."""
        at = self.population.on(self.dates.as_of)
        there = sum(s.attending and s.grade_in(self.year) == LAST_GRADE for _, s in at)
        return there + self._graduated(self._year_flows, Stage.ALL)

    def _graduated(self, of: Sequence[Flow], stage: Stage) -> int:
        lives, day = self.population.lives, self.dates.as_of
        done = {f.child for f in of if f.move is Move.GRADUATED and _within(f, stage)}
        last = (stay_on(lives[child], day) for child in done)
        return sum(stay is not None and stay.status is _S.GRADUATED for stay in last)

    def _three_years(self) -> Indicator:
        entry = self.year - (LAST_GRADE - FIRST_JUNIOR)
        moved = [f for f in self._flows_of_year(entry) if f.grade == FIRST_JUNIOR]
        flow = counted(moved, Stage.ALL)
        entered = self._at_year(self._stock(entry)[FIRST_JUNIOR], entry, "三年前学年初")
        return rates.three_year_retention(
            self._leaving_class(), entered, flow.moved_in, flow.moved_out
        )

    def _nine_years(self) -> Indicator:
        entry = self.year - (LAST_GRADE - 1)
        entered = self._at_year(self._stock(entry)[1], entry, "一年级入学时学年初")
        return rates.nine_year_retention(self._leaving_class(), entered)

    def _at_term(self, number: int) -> Base:
        return self._base(number, self.dates.term_start(self.shown_for), "本学期初")

    def _terms(self) -> list[Indicator]:
        d = self.dates
        if d.term(self.shown_for) is None:
            return [no_data(c.CR_TERM, "没有导入校历，不知道学期起止", stage=s) for s in _STAGES]
        start = self.population.attending(d.term_start, self._term_year)
        end = self.population.attending(d.term_end, self._term_year)
        moved = flows(
            self.population, after=d.term_start, until=d.term_end, school_year=self._term_year
        )
        return [
            rates.term_retention(
                stage,
                of_stage(end, stage),
                self._graduated(moved, stage),
                counted(moved, stage),
                self._at_term(of_stage(start, stage)),
            )
            for stage in _STAGES
        ]

    # The rest

    def _disabled(self) -> Indicator:
        mine = [
            stay
            for child, stay in self.population.on(self.dates.as_of)
            if child in self.facts.disabled and should_study(stay) and self._of_age(child)
        ]
        return rates.disabled_enrolment(sum(map(studies, mine)), len(mine))

    def _of_age(self, child: UUID) -> bool:
        grade = self._grade_of_age(child)
        return grade is None or 1 <= grade <= LAST_GRADE

    def _returns(self) -> list[Indicator]:
        first = self.dates.year_start(self.shown_for, self.year)
        found = episodes.returns(self.population, first=first, last=self.dates.as_of)
        return [
            rates.persuasion_rate(found.returned, found.owed),
            rates.second_dropout_rate(found.again, found.held),
        ]

    def _days(self) -> list[Indicator]:
        first, last = self.dates.year_start(self.shown_for, self.year), self.dates.as_of
        found = [s for s in self.facts.suspicions if first <= s.suspected_on <= last]
        of, visits = self.population, self.facts.visits
        back = episodes.return_spans(of, found, last)
        seen = episodes.visit_spans(of, found, visits)
        return [
            rates.mean_days(c.DAYS_TO_SUSPICION, episodes.suspicion_spans(of, found)),
            rates.mean_days(c.DAYS_TO_VISIT, seen, "没有家访记录"),
            rates.mean_days(c.DAYS_TO_RETURN, back),
        ]

    def _reported(self) -> Indicator:
        r = self.facts.reports
        return rates.classes_reported(r.reported, r.silent, r.waiting, r.day)


def _within(flow: Flow, stage: Stage) -> bool:
    return stage is Stage.ALL or stage_of(flow.grade) is stage
