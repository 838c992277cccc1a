"""签收、办结 from the page: only of what was sent to the viewer, as the domain decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid5

from starlette.responses import Response

from ckbx.application.alerts import acknowledge, done
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.alert.errors import AlertNotOpen, AlertNotYours, AlertUnknown
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.school.alerts import Asked, alerts_page

MOST: Final = 500
_GONE: Final = "有的待办刚刚已经撤销或办结，没有签收。列表已经更新，请再看一遍"


def act(desk: WebDesk, posted: Posted) -> Response:
    """One button of a fold: one item or all of those shown acknowledged, or one closed by hand.

    Raises NotThere where one of them was not sent to the viewer.
    """
    kind = posted.text("kind", most=40)
    closing = posted.text("close")
    wanted = _ids([closing or posted.text("ack")]) or _ids(posted.texts("of"))
    reason = posted.text("reason")
    try:
        count = _done(desk, posted, wanted, reason) if closing else _seen(desk, posted, wanted)
    except (AlertUnknown, AlertNotYours):
        raise NotThere from None
    except AlertNotOpen:
        return alerts_page(desk, Asked(), refused=_GONE, status=422)
    except CkbxError as error:
        return alerts_page(desk, Asked(), refused=str(error), status=422)
    if count:
        desk.settled(desk.store.log.head())
    here = {"to": desk.viewer.account, "kind": kind} if kind else {}
    return desk.done(f"/alerts?{urlencode({'closed' if closing else 'acked': count, **here})}")


def said(acked: int, closed: int) -> str:
    """What the last button did, in words; empty after none."""
    if acked:
        return f"已签收 {acked} 条。签收不等于办结：到期没有办，仍会报上一级。"
    return f"已办结 {closed} 条。" if closed else ""


def _seen(desk: WebDesk, posted: Posted, wanted: Sequence[UUID]) -> int:
    context = desk.context(_command(posted, "ack", wanted))
    return acknowledge(desk.store.office, context, wanted, desk.viewer.account)


def _done(desk: WebDesk, posted: Posted, wanted: Sequence[UUID], reason: str) -> int:
    why = next((each for each in ClosedBecause if each.value == reason), ClosedBecause.DONE)
    context = desk.context(_command(posted, f"close:{why.value}", wanted))
    return done(desk.store.office, context, wanted, desk.viewer.account, why)


def _command(posted: Posted, what: str, wanted: Sequence[UUID]) -> UUID:
    """One form has several buttons: each is a command of its own."""
    return uuid5(posted.command, f"{what}:{sorted(map(str, wanted))}")


def _ids(texts: Sequence[str]) -> list[UUID]:
    """Raises NotThere for one that is none, or for too many."""
    try:
        found = [UUID(text) for text in texts if text]
    except ValueError:
        raise NotThere from None
    if len(found) > MOST:
        raise NotThere
    return found
