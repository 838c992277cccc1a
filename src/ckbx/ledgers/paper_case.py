"""What a paper says of a case: how it began, what was tried, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from ckbx.application.case_view import CaseView
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.codes import CAUSE_CODES
from ckbx.domain.case.spans import consolidation_end
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.errors import InputRefused
from ckbx.ledgers.case_words import about, label, labels
from ckbx.ledgers.columns import SHORT

Values = dict[str, Any]


class RoundUnknown(InputRefused):
    code = "round_unknown"
    message = "没有第 {number} 次劝返，现共 {count} 次；请核对 --round"


class Facts(NamedTuple):
    """The facts a paper rests on, the words kept about them, and names behind accounts."""

    events: list[Any]
    notes: Mapping[UUID, str]
    name: Callable[[str], str]

    def of(self, *kinds: type[Any]) -> list[Any]:
        """The facts of some kinds, in order."""
        return [event for event in self.events if isinstance(event, kinds)]

    def words(self, ref: UUID | None) -> str:
        """What was typed; empty where nothing was."""
        return self.notes.get(ref, "") if ref else ""

    def by(self, actor: str) -> str:
        """Who did it, as a paper names them: the program itself is 系统."""
        return "系统" if actor.startswith("system:") else self.name(actor)

    def people(self, event: Any) -> str:
        """Who took part."""
        return "、".join(
            self.name(each.account) if each.account else self.words(each.person)
            for each in event.participants
        )


def case_values(
    office: Office, view: CaseView, told: Facts, day: date, round_: int | None
) -> Values:
    """Placeholders and lists of a case. Raises RoundUnknown."""
    case = view.case
    rounds = told.of(wk.PersuasionHeld)
    return {
        "个案编号": case.id.hex[:SHORT],
        "首次缺勤日": day_text(case.first_absent_on),
        "列入疑似日": day_text(case.suspected_on),
        "未到校天数": str(len(view.unexplained)),
        "线索来源": label(case.source),
        "辍学原因": _causes(told),
        "风险等级": case.risk.label if case.risk else "",
        "帮扶教师": told.name(case.teacher.account) if case.teacher else "",
        "帮扶计划": "".join(told.words(plan.plan_ref) for plan in told.of(wk.PlanMade)[-1:]),
        **_outcome(office, view, told, day),
        **_visit(told, rounds, round_),
        "劝返记录": [_round(told, event) for event in rounds],
        "帮扶措施": [
            {
                "日期": str(event.occurred_on),
                "措施": label(event.measure),
                "办理人": told.by(event.actor),
                "情况": told.words(event.note_ref),
            }
            for event in told.of(wk.SupportGiven)
        ],
        "缺勤记录": [{"日期": str(each), "原因": "无故或未核"} for each in view.unexplained],
        "跟踪记录": [
            {
                "日期": str(event.occurred_on),
                "方式": label(event.kind),
                "情况": "；".join(filter(None, (label(event.result), told.words(event.note_ref)))),
                "办理人": told.by(event.actor),
            }
            for event in told.of(oc.FollowUpMade)
        ],
        "经过": [
            {
                "日期": str(event.occurred_on),
                "事项": "：".join(filter(None, (event.TITLE, about(event, {})))),
                "办理人": told.by(event.actor),
            }
            for event in told.events
        ],
    }


def day_text(day: date | None) -> str:
    """A day as an official paper writes it."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _causes(told: Facts) -> str:
    found = sorted(told.of(wk.CauseRecorded), key=lambda event: not event.primary)
    codes = (told.words(event.cause_ref) for event in found)
    return "、".join(dict.fromkeys(CAUSE_CODES.get(code, code) for code in codes if code))


def _outcome(office: Office, view: CaseView, told: Facts, day: date) -> Values:
    back = told.of(oc.ChildReturned)[-1:]
    closed = told.of(ev.CaseClosed)[-1:] if view.case.closed else []
    values: Values = {}
    for event in back:
        own = Office(office.log, office.clock)
        unit = Unit(own.map, own.context("system:paper", today=day))
        school = event.class_key.split("/")[0]
        terms = own.calendars(unit, school).for_school(school).terms
        values |= {
            "复学日期": day_text(event.occurred_on),
            "复学安置": label(event.placement),
            "巩固期至": day_text(consolidation_end(terms, event.occurred_on)),
        }
    for event in closed:
        role = ROLE_TITLES.get(Role(event.approver_role), event.approver_role)
        values |= {
            "销号日期": day_text(event.occurred_on),
            "销号批准人": f"{role}（{told.by(event.actor)}）",
        }
    return values


def _visit(told: Facts, rounds: list[Any], number: int | None) -> Values:
    """The round a form is about: the last one unless said otherwise."""
    if number is None and not rounds:
        return {}
    wanted = [e for e in rounds if number is None or e.number == number]
    if not wanted:
        raise RoundUnknown(number=number, count=len(rounds))
    event = wanted[-1]
    hour, minute = event.hour.split(":")
    return {
        "家访时间": f"{day_text(event.occurred_on)} {int(hour)}时{minute}分",
        "家访地点": label(event.place),
        "家访人员": told.people(event),
        "见到何人": labels(event.met),
        "家长意见": told.words(event.words_ref),
        "家访结果": label(event.outcome),
        "承诺返校日": day_text(event.promised_on),
    }


def _round(told: Facts, event: wk.PersuasionHeld) -> dict[str, str]:
    return {
        "次数": str(event.number),
        "时间": f"{event.occurred_on} {event.hour}",
        "地点": label(event.place),
        "参加人": told.people(event),
        "见到何人": labels(event.met),
        "结果": label(event.outcome),
        "承诺日期": str(event.promised_on or ""),
    }
