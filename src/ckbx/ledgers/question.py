"""What is asked of a ledger, and what does everybody who answers share: one look, one record?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.ids import LAST_GRADE, grade_of, split_class_key
from ckbx.eventlog.ports import EventLog
from ckbx.ledgers.model import Row
from ckbx.vault import Access, Person, Vault
from projections import school
from projections.kit.reading import Reading
from projections.scope import Scope


class SchoolUnknown(InputRefused):
    code = "school_unknown"
    message = "没有学校 {school}：请核对 10 位学校标识码，或先导入该校花名册"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger on a local day, as known at a UTC instant (None: all that is recorded).

    ``all_`` adds what is closed; ``to`` and ``open_only`` are for alerts.
    """

    scope: Scope
    as_of: date
    known_at: datetime | None = None
    all_: bool = False
    to: str | None = None
    open_only: bool = False


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One consistent look at the answers, with the right to read names once.

    ``position`` and ``instant`` are those of the answer, ``today`` the present local day.
    """

    reading: Reading
    log: EventLog
    vault: Vault
    access: Access
    question: Question
    position: int
    instant: datetime

    @property
    def at(self) -> dict[str, Any]:
        """As-of day and position, as every query function takes them."""
        return {"as_of": self.question.as_of, "position": self.position}

    def school_names(self) -> dict[str, str]:
        """Names of the county's schools as known then."""
        known = self.reading.once(
            ("school names", self.position),
            lambda: school.school_names(self.reading, Scope.county(), position=self.position),
        )
        return dict(known)

    def people(
        self, children: Iterable[UUID | None], fields: Collection[str] = ("identity",)
    ) -> Mapping[UUID, Person]:
        """Names and numbers, with one access record. Call it once a look.

        As known then; today's, where no instant was asked about.
        """
        subjects = list(dict.fromkeys(each for each in children if each is not None))
        if not subjects:
            return {}
        return self.vault.read(subjects, list(fields), self.access, known_at=self.question.known_at)

    def shown(self, children: Iterable[UUID]) -> list[UUID]:
        """Those of them whose particulars are shown: of a page only its own."""
        return list(children)

    def class_of(self, class_key: str | None, grade: int | None = None) -> dict[str, int | None]:
        """Grade in the school year of the as-of day, and number of a class, as a row has them.

        A class past its ninth grade shows that grade until its children are graduated.
        """
        if not class_key:
            return {"grade": grade, "class": None}
        _school, entry_year, number = split_class_key(class_key)
        own = grade_of(entry_year, school_year_of(self.question.as_of))
        return {"grade": min(own, LAST_GRADE) if own >= 1 else grade, "class": number}


def who(people: Mapping[UUID, Person], child: UUID | None) -> dict[str, str | None]:
    """学籍号 and name of a person as a row has them; None where the row is about nobody."""
    if child is None:
        return {"student_no": None, "name": None}
    person = people[child]
    number = person.identity.student_no if person.identity else ""
    return {"student_no": number or None, "name": person.name}


def school_of(names: Mapping[str, str], code: str | None) -> Row:
    """Code and name of a school as a row has them."""
    return {"school_code": code, "school_name": names.get(code, "") if code else None}


def by_class(rows: Iterable[Row]) -> list[Row]:
    """Rows about children by school, class and internal number."""
    return sorted(
        rows, key=lambda row: (row["school_code"] or "", *class_order(row), row["child_id"])
    )


def class_order(row: Row) -> tuple[int, int]:
    """Grade and number of the class, for sorting."""
    return row["grade"] or 0, row["class"] or 0
