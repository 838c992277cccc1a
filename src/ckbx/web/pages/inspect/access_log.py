"""查阅记录: who looked at which child, when, through what, and why?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.clock import from_micros, local_instant
from ckbx.ledgers.actors import Actors
from ckbx.ledgers.question import Look
from ckbx.vault import AccessRecord
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.inspect.kit import common
from ckbx.web.pages.view_names import purpose_said, view_name
from ckbx.web.reading_quota import ALARMS
from projections import roster

SIZE: Final = 50
NAMED: Final = 3
"""So many people of one look are named; the others are counted."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The filter: an account, a child by its internal id, a local day; below a record.
    ``alarms``: only where somebody opened too many children one by one.
    """

    account: str = ""
    child: str = ""
    day: str = ""
    alarms: str = ""
    before: int = 0

    def address(self, before: int) -> str:
        """The next older page."""
        given = {"account": self.account, "child": self.child, "day": self.day}
        given |= {"alarms": self.alarms, "before": str(before)}
        return "/inspect/access?" + urlencode({k: v for k, v in given.items() if v})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One look: whose, and the first people it was about (id, name). ``view_name``: what people
    call the view; empty where nobody named it.
    """

    id: int
    at: datetime
    actor: str
    account: str
    view: str
    view_name: str
    purpose: str
    people: Sequence[tuple[UUID, str]]
    count: int
    alarm: bool


def access_page(desk: WebDesk, asked: Asked) -> Response:
    """The newest records of a filter; to look at them is recorded like any look.

    Of an inspector who does not see the whole county: only what was about the own children.
    Raises BadDay, NotThere for an id that is none.
    """
    subject = _child(asked.child)
    day = desk.day(asked.day)
    begin = local_instant(day, datetime.min.time(), desk.store.clock.zone) if day else None
    end = desk.end_of(day)
    found = desk.store.vault.access_asked(
        actor=asked.account.strip() or None,
        subject=subject,
        span=(begin, end) if begin and end else None,
        before=asked.before or None,
        limit=SIZE + 1,
        views=ALARMS if asked.alarms else None,
    )
    records, more = found[:SIZE], len(found) > SIZE
    with desk.look("web:inspect:access", "督导：查看查阅记录") as look:
        if subject is not None and not _seen(look, [subject]):
            raise NotThere
        return desk.html(
            "inspect/inspect_access.html",
            **common(desk, look, "查阅记录"),
            asked=asked,
            lines=_lines(look, records, subject),
            older=asked.address(records[-1].id) if more else "",
        )


def _child(text: str) -> UUID | None:
    try:
        return UUID(text.strip()) if text.strip() else None
    except ValueError:
        raise NotThere from None


def _seen(look: Look, subjects: Sequence[UUID]) -> set[UUID]:
    """Those of them that the viewer may know of."""
    scope = look.question.scope
    if scope.everything:
        return set(subjects)
    return set(roster.place_of(look.reading, scope, subjects, **look.at))


def _lines(look: Look, records: Sequence[AccessRecord], subject: UUID | None) -> list[Line]:
    known = _seen(look, list({each for record in records for each in record.subjects}))
    about = [(record, [s for s in record.subjects if s in known]) for record in records]
    shown = [
        (record, subjects, _first(subjects, subject)) for record, subjects in about if subjects
    ]
    actors = Actors(look, {record.actor for record, _, _ in shown})
    people = look.people([*(each for _, _, first in shown for each in first), *actors.subjects])
    return [
        Line(
            id=record.id,
            at=from_micros(record.at),
            actor=actors.said(record.actor, people),
            account=record.actor,
            view=record.view,
            view_name=view_name(record.view),
            purpose=purpose_said(record.view, record.purpose),
            people=[(each, people[each].name) for each in first],
            count=len(subjects),
            alarm=record.view in ALARMS,
        )
        for record, subjects, first in shown
    ]


def _first(subjects: Sequence[UUID], subject: UUID | None) -> list[UUID]:
    """The first people of a look, the one asked about in front."""
    return sorted(subjects, key=lambda each: each != subject)[:NAMED]
