"""Who looks at a page, at which day and instant, and through which right?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from ckbx.clock import local_day, local_instant
from ckbx.domain.shared.errors import InputRefused
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Look, Question
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.render import Pages
from projections import alerts, responsibility, roll_call_completeness, roster, school, suspected
from projections.scope import Scope

ANSWERS: Final = tuple(
    each.PROJECTION.name
    for each in (roster, school, roll_call_completeness, responsibility, suspected, alerts)
)
"""What pages rest on: a page is as old as the oldest of these."""


class NotThere(Exception):
    """No such page for this viewer: it does not exist, or is not theirs to see."""


class BadDay(InputRefused):
    code = "bad_day"
    message = "日期“{value}”不能用：请写成 2026-11-20 这样，且不早于 2000 年"


class Viewer(msgspec.Struct, frozen=True):
    """Who looks and what they may see. Until there are accounts there is one."""

    actor: str
    scope: Scope


VISITOR: Final = Viewer("web:demo", Scope.county())


class WebDesk:
    """What page functions work with: the store, the pages, the viewer."""

    def __init__(self, store: Store, pages: Pages, viewer: Viewer = VISITOR) -> None:
        self.store = store
        self.pages = pages
        self.viewer = viewer
        self._desk = Desk(store.answers, store.log, store.vault, store.clock)

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
        scope: Scope | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
        all_: bool = False,
        to: str | None = None,
    ) -> Iterator[Look]:
        """One consistent look for one page view; names are read at most once through it."""
        question = Question(
            scope=scope or self.viewer.scope,
            as_of=as_of or self.today,
            known_at=known_at,
            all_=all_,
            to=to,
        )
        access = Access(actor=self.viewer.actor, view=view, purpose=purpose)
        with self._desk.look(question, access, ANSWERS) as look:
            yield look

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
