"""The made-up county with cases: two children of each class away, worked on to several stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid5

from ckbx.application.case_papers import Papers
from ckbx.application.cases import take_step
from ckbx.application.unit import Unit
from ckbx.bench.answers import hand_in_all
from ckbx.bench.case_steps import COURSE, Make, back
from ckbx.bench.world import BEGAN, COUNTY, SIZE, World, school_days
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.case.case import case_stream
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.eventlog.ports import RowDelete, RowWrite
from ckbx.store import Store
from ckbx.vault import Contact, Guardian, Identity
from ckbx.vault.people import NewPerson

AWAY_A_CLASS = 2
REPORTED = 8
"""School days that every class reports, with its two children away on each."""
_SPACE = UUID(int=0xCA5E5)
_A_COMMIT = 40
_WORKED = {2: 2, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 8: 6, 9: 6}
"""How many of its steps a case has taken, by its number modulo 10; the others none."""


class Step(NamedTuple):
    """One command on one case."""

    case: UUID
    actor: str
    make: Make
    on: date


class CaseWorld:
    """A county of so many children; :attr:`suspects` are those who stay away, in every n-th
    class (``every``).
    """

    def __init__(self, store: Store, children: int, every: int = 1) -> None:
        self.store, self.world = store, World(children)
        self.classes = self.world.classes
        self.days = school_days(store.office)
        self._away = {
            key: ids[:AWAY_A_CLASS] if n % every == 0 else []
            for n, (key, ids) in enumerate(self.classes.items())
        }
        self.suspects = [(key, child) for key, ids in self._away.items() for child in ids]

    def begin(self) -> None:
        """Everybody is enrolled, every class has its teacher, the suspects have their cases."""
        self.world.admit(self.store.office)
        self._posts()
        hand_in_all(self.store, self._sheets(self.days[:REPORTED], self._away))

    def go_on(self, until: int) -> None:
        """Every class reports up to the n-th day; those who came back (:meth:`work`) are there."""
        back = {child for _, child in self.suspects[9::10]}
        away = {key: [c for c in ids if c not in back] for key, ids in self._away.items()}
        hand_in_all(self.store, self._sheets(self.days[REPORTED:until], away))

    def corrections(self, keys: Sequence[str], day: date) -> Iterator[Submission]:
        """The sheets of a day once more, with the last child of each class ill."""
        back = {child for _, child in self.suspects[9::10]}
        for key in keys:
            away: dict[UUID, Reason] = {
                child: Reason.UNEXPLAINED for child in self._away[key] if child not in back
            }
            away[self.classes[key][-1]] = Reason.SICK
            yield Submission(
                class_key=key,
                class_name=key,
                day=day,
                session=Session.FULL,
                expected=SIZE,
                present=SIZE - len(away),
                absent=away,
                submitted_by="bench",
                correction_note="ref:1",
            )

    def name(self, suspects: Sequence[tuple[str, UUID]]) -> None:
        """Give them names and guardians, so that papers about them are full ones."""
        office, vault = self.store.office, self.store.vault
        for start in range(0, len(suspects), _A_COMMIT):
            people = [
                NewPerson(
                    subject=child,
                    kind="child",
                    identity=Identity(name=f"王小{chr(0x4E00 + n % 500)}", student_no=f"G{n:018d}"),
                    contact=Contact(
                        home_address=f"某镇某村{n % 99}号",
                        guardians=(Guardian(name="王大", relation="父亲", phone="13900000000"),),
                    ),
                )
                for n, (_, child) in enumerate(suspects[start : start + _A_COMMIT], start)
            ]

            def decide(unit: Unit, people: list[NewPerson] = people) -> bytes:
                unit.writes += vault.prepare_many(people)
                return b"names"

            office.run(office.context("bench"), decide)

    def case(self, child: UUID) -> UUID:
        """The case of a suspect."""
        return case_stream(COUNTY, child, 1)

    def steps(self, suspects: Sequence[tuple[str, UUID]]) -> Iterator[list[Step]]:
        """What people do on each of these cases, in order: six commands, each with words."""
        for key, child in suspects:
            yield [
                Step(self.case(child), _teacher(key), make, self.days[5 + n])
                for n, make in enumerate(COURSE)
            ]

    def work(self, suspects: Sequence[tuple[str, UUID]]) -> None:
        """Take each case as far as its number says, many in one commit; the tenth comes back."""
        todo = [
            (step, suspects[n])
            for n, steps in enumerate(self.steps(suspects))
            for step in steps[: _WORKED.get(n % 10, 0)]
        ]
        todo += [
            (Step(self.case(child), "head", partial(back, key=key), self.days[12]), (key, child))
            for key, child in suspects[9::10]
        ]
        for start in range(0, len(todo), _A_COMMIT):
            self._together([step for step, _ in todo[start : start + _A_COMMIT]])

    def take(self, step: Step) -> list[RowWrite | RowDelete]:
        """One command by itself; what it handed to the append besides events."""
        office, kept = self.store.office, list[RowWrite | RowDelete]()
        papers = Papers(self.store.vault)
        act = step.make(papers, step.on)

        def decide(unit: Unit) -> bytes:
            reply = take_step(office, unit, step.case, act, papers=papers)
            kept[:] = unit.writes
            return reply

        office.run(office.context(step.actor), decide)
        return kept

    def _together(self, steps: Sequence[Step]) -> None:
        office = self.store.office

        def decide(unit: Unit) -> bytes:
            for step in steps:
                papers = Papers(self.store.vault)
                act = step.make(papers, step.on)
                take_step(office, unit, step.case, act)
            return b"cases"

        office.run(office.context("bench"), decide)

    def _posts(self) -> None:
        """A principal a school and a class teacher a class."""
        office = self.store.office
        schools = dict.fromkeys(key.split("/")[0] for key in self.classes)
        posts = [(ScopeKind.SCHOOL, code, "校长", Role.PRINCIPAL, "head") for code in schools]
        posts += [
            (ScopeKind.CLASS, key, "班主任", Role.CLASS_TEACHER, _teacher(key))
            for key in self.classes
        ]
        for start in range(0, len(posts), _A_COMMIT):

            def decide(unit: Unit, start: int = start) -> bytes:
                for kind, code, title, role, account in posts[start : start + _A_COMMIT]:
                    hold(unit, Scope(kind, code), title, role, account)
                return b"posts"

            office.run(office.context("bench"), decide)

    @staticmethod
    def _sheets(days: Sequence[date], absent: Mapping[str, Sequence[UUID]]) -> Iterator[Submission]:
        for day in days:
            for key, away in absent.items():
                yield Submission(
                    class_key=key,
                    class_name=key,
                    day=day,
                    session=Session.FULL,
                    expected=SIZE,
                    present=SIZE - len(away),
                    absent=dict.fromkeys(away, Reason.UNEXPLAINED),
                    submitted_by="bench",
                )


def new_case_world(store: Store, children: int, every: int = 1) -> CaseWorld:
    """A county with its cases just opened, in every n-th class."""
    made = CaseWorld(store, children, every)
    made.begin()
    return made


def _teacher(key: str) -> str:
    return "t" + key.replace("/", "-")


def hold(unit: Unit, scope: Scope, title: str, role: Role, account: str) -> None:
    """A post of the school's line, held by an account since the term began."""
    register = unit.get(posts_stream(COUNTY, scope), partial(PostRegister, county=COUNTY))
    post = register.establish(
        unit.ctx, line=Line.EDUCATION, scope=scope, title=title, level=1, role=role, since=BEGAN
    )
    holder = uuid5(_SPACE, account)
    register.hold(unit.ctx, post, account=account, holder=holder, first_day=BEGAN)
