"""疑似辍学学生台账: who is suspected, as of a day, as known on a day? A plain form, no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.status import Finding, TrackingStatus
from ckbx.ledgers.catalogue import SUSPECTED
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.words import class_name
from projections import suspected
from projections.suspected import SuspectedRow


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it was filled in."""

    school: str = ""
    as_of: str = ""
    known_at: str = ""
    all_: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the ledger."""

    row: SuspectedRow
    name: str
    student_no: str
    school_name: str
    class_name: str
    teacher: str
    overdue: bool
    outcome: TrackingStatus | str

    @property
    def stage(self) -> str:
        """Which stage of the check it stands at, as a short code for the page."""
        if self.row.closed_on is not None:
            return "closed"
        if self.row.attending_since is not None:
            return "attending"
        return "away"


def suspected_page(desk: WebDesk, asked: Asked) -> Response:
    """The ledger. Raises BadDay, NotThere for a school that is not there for this viewer."""
    known = desk.day(asked.known_at)
    as_of = desk.day(asked.as_of) or min(known or desk.today, desk.today)
    with desk.look(
        "web:suspected",
        "查看疑似辍学学生台账",
        as_of=as_of,
        known_at=desk.end_of(known),
        all_=asked.all_,
        schools=[asked.school] if asked.school else None,
    ) as look:
        names = look.school_names()
        if asked.school and asked.school not in dict(desk.school_choices(look)):
            raise NotThere
        scope = look.question.scope
        found = suspected.suspected(look.reading, scope, all_=asked.all_, **look.at)
        withdrawn = suspected.withdrawals(look.reading, scope, **look.at)
        people = look.people([p for row in found for p in (row.child, row.case_teacher_id)])
        lines = [_line(row, people, names, as_of) for row in found]
        stages = Counter(line.stage for line in lines)
        return desk.html(
            "child/suspected.html",
            **base(desk, look, SUSPECTED.title),
            ledger=SUSPECTED,
            asked=asked,
            schools=desk.schools_offered(look, asked.school),
            lines=lines,
            stages=stages,
            overdue=sum(line.overdue for line in lines),
            withdrawn=len(withdrawn),
            future=as_of > desk.today,
            export=_same_question(asked),
        )


def _same_question(asked: Asked) -> str:
    """What the ledger with its exports is to be asked, as asked here."""
    given = {"school": asked.school, "as_of": asked.as_of, "known_at": asked.known_at}
    return urlencode({**given, "all": "1" if asked.all_ else ""})


def _line(
    row: SuspectedRow, people: Mapping[UUID, Person], names: dict[str, str], as_of: date
) -> Line:
    person = people[row.child]
    teacher = people.get(row.case_teacher_id) if row.case_teacher_id else None
    return Line(
        row=row,
        name=person.name,
        student_no=person.identity.student_no if person.identity else "",
        school_name=names.get(row.school_code or "", row.school_code or "—") or "—",
        class_name=class_name(row.class_key, school_year_of(as_of)) if row.class_key else "",
        teacher=teacher.name if teacher else (row.case_teacher or ""),
        overdue=row.closed_on is None and row.due_on is not None and row.due_on < as_of,
        outcome=_outcome(row),
    )


def _outcome(row: SuspectedRow) -> TrackingStatus | str:
    """The status that followed, or how it ended in words; empty while it holds."""
    if row.closed_on is None:
        return ""
    if row.how == "cleared":
        return f"核销：{row.finding} {Finding(row.finding).label}" if row.finding else "核销"
    return TrackingStatus(row.how) if row.how in set(TrackingStatus) else row.how or ""
