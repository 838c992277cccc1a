"""On what does a step on a case rest? What its record and the roll calls say, beside its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from ckbx.application.case_view import GroundView, look_at_ground
from ckbx.application.office import Office
from ckbx.domain.case.case import Case, Deed, FollowUp, Round
from ckbx.domain.case.codes import Stage
from ckbx.vault import Person
from ckbx.web.pages.cases.step_forms import StepForm
from ckbx.web.render import chinese_day, short_day

NEVER: Final = "没有"


class Basis(NamedTuple):
    """One fact beside a form. ``mark`` and its ``tone``: what is to be said of it in a tag."""

    title: str
    words: str
    mark: str = ""
    tone: str = "grey"


People = Mapping[UUID, Person]


def basis_of(
    office: Office, case: Case, form: StepForm | None, people: People, today: date
) -> list[Basis]:
    """The facts that a step rests on, by day; none where the form says everything."""
    told = _TOLD.get(form.path) if form else None
    if told is None:
        return []
    return list(told(look_at_ground(office, case.id, today), people))


def named_in(case: Case, form: StepForm | None) -> list[UUID]:
    """Whose names these facts show."""
    named = form is not None and form.path in ("release", "teacher")
    return [case.teacher.holder] if named and case.teacher else []


def _release(ground: GroundView, people: People) -> Iterator[Basis]:
    case, teacher = ground.case, ground.case.teacher
    if teacher is None:
        return
    person, since = people.get(teacher.holder), teacher.first_day
    yield Basis("帮扶教师", person.name if person else teacher.account)
    yield Basis("从哪一天起", chinese_day(since))
    done: dict[str, Sequence[Round | Deed | FollowUp]] = {
        "劝返": case.rounds,
        "联系监护人": case.contacts,
        "走访": case.visits,
        "回访": case.follow_ups,
    }
    counts = [(word, sum(each.on >= since for each in deeds)) for word, deeds in done.items()]
    said = "，".join(f"{word} {count} 次" for word, count in counts if count)
    yield Basis("任内登记的", said or NEVER)


def _determine(ground: GroundView, _people: People) -> Iterator[Basis]:
    case, pack = ground.case, ground.pack
    away, rounds = len(ground.unexplained), case.rounds
    yield Basis("首次缺勤", chinese_day(case.first_absent_on))
    yield _enough("无故缺勤", f"{away} 个教学日", pack.dropout_days - away, "天")
    yield Basis("最后一次到校", _last_seen(ground))
    last = f"，最近 {short_day(rounds[-1].on)} {rounds[-1].outcome.label}" if rounds else ""
    yield _enough("劝返", f"{len(rounds)} 次{last}", pack.dropout_rounds - len(rounds), "次")
    yield _checked(case)
    yield Basis("辍学原因", "已登记") if case.causes else _lacks("辍学原因")
    reports = case.reports
    yield Basis("书面报告", f"{short_day(reports[-1].on)} 提交" if reports else "没有提交")


def _followed(ground: GroundView, _people: People) -> Iterator[Basis]:
    case = ground.case
    if case.returned is None:
        return
    yield Basis("返校", chinese_day(case.returned.on))
    if case.confirmed is None:
        yield _lacks("返校确认")
    else:
        yield Basis("返校确认", chinese_day(case.confirmed.on))
    there, told = len(ground.attended), ground.reported
    yield Basis("返校以来到校", f"{there} 天（点名 {told} 天）" if told else "还没有点名")
    made = case.follow_ups
    last = f"，最近 {short_day(made[-1].on)}" if made else ""
    gaps = (f"缺 {ground.missed} 次", "yellow") if ground.missed else ()
    yield Basis("回访", f"{len(made)} 次{last}" if made else NEVER, *gaps)
    if case.settled is None:
        yield _ends(ground.until, ground.day)
    else:
        yield Basis("巩固期办结", chinese_day(case.settled.on))


def _close(ground: GroundView, people: People) -> Iterator[Basis]:
    case, ended = ground.case, ground.case.concluded
    if case.stage is Stage.SETTLED:
        yield from _followed(ground, people)
    if case.stage is not Stage.CONCLUDED or ended is None:
        return
    yield Basis("最后一次到校", _last_seen(ground))
    yield Basis("列入疑似", chinese_day(case.suspected_on))
    if case.verifications:
        yield _checked(case)
    yield Basis("怎样了结", ended.how.label)
    yield Basis("了结日期", chinese_day(ended.on))


def _ends(until: date | None, today: date) -> Basis:
    if until is None:
        return Basis("巩固期", "下学期的校历还没有发布，算不出到哪天", "还没有满", "yellow")
    over = ("满了", "green") if until < today else ("还没有满", "yellow")
    return Basis("巩固期最后一天", chinese_day(until), *over)


def _checked(case: Case) -> Basis:
    if not case.verifications:
        return _lacks("核查结论")
    last = case.verifications[-1]
    return Basis("核查结论", f"{last.finding.value} {last.finding.label}，{short_day(last.on)}核查")


def _lacks(title: str) -> Basis:
    return Basis(title, "", "还没有", "yellow")


def _enough(title: str, words: str, left: int, unit: str) -> Basis:
    return Basis(
        title, words, *((f"还差 {left} {unit}", "yellow") if left > 0 else ("够了", "green"))
    )


def _last_seen(ground: GroundView) -> str:
    return chinese_day(ground.last_seen) if ground.last_seen else "本学年没有到校的记录"


def _confirm(ground: GroundView, _people: People) -> Iterator[Basis]:
    back, days = ground.case.returned, ground.row
    if back is None:
        return
    yield Basis("回校", chinese_day(back.on))
    yield _enough("连续到校", f"{len(days)} 个教学日", ground.needed - len(days), "天")
    yield Basis("到校的日子", "、".join(map(short_day, days)) or NEVER)


def _teacher(ground: GroundView, people: People) -> Iterator[Basis]:
    now = ground.case.teacher
    if now is None:
        yield Basis("帮扶教师", "还没有指定，由班主任负责")
        return
    person = people.get(now.holder)
    name = person.name if person else now.account
    yield Basis("帮扶教师", f"{name}，{chinese_day(now.first_day)}起")


_Told = Callable[[GroundView, People], Iterator[Basis]]
_TOLD: Final[Mapping[str, _Told]] = {
    "release": _release,
    "confirm": _confirm,
    "teacher": _teacher,
    "determine": _determine,
    "settle": _followed,
    "close": _close,
}
"""By the path of a form."""
