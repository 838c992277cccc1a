"""What does a fact of an application or a placement say, and which words belong to it?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ckbx.domain.leave import events as ev
from ckbx.domain.placement import events as pl
from ckbx.domain.shared.event import DomainEvent
from ckbx.ledgers.case_words import label

_REFS = (
    "applicant_ref",
    "reason_ref",
    "opinion_ref",
    "hospital_ref",
    "paper_ref",
    "note_ref",
    "certificate_ref",
    "category_ref",
    "level_ref",
    "plan_ref",
    "content_ref",
)


def refs_of(event: DomainEvent) -> dict[str, UUID]:
    """Field and vault note of every text that belongs to a fact; a file has no words."""
    files = {each.file for each in getattr(event, "attachments", ())}
    found = {name: getattr(event, name, None) for name in _REFS}
    named = {name: ref for name, ref in found.items() if ref is not None and ref not in files}
    for n, each in enumerate(getattr(event, "teachers", ())):
        if each.person:
            named[f"teachers.{n}"] = each.person
    return named


def told(event: Any) -> str:
    """What stands beside the title: codes in Chinese, days, document numbers."""
    for said in (_applied, _decided, _placed):
        found = said(event)
        if found:
            return "；".join(each for each in found if each)
    return ""


def _applied(event: Any) -> list[str]:
    match event:
        case ev.LeaveApplied():
            late = "疑似后补办" if event.after_suspicion else ""
            wanted = f"{event.wanted_from or ''}—{event.wanted_until or ''}".strip("—")
            return [event.kind.label, event.proof.label, wanted, late]
        case ev.SchoolOpinionGiven():
            return ["同意" if event.agrees else "不同意"]
        case ev.HospitalPaperGiven():
            return [event.document, "县指定医院" if event.named else ""]
        case ev.CommitteeOpinionGiven() | pl.ChildAssessed():
            return [event.document, f"建议{event.advises.label}"]
    return []


def _decided(event: Any) -> list[str]:
    match event:
        case ev.LeaveApproved():
            span = f"{event.effective_from} 至 {event.until}"
            return [event.kind.label, event.document, span, _again(event)]
        case ev.LeaveProlonged():
            return [event.document, f"至 {event.until}", _again(event)]
        case ev.LeaveRefused():
            return [event.document or "由乡镇或县教育局决定"]
        case ev.LeaveReviewed() | pl.PlacementReviewed():
            return [_again(event)]
    return []


def _placed(event: Any) -> list[str]:
    match event:
        case pl.PlacementDecided():
            visits = event.visits_per_month
            home = f"每月 {visits} 次、每次 {event.lessons_per_visit} 课时" if visits else ""
            return [label(event.kind), f"一人一案 {event.plan_no}", home, _again(event)]
        case pl.HomeVisitMade():
            who = "、".join(each.account or "" for each in event.teachers if each.account)
            return [f"第 {event.visit} 次", f"{event.lessons} 课时", who]
        case pl.HomeVisitVoided():
            return [f"第 {event.visit} 次（{event.made_on}）"]
    return []


def _again(event: Any) -> str:
    return f"{event.review_on} 复核" if event.review_on else ""
