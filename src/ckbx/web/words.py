"""In which words does the timeline tell a recorded fact, and how serious does it look?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.alert.kinds import KINDS, alert_title
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.child.status import Finding, SuspicionSource
from ckbx.domain.shared.ids import split_class_key

RULES: Final = {
    "absence_run_3": "连续 3 个教学日无故缺勤",
    "absence_5_in_20": "20 个教学日内 5 天无故缺勤",
    "absence_run_5": "连续 5 个教学日无故缺勤",
    "long_leave_5": "连续 5 个教学日事假",
    "long_leave_10": "连续 10 个教学日请假",
    "corrected_withdrawal": "更正后仍未到校",
    "transfer_lapsed": "转出逾期未确认",
    "opening_day_5": "开学第 5 天未报到",
    "person": "人工登记",
}
TONES: Final = {
    "DropoutSuspected": "red",
    "SuspicionRevised": "red",
    "TransferLapsed": "red",
    "WentMissing": "red",
    "AbsenceWarned": "orange",
    "LongLeaveFlagged": "orange",
    "LeaveExpired": "orange",
    "SuspicionGroundChanged": "orange",
    "AlertRaised": "orange",
    "FocusListed": "orange",
    "AbsenceRecorded": "yellow",
    "AbsenceExplained": "yellow",
    "AttendanceResumed": "green",
    "AbsenceVoided": "green",
    "SuspicionCleared": "green",
    "SuspicionWithdrawn": "green",
    "StudyResumed": "green",
    "SuspectAttendanceChanged": "green",
    "Enrolled": "green",
    "FocusEnded": "green",
    "DropoutConfirmed": "red",
    "DropoutDetermined": "red",
    "CaseOpened": "red",
    "CaseRelapsed": "red",
    "Relapsed": "red",
    "CaseGroundChanged": "orange",
    "PersuasionHeld": "orange",
    "WrittenReportMade": "orange",
    "PaperIssued": "orange",
    "PaperServed": "orange",
    "LapseNoted": "orange",
    "StepSkipped": "orange",
    "ComplianceCeased": "orange",
    "PersuadedBack": "green",
    "ChildReturned": "green",
    "ReturnConfirmed": "green",
    "ReturnSettled": "green",
    "StabilityConfirmed": "green",
    "GuardianComplied": "green",
    "CaseConcluded": "green",
    "CaseWithdrawn": "green",
    "CaseClosed": "green",
}
_ROLES: Final = {"principal": "校长", "bureau_officer": "县教育局"}
_STATES: Final = {
    "resolved": "已处理",
    "returned": "孩子已到校",
    "corrected": "更正",
    "cause_gone": "原因已消失",
    "listed": "重新在册",
    "left": "已离校",
    "enrolled": "已重新入学",
    **{each.value: each.label for each in ClosedBecause},
}
_Data = Mapping[str, Any]
_ISO: Final = re.compile(r"(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-])")
_TYPED: Final = frozenset({"document", "receiving_school", "title"})
"""Fields whose text a person typed: it stays as it was."""


def tell(event: str, data: _Data) -> str:
    """One short Chinese sentence about a fact; empty where its title says all."""
    teller = _TELLERS.get(event.rsplit(".", 1)[-1])
    return teller({k: v if k in _TYPED else _dated(v) for k, v in data.items()}) if teller else ""


def receiver_name(names: Mapping[str, str], code: str, written: str = "") -> str:
    """The school a child goes to; one beyond the county as it was ``written`` down, else by its
    code.
    """
    return names.get(code) or (f"{written}（县外）" if written else f"县外学校 {code}")


def with_schools(data: _Data, names: Mapping[str, str]) -> _Data:
    """A fact with the school a child goes to by its name, where one is known."""
    code = data.get("receiving_school")
    return {**data, "receiving_school": receiver_name(names, str(code))} if code else data


def days_in_words(text: str) -> str:
    """A sentence of the program with its days as the pages write them: 2026年11月26日."""
    return _ISO.sub(_day, text)


def _dated(value: Any) -> Any:
    """The same with days in words, also within lists."""
    if isinstance(value, str):
        return _day(found) if (found := _ISO.fullmatch(value)) else value
    return [_dated(each) for each in value] if isinstance(value, list | tuple) else value


def _day(found: re.Match[str]) -> str:
    year, month, day = map(int, found.groups())
    return f"{year}年{month}月{day}日"


def tone(event: str) -> str:
    """The colour of a fact's mark; its words say the same."""
    return TONES.get(event.rsplit(".", 1)[-1], "blue")


def opened(title: str) -> str:
    """Why somebody was looked at: the form of a deed was opened; whether it was done, the facts
    tell.
    """
    return f"打开“{title}”办理页"


def rule_name(rule: str) -> str:
    """A rule in words; its id where nobody gave it words."""
    return RULES.get(rule, rule)


def class_name(key: str, year: int) -> str:
    """3年级2班, in the school year that began in autumn ``year``."""
    _, entry, number = split_class_key(key)
    return f"{year - entry + 1}年级{number}班"


def _reason(code: Any) -> str:
    return Reason(code).label


def _absent(data: _Data) -> str:
    return _reason(data["reason"]) + ("（未点到本人，按未核计）" if data.get("implied") else "")


def _suspected(data: _Data) -> str:
    source = SuspicionSource(data["source"]).label
    days = len(data.get("absent_days") or ())
    told = f"来源：{source}；首次缺勤 {data['first_absent_on']}"
    return f"{told}，当时已无故缺勤 {days} 天" if days else told


def _revised(data: _Data) -> str:
    source = data.get("source")
    told = f"首次缺勤改为 {data['first_absent_on']}"
    return f"{told}；来源改为{SuspicionSource(source).label}" if source else told


def _cleared(data: _Data) -> str:
    finding = Finding(data["finding"])
    who = _ROLES.get(str(data["decided_by"]), str(data["decided_by"]))
    return f"核查结论 {finding.value}（{finding.label}），由{who}认定"


def _attending(data: _Data) -> str:
    spans = data.get("spans") or ()
    if not spans:
        return "没有再到校"
    since, counted, until = spans[-1]
    if until:
        return f"{since}起到校，{until}又未到"
    return f"{since}起到校，{counted}起计入在校"


def _leave(data: _Data) -> str:
    after = "；疑似后补办" if data.get("after_suspicion") else ""
    return f"{data['effective_from']} 至 {data['until']}（含当天），文号 {data['document']}{after}"


def _transfer(data: _Data) -> str:
    by = f"，{data['confirm_by']}前须确认" if data.get("confirm_by") else ""
    return f"转往 {data['receiving_school']}{by}"


def _called(data: _Data) -> str:
    told = "联系上了" if data["reached"] else "没有联系上"
    return f"{data['absent_on']}缺勤，{told}"


def _alert(data: _Data) -> str:
    kind = KINDS.get(str(data["kind"]))
    level, title = kind.level if kind else "", _alert_title(data)
    posts = "、".join(data.get("posts") or ()) or "县教育局"
    due = f"，{data['due_on']}前处理" if data.get("due_on") else ""
    return f"{level}色“{title}”，发给{posts}{due}"


def _closed(data: _Data) -> str:
    return _STATES.get(str(data.get("reason")), "")


def _alert_over(data: _Data) -> str:
    return f"“{_alert_title(data)}” {_closed(data)}".rstrip()


def _alert_title(data: _Data) -> str:
    return alert_title(str(data["kind"]), str(data.get("rule") or ""))


_TELLERS: Final[dict[str, Callable[[_Data], str]]] = {
    "AbsenceRecorded": _absent,
    "AbsenceExplained": lambda d: f"{_reason(d['was'])} 改为 {_reason(d['reason'])}",
    "AbsenceVoided": lambda d: f"原记 {_reason(d['was'])}，更正为到校",
    "AbsenceWarned": lambda d: rule_name(str(d["rule"])),
    "AbsenceWarningWithdrawn": lambda d: rule_name(str(d["rule"])),
    "RosterFindingNoted": lambda d: rule_name(str(d["finding"])),
    "RosterFindingSettled": lambda d: f"{rule_name(str(d['finding']))}：{_closed(d)}",
    "LongLeaveFlagged": lambda d: rule_name(str(d["rule"])),
    "DropoutSuspected": _suspected,
    "SuspicionWithdrawn": lambda d: (
        "更正后不再成立" + ("（仅原因变更）" if d.get("reason_only") else "")
    ),
    "SuspicionRevised": _revised,
    "SuspicionCleared": _cleared,
    "SuspectAttendanceChanged": _attending,
    "SuspensionGranted": _leave,
    "DeferralGranted": _leave,
    "ExemptionGranted": _leave,
    "HomeTeachingArranged": _leave,
    "LeaveExtended": lambda d: f"延至 {d['until']}（含当天）",
    "LeaveExpired": lambda d: f"{d['until']}期满（含当天）",
    "TransferStarted": _transfer,
    "TransferConfirmed": lambda d: f"{d['receiving_school']} 已接收",
    "StudyElsewhereVerified": lambda d: f"{d['review_by']}前再次核实",
    "WentMissing": lambda d: f"{d['review_by']}前再次核查",
    "FocusListed": lambda d: FocusReason(d["reason"]).label,
    "GuardianTried": _called,
    "AlertRaised": _alert,
    "PostEstablished": lambda d: str(d["title"]),
    "PostHeld": lambda d: f"{d['first_day']}起在任",
    "PostHandedOver": lambda d: f"{d['first_day']}起接任",
    "PostVacated": lambda d: f"任至 {d['last_day']}",
    "Promoted": lambda d: f"升入{d['grade']}年级",
    "Enrolled": lambda d: f"{d['grade']}年级",
    "AlertClosed": _alert_over,
    "AlertWithdrawn": _alert_over,
}
