"""Children, classes and personal data of a roster import: set back to what was before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from ckbx.application import enrolment
from ckbx.application.books import term_key
from ckbx.application.intake_corrections import rejudge
from ckbx.application.unit import Unit
from ckbx.clock import from_micros
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import (
    ChildRegistered,
    ClassChanged,
    Enrolled,
    IdentityAmended,
    ResidenceChanged,
    RosterFindingNoted,
)
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.imports.roster_compare import GROUPS, chunks, given_up
from ckbx.imports.undo_kit import Undone
from ckbx.vault.numbers import NUMBERS
from ckbx.vault.people import Identity, NewPerson, Person

_A_CLASS = 60
_DID = (Enrolled, ClassChanged, IdentityAmended, ResidenceChanged, RosterFindingNoted)


class RosterUndo:
    """Undoes what a batch did to each child, in one command for up to 60 children."""

    def __init__(self, done: Undone) -> None:
        self.done = done
        self.own: dict[UUID, list[DomainEvent]] = {}
        self.began_at: datetime | None = None
        for found in done.events:
            if self.began_at is None:
                self.began_at = from_micros(found.recorded_at - 1)
            if isinstance(found.event, (*_DID, ChildRegistered)):
                self.own.setdefault(found.event.originator_id, []).append(found.event)

    # What stands against it

    def check(self) -> None:
        """Later facts of a child, its posts, and roll calls of the classes it was put into."""
        for part in chunks(sorted(self.own), 1000):
            for child, events in self.done.later(part).items():
                if events:
                    titles = "、".join(dict.fromkeys(event.TITLE for event in events))
                    self.done.facts.append(f"学生 {child}：后来有“{titles}”的记录")
            self._check_posts(part)
            self._check_numbers(part)
        self._check_roll_calls()

    def _check_posts(self, children: list[UUID]) -> None:
        streams = {
            posts_stream(self.done.county, Scope(ScopeKind.STUDENT, str(child))): child
            for child in children
        }
        for stream, events in self.done.lane.log.load(list(streams)).items():
            register = PostRegister(stream, self.done.county).replay(events)
            if any(post.tenures for post in register.posts.values()):
                self.done.facts.append(f"学生 {streams[stream]}：责任链上有包人的岗位")

    def _check_numbers(self, part: list[UUID]) -> None:
        """A number that the import corrected may have found its true holder since."""
        before = {c: p.identity for c, p in self._people_before(part).items() if p.identity}
        for kind, title in NUMBERS.items():
            had = {getattr(identity, kind): c for c, identity in before.items()}
            had.pop("", None)
            for number, found in self.done.job.vault.numbers(kind, list(had)).items():
                if found.held and had[number] not in found.held:
                    self.done.facts.append(f"学生 {had[number]}：原{title}已登记在另一名学生名下")

    def _check_roll_calls(self) -> None:
        """A class that reported counted the child among its roll."""
        office = self.done.lane.office
        unit = Unit(office.map, office.context(self.done.job.actor))
        first: dict[str, int] = {}
        for events in self.own.values():
            for event in events:
                if isinstance(event, Enrolled | ClassChanged):
                    day = event.occurred_on.toordinal()
                    first[event.class_key] = min(first.get(event.class_key, day), day)
        for key, day in sorted(first.items()):
            school = split_class_key(key)[0]
            calendar = office.calendars(unit, school).for_school(school)
            streams = [ClassRoll.stream(office.county, key, term_key(t)) for t in calendar.terms]
            days = [
                told
                for stream, events in self.done.lane.log.load(streams).items()
                for told, sheets in ClassRoll(stream).replay(events).by_day.items()
                if told >= day and sheets
            ]
            if days:
                name = self.done.class_name(key, school_year_of(self.done.job.today()))
                self.done.facts.append(f"{name}：已有 {len(days)} 天点名（应到按这份名册计）")

    # What is written

    def write(self) -> None:
        """Class changes back, enrolments undone, personal data as before."""
        noted = 0
        registered = 0
        for part in chunks(sorted(self.own), _A_CLASS):
            people = self._people_before(part)
            now = self._identities(list(people))
            self.done.submit(("children", *part), self._decision(part, people, now))
            noted += sum(isinstance(e, RosterFindingNoted) for c in part for e in self.own[c])
            registered += sum(isinstance(e, ChildRegistered) for c in part for e in self.own[c])
        if noted:
            self.done.warnings.append(f"{noted} 条名册核对发现保留在案，请人工核对后处理")
        if registered:
            self.done.warnings.append(
                f"{registered} 名学生的入学已撤销，登记保留（再次导入同一学生会接着用）；"
                "确属误录的个人信息请用 ckbx erase --ground 误录 删除（号码以后还可登记）"
            )

    def _people_before(self, part: list[UUID]) -> dict[UUID, Person]:
        amended = [
            child
            for child in part
            if any(isinstance(event, IdentityAmended) for event in self.own[child])
        ]
        if not amended:
            return {}
        access = self.done.job.access("roster")
        return self.done.job.vault.read(amended, GROUPS, access, known_at=self.began_at)

    def _identities(self, children: list[UUID]) -> dict[UUID, Identity]:
        """What the vault says of children now."""
        access = self.done.job.access("roster")
        found = self.done.job.vault.read(children, ("identity",), access) if children else {}
        return {child: person.identity or Identity() for child, person in found.items()}

    def _decision(
        self, part: list[UUID], people: dict[UUID, Person], now: dict[UUID, Identity]
    ) -> Callable[[Unit], bytes | None]:
        def decide(unit: Unit) -> bytes | None:
            children = unit.get_many(dict.fromkeys(part, Child))
            for id_ in part:
                self._undo_child(unit, children[id_], people.get(id_), now.get(id_))
            return b"undone"

        return decide

    def _undo_child(
        self, unit: Unit, child: Child, before: Person | None, now: Identity | None
    ) -> None:
        for event in reversed(self.own[child.id]):
            match event:
                case Enrolled() if child.class_key == event.class_key:
                    enrolment.undo_enrolment(
                        self.done.lane.office, unit, child.id, batch=self.done.batch
                    )
                case ClassChanged() if child.class_key == event.class_key:
                    self._move_back(unit, child, event)
                case ResidenceChanged():
                    self._home_back(unit, child, event)
                case IdentityAmended() if before is not None:
                    self._amend_back(unit, child, event, before, now)
                case _:
                    pass

    def _move_back(self, unit: Unit, child: Child, event: ClassChanged) -> None:
        office = self.done.lane.office
        old = self._earlier(child.id, event).class_key
        if old is None:
            return
        grade = grade_of(split_class_key(old)[1], school_year_of(event.occurred_on))
        enrolment.change_class(
            office, unit, child.id, old, grade=grade, on=event.occurred_on, batch=self.done.batch
        )
        if event.occurred_on < unit.ctx.today:
            for key in (old, event.class_key):
                rejudge(office, unit, key, event.occurred_on)

    def _earlier(self, child: UUID, event: DomainEvent) -> Child:
        """The child as it was before an event."""
        events = self.done.lane.log.load([child])[child]
        return Child(child).replay(
            [e for e in events if e.originator_version < event.originator_version]
        )

    def _home_back(self, unit: Unit, child: Child, event: ResidenceChanged) -> None:
        old = self._earlier(child.id, event)
        if (old.village, old.residence) != (child.village, child.residence):
            child.trigger_event(
                ResidenceChanged,
                unit.ctx,
                occurred_on=unit.ctx.today,
                village=old.village,
                residence=old.residence,
            )

    def _amend_back(
        self,
        unit: Unit,
        child: Child,
        event: IdentityAmended,
        before: Person,
        now: Identity | None,
    ) -> None:
        """What stood in the vault before the batch, as new rows."""
        groups = {name: getattr(before, name) for name in event.groups if getattr(before, name)}
        if groups:
            old, lookups, gone = groups.get("identity"), {}, {}
            if old is not None:
                lookups = {k: n for k in NUMBERS if (n := getattr(old, k))}
                gone = given_up(now or Identity(), old)
            person = NewPerson(
                subject=child.id, kind="child", lookups=lookups, given_up=gone, **groups
            )
            unit.writes.extend(self.done.job.vault.prepare_many([person]))
            child.trigger_event(
                IdentityAmended,
                unit.ctx,
                occurred_on=unit.ctx.today,
                groups=sorted(groups),
                batch=self.done.batch,
            )
