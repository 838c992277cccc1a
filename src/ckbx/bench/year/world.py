"""The made-up schools of the year in a store: who learns and answers there, and their mornings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from ckbx.application import enrolment, roll_calls
from ckbx.application.unit import Unit
from ckbx.bench.year.days import BEGINS
from ckbx.clock import FixedClock, local_instant
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.lines import CalendarLine, calendar_commands
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind, post_id
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.school_class.register import ClassRegister
from ckbx.eventlog.ports import Appended
from ckbx.store import Store

COUNTY = "522699"
SIZE = 10
ENTRIES = range(2017, 2026)
"""The classes that a school has in August 2026, by the year in which they began."""
MOVED_UP = 2020
"""Of this class two children sat in the primary school until the summer."""
SINCE = date(2026, 1, 1)
TITLES = {
    Role.BUREAU_OFFICER: "控辍保学专干",
    Role.PRINCIPAL: "校长",
    Role.CLASS_TEACHER: "班主任",
    Role.TOWNSHIP_OFFICER: "乡镇责任人",
    Role.VILLAGE_OFFICER: "村责任人",
}
_SPACE = UUID(int=0x7EA2)


class Kid(NamedTuple):
    """A child by its class and its number in it; ``P`` before the year: of the primary school."""

    entry: int
    number: int
    primary: bool = False

    @property
    def label(self) -> str:
        """What is written where a person's name would stand."""
        return f"{'村小' if self.primary else ''}{self.entry}级{self.number}号"


class Site:
    """One school of nine classes, the primary school beside it, its village and township."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.school = f"31526990{number:02d}"
        self.primary = f"21526990{number:02d}"
        self.township = f"{COUNTY}{101 + number}"
        self.village = f"{self.township}201"

    def key(self, entry: int, *, primary: bool = False) -> str:
        """The key of a class."""
        return f"{self.primary if primary else self.school}/{entry}/1"

    def child(self, kid: Kid) -> UUID:
        """The id of a child."""
        return uuid5(_SPACE, f"{self.number}/{kid.label}")

    def account(self, who: str) -> str:
        """The account of somebody of this school, e.g. ``head``, ``t2023``, ``village``."""
        return who if who in ("bureau", "gov") else f"{who}.{self.number}"

    def roll(self, entry: int) -> list[Kid]:
        """The children a class has at first."""
        size = SIZE - 2 if entry == MOVED_UP else SIZE
        return [Kid(entry, n) for n in range(1, size + 1)]


class World:
    """A store with its clock, and the acts by which the county is filled."""

    def __init__(self, store: Store, clock: FixedClock, sites: Sequence[Site]) -> None:
        self.clock, self.sites = clock, sites
        self.use(store)
        self._registers: dict[str, tuple[int, ClassRegister]] = {}

    def use(self, store: Store) -> None:
        """Go on with this store."""
        self.store, self.office = store, store.office

    # The clock

    def at(self, day: date, hour: str) -> datetime:
        """The UTC instant of a local hour (``HH:MM``)."""
        return local_instant(day, time.fromisoformat(hour), self.clock.zone)

    def today(self) -> date:
        return self.office.today()

    def run(self, actor: str, decide: Callable[[Unit], Any]) -> Appended:
        """One command of a person."""

        def decided(unit: Unit) -> bytes:
            decide(unit)
            return b"done"

        return self.office.run(self.office.context(actor), decided)

    # Calendar, classes, posts

    def lines(self, lines: Sequence[CalendarLine]) -> None:
        """The county enters lines of its calendar."""

        def decide(unit: Unit) -> None:
            for line in lines:
                calendars = self.office.calendars(unit, line.school)
                unit.add(calendar_commands(calendars, line, unit.ctx))

        self.run("bureau", decide)
        self.office.forget_all()

    def admit(
        self, site: Site, entry: int, kids: Sequence[Kid], *, grade: int, primary: bool = False
    ) -> None:
        """New children of a class, from today on."""
        pupils = [
            enrolment.NewPupil(child=site.child(kid), sex="f", village=site.village) for kid in kids
        ]
        key, today = site.key(entry, primary=primary), self.today()
        self.run(
            site.account("head"),
            lambda unit: enrolment.admit(
                self.office, unit, key, pupils, grade=grade, on=today, school_name="一校"
            ),
        )

    def post(
        self,
        scope: Scope,
        account: str,
        role: Role,
        *,
        line: Line = Line.EDUCATION,
        since: date = SINCE,
    ) -> None:
        """Somebody holds a post that was made for it."""

        def decide(unit: Unit) -> None:
            register = _register(unit, scope)
            post = post_id(COUNTY, line, scope, TITLES[role])
            if post not in register.posts:
                register.establish(
                    unit.ctx,
                    line=line,
                    scope=scope,
                    title=TITLES[role],
                    level=1,
                    role=role,
                    since=SINCE,
                )
            holder = uuid5(_SPACE, account)
            register.hold(unit.ctx, post, account=account, holder=holder, first_day=since)

        self.run("bureau", decide)

    def ends(self, scope: Scope, account: str, role: Role, last: date) -> None:
        """The tenure of an account ends."""

        def decide(unit: Unit) -> None:
            register = _register(unit, scope)
            post = register.post(post_id(COUNTY, Line.EDUCATION, scope, TITLES[role]))
            number = next(t.number for t in post.tenures if t.account == account)
            register.vacate(unit.ctx, post.id, tenure=number, last_day=last)

        self.run("bureau", decide)

    def begin(self) -> None:
        """What the county and its schools have in August."""
        county = Scope(ScopeKind.COUNTY, COUNTY)
        self.post(county, "bureau", Role.BUREAU_OFFICER)
        self.post(county, "gov", Role.BUREAU_OFFICER, line=Line.GOVERNMENT)
        for site in self.sites:
            self._places(site)
            for entry in ENTRIES:
                self.admit(site, entry, site.roll(entry), grade=BEGINS.year - entry)
            moving = [Kid(MOVED_UP, n, primary=True) for n in (1, 2)]
            self.admit(site, MOVED_UP, moving, grade=6, primary=True)

    def _places(self, site: Site) -> None:
        gov, who = Line.GOVERNMENT, site.account
        township = Scope(ScopeKind.TOWNSHIP, site.township)
        self.post(township, who("town"), Role.TOWNSHIP_OFFICER, line=gov)
        village = Scope(ScopeKind.VILLAGE, site.village)
        self.post(village, who("village"), Role.VILLAGE_OFFICER, line=gov)
        for code, account in ((site.school, "head"), (site.primary, "headp")):
            self.post(Scope(ScopeKind.SCHOOL, code), who(account), Role.PRINCIPAL)
        for entry in ENTRIES:
            if entry != UNSET:
                self.teacher(site, entry)
        self.teacher(site, MOVED_UP, account="tp", primary=True)

    def teacher(
        self,
        site: Site,
        entry: int,
        *,
        account: str = "",
        since: date = SINCE,
        primary: bool = False,
    ) -> None:
        """A class gets its teacher."""
        scope = Scope(ScopeKind.CLASS, site.key(entry, primary=primary))
        name = site.account(account or f"t{entry}")
        self.post(scope, name, Role.CLASS_TEACHER, since=since)

    # Mornings

    def morning(
        self,
        site: Site,
        entry: int,
        absent: Mapping[Kid, Reason],
        *,
        primary: bool = False,
        more: int = 0,
    ) -> None:
        """A class reports today in full; ``more``: it counts so many more than its roll has."""
        key, day = site.key(entry, primary=primary), self.today()
        roll = self._roll(key, day)
        wanted = {site.child(kid): why for kid, why in absent.items()}
        marks = {child: why for child, why in wanted.items() if child in roll}
        account = site.account(f"t{entry}")
        submission = Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=Session.FULL,
            expected=len(roll) + more,
            present=len(roll) + more - len(marks),
            absent=marks,
            submitted_by=account,
        )
        ctx = self.office.context(account, roll_calls.command_id(COUNTY, submission))
        roll_calls.hand_in(self.office, ctx, submission)

    def _roll(self, key: str, day: date) -> Sequence[UUID]:
        stream = ClassRegister.stream(COUNTY, key)
        events = self.store.log.load([stream]).get(stream, [])
        known = self._registers.get(key)
        if known is None or known[0] != len(events):
            known = (len(events), ClassRegister(stream).replay(events))
            self._registers[key] = known
        return list(known[1].roll(day.toordinal()))


UNSET = 2021
"""The class that has no teacher until the last days of August."""


def _register(unit: Unit, scope: Scope) -> PostRegister:
    return unit.get(posts_stream(COUNTY, scope), partial(PostRegister, county=COUNTY))
