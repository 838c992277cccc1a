"""What was asked of a ledger on its page: which rows, as of which day, known when?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from ckbx.clock import local_day, local_instant
from ckbx.ledgers.model import Ledger
from ckbx.ledgers.question import Look, Question
from ckbx.web.desk import BadDay, NotThere, WebDesk
from ckbx.web.pages.cases.fields import Groups
from ckbx.web.pages.known_places import known_places
from projections.scope import Scope

_TOWNSHIP_DIGITS: Final = (9, 12)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The query as it was filled in."""

    school: str = ""
    township: str = ""
    as_of: str = ""
    known_at: str = ""
    all_: bool = False

    def address(self, path: str, page: int = 1) -> str:
        """The address of a page with this query."""
        fields = [
            ("school", self.school),
            ("township", self.township),
            ("as_of", self.as_of),
            ("known_at", self.known_at),
            ("all", "1" if self.all_ else ""),
            ("page", str(page) if page > 1 else ""),
        ]
        given = urlencode([(name, value) for name, value in fields if value])
        return f"{path}?{given}" if given else path


def known_instant(desk: WebDesk, value: str) -> datetime | None:
    """The instant of "as known at": a day is its end; None where none was given.

    Raises BadDay.
    """
    text = value.strip()
    if "T" not in text:
        return desk.end_of(desk.day(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadDay(value=value[:20]) from None
    desk.day(found.date().isoformat())
    if found.tzinfo is not None:
        return found
    return local_instant(found.date(), found.time(), desk.store.clock.zone)


def day_asked(desk: WebDesk, asked: Asked, known: datetime | None) -> date:
    """The as-of day: that of "as known at" where none was picked, else today."""
    picked = desk.day(asked.as_of)
    if picked is not None:
        return picked
    return min(local_day(known, desk.store.clock.zone), desk.today) if known else desk.today


def question(desk: WebDesk, asked: Asked, scope: Scope) -> Question:
    """The question within a scope; of alerts only what is open, unless all is asked for.

    Raises BadDay, NotThere.
    """
    known = known_instant(desk, asked.known_at)
    return Question(
        scope=scope,
        as_of=day_asked(desk, asked, known),
        known_at=known,
        all_=asked.all_,
        open_only=not asked.all_,
    )


def scope_asked(ledger: Ledger, asked: Asked, own: Scope, schools: dict[str, str]) -> Scope:
    """What of the own rows was asked for. Raises NotThere for a school or township that is not
    there for this viewer.
    """
    scope = own
    if asked.township:
        scope = _township(ledger, asked.township, own)
    if asked.school:
        if asked.school not in schools:
            raise NotThere
        scope = scope.narrowed([asked.school])
    return scope


def _township(ledger: Ledger, code: str, own: Scope) -> Scope:
    fine = code.isascii() and code.isdigit() and len(code) in _TOWNSHIP_DIGITS
    mine = own.everything or code.startswith(tuple(own.village_codes))
    if not (ledger.by_township and fine and mine):
        raise NotThere
    return Scope.villages([code])


def townships(look: Look, ledger: Ledger, asked: Asked, own: Scope) -> Groups:
    """The townships and villages that a viewer may ask a ledger for; none: there is no field."""
    if not ledger.by_township or not (own.everything or own.village_codes):
        return []
    known, mine = known_places(look), tuple(own.village_codes)
    found = known.by_township(lambda code: own.everything or code.startswith(mine))
    picked, listed = asked.township, {code for _, each in found for code, _ in each}
    if picked and picked not in listed:
        found.append(("所查的", [(picked, known.words(picked))]))
    return found


def choices(desk: WebDesk, look: Look, ledger: Ledger) -> list[tuple[str, str]]:
    """The schools a viewer may ask a ledger for."""
    own = ledger.grain.seen(desk.scope)
    found = desk.school_choices(look)
    if own.everything or own.village_codes or own.children:
        return found
    mine = own.of_schools().school_codes
    return [(code, name) for code, name in found if code in mine]


def offered(
    desk: WebDesk, look: Look, ledger: Ledger, asked: str, as_of: date
) -> list[tuple[str, str]]:
    """Of those, what the query offers on a day."""
    shown = dict(desk.schools_offered(look, asked, as_of))
    return [each for each in choices(desk, look, ledger) if each[0] in shown]
