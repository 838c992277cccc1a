"""What the clients of a measurement ask: roll calls, a school's ledger, signing in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

import msgspec

from ckbx.application.class_sheet import roll_mark_of
from ckbx.bench.web.county import MORNING, PASSWORD, Head, Pupils
from ckbx.bench.web.traffic import Shot, request
from ckbx.domain.attendance.marks import Session

TODAY: Final = (MORNING + timedelta(hours=8)).date()
YESTERDAY: Final = TODAY - timedelta(days=1)
AWAY: Final = 3
ABSENT: Final = ("sick", "sick", "personal", "unexplained")
_SEEN: Final = 303
_PARTS: Final = (
    (TODAY, Session.MORNING),
    (TODAY, Session.AFTERNOON),
    (YESTERDAY, Session.FULL),
)


class RollCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Every class in turn, ``rate`` a second: this morning, this afternoon, a correction of
    yesterday, then corrections of all three, again and again; three children away, others each
    time. The server answers a form once the ledgers show it.

    A class's requests are all of one client, so that each rests on the one before. ``first``:
    how many of all of them were sent before.
    """

    classes: Sequence[Pupils]
    port: int
    rate: float
    seconds: float
    first: int = 0
    clients: int = 64
    expected: frozenset[int] = frozenset({_SEEN})

    @property
    def count(self) -> int:
        """How many requests there are."""
        return round(self.rate * self.seconds)

    def address(self, _client: int) -> str:
        """All from here."""
        return "127.0.0.1"

    def shots(self) -> Iterator[Shot]:
        """In the order of their instants."""
        for n in range(self.count):
            turn, place = divmod(self.first + n, len(self.classes))
            one = self.classes[place]
            sent = request("POST", one.path, self.port, cookie=one.token, form=_form(one, turn))
            yield Shot(n / self.rate, place % self.clients, sent)


def _form(one: Pupils, turn: int) -> str:
    """The class's n-th form; each before it stored one version of the class's days."""
    day, session = _part(turn)
    marks = {Session.FULL: one.version} if day == YESTERDAY else {}
    for before in range(turn):
        of, part = _part(before)
        if of == day:
            marks[part] = one.version + before + 1
    again = session in marks
    away = [one.children[(turn * AWAY + k) % len(one.children)] for k in range(AWAY)]
    fields = {
        "command": str(uuid4()),
        "account": one.account,
        "day": day.isoformat(),
        "made": TODAY.isoformat(),
        "session": session.value,
        "mark": ".".join(f"{each.value}{marks[each]}" for each in sorted(marks)),
        "roll_mark": roll_mark_of(one.children),
        "taken_at": "",
        "extra": "",
        "why": "点错了，已和家长核对" if again else "",
        "absent": [str(child) for child in away],
    }
    reasons = {f"r-{child}": ABSENT[(turn + k) % len(ABSENT)] for k, child in enumerate(away)}
    return urlencode(fields | reasons, doseq=True)


def _part(turn: int) -> tuple[date, Session]:
    return _PARTS[turn % 3]


class Ledgers(msgspec.Struct, frozen=True, kw_only=True):
    """Principals who look at a ledger of their school, ``rate`` a second, one after the other."""

    heads: Sequence[Head]
    port: int
    rate: float
    seconds: float
    ledger: str = "roster"
    clients: int = 16
    expected: frozenset[int] = frozenset({200})

    def address(self, _client: int) -> str:
        """All from here."""
        return "127.0.0.1"

    def shots(self) -> Iterator[Shot]:
        """In the order of their instants."""
        for n in range(round(self.rate * self.seconds)):
            one = self.heads[n % len(self.heads)]
            path = f"/ledgers/{self.ledger}?school={one.school}"
            yield Shot(
                n / self.rate, n % self.clients, request("GET", path, self.port, cookie=one.token)
            )


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """So many teachers who sign in within ``seconds``, from as many networks as schools have."""

    accounts: Sequence[str]
    port: int
    seconds: float
    clients: int = 128
    expected: frozenset[int] = frozenset({_SEEN})

    def address(self, client: int) -> str:
        """A network of its own."""
        return f"127.0.1.{client + 1}"

    def shots(self) -> Iterator[Shot]:
        """In the order of their instants."""
        for n, account in enumerate(self.accounts):
            form = urlencode({"account": account, "password": PASSWORD, "next": "/"})
            sent = request("POST", "/signin", self.port, form=form)
            yield Shot(n * self.seconds / len(self.accounts), n % self.clients, sent)
