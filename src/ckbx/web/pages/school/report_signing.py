"""签字封存: the principal confirms with the own password what stands on the page, nothing else."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from ckbx.application.reports import sign_school
from ckbx.domain.report.months import read_month
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.school.reports import Asked, confirm_page, school_of, show, versions_of
from ckbx.web.pages.signing_in.page import whence
from ckbx.web.permissions import Permission

_WRONG = "密码不对，没有签字。请输入您登录用的密码"


def sign(desk: WebDesk, request: Request, posted: Posted) -> Response:
    """Seal the figures that were confirmed; others are shown anew instead.

    Raises NotThere, MonthUnreadable.
    """
    code = school_of(desk, posted.text("school"))
    asked = Asked(school=code, month=posted.text("month"))
    month = read_month(asked.month)
    roles = desk.viewer.roles_over(Permission.DECIDE_SCHOOL, school=code)
    if not roles:
        raise NotThere
    context = desk.context(posted.command, role=roles[0])
    try:
        if desk.store.log.find_command(context.command_id) is None:
            if not is_own(desk, request, posted):
                posted.wrong("password", _WRONG)
                return confirm_page(desk, asked, posted.draft())
            with desk.look("web:reports", "签字前核对学校月报") as look:
                shown = show(look, desk, code, month)
            if shown.digest != posted.text("digest") or shown.draft is None:
                return confirm_page(desk, asked, posted.draft(), moved=True)
            done = sign_school(desk.store.office, context, shown.draft, school=code, role=roles[0])
            desk.settled(done.position)
    except CkbxError as error:
        return confirm_page(desk, asked, posted.draft(error))
    number = len(versions_of(desk, code, month))
    return desk.done(
        f"/reports?{urlencode({'school': code, 'month': month.key, 'signed': number})}"
    )


def is_own(desk: WebDesk, request: Request, posted: Posted) -> bool:
    """Whether the person before the screen knows the account's password. Raises TooManyTries."""
    password = posted.raw("password")[:256]
    gate = desk.store.gate
    return gate.check_password(desk.viewer.account, password, **whence(request))
