"""The report of one school, or of the county, for one month: every version that was signed.

A version is never changed; after a correction of the facts another one is signed, and both
are kept (domain §12: compare two versions of a monthly report).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.domain.report.errors import (
    MonthNotOver,
    NoSchoolSigned,
    ReportDayOutside,
    ReportOfNobody,
    ReportOvertaken,
    ReportRoleRefused,
    ReportTooEarly,
    ReportUnchanged,
    ReportVersionUnknown,
    ReportWhileImporting,
)
from ckbx.domain.report.events import CountySummarySigned, SchoolPart, SchoolReportSigned
from ckbx.domain.report.figures import Figure, Gap, digest_of, is_zero, total
from ckbx.domain.report.months import Month
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id
from ckbx.domain.shared.system_actors import actor_name


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Figures as a person sees them before signing: of ``as_of`` as known at ``position``
    (``known_at``: UTC microseconds). ``importing``: batches that are being read in.
    """

    month: Month
    as_of: date
    position: int
    known_at: int
    figures: Sequence[Figure] = ()
    gaps: Sequence[Gap] = ()
    importing: Sequence[str] = ()


class _Report(Aggregate):
    """What both kinds share."""

    __slots__ = ("versions",)

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.versions: list[Any] = []

    def version_of(self, month: Month, number: int | None = None) -> Any:
        """A signed version, the latest for None. Raises ReportVersionUnknown."""
        wanted = len(self.versions) if number is None else number
        if not 1 <= wanted <= len(self.versions):
            raise ReportVersionUnknown(
                month=month.key, number=number or 1, count=len(self.versions)
            )
        return self.versions[wanted - 1]

    def _check(self, ctx: CommandContext, draft: Draft, digest: str, first: date) -> None:
        """``first``: the earliest as-of day, so that nobody signs for a quiet day long past."""
        month = draft.month
        if draft.importing:
            raise ReportWhileImporting(batches="、".join(draft.importing))
        if not first <= draft.as_of <= min(month.last_day, ctx.today):
            raise ReportDayOutside(as_of=draft.as_of, first=first, last=month.last_day)
        if not self.versions:
            return
        last = self.versions[-1]
        by = {"day": last.occurred_on, "actor": actor_name(last.actor)}
        if last.digest == digest:
            raise ReportUnchanged(month=month.key, number=last.number, **by)
        if draft.position < last.position:
            raise ReportOvertaken(month=month.key, number=last.number, **by)

    def apply(self, event: Any) -> None:
        match event:
            case SchoolReportSigned() | CountySummarySigned():
                self.versions.append(event)


class SchoolReport(_Report):
    """One school, one month."""

    __slots__ = ()

    KIND: ClassVar[str] = "report"

    @staticmethod
    def stream(county: str, school: str, month: Month) -> UUID:
        """The stream of a school's report."""
        return stream_id(county, "report", school, month.key)

    def sign(
        self, ctx: CommandContext, draft: Draft, *, school: str, role: str, report_day: int
    ) -> None:
        """Seal the figures as the next version. ``report_day``: of the rule pack.

        Raises ReportRoleRefused, ReportTooEarly, ReportDayOutside, ReportUnchanged,
        ReportOvertaken, ReportWhileImporting, ReportOfNobody.
        """
        month = draft.month
        if role != Role.PRINCIPAL.value:
            raise ReportRoleRefused(what="学校月报", who="校长")
        if ctx.today < month.opens(report_day):
            raise ReportTooEarly(month=month.key, opens=month.opens(report_day))
        figures, gaps = list(draft.figures), list(draft.gaps)
        digest = digest_of(
            of=school, month=month.key, as_of=draft.as_of, figures=figures, gaps=gaps
        )
        self._check(ctx, draft, digest, max(month.opens(report_day), month.first_day))
        if not figures:
            raise ReportOfNobody(school=school, as_of=draft.as_of)
        self.trigger_event(
            SchoolReportSigned,
            ctx,
            occurred_on=ctx.today,
            school=school,
            month=month.key,
            number=len(self.versions) + 1,
            as_of=draft.as_of,
            position=draft.position,
            known_at=draft.known_at,
            figures=figures,
            gaps=gaps,
            zero=is_zero(figures),
            role=role,
            digest=digest,
        )


class CountySummary(_Report):
    """The county, one month."""

    __slots__ = ()

    KIND: ClassVar[str] = "county_report"

    @staticmethod
    def stream(county: str, month: Month) -> UUID:
        """The stream of the county's summary."""
        return stream_id(county, "county_report", month.key)

    def sign(
        self,
        ctx: CommandContext,
        draft: Draft,
        *,
        county: str,
        role: str,
        signed: Sequence[SchoolReportSigned],
        unsigned: Sequence[str],
    ) -> None:
        """Seal the sum of the schools' latest versions; name those that have not signed.

        Raises ReportRoleRefused, MonthNotOver, NoSchoolSigned, ReportDayOutside,
        ReportUnchanged, ReportOvertaken, ReportWhileImporting.
        """
        month = draft.month
        if role != Role.BUREAU_OFFICER.value:
            raise ReportRoleRefused(what="县汇总", who="县教育局控辍保学专干")
        if ctx.today <= month.last_day:
            raise MonthNotOver(month=month.key, opens=month.next.first_day)
        if not signed:
            raise NoSchoolSigned(month=month.key)
        summed = summary_of(county, draft, signed, unsigned)
        self._check(ctx, draft, summed.digest, month.last_day)
        self.trigger_event(
            CountySummarySigned,
            ctx,
            occurred_on=ctx.today,
            county=county,
            month=month.key,
            number=len(self.versions) + 1,
            as_of=draft.as_of,
            position=draft.position,
            known_at=draft.known_at,
            figures=summed.figures,
            schools=summed.schools,
            unsigned=summed.unsigned,
            gaps=summed.gaps,
            zero=is_zero(summed.figures),
            role=role,
            digest=summed.digest,
        )


class Summed(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of some schools' reports, and what seals it."""

    figures: list[Figure]
    schools: list[SchoolPart]
    unsigned: list[str]
    gaps: list[Gap]
    digest: str


def summary_of(
    county: str,
    draft: Draft,
    signed: Sequence[SchoolReportSigned],
    unsigned: Sequence[str],
) -> Summed:
    """The county's summary of these signed reports, schools in order of code. ``draft`` says
    month and day, and what no school's report can hold (its gaps).
    """
    ordered = sorted(signed, key=lambda each: each.school)
    figures = total(each.figures for each in ordered)
    schools = [SchoolPart(school=e.school, number=e.number, digest=e.digest) for e in ordered]
    missing = sorted(unsigned)
    counted: dict[str, int] = {}
    for gap in (*draft.gaps, *(gap for each in ordered for gap in each.gaps)):
        counted[gap.code] = counted.get(gap.code, 0) + gap.count
    gaps = [Gap(code=code, count=count) for code, count in sorted(counted.items())]
    parts = [[p.school, p.number, p.digest] for p in schools]
    return Summed(
        figures=figures,
        schools=schools,
        unsigned=missing,
        gaps=gaps,
        digest=digest_of(
            of=county,
            month=draft.month.key,
            as_of=draft.as_of,
            figures=figures,
            gaps=gaps,
            parts=[parts, missing],
        ),
    )
