"""县汇总: the sum of what the schools signed, who has not, and the officer's own signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ckbx.application.reports import sign_county
from ckbx.domain.report.errors import MonthUnreadable
from ckbx.domain.report.events import CountySummarySigned
from ckbx.domain.report.months import Month, month_of, read_month
from ckbx.domain.report.report import CountySummary, summary_of
from ckbx.domain.report.report import Draft as ReportDraft
from ckbx.domain.shared.errors import CkbxError
from ckbx.ledgers import monthly, monthly_drafts
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.model import Row
from ckbx.ledgers.monthly_compare import signed_by_now
from ckbx.ledgers.monthly_seal import days_of_parts
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.school.report_signing import is_own
from ckbx.web.permissions import Permission

_OLDEST: Final = 2000
_WRONG: Final = "密码不对，没有签字。请输入您登录用的密码"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A county summary as a page shows it. ``digest``: of what a signature would be for;
    ``signed``: schools, their version and up to which day it goes, ``unsigned``: those that gave none (code, name).
    """

    month: Month
    document: Row
    digest: str
    as_of: date
    over: bool
    signed: list[tuple[str, str, int, date | None]]
    unsigned: list[tuple[str, str]]
    draft: ReportDraft | None
    schools: Mapping[str, ReportDraft] = {}
    silent: list[tuple[str, int]] = []


def summary_page(desk: WebDesk, month: str = "", version: int = 0, signed: int = 0) -> Response:
    """The sum and the versions that were signed. Raises MonthUnreadable."""
    with desk.look("web:county_reports", "查看县汇总") as look:
        of = read_month(month) if month else month_of(desk.today).before
        shown = _show(look, desk, of, version)
        versions = _summary(desk, of).versions
        names = actors_named(look, {each.actor for each in versions})
        return desk.html(
            "county/county_report.html",
            **base(desk, look, "县汇总") | {"as_of": shown.as_of},
            shown=shown,
            version=version,
            versions=[_version(each, names) for each in reversed(versions)],
            changed=bool(versions) and versions[-1].digest != shown.digest,
            may_sign=shown.over and bool(shown.signed) and not version,
            before=of.before.key,
            after=of.next.key if of.next.first_day <= desk.today else "",
            signed=signed,
        )


def confirm_page(
    desk: WebDesk, month: str, draft: Draft | None = None, *, moved: bool = False
) -> Response:
    """What is about to be signed, and the question for the own password. Raises MonthUnreadable."""
    with desk.look("web:county_reports", "查看县汇总") as look:
        shown = _show(look, desk, read_month(month), 0)
        versions = _summary(desk, shown.month).versions
        return desk.html(
            "county/county_report_sign.html",
            422 if draft is not None else 200,
            **base(desk, look, "签县汇总") | {"as_of": shown.as_of},
            shown=shown,
            number=len(versions) + 1,
            same=bool(versions) and versions[-1].digest == shown.digest,
            moved=moved,
            draft=draft or Draft(),
        )


def sign(desk: WebDesk, request: Request, posted: Posted) -> Response:
    """Seal the sum that was confirmed; another is shown anew instead.

    Raises NotThere, MonthUnreadable.
    """
    month = read_month(posted.text("month"))
    held = desk.viewer.having(Permission.DECIDE_COUNTY)
    if not held:
        raise NotThere
    context = desk.context(posted.command, role=held[0].role)
    try:
        if desk.store.log.find_command(context.command_id) is None:
            if not is_own(desk, request, posted):
                posted.wrong("password", _WRONG)
                return confirm_page(desk, month.key, posted.draft())
            with desk.look("web:county_reports", "签字前核对县汇总") as look:
                shown = _show(look, desk, month, 0)
            if shown.digest != posted.text("digest") or shown.draft is None:
                return confirm_page(desk, month.key, posted.draft(), moved=True)
            done = sign_county(
                desk.store.office,
                context,
                shown.draft,
                due=list(shown.schools),
                role=held[0].role,
            )
            desk.settled(done.position)
    except CkbxError as error:
        return confirm_page(desk, month.key, posted.draft(error))
    number = len(_summary(desk, month).versions)
    return desk.done(f"/county-reports?{urlencode({'month': month.key, 'signed': number})}")


def _show(look: Look, desk: WebDesk, month: Month, version: int) -> Shown:
    as_of = min(desk.today, month.last_day)
    if as_of < month.first_day or month.year < _OLDEST:
        raise MonthUnreadable(text=month.key)
    code, names = look.reading.county, look.school_names()
    if version:
        of = _summary(desk, month).version_of(month, version)
        days = days_of_parts(look, month.key, of.schools)
        parts = [
            (p.school, names.get(p.school) or p.school, p.number, days.get(p.school))
            for p in of.schools
        ]
        return Shown(
            month=month,
            document=monthly.document(look, month, of, code),
            digest=of.digest,
            as_of=of.as_of,
            over=True,
            signed=parts,
            unsigned=[(each, names.get(each) or each) for each in of.unsigned],
            draft=None,
        )
    whole, schools = monthly_drafts.county_draft(look, month, as_of)
    signed = signed_by_now(look, month)
    given = {each.school for each in signed}
    unsigned = [each for each in schools if each not in given]
    return Shown(
        month=month,
        document=monthly.preview(look, month, whole, schools),
        digest=summary_of(code, whole, signed, unsigned).digest,
        as_of=as_of,
        over=desk.today > month.last_day,
        signed=sorted(
            (e.school, names.get(e.school) or e.school, e.number, e.as_of) for e in signed
        ),
        unsigned=[(each, names.get(each) or each) for each in sorted(unsigned)],
        draft=whole,
        schools=schools,
    )


def _summary(desk: WebDesk, month: Month) -> CountySummary:
    office = desk.store.office
    summary = CountySummary(CountySummary.stream(office.county, month))
    return summary.replay(desk.store.log.load([summary.id]).get(summary.id, []))


def _version(of: CountySummarySigned, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "number": of.number,
        "as_of": of.as_of,
        "signed_on": of.occurred_on,
        "signed_by": names[of.actor],
        "unsigned": len(of.unsigned),
        "zero": of.zero,
        "digest": of.digest,
    }
