"""月报两版比较: what did each signed version say, and what would the same day say now?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from starlette.responses import Response

from ckbx.domain.report.months import Month, month_of, read_month
from ckbx.domain.shared.errors import CkbxError
from ckbx.ledgers import monthly_compare, monthly_drafts
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.monthly_seal import Signed, due_on, seal_holds
from ckbx.ledgers.question import Look, Question
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.inspect.kit import common, looking, school_there
from projections import reports, responsibility


def reports_page(desk: WebDesk, school: str, month: str, first: int, last: int) -> Response:
    """The signed versions of a school's month, or of the county's, and two of them compared.

    ``first`` 0: the version before ``last``; ``last`` 0: the newest. Raises NotThere.
    """
    of = _month(month) if month else month_of(desk.today).before
    asked = Question(scope=desk.scope, as_of=desk.today)
    view = "督导：比较月报"
    answers = (*monthly_drafts.ANSWERS, responsibility.PROJECTION.name)
    with looking(desk, asked, "reports", view, answers) as look:
        if school:
            school_there(desk, look, school)
        versions = _versions(look, school, of)
        after = _of_number(versions, last) if versions else None
        before = _before(versions, after, first)
        found = monthly_compare.compare(look, of, before, after) if after else None
        names = actors_named(look, {each.actor for each in versions})
        return desk.html(
            "inspect/inspect_reports.html",
            **common(desk, look, "月报比较"),
            whole=desk.scope.everything,
            school=school,
            month=of.key,
            due=due_on(look, of, county=not school),
            versions=[(each, names[each.actor], seal_holds(each)) for each in versions],
            before=before,
            after=after,
            found=found,
        )


def _month(text: str) -> Month:
    try:
        return read_month(text)
    except CkbxError:
        raise NotThere from None


def _versions(look: Look, school: str, of: Month) -> Sequence[Signed]:
    """Every version, also those signed after the month."""
    scope, ever = look.question.scope, date.max
    if not school:
        return reports.county_summaries(
            look.reading, scope, month=of, as_of=ever, position=look.position
        )
    narrowed = scope.narrowed([school])
    return reports.school_reports(
        look.reading, narrowed, month=of, as_of=ever, position=look.position
    )


def _of_number(versions: Sequence[Signed], number: int) -> Signed:
    if not number:
        return versions[-1]
    for each in versions:
        if each.number == number:
            return each
    raise NotThere


def _before(versions: Sequence[Signed], after: Signed | None, number: int) -> Signed | None:
    if after is None:
        return None
    if number:
        return _of_number(versions, number)
    earlier = [each for each in versions if each.number < after.number]
    return earlier[-1] if earlier else None
