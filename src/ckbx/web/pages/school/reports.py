"""学校月报: what does the month say, what stands beside its noughts, which versions were signed?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.report.errors import MonthUnreadable
from ckbx.domain.report.events import SchoolReportSigned
from ckbx.domain.report.figures import FIGURES, digest_of
from ckbx.domain.report.months import Month, read_month
from ckbx.domain.report.report import Draft as ReportDraft
from ckbx.domain.report.report import SchoolReport
from ckbx.ledgers import monthly, monthly_compare, monthly_drafts
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.exporting import marked
from ckbx.ledgers.model import Row
from ckbx.ledgers.monthly_seal import ends_early, rules_of
from ckbx.ledgers.pdf import sheet_pdf
from ckbx.ledgers.question import Look, Question
from ckbx.ledgers.report_catalogue import MONTHLY_REPORT
from ckbx.ledgers.report_rows import month_shown
from ckbx.vault import Access
from ckbx.web import turns
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft
from ckbx.web.pages.frame import base
from ckbx.web.words import class_name
from projections import roll_call_completeness
from projections.scope import Scope

_OLDEST: Final = 2000


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which report: its school, its month as ``2026-11`` (empty: the one that is due), and a
    signed version (0: as the records are now).
    """

    school: str = ""
    month: str = ""
    version: int = 0


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A report as a page shows it. ``digest``: of the figures shown, which a signature is for."""

    school: str
    school_name: str
    month: Month
    document: Row
    digest: str
    opens: date
    as_of: date
    silent: list[tuple[str, int]]
    draft: ReportDraft | None


def reports_page(desk: WebDesk, asked: Asked, signed: int = 0) -> Response:
    """The month's figures and the versions that were signed. Raises NotThere, MonthUnreadable."""
    with desk.look("web:reports", "查看学校月报") as look:
        code = school_of(desk, asked.school)
        month = read_month(asked.month) if asked.month else month_shown(look)
        shown = show(look, desk, code, month, asked.version)
        versions = versions_of(desk, code, month)
        names = actors_named(look, {each.actor for each in versions})
        return desk.html(
            "school/reports.html",
            **base(desk, look, "学校月报") | {"as_of": shown.as_of},
            **_head(desk, look, shown),
            shown=shown,
            version=asked.version,
            versions=[_version(each, names) for each in reversed(versions)],
            changed=bool(versions) and versions[-1].digest != shown.digest,
            may_sign=desk.today >= shown.opens and not asked.version,
            signed=signed,
        )


def confirm_page(
    desk: WebDesk, asked: Asked, draft: Draft | None = None, *, moved: bool = False
) -> Response:
    """What is about to be signed, and the question for the own password. ``moved``: the
    figures are others than those that were confirmed. Raises NotThere, MonthUnreadable.
    """
    with desk.look("web:reports", "查看学校月报") as look:
        code = school_of(desk, asked.school)
        shown = show(look, desk, code, read_month(asked.month))
        number = len(versions_of(desk, code, shown.month)) + 1
        return desk.html(
            "school/report_sign.html",
            422 if draft is not None else 200,
            **base(desk, look, "签字封存") | {"as_of": shown.as_of},
            **_head(desk, look, shown),
            shown=shown,
            number=number,
            moved=moved,
            draft=draft or Draft(),
        )


def compare_page(desk: WebDesk, asked: Asked, first: int, last: int) -> Response:
    """Two signed versions figure by figure, and what is known now.

    Raises NotThere, MonthUnreadable, ReportVersionUnknown.
    """
    with desk.look("web:reports", "比较学校月报两版") as look:
        code, month = school_of(desk, asked.school), read_month(asked.month)
        report = _report(desk, code, month)
        after = report.version_of(month, last or None)
        before = report.version_of(month, first) if first else None
        found = monthly_compare.compare(look, month, before, after)
        names = actors_named(look, {each.actor for each in (before, after) if each})
        return desk.html(
            "school/report_compare.html",
            **base(desk, look, "月报两版比较"),
            school_code=code,
            school_name=look.school_names().get(code) or code,
            month=month.key,
            found=found,
            signers=[names[each["signed_by"]] for each in (found["from"], found["to"]) if each],
        )


def pdf(desk: WebDesk, asked: Asked) -> Response:
    """The month's last signed version, for the printer, marked as every export. Raises NotThere
    where there is none, ExportsBusy.
    """
    code, month = school_of(desk, asked.school), read_month(asked.month)
    if not versions_of(desk, code, month):
        raise NotThere
    with desk.look("web:reports", "下载学校月报") as look:
        opens_next = month.next.opens(rules_of(look, month.next).school_report_day)
    question = Question(
        scope=Scope.schools([code]), as_of=min(desk.today, opens_next - timedelta(days=1))
    )
    access = Access(actor=desk.viewer.actor, view="web:ledger", purpose="下载学校月报")
    with turns.EXPORTS.turn():
        sheet = marked(
            desk.store.vault,
            access,
            desk.now,
            MONTHLY_REPORT,
            "pdf",
            lambda access: desk.ledger_desk.fill(MONTHLY_REPORT, question, access),
        )
        content = sheet_pdf(sheet, desk.store.settings.font_dir)
    name = f"monthly_report_{code}_{month.key}.pdf"
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def school_of(desk: WebDesk, code: str) -> str:
    """The school asked for, else the viewer's first. Raises NotThere for one that is not the
    viewer's to sign for.
    """
    own = sorted(desk.scope.school_codes)
    if code and code not in own:
        raise NotThere
    if not own:
        raise NotThere
    return code or own[0]


def show(look: Look, desk: WebDesk, code: str, month: Month, version: int = 0) -> Shown:
    """The figures of a school's month: of a signed version, else as the records are now.

    Raises NotThere, MonthUnreadable for a month to come.
    """
    as_of = min(desk.today, month.last_day)
    if as_of < month.first_day or month.year < _OLDEST:
        raise MonthUnreadable(text=month.key)
    draft: ReportDraft | None = None
    of: SchoolReportSigned | ReportDraft
    if version:
        of = _report(desk, code, month).version_of(month, version)
    else:
        of = draft = monthly_drafts.draft_of(look, month, code, as_of)
    return Shown(
        school=code,
        school_name=look.school_names().get(code) or code,
        month=month,
        document=monthly.document(look, month, of, code),
        digest=digest_of(
            of=code, month=month.key, as_of=of.as_of, figures=of.figures, gaps=of.gaps
        ),
        opens=month.opens(rules_of(look, month).school_report_day),
        as_of=of.as_of,
        silent=_silent(look, code, month, of.as_of) if draft is not None else [],
        draft=draft,
    )


def versions_of(desk: WebDesk, code: str, month: Month) -> list[SchoolReportSigned]:
    """What was signed, oldest first, as the log has it."""
    return list(_report(desk, code, month).versions)


def _report(desk: WebDesk, code: str, month: Month) -> SchoolReport:
    office = desk.store.office
    report = SchoolReport(SchoolReport.stream(office.county, code, month))
    return report.replay(desk.store.log.load([report.id]).get(report.id, []))


def _head(desk: WebDesk, look: Look, shown: Shown) -> Mapping[str, Any]:
    names = look.school_names()
    month = shown.month
    return {
        "choices": [(code, names.get(code) or code) for code in sorted(desk.scope.school_codes)],
        "before": month.before.key,
        "after": month.next.key if month.next.first_day <= desk.today else "",
        "over": {kind.id: kind.over for kind in FIGURES.values()},
    }


def _version(of: SchoolReportSigned, names: Mapping[str, str]) -> Row:
    return {
        "number": of.number,
        "as_of": of.as_of,
        "early": ends_early(of.month, of.as_of),
        "signed_on": of.occurred_on,
        "signed_by": names[of.actor],
        "zero": of.zero,
        "digest": of.digest,
    }


def _silent(look: Look, code: str, month: Month, as_of: date) -> list[tuple[str, int]]:
    """The classes with silent days in the month, those with most in front."""
    scope, year = Scope.schools([code]), school_year_of(as_of)
    calendar = roll_call_completeness.CountyLines.at(look.reading, look.position).calendar(code)
    counts: dict[str, int] = {}
    for day in calendar.school_days(month.first_day, as_of):
        for each in roll_call_completeness.class_days(
            look.reading, scope, as_of=day, position=look.position, instant=look.instant
        ):
            if each.counts_silent:
                counts[each.class_key] = counts.get(each.class_key, 0) + 1
    named = [(class_name(key, year), number) for key, number in counts.items()]
    return sorted(named, key=lambda each: (-each[1], each[0]))
