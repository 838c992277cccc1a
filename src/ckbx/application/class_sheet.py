"""点名页: what does a class-day look like to whoever calls the roll, and how is it handed in?

The page may have been filled in long before it is sent. It says which versions and which roll
it was made from; where that is no longer so, nothing is recorded and a person decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ckbx.application import roll_calls
from ckbx.application.books import open_book
from ckbx.application.office import Declined, Office
from ckbx.application.unit import Unit
from ckbx.clock import Clock, from_micros
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.class_book import ClassBook
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.holidays import DayKind
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.class_roll.errors import ClassUnknown, OutsideTerms
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.class_roll.slips import LeaveSlips, Slip
from ckbx.domain.shared.errors import CkbxError, InputRefused, RuleRefusal
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import Appended, EventLog
from ckbx.vault import Vault, note_ref


class SheetChangedMeanwhile(RuleRefusal):
    """Somebody handed in this class-day after the page was made. ids: day, class_name."""

    code = "sheet_changed_meanwhile"
    message = (
        "{day} {class_name}：打开页面之后，这一天的点名已有人报过或改过。您填的都还在，"
        "请对照两份；以您的为准时写明更正原因再提交"
    )


class RollChangedMeanwhile(RuleRefusal):
    """Children joined or left the roll after the page was made. ids: day, class_name."""

    code = "roll_changed_meanwhile"
    message = "{day} {class_name}：打开页面之后名册有变动，应到的学生不同了。请核对名单再提交"


class CorrectionNeedsReason(InputRefused):
    """ids: day, class_name."""

    code = "correction_needs_reason"
    message = "{day} {class_name} 已报过点名，更正请写明原因"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a class-day that was handed in. ``note``: the vault subject of why."""

    session: Session
    expected: int
    present: int
    roll: int
    absent: Mapping[UUID, Reason]
    seen: frozenset[UUID]
    by: str
    recorded_at: datetime
    position: int
    entry: str
    note: UUID | None
    standing: bool


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What was marked on a page, to be completed by what is recorded: everybody else on the
    roll is there. ``extra``: children who are there and not on the roll; they count on both
    sides, so that the difference is seen. ``seen_all``: who has to be named 到校 is, unless
    absent.
    """

    class_key: str
    class_name: str
    day: date
    session: Session
    absent: Mapping[UUID, Reason]
    seen: frozenset[UUID] = frozenset()
    seen_all: bool = False
    extra: int = 0
    submitted_by: str
    claimed_at: str | None = None

    def on(self, book: ClassBook, roll: ClassRoll) -> Submission:
        """The sheet of the class as it is in the book."""
        day = self.day.toordinal()
        on_roll = book.register.roll(day)
        expected, seen = len(on_roll) + self.extra, self.seen
        if self.seen_all:
            seen |= _to_name(book, on_roll, _seen(roll, day), day) - self.absent.keys()
        return Submission(
            class_key=self.class_key,
            class_name=self.class_name,
            day=self.day,
            session=self.session,
            expected=expected,
            present=expected - len(self.absent),
            absent=self.absent,
            seen=seen,
            submitted_by=self.submitted_by,
            claimed_at=self.claimed_at,
        )


class ClassSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A class on a day. ``named``: children who have to be named 到校 (or were, that day);
    ``away``: those who belong to the class and are not expected, with what keeps them away;
    ``slips`` pre-mark the day; ``versions`` oldest first. ``mark`` and ``roll_mark`` say what
    the page rests on; ``tap`` what became of the school's 停课 report for the day.
    """

    class_key: str
    day: date
    term: Term | None
    kind: DayKind
    roll: frozenset[UUID]
    named: frozenset[UUID]
    away: Mapping[UUID, str]
    slips: Mapping[UUID, Slip]
    coming: Sequence[Slip]
    versions: Sequence[Version]
    mark: str
    roll_mark: str
    tap: str | None

    @property
    def standing(self) -> list[Version]:
        """The versions that hold, at most one a session."""
        return [version for version in self.versions if version.standing]


def read_sheet(log: EventLog, clock: Clock, class_key: str, day: date) -> ClassSheet:
    """The class-day as recorded now, whoever recorded it. Raises ClassUnknown."""
    office = Office(log, clock)
    unit = Unit(office.map, office.context("system:page"))
    school = split_class_key(class_key)[0]
    calendars = office.calendars(unit, school)
    calendar = calendars.for_school(school)
    book = open_book(office, unit, class_key, calendar, day)
    if not book.register.exists:
        raise ClassUnknown(class_name=class_key)
    term = calendar.term_of(day)
    roll = book.rolls.get(term.key) if term else None
    slips = unit.get(LeaveSlips.stream(office.county, class_key), LeaveSlips)
    ordinal = day.toordinal()
    versions = _versions(log, roll, day) if roll is not None else []
    expected = book.register.roll(ordinal)
    seen = {child for version in versions if version.standing for child in version.seen}
    return ClassSheet(
        class_key=class_key,
        day=day,
        term=term,
        kind=calendar.kind_of(day),
        roll=expected,
        named=_to_name(book, expected, seen, ordinal),
        away=_away(book, ordinal),
        slips={child: slip for child, slip in slips.on(day).items() if child in expected},
        coming=list(slips.since(day)),
        versions=versions,
        mark=mark_of(roll, ordinal),
        roll_mark=roll_mark_of(expected),
        tap=calendars.book(school).taps.get(day),
    )


def _to_name(
    book: ClassBook, on_roll: frozenset[UUID], seen: Iterable[UUID], day: int
) -> frozenset[UUID]:
    """Who has to be named 到校 on a day (ordinal), or was."""
    return frozenset({*book.awaited_on(day), *seen} & on_roll)


def _seen(roll: ClassRoll, day: int) -> set[UUID]:
    """Whom the standing sheets of a day name."""
    sheets = (roll.current(day, session) for session in roll.versions(day))
    return {child for sheet in sheets if sheet is not None for child in sheet.seen}


def mark_of(roll: ClassRoll | None, day: int) -> str:
    """What stands for a day (ordinal), as a page carries it; empty: nothing."""
    versions = roll.versions(day) if roll is not None else {}
    return ".".join(f"{session.value}{versions[session]}" for session in sorted(versions))


def roll_mark_of(roll: Iterable[UUID]) -> str:
    """Which children were expected, as a page carries it."""
    return hashlib.sha256(b"".join(sorted(child.bytes for child in roll))).hexdigest()[:16]


def hand_in(
    office: Office,
    ctx: CommandContext,
    vault: Vault,
    filled: Submission | Marks,
    *,
    mark: str,
    roll_mark: str,
    why: str = "",
) -> Appended:
    """Record what a page was filled in with; ``why``: the reason of a correction.

    The same page sent again gets its first answer. Raises SheetChangedMeanwhile,
    RollChangedMeanwhile, CorrectionNeedsReason and the refusals of ``class_roll.errors``.
    """
    note = UUID(bytes=note_ref(vault.store_key, why)[:16]) if why else None
    answered: Appended | None = None

    def decide(unit: Unit) -> bytes | None:
        book, roll = _opened(office, unit, filled)
        sheet = filled.on(book, roll) if isinstance(filled, Marks) else filled
        sheet = msgspec.structs.replace(sheet, correction_note=f"ref:{note}" if note else None)
        why_not = _judge(book, roll, sheet, mark, roll_mark, answered=answered is not None)
        if why_not is not None:  # raised itself it would get the first answer of the command
            raise Declined(why_not)
        reply = roll_calls.decide(office, unit, sheet)
        if reply is not None and note is not None:
            unit.writes += vault.prepare(note, "staff", notes={note: why})
        return reply

    # Whether the command was answered before matters only where it cannot be stored now.
    try:
        done = office.run(ctx, decide, sure=True)
    except (RuleRefusal, InputRefused):
        answered = office.log.find_command(ctx.command_id)
        if answered is None:
            raise
    else:
        if not done.position:
            return office.log.find_command(ctx.command_id) or done
        if not done.replayed:
            return done
        answered = done
    office.run(ctx, decide, sure=True)
    return answered


def _opened(office: Office, unit: Unit, sheet: Submission | Marks) -> tuple[ClassBook, ClassRoll]:
    school = split_class_key(sheet.class_key)[0]
    calendar = office.calendars(unit, school).for_school(school)
    term = calendar.term_of(sheet.day)
    if term is None:
        raise OutsideTerms(day=sheet.day)
    book = open_book(office, unit, sheet.class_key, calendar, sheet.day)
    if not book.register.exists or term.key not in book.rolls:
        raise ClassUnknown(class_name=sheet.class_name)
    return book, book.rolls[term.key]


def _judge(
    book: ClassBook,
    roll: ClassRoll,
    sheet: Submission,
    mark: str,
    roll_mark: str,
    *,
    answered: bool,
) -> CkbxError | None:
    """Why the page does not rest on what is recorded any more; None: it does."""
    day, where = sheet.day.toordinal(), {"day": sheet.day, "class_name": sheet.class_name}
    known = roll.was_handed_in(day, sheet.session, sheet.sheet)
    if roll.current(day, sheet.session) == sheet.sheet or (answered and known):
        return None
    if answered or mark_of(roll, day) != mark:
        return SheetChangedMeanwhile(**where)
    if roll_mark_of(book.register.roll(day)) != roll_mark:
        return RollChangedMeanwhile(**where)
    if sheet.correction_note is None and (known or roll.puts_aside(day, sheet.session)):
        return CorrectionNeedsReason(**where)
    return None


def _away(book: ClassBook, day: int) -> dict[UUID, str]:
    register = book.register
    found: dict[UUID, str] = {}
    for id_, child in book.children.items():
        if register.belongs(id_, day) and not register.on_roll(id_, day):
            found[id_] = _why_away(child)
    return found


def _why_away(child: Child) -> str:
    return child.base.label


def _versions(log: EventLog, roll: ClassRoll, day: date) -> list[Version]:
    """Every version of a class-day, oldest first."""
    standing = set(roll.versions(day.toordinal()).values())
    return [
        Version(
            session=event.session,
            expected=event.expected,
            present=event.present,
            roll=event.roll,
            absent=event.absent,
            seen=frozenset(event.seen),
            by=event.submitted_by,
            recorded_at=from_micros(recorded.recorded_at),
            position=recorded.position,
            entry=event.entry,
            note=_subject(event.correction_note),
            standing=event.originator_version in standing,
        )
        for recorded in log.read_streams([roll.id])
        if isinstance(event := recorded.event, RollCallSubmitted) and event.occurred_on == day
    ]


def _subject(note: str | None) -> UUID | None:
    return UUID(note.removeprefix("ref:")) if note and note.startswith("ref:") else None
