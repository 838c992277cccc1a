"""Which alerts does a store hold after the year, and where do they differ from the expected?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from ckbx.bench.year.days import ENDS
from ckbx.bench.year.expected import expected
from ckbx.bench.year.fires import COUNTY_SELF, PRIMARY_SELF, SCHOOL_SELF, Fire
from ckbx.bench.year.world import COUNTY, SIZE, Kid, Site, World
from ckbx.clock import from_micros

_STATES = {"AlertWithdrawn": "withdrawn", "AlertClosed": "closed"}
_PAGE = 5_000


class Told(NamedTuple):
    """An alert as the log has it: raised when, about what, to whom, how it ended, how often."""

    at: datetime
    rule: str
    subject: str
    on: date
    to: tuple[str, ...]
    level: str
    site: int | None
    state: str = "open"
    times: int = 1

    def fire(self, zone: ZoneInfo) -> Fire:
        """In the form of the table of what is expected."""
        there = self.at.astimezone(zone)
        to = tuple(sorted(account.partition(".")[0] for account in self.to))
        return Fire(
            there.date(), f"{there:%H:%M}", self.rule, self.subject, to, once=self.site is None
        )


def told(world: World) -> dict[UUID, Told]:
    """Every alert of the store by its stream, in the order in which they were raised."""
    found: dict[UUID, Told] = {}
    names, position = _Names(world.sites), 0
    while batch := world.store.log.read(position, _PAGE):
        for recorded in batch:
            event: Any = recorded.event
            kind, id_ = type(event).__name__, event.originator_id
            if kind == "AlertRaised":
                found[id_] = names.told(event, from_micros(recorded.recorded_at))
            elif kind == "AlertReopened":
                found[id_] = found[id_]._replace(state="open", times=found[id_].times + 1)
            elif kind in _STATES:
                found[id_] = found[id_]._replace(state=_STATES[kind])
        position = batch[-1].position
    return found


class _Names:
    """Words for the ids of the made-up schools."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._kids = {
            site.child(kid): (kid.label, site.number)
            for site in sites
            for primary in (False, True)
            for entry in range(2017, 2027)
            for kid in (Kid(entry, n, primary) for n in range(1, SIZE + 1))
        }
        self._schools = {site.school: (SCHOOL_SELF, site.number) for site in sites}
        self._schools |= {site.primary: (PRIMARY_SELF, site.number) for site in sites}

    def told(self, event: Any, at: datetime) -> Told:
        subject, site = self._subject(event)
        to = tuple(sorted(event.to))
        return Told(at, event.rule, subject, event.occurred_on, to, event.level, site)

    def _subject(self, event: Any) -> tuple[str, int | None]:
        if event.child is not None:
            return self._kids[event.child]
        code = str(event.detail.get("scope", event.subject))
        if code == COUNTY:
            return COUNTY_SELF, None
        if code in self._schools:
            return self._schools[code]
        if "/" in code:
            school, entry, _ = code.split("/")
            name, site = self._schools[school]
            prefix = PRIMARY_SELF if name == PRIMARY_SELF else ""
            title = str(event.detail.get("title", "")) if event.kind == "post_vacant" else ""
            return f"{prefix}{entry}级{title}", site
        return code, None


class Standing(NamedTuple):
    """An alert that stands, whenever it was raised."""

    on: date
    rule: str
    subject: str
    to: tuple[str, ...]
    site: int
    state: str


def standing(world: World, *, withdrawn: bool = False) -> Counter[Standing]:
    """The alerts that stand (or those withdrawn), however often each was raised."""
    return Counter(
        Standing(a.on, a.rule, a.subject, a.to, -1 if a.site is None else a.site, a.state)
        for a in told(world).values()
        if (a.state == "withdrawn") is withdrawn
    )


class Difference(NamedTuple):
    """What was not told, told besides, or told more than once, each as a line for a person."""

    missed: list[str]
    besides: list[str]
    again: list[str]

    def __bool__(self) -> bool:
        return bool(self.missed or self.besides or self.again)

    def __str__(self) -> str:
        return "\n".join(
            f"{what} {line}"
            for what, lines in (("漏：", self.missed), ("多：", self.besides), ("重：", self.again))
            for line in lines
        )


def difference(world: World, until: date = ENDS) -> Difference:
    """The year as it was told, up to a day, against the year as it had to be, for every school."""
    alerts = told(world)
    zone = world.clock.zone
    got = Counter((each.site, each.fire(zone)) for each in alerts.values())
    wanted = Counter(each for each in _for_all(world.sites) if each[1].day <= until)
    again = [(each.site, each.fire(zone)) for each in alerts.values() if each.times > 1]
    return Difference(
        [_line(*each) for each in sorted((wanted - got).elements(), key=str)],
        [_line(*each) for each in sorted((got - wanted).elements(), key=str)],
        [_line(*each) for each in sorted(again, key=str)],
    )


def _for_all(sites: Iterable[Site]) -> Iterator[tuple[int | None, Fire]]:
    numbers = [site.number for site in sites]
    for fire in expected():
        for number in [None] if fire.once else numbers:
            yield number, fire


def _line(site: int | None, fire: Fire) -> str:
    where = "" if site is None else f"[{site}] "
    return f"{where}{fire.day} {fire.hour} {fire.rule} {fire.subject} → {'、'.join(fire.to)}"
