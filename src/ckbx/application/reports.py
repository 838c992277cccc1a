"""签月报、签县汇总: figures that a person saw are sealed as an event.

The figures are handed in as they were computed for a day and a position; what is decided here
(who, when, whether anything changed, which schools have signed) rests on the streams alone.
"""

from __future__ import annotations

from collections.abc import Collection

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.report.months import Month
from ckbx.domain.report.report import CountySummary, Draft, SchoolReport
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

SIGNED = b"signed"


def sign_school(
    office: Office, ctx: CommandContext, draft: Draft, *, school: str, role: str
) -> Appended:
    """The principal signs the school's report of a month, the next version.

    Raises what :meth:`SchoolReport.sign` refuses.
    """

    def decide(unit: Unit) -> bytes:
        month = draft.month
        report = unit.get(SchoolReport.stream(office.county, school, month), SchoolReport)
        rules = office.rules(unit, month.first_day)
        report.sign(ctx, draft, school=school, role=role, report_day=rules.pack.school_report_day)
        return SIGNED

    return office.run(ctx, decide)


def sign_county(
    office: Office, ctx: CommandContext, draft: Draft, *, due: Collection[str], role: str
) -> Appended:
    """The county signs the sum of its schools' latest versions. ``due``: the schools that had
    classes; those of them that have not signed are named.

    Raises what :meth:`CountySummary.sign` refuses.
    """

    def decide(unit: Unit) -> bytes:
        reports = signed_reports(office, unit, draft.month)
        for report in reports.values():
            unit.depend(report)
        summary = unit.get(CountySummary.stream(office.county, draft.month), CountySummary)
        signed = [report.versions[-1] for report in reports.values() if report.versions]
        given = {each.school for each in signed}
        summary.sign(
            ctx,
            draft,
            county=office.county,
            role=role,
            signed=signed,
            unsigned=[school for school in due if school not in given],
        )
        return SIGNED

    return office.run(ctx, decide)


def signed_reports(office: Office, unit: Unit, month: Month) -> dict[str, SchoolReport]:
    """The report of every school of the county for a month, signed or not."""
    streams = {
        school: SchoolReport.stream(office.county, school, month)
        for school in office.county_of(unit).schools
    }
    found = unit.get_many(dict.fromkeys(streams.values(), SchoolReport))
    return {school: found[stream] for school, stream in streams.items()}
