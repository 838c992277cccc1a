"""What does a fact of a case say in one Chinese line, and which words in the vault belong to it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from enum import Enum
from typing import Any, Final
from uuid import UUID

from ckbx.domain.case import events as ev
from ckbx.domain.case import outcome_events as oc
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.codes import CAUSE_CODES, Met
from ckbx.domain.child import focus_events as fo
from ckbx.domain.child.visit_events import HomeVisited, HomeVisitWithdrawn
from ckbx.domain.legal import events as le
from ckbx.domain.legal.codes import STEP_TITLES
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import RecordedEvent
from ckbx.vault import Person

NOTE: Final = "note:"
_REFS: Final = (
    "note_ref",
    "plan_ref",
    "words_ref",
    "cause_ref",
    "reason_ref",
    "addressee_ref",
    "text_ref",
    "evidence_ref",
    "recipient_ref",
)


def note_refs(event: DomainEvent) -> dict[str, UUID]:
    """Field and vault note of every text that belongs to a fact."""
    found: dict[str, UUID] = {}
    for name in _REFS:
        value = getattr(event, name, None)
        if isinstance(value, UUID):
            found[name] = value
        elif isinstance(value, str):
            with suppress(ValueError):
                found[name] = UUID(value.removeprefix(NOTE))
    for name in ("servers", "witnesses"):
        for n, value in enumerate(getattr(event, name, ())):
            if value.startswith(NOTE):
                found[f"{name}.{n}"] = UUID(value.removeprefix(NOTE))
    return found


def note_fields(facts: Iterable[RecordedEvent]) -> list[str]:
    """The vault's fields of every text that belongs to some facts, as a read names them."""
    return sorted({f"note:{ref}" for fact in facts for ref in note_refs(fact.event).values()})


def words_of(event: DomainEvent, person: Person) -> dict[str, str | None]:
    """What was typed about a fact, by field, from what was read of the child."""
    return {name: person.notes.get(ref) for name, ref in note_refs(event).items()}


def label(value: Any) -> str:
    """A code as people read it."""
    if isinstance(value, Enum):
        return str(getattr(value, "label", value.value))
    return value.isoformat() if isinstance(value, date) else str(value)


def labels(values: Any) -> str:
    """Several codes."""
    return "、".join(map(label, values))


def about(event: Any, words: Mapping[str, str | None]) -> str:
    """What stands beside the title: codes in Chinese, dates, and what was typed."""
    said = [each for each in _codes(event) if each]
    files = getattr(event, "attachments", ())
    if files:
        said.append(f"附件 {len(files)} 个")
    for name, text in words.items():
        if text:
            said.append(f"{text} {CAUSE_CODES.get(text, '')}" if name == "cause_ref" else text)
    return "；".join(said)


def _codes(event: Any) -> list[str]:
    for said in (_course, _work, _visits, _outcome, _legal, _guardian, _focus):
        found = said(event)
        if found:
            return found
    return []


def _course(event: Any) -> list[str]:
    match event:
        case ev.CaseOpened():
            return [label(event.source), f"首次缺勤 {event.first_absent_on}"]
        case ev.CaseConcluded():
            return [label(event.how)]
        case ev.CaseRevised():
            return [f"首次缺勤 {event.first_absent_on}"]
        case ev.CaseClosed():
            return [label(event.evidence)]
    return []


def _work(event: Any) -> list[str]:
    match event:
        case wk.TeacherNamed():
            return [event.account, f"自 {event.first_day}"]
        case wk.TeacherReleased():
            return [event.account, f"至 {event.last_day}"]
        case wk.CauseRecorded():
            return ["主因" if event.primary else "次因"]
        case wk.RiskAssessed():
            return [label(event.level)]
        case wk.PlanMade():
            return [labels(event.measures)]
        case wk.SupportGiven():
            return [label(event.measure)]
    return []


def _visits(event: Any) -> list[str]:
    match event:
        case wk.GuardianContacted():
            return [label(event.means), labels(event.met)]
        case wk.PersuasionHeld():
            promised = f"承诺 {event.promised_on} 返校" if event.promised_on else ""
            head = f"第 {event.number} 次 {event.hour} {label(event.tier)} {label(event.means)}"
            return [head, f"见到{labels(event.met)}", label(event.outcome), promised]
        case wk.WrittenReportMade():
            return [event.document]
        case wk.LiaisonVisited():
            return [f"见到{labels(event.met)}"]
        case wk.LetterSent():
            return [f"第 {event.number} 号", event.document, f"请于 {event.reply_by} 前回复"]
        case wk.LetterAnswered():
            return [f"第 {event.number} 号", label(event.answer), event.document or ""]
        case wk.FilesAttached():
            return [f"补在第 {event.fact} 条" if event.fact else ""]
    return []


def _outcome(event: Any) -> list[str]:
    match event:
        case oc.SuspicionVerified():
            return [f"{event.finding.value} {event.finding.label}"]
        case oc.DropoutDetermined():
            days, rounds = event.unexplained_days, event.rounds
            return [f"无故 {days} 日、劝返 {rounds} 次", label(event.whereabouts)]
        case oc.ChildReturned():
            return [label(event.placement)]
        case oc.ReturnConfirmed():
            return [f"到校 {labels(event.attended)}"]
        case oc.FollowUpMade():
            return [label(event.kind), label(event.result)]
    return []


def _legal(event: Any) -> list[str]:
    match event:
        case le.PaperIssued():
            due = f"限 {event.due_on}" if event.due_on else ""
            return [f"第 {event.paper} 份 {event.kind.label}", event.document, due]
        case le.PaperServed():
            on = event.effective_on
            counted = f"自 {on} 起算" if on != event.occurred_on else ""
            return [f"第 {event.paper} 份 {event.mode.label}", counted]
        case le.StepSkipped():
            step = f"第 {event.step} 步「{STEP_TITLES[event.step]}」"
            return [step, event.reason.label, event.document]
        case le.ServiceFailed() | le.ServiceVoided() | le.PaperRevoked():
            return [f"第 {event.paper} 份", event.reason.label]
        case le.HearingHeld():
            return [f"第 {event.paper} 份"]
    return []


def _guardian(event: Any) -> list[str]:
    match event:
        case le.GuardianPromised():
            return [f"第 {event.paper} 份", f"承诺 {event.promised_on} 前返校"]
        case le.GuardianComplied() | le.ComplianceCeased():
            return [event.scope.label]
        case le.StatementReceived():
            return [f"第 {event.paper} 份 {event.answer.label}"]
        case le.LapseNoted():
            return [f"第 {event.paper} 份 期限至 {event.last_day}"]
        case le.AppealFiled():
            return [event.kind.label, event.document]
        case le.AppealEnded():
            return [event.kind.label, event.outcome.label, event.document]
    return []


def _focus(event: Any) -> list[str]:
    match event:
        case fo.FocusListed():
            return [label(event.reason)]
        case fo.GuardianTried():
            told = "联系上了" if event.reached else "没有联系上"
            return [f"{event.absent_on} 缺勤", told]
        case HomeVisitWithdrawn():
            return [f"{event.visited_on} 的家访"]
        case HomeVisited():
            where = f"学生去向：{label(event.whereabouts)}" if event.whereabouts else ""
            promised = f"承诺 {event.promised_on} 返校" if event.promised_on else ""
            met = "" if Met.NOBODY in event.met else f"见到{labels(event.met)}"
            return [met, label(event.outcome), promised, where]
    return []
