"""Which schools the county has, and which classes a school has."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.school.events import (
    ClassListed,
    CountyNamed,
    LegalBasisRecorded,
    LegalBasisWithdrawn,
    RosterBegan,
    SchoolListed,
    SchoolNamed,
    SchoolWentLive,
)
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id
from ckbx.domain.shared.personal import check_name


class County(Aggregate):
    """The county's own stream: its name, its schools, its legal bases."""

    __slots__ = ("began", "legal_basis", "name", "schools")

    KIND: ClassVar[str] = "county"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.name = ""
        self.schools: list[str] = []
        self.legal_basis: dict[str, str] = {}
        self.began: date | None = None

    @staticmethod
    def stream(county: str) -> UUID:
        """The county's stream."""
        return stream_id(county, "county")

    def call(self, ctx: CommandContext, *, code: str, name: str) -> None:
        """Name the county; nothing when it has that name. Raises NameRefused."""
        if name != self.name:
            if name != code:  # a calendar names it by its code
                check_name(name, "县（区）名称")
            self.trigger_event(CountyNamed, ctx, occurred_on=ctx.today, code=code, name=name)

    def list_school(self, ctx: CommandContext, *, school: str) -> None:
        """Enter a school; nothing when it is entered."""
        if school not in self.schools:
            self.trigger_event(SchoolListed, ctx, occurred_on=ctx.today, school=school)

    def begin_roster(self, ctx: CommandContext, *, first_day: date) -> None:
        """The first roster arrives, in the term that began on ``first_day``; once only."""
        if self.began is None:
            self.trigger_event(
                RosterBegan, ctx, occurred_on=min(first_day, ctx.today), first_day=first_day
            )

    def apply(self, event: Any) -> None:
        match event:
            case RosterBegan():
                self.began = event.first_day
            case CountyNamed():
                self.name = event.name
            case SchoolListed():
                self.schools.append(event.school)
            case LegalBasisRecorded():
                self.legal_basis[event.matter] = event.document
            case LegalBasisWithdrawn():
                self.legal_basis.pop(event.matter, None)


class School(Aggregate):
    """One school: its name, its classes, since when it hands in daily."""

    __slots__ = ("classes", "live_since", "name")

    KIND: ClassVar[str] = "school"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.name = ""
        self.classes: dict[str, None] = {}
        self.live_since: date | None = None

    @staticmethod
    def stream(county: str, school: str) -> UUID:
        """The school's stream."""
        return stream_id(county, "school", school)

    def call(self, ctx: CommandContext, *, school: str, name: str) -> None:
        """Name the school; nothing when it has that name. Raises NameRefused."""
        if name != self.name:
            check_name(name, "学校名称")
            self.trigger_event(SchoolNamed, ctx, occurred_on=ctx.today, school=school, name=name)

    def list_class(self, ctx: CommandContext, *, school: str, class_key: str, on: date) -> None:
        """Enter a class; nothing when it is entered."""
        if class_key not in self.classes:
            self.trigger_event(ClassListed, ctx, occurred_on=on, school=school, class_key=class_key)

    def go_live(self, ctx: CommandContext, *, school: str, on: date) -> None:
        """The first live submission arrived; nothing when one had."""
        if self.live_since is None:
            self.trigger_event(SchoolWentLive, ctx, occurred_on=on, school=school)

    def apply(self, event: Any) -> None:
        match event:
            case SchoolNamed():
                self.name = event.name
            case ClassListed():
                self.classes[event.class_key] = None
            case SchoolWentLive():
                self.live_since = event.occurred_on
