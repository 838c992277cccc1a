"""Who looks at a page, at which day and instant, and through which right?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from ckbx.application.standing import always, seated
from ckbx.clock import local_day, local_instant
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Look, Question
from ckbx.store import AnswersBehind, Store
from ckbx.vault import Access
from ckbx.web.onward import Onward, folded
from ckbx.web.permissions import Permission
from ckbx.web.reading_quota import count_look
from ckbx.web.render import Pages
from ckbx.web.rights import Viewer
from projections import (
    alerts,
    cases,
    reports,
    responsibility,
    roll_call_completeness,
    roster,
    school,
    suspected,
)
from projections.scope import Scope

ANSWERS: Final = tuple(
    each.PROJECTION.name
    for each in (
        roster,
        school,
        roll_call_completeness,
        responsibility,
        suspected,
        alerts,
        cases,
        reports,
    )
)
"""What pages rest on: a page is as old as the oldest of these."""


class NotThere(Exception):
    """No such page for this viewer: it does not exist, or is not theirs to see."""


class BadDay(InputRefused):
    code = "bad_day"
    message = "日期“{value}”不能用：请写成 2026-11-20 这样，且不早于 2000 年"


NOBODY: Final = Viewer("")
"""Who is not signed in: holds nothing, sees nothing."""
AT_ONCE_SECONDS: Final = 0.2
SETTLED_SECONDS: Final = 5.0


class WebDesk:
    """What page functions work with: the store, the pages, the viewer.

    ``permission``: what the route asked for; the viewer sees through it (``scope``).
    ``shared``: what every page of the app shows beside its own, by the viewer.
    """

    def __init__(
        self,
        store: Store,
        pages: Pages,
        viewer: Viewer = NOBODY,
        permission: Permission = Permission.PUBLIC,
        shared: Callable[[Viewer], Mapping[str, Any]] = lambda _: {},
        token: str = "",
        live: Callable[[], bool] = always,
    ) -> None:
        self.store = store
        self.pages = pages
        self.viewer = viewer
        self.permission = permission
        self.token = token
        self.live = live
        self._shared = shared
        self._desk = Desk(store.answers, store.log, store.vault, store.clock)

    def seated(
        self,
        viewer: Viewer,
        permission: Permission,
        token: str = "",
        live: Callable[[], bool] = always,
    ) -> WebDesk:
        """The same desk for a viewer; ``token`` is that of the session. ``live`` says whether
        what let it in still does.
        """
        return WebDesk(self.store, self.pages, viewer, permission, self._shared, token, live)

    @property
    def ledger_desk(self) -> Desk:
        """Where whole ledgers are filled, for files to take away."""
        return self._desk

    @property
    def scope(self) -> Scope:
        """The rows the viewer sees by the route's permission."""
        return self.viewer.scope(self.permission)

    def may(self, permission: Permission) -> bool:
        """Whether the viewer has another permission too (what to offer on the page)."""
        return self.viewer.may(permission)

    def html(self, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page with what all pages show."""
        shared = {"viewer": self.viewer, **self._shared(self.viewer)}
        return self.pages.html(name, status, **(shared | context))

    def context(self, command_id: UUID | None = None, role: str | None = None) -> CommandContext:
        """The viewer acts, in a role, under the id the form was made with.

        What is written by it is refused (RightsEnded) where the viewer would not be let in
        any more when it is written.
        """
        plain = self.store.office.context(self.viewer.actor, command_id, role=role)
        return seated(plain, self.viewer.standing(self.live))

    def require_standing(self) -> None:
        """What waited its turn begins only where the viewer would still be let in.

        Raises RightsEnded.
        """
        self.store.office.run(self.context(), lambda _: None)

    def settled(self, position: int) -> None:
        """Wait until the answers have folded a position, so that the next page shows it.

        Where this process does the standing work it says when; else they are looked for and,
        where nobody folds them, folded here. Where it does not come to that in time, the page
        goes on without.
        """
        projector = self.store.projector
        if projector.running:
            projector.wait_for(position, SETTLED_SECONDS)
            return
        if projector.wait_for(position, AT_ONCE_SECONDS):
            return
        with suppress(AnswersBehind):
            self.store.catch_up(SETTLED_SECONDS)

    def done(self, where: str, position: int = 0) -> RedirectResponse:
        """Go on to a local path once what was written can be seen there."""
        if not position:
            return RedirectResponse(where, status_code=303)
        return Onward(where, partial(self._settled, position))

    async def _settled(self, position: int) -> None:
        """As :meth:`settled`, of an answer: where this process folds, no thread waits."""
        projector = self.store.projector
        seconds = SETTLED_SECONDS if projector.running else AT_ONCE_SECONDS
        if not await folded(projector, position, seconds) and not projector.running:
            await run_in_threadpool(self.settled, position)

    @property
    def now(self) -> datetime:
        """The present UTC instant."""
        return self.store.clock.now()

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.now, self.store.clock.zone)

    @contextmanager
    def look(
        self,
        view: str,
        purpose: str,
        *,
        schools: Collection[str] | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
        all_: bool = False,
        to: str | None = None,
    ) -> Iterator[Look]:
        """One consistent look for one page view; names are read at most once through it.

        ``schools`` (codes): only these of what the viewer sees. ``to`` the viewer: what was
        sent to it is for it to see, wherever it belongs. Raises TooManyReads.
        """
        count_look(self.store, self.viewer.actor, view)
        own = Scope.county() if to is not None and to == self.viewer.account else self.scope
        question = Question(
            scope=own if schools is None else own.narrowed(schools),
            as_of=as_of or self.today,
            known_at=known_at,
            all_=all_,
            to=to,
        )
        access = Access(actor=self.viewer.actor, view=view, purpose=purpose)
        with self._desk.look(question, access, ANSWERS) as look:
            yield look

    def school_choices(self, look: Look) -> list[tuple[str, str]]:
        """(code, name) of the schools a viewer may ask for: whoever sees by home or by child
        may ask for any.
        """
        names, scope = look.school_names(), self.scope
        wide = scope.everything or scope.village_codes or scope.children
        mine = {*scope.school_codes, *(key.split("/")[0] for key in scope.class_keys)}
        return sorted((code, name) for code, name in names.items() if wide or code in mine)

    def schools_offered(
        self, look: Look, asked: str = "", as_of: date | None = None
    ) -> list[tuple[str, str]]:
        """Of those, what a filter offers: to whoever sees by home or by child only the schools
        where the own children are on the day, and the one that was ``asked`` for.
        """
        choices, scope = self.school_choices(look), self.scope
        if scope.everything or not (scope.village_codes or scope.children):
            return choices
        at = {**look.at, "as_of": as_of or look.question.as_of}
        here = {*roster.counts_by_school(look.reading, scope, **at), asked}
        return [(code, name) for code, name in choices if code in here]

    def day(self, value: str) -> date | None:
        """A day picked on a page; None when none was. Raises BadDay."""
        if not value.strip():
            return None
        try:
            found = date.fromisoformat(value.strip())
        except ValueError:
            raise BadDay(value=value[:20]) from None
        if not 2000 <= found.year <= 2200:
            raise BadDay(value=value[:20])
        return found

    def end_of(self, day: date | None) -> datetime | None:
        """The last instant of a local day, for "as known on"; None for now."""
        if day is None:
            return None
        midnight = datetime.min.time()
        after = local_instant(day + timedelta(days=1), midnight, self.store.clock.zone)
        return after - timedelta(microseconds=1)
