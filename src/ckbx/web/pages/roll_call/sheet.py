"""点名: one class on a day, on a phone. Everybody is there until marked; one sheet is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ckbx.application import class_sheet
from ckbx.application.class_sheet import (
    ClassSheet,
    RollChangedMeanwhile,
    SheetChangedMeanwhile,
    Version,
)
from ckbx.clock import local_day
from ckbx.domain.attendance.marks import Reason, Session, Tally
from ckbx.domain.class_roll.errors import ClassUnknown
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, RuleRefusal
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.actors import Actors
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.roll_call import todays_duties
from ckbx.web.pages.roll_call.form import Filled, InHand, Named, day_of, filled, in_hand, session_of
from projections import roll_call_completeness
from projections.roll_call_completeness import ClassDay

REASONS: Final = tuple((each.value, each.label) for each in Reason)
HALVES: Final = (Session.MORNING, Session.AFTERNOON)


class OfAnother(RuleRefusal):
    """ids: account."""

    code = "roll_call_of_another"
    message = "这份点名是用账号 {account} 填的，不能以您的名义上报。请用那个账号登录后再报"


class Yesterdays(RuleRefusal):
    """ids: day, today."""

    code = "roll_call_of_yesterday"
    message = (
        "这是 {day} 的页面，今天是 {today}。报今天的请打开今天的点名；"
        "确实要补报 {day} 的，请勾选“补报这一天”再提交"
    )


class Pupil(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list. ``named``: has to be named 到校; ``slip``: until when it asked for
    leave; ``wrong``: marked both ways.
    """

    id: UUID
    name: str
    reason: str
    named: bool
    seen: bool
    slip: date | None
    wrong: bool

    @property
    def absent(self) -> bool:
        """Whether it is marked."""
        return bool(self.reason)


def page(desk: WebDesk, named: Named, day: str, session: str) -> Response:
    """The page of a class. Raises NotThere."""
    of = in_hand(desk, named)
    sheet = sheet_of(desk, of, desk.day(day) or desk.today)
    return _page(desk, of, sheet, Draft(), _session(sheet, session))


def submit(desk: WebDesk, request: Request, posted: Posted, named: Named) -> Response:
    """Hand it in: by a form, or by the page's own sender, which wants a short answer."""
    of = in_hand(desk, named)
    short = "application/json" in request.headers.get("accept", "")
    day = day_of(posted)
    sent = filled(posted)
    if day is None or not posted.fine:
        return _refused(desk, of, day, posted, sent, None, short=short)
    try:
        _check_sender(desk, posted, day, sent)
        done = class_sheet.hand_in(
            desk.store.office,
            desk.context(posted.command, role=of.role),
            desk.store.vault,
            sent.marks(of, day, desk.viewer.account),
            mark=sent.mark,
            roll_mark=sent.roll_mark,
            why=sent.why,
        )
    except CkbxError as error:
        if error.exit_code == 6:
            raise
        return _refused(desk, of, day, posted, sent, error, short=short)
    if short:
        at = f"{done.recorded_at.astimezone(desk.store.clock.zone):%H:%M}"
        return JSONResponse({"state": "stored", "at": at, "position": done.position})
    where = of.path if day == desk.today else f"{of.path}?day={day}"
    return desk.done(where, done.position)


def sheet_of(desk: WebDesk, of: InHand, day: date) -> ClassSheet:
    """Raises NotThere for a class that was never opened."""
    try:
        return class_sheet.read_sheet(desk.store.log, desk.store.clock, of.key, day)
    except ClassUnknown:
        raise NotThere from None


def _session(sheet: ClassSheet, asked: str) -> Session:
    """The part of the day shown: as asked; else what stands, and of two halves the open one."""
    standing = {version.session for version in sheet.standing}
    if Session.MORNING in standing:
        otherwise = Session.AFTERNOON
    elif Session.AFTERNOON in standing:
        otherwise = Session.MORNING
    else:
        otherwise = Session.FULL
    return session_of(asked, otherwise)


def _check_sender(desk: WebDesk, posted: Posted, day: date, sent: Filled) -> None:
    """Raises OfAnother, Yesterdays."""
    account = posted.text("account", most=60)
    if account and account != desk.viewer.account:
        raise OfAnother(account=account)
    made_today = posted.text("made") == day.isoformat()
    on_time = sent.taken_at is not None and sent.taken_at.startswith(day.isoformat())
    if made_today and day < desk.today and not on_time and not posted.text("late"):
        raise Yesterdays(day=day, today=desk.today)


def _refused(
    desk: WebDesk,
    of: InHand,
    day: date | None,
    posted: Posted,
    sent: Filled,
    error: CkbxError | None,
    *,
    short: bool,
) -> Response:
    """The page again with every mark, or the short answer that says why. Raises NotThere."""
    sheet = sheet_of(desk, of, day or desk.today)
    meanwhile = isinstance(error, SheetChangedMeanwhile | RollChangedMeanwhile | OfAnother)
    status = 409 if meanwhile or isinstance(error, ConcurrencyConflict) else 422
    draft = posted.draft(error or "")
    if short:
        said = draft.refused or "；".join(draft.errors.values())
        code = error.code if error else "field_wrong"
        return JSONResponse({"state": "refused", "code": code, "said": said}, status)
    if meanwhile:
        draft = msgspec.structs.replace(draft, command=uuid4())
    return _page(desk, of, sheet, draft, sent.session, status=status, sent=sent)


def _page(
    desk: WebDesk,
    of: InHand,
    sheet: ClassSheet,
    draft: Draft,
    session: Session,
    *,
    status: int = 200,
    sent: Filled | None = None,
) -> Response:
    today, mine = desk.today, desk.viewer.account
    with desk.look("web:roll-call", "查看班级点名", to=mine) as look:
        duties = todays_duties.duties(look) if sheet.day == today else []
        notes = [version.note for version in sheet.versions if version.note]
        actors = Actors(look, {version.by for version in sheet.versions})
        wanted = [*sheet.roll, *sheet.away, *todays_duties.ids(duties), *notes]
        wanted += actors.subjects
        people = look.people(wanted, ("identity", "notes"))
        state = _state(desk, look, of, sheet.day)
        name = of.name(sheet.day)
        pupils = _pupils(sheet, people, session, sent)
        extra = sent.extra if sent else _extra(sheet, session)
        return desk.html(
            "roll_call/roll_call.html",
            status,
            **base(desk, look, f"{name}点名"),
            of=of,
            called=name,
            **clock_of(desk),
            sheet=sheet,
            draft=draft,
            session=session,
            sessions=[*Session],
            pupils=pupils,
            tally=_tally(pupils, extra, all_seen=draft.has("seen_all", "1")),
            away=[(people[each].name, why) for each, why in sheet.away.items()],
            standing=[
                v
                for v in sheet.standing
                if session in (v.session, Session.FULL) or v.session is Session.FULL
            ],
            versions=[_told(v, people, sheet, actors) for v in reversed(sheet.versions)],
            state=state,
            extra=extra,
            duties=todays_duties.told(duties, people, look),
            reasons=REASONS,
            days=_around(sheet, today),
            open_=_is_open(sheet, today),
            late=sheet.day < today,
            day_of=lambda at: local_day(at, desk.store.clock.zone),
            classes=len(desk.scope.class_keys) + len(desk.scope.school_codes),
            may_close=desk.scope.sees(school=of.school),
        )


def _is_open(sheet: ClassSheet, today: date) -> bool:
    """Whether a roll call of the day can be handed in."""
    lessons = sheet.kind.has_lessons is not False
    return sheet.term is not None and lessons and sheet.day <= today


def _around(sheet: ClassSheet, today: date) -> tuple[date | None, date | None]:
    """The days to leaf to, within the term."""
    term, one = sheet.term, timedelta(days=1)
    before, after = sheet.day - one, sheet.day + one
    return (
        before if term and before in term else None,
        after if after <= today else None,
    )


def _state(desk: WebDesk, look: Look, of: InHand, day: date) -> ClassDay | None:
    found = roll_call_completeness.class_days(
        look.reading,
        desk.scope.narrowed([of.school]),
        as_of=day,
        position=look.position,
        instant=look.instant,
    )
    return next((each for each in found if each.class_key == of.key), None)


def _standing_for(sheet: ClassSheet, session: Session) -> Version | None:
    return next((v for v in sheet.standing if v.session is session), None)


def _extra(sheet: ClassSheet, session: Session) -> int:
    version = _standing_for(sheet, session)
    return max(version.expected - version.roll, 0) if version else 0


def _pupils(
    sheet: ClassSheet, people: Mapping[UUID, Person], session: Session, sent: Filled | None
) -> list[Pupil]:
    """In the order of 学籍号. Marks as sent; else as they stand; else as slips have them."""
    version = _standing_for(sheet, session)
    absent: Mapping[UUID, Reason]
    if sent is not None:
        absent, seen = sent.absent, sent.ticked(sheet)
    elif version is not None:
        absent, seen = version.absent, version.seen
    else:
        absent, seen = {child: slip.reason for child, slip in sheet.slips.items()}, frozenset()
    lines = [
        Pupil(
            id=child,
            name=people[child].name,
            reason=absent[child].value if child in absent else "",
            named=child in sheet.named,
            seen=child in seen,
            slip=sheet.slips[child].last_day if child in sheet.slips else None,
            wrong=child in seen and child in absent,
        )
        for child in sheet.roll
    ]
    return sorted(lines, key=lambda line: _order(people[line.id]))


def _tally(pupils: Sequence[Pupil], extra: int, *, all_seen: bool) -> Tally:
    """What the list comes to as it is marked."""
    reasons = [Reason(each.reason) for each in pupils if each.absent]
    unnamed = sum(p.named and not (p.seen or p.absent or all_seen) for p in pupils)
    return Tally.of(len(pupils) + extra, reasons, unnamed)


def _order(person: Person) -> tuple[str, str]:
    number = person.identity.student_no if person.identity else ""
    return number or "", person.name


def _told(
    version: Version, people: Mapping[UUID, Person], sheet: ClassSheet, actors: Actors
) -> dict[str, Any]:
    """A version in words: who handed it in, who was absent and why, and the reason of the correction; of one that
    stands also how many had to be named 到校 and were in none (``unsure``).
    """
    names: Sequence[tuple[str, str]] = [
        (people[child].name if child in people else "已不在本班的学生", reason.label)
        for child, reason in version.absent.items()
    ]
    note = people.get(version.note) if version.note else None
    texts = list(note.notes.values()) if note else []
    seen = {child for each in sheet.standing for child in each.seen}
    unsure = len(sheet.named - seen - version.absent.keys()) if version.standing else 0
    why = texts[0] if texts else ""
    by = actors.said(version.by, people)
    tally = Tally.of(version.expected, version.absent.values(), unsure)
    told = {"version": version, "by": by, "tally": tally, "absent": sorted(names)}
    return {**told, "why": why, "unsure": unsure}


def clock_of(desk: WebDesk) -> dict[str, int]:
    """The server's instant (milliseconds) and the county's offset from UTC (minutes)."""
    offset = desk.now.astimezone(desk.store.clock.zone).utcoffset() or timedelta()
    return {"now": int(desk.now.timestamp() * 1000), "offset": int(offset.total_seconds() // 60)}


def path_of(key: str) -> str:
    """The address of a class's page."""
    school, entry, number = split_class_key(key)
    return f"/roll-calls/{school}/{entry}/{number}"
