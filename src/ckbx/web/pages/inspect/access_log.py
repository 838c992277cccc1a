"""查阅记录: who looked at which child, when, through what, and why?

A name that was typed stands in no address: it comes in the body of a form, and the way goes on
with the accounts of all who are called so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.clock import from_micros, local_instant
from ckbx.ledgers.actors import Actors, names_alone
from ckbx.ledgers.question import Look
from ckbx.vault import AccessRecord
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.inspect.kit import common
from ckbx.web.pages.view_names import purpose_said, view_name
from ckbx.web.reading_quota import ALARMS
from projections import responsibility, roster

SIZE: Final = 50
MOST_TYPED: Final = 400
NAMED: Final = 3
"""So many people of one look are named; the others are counted."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The filter: accounts (blanks between), a child by its internal id, a local day; below a
    record. ``alarms``: only where somebody opened too many children one by one.
    """

    account: str = ""
    child: str = ""
    day: str = ""
    alarms: str = ""
    before: int = 0

    def address(self, before: int = 0) -> str:
        """The page of these; ``before``: the next older one."""
        given = {"account": self.account, "child": self.child, "day": self.day}
        given |= {"alarms": self.alarms, "before": str(before or "")}
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


def find(desk: WebDesk, posted: Posted) -> Response:
    """Go on to the records of whoever was typed: accounts, or the name of a person, of whom all
    accounts are meant. Raises BadDay, NotThere.
    """
    typed = posted.text("account", most=MOST_TYPED).split()
    asked = Asked(child=posted.text("child"), day=posted.text("day"), alarms=posted.text("alarms"))
    names = [each for each in typed if not each.isascii() and ":" not in each]
    found = _called(desk, names) if names else {}
    missing = [name for name in names if not found.get(name)]
    if missing:
        posted.wrong("account", f"没有账号登记为“{'、'.join(missing)}”。请核对姓名，或写账号")
        return access_page(desk, asked, posted.draft())
    accounts = [account for each in typed for account in found.get(each, [each])]
    return desk.done(msgspec.structs.replace(asked, account=" ".join(accounts)).address())


def _called(desk: WebDesk, names: Collection[str]) -> dict[str, list[str]]:
    """The accounts of everybody of these names, of those who hold or held a post and of the
    accounts that were given a name.
    """
    with desk.look("web:inspect:access", "督导：按姓名找账号") as look:
        posts = responsibility.directory(look.reading, look.position).posts.values()
        every = {tenure.account for post in posts for tenure in post.tenures if tenure.account}
        every |= {state.account for state in desk.store.gate.states()}
        known = names_alone(look, every)
    return {name: sorted(each for each in every if known[each] == name) for name in names}


def access_page(desk: WebDesk, asked: Asked, draft: Draft | None = None) -> Response:
    """The newest records of a filter; to look at them is recorded like any look. ``draft``: what
    was typed and led nowhere.

    Of an inspector who does not see the whole county: only what was about the own children.
    Raises BadDay, NotThere for an id that is none.
    """
    subject = _child(asked.child)
    day = desk.day(asked.day)
    begin = local_instant(day, datetime.min.time(), desk.store.clock.zone) if day else None
    end = desk.end_of(day)
    found = desk.store.vault.access_asked(
        actors=asked.account.split() or None,
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
            422 if draft is not None else 200,
            **common(desk, look, "查阅记录"),
            asked=asked,
            draft=draft or Draft(),
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
