"""Transfers in two steps, study elsewhere, and the endings that the county decides."""

from __future__ import annotations

from datetime import date

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.absences import open_suspicion
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day, check_transition
from ckbx.domain.child.errors import (
    AlreadySuspected,
    EvidenceMissing,
    FindingIsDropout,
    FindingNeedsDecision,
    FindingNotForPrincipal,
    NoOpenSuspicion,
    ReviewDayMissing,
)
from ckbx.domain.child.movements import check_review
from ckbx.domain.child.return_errors import OnlyCountyDecides
from ckbx.domain.child.status import (
    CLOSED_BY,
    PRINCIPAL_FINDINGS,
    Finding,
    SuspicionSource,
    TrackingStatus,
)
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import LAST_GRADE, last_grade_from


def start_transfer(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    receiving_school: str,
    document: str,
    confirm_by: date | None,
    receiving_name: str = "",
) -> None:
    """转出 begins; ``confirm_by`` is 10 working days on (None in an unknown year)."""
    check_day(child, ctx, on)
    check_transition(child, lv.TransferStarted, on)
    child.trigger_event(
        lv.TransferStarted,
        ctx,
        occurred_on=on,
        receiving_school=receiving_school,
        document=document,
        confirm_by=confirm_by,
        receiving_name=receiving_name,
    )


def confirm_transfer(
    child: Child, ctx: CommandContext, *, on: date, receiving_school: str, evidence_ref: str
) -> None:
    """The receiving school confirms; only now is the child gone."""
    check_day(child, ctx, on)
    if not evidence_ref:
        raise EvidenceMissing(action="确认转入", what="转入学校的接收证明", who="转入学校")
    check_transition(child, lv.TransferConfirmed, on)
    child.trigger_event(
        lv.TransferConfirmed,
        ctx,
        occurred_on=on,
        receiving_school=receiving_school,
        evidence_ref=evidence_ref,
    )


def cancel_transfer(child: Child, ctx: CommandContext, *, on: date) -> None:
    """The child stays, and is what it was: a suspicion or dropout goes on (domain §3)."""
    check_day(child, ctx, on)
    check_transition(child, lv.TransferCancelled, on)
    child.trigger_event(lv.TransferCancelled, ctx, occurred_on=on)


def lapse_transfer(child: Child, ctx: CommandContext, *, rule_version: int) -> None:
    """Nobody confirmed in time: record it and open the suspicion (domain §3)."""
    due = child.transfer_confirm_by
    if due is None or due >= ctx.today or child.base is not TrackingStatus.TRANSFERRING:
        return
    check_transition(child, lv.TransferLapsed, due)
    lapsed = child.trigger_event(lv.TransferLapsed, ctx, occurred_on=due)
    open_suspicion(
        child,
        ctx,
        on=due,
        source=SuspicionSource.TRANSFER_LAPSED,
        first_absent_on=due,
        rule="transfer_lapsed",
        rule_version=rule_version,
        evidence=[lapsed.event_id],
    )


def verify_elsewhere(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    evidence_ref: str,
    review_by: date | None,
    region: str | None = None,
    document: str | None = None,
) -> None:
    """外地就读: 就读证明, 学籍查询 or 函 with its answer; again each term."""
    check_day(child, ctx, on)
    if not evidence_ref:
        raise EvidenceMissing(
            action="核实外地就读", what="就读证明、学籍查询结果或函的回复", who="县教育局"
        )
    if review_by is None:
        raise ReviewDayMissing(action="核实外地就读")
    check_review(on, review_by)
    check_transition(child, lv.StudyElsewhereVerified, on)
    child.trigger_event(
        lv.StudyElsewhereVerified,
        ctx,
        occurred_on=on,
        evidence_ref=evidence_ref,
        review_by=review_by,
        region=region,
        document=document,
    )


_PAPER = {
    lv.DeathRecorded: "死亡证明或户籍注销证明",
    lv.WentAbroad: "出境证件",
    lv.WentMissing: "公安报案回执",
    lv.Deregistered: "派出所或村（社区）证明",
}


def end(
    child: Child,
    ctx: CommandContext,
    event: type[DomainEvent],
    *,
    on: date,
    evidence_ref: str,
    document: str | None = None,
    review_by: date | None = None,
) -> None:
    """死亡, 出国（境）, 失联, 户籍问题: the county decides on paper evidence.

    失联 is checked again each term: ``review_by`` says when (ReviewDayMissing).
    """
    check_day(child, ctx, on)
    if not evidence_ref:
        raise EvidenceMissing(action=event.TITLE, what=_PAPER[event], who="县教育局")
    if event is lv.WentMissing and review_by is None:
        raise ReviewDayMissing(action="登记失联")
    if event is lv.WentMissing and review_by is not None:
        check_review(on, review_by)
    check_transition(child, event, on)
    more = {"review_by": review_by} if event is lv.WentMissing else {}
    child.trigger_event(
        event, ctx, occurred_on=on, evidence_ref=evidence_ref, document=document, **more
    )


def graduate(child: Child, ctx: CommandContext, *, on: date) -> None:
    """毕业, at the end of grade 9."""
    check_day(child, ctx, on)
    if not _in_last_grade(child, on):
        raise EvidenceMissing(action="毕业", what="九年级学籍", who="学籍管理员")
    check_transition(child, lv.Graduated, on)
    child.trigger_event(lv.Graduated, ctx, occurred_on=on)


def _in_last_grade(child: Child, on: date) -> bool:
    """Whether it sits in a ninth grade, or in a class that was one last year: a class moves
    up each September, also where nobody recorded 升级 of its children.
    """
    key = child.class_key
    return child.grade == LAST_GRADE or (key is not None and on >= last_grade_from(key))


def suspect(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    source: SuspicionSource,
    first_absent_on: date,
    rule: str,
    rule_version: int,
    evidence: list[str],
) -> None:
    """A suspicion from the opening, a register, a person, or the county's decision."""
    check_day(child, ctx, on)
    if child.episode is not None:
        raise AlreadySuspected(child=child.id, since=child.suspected_on)
    check_transition(child, e.DropoutSuspected, on)
    open_suspicion(
        child,
        ctx,
        on=on,
        source=source,
        first_absent_on=first_absent_on,
        rule=rule,
        rule_version=rule_version,
        evidence=evidence,
    )


def clear_suspicion(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    finding: Finding,
    evidence_ref: str,
    role: str,
) -> None:
    """The check found A, B, C (the principal) or G (the county): the child is 在读.

    K is no clearing; what D, E, F, H, I and J say is recorded by the decision of its own,
    which closes the suspicion (domain §3). A confirmed dropout is cleared by the county
    alone, and only where its ground fell away (依据已变, domain §4). Raises the refusals
    named here.
    """
    check_day(child, ctx, on)
    if child.episode is None or child.on_leave(on):
        raise NoOpenSuspicion(child=child.id)
    if child.base is TrackingStatus.DROPPED_OUT:
        if not child.episode.ground_changed:
            check_transition(child, e.SuspicionCleared, on)
        if role != "bureau_officer":
            raise OnlyCountyDecides(action="排除已认定的辍学")
    if finding is Finding.K:
        raise FindingIsDropout
    if role != "bureau_officer" and finding not in PRINCIPAL_FINDINGS:
        raise FindingNotForPrincipal(finding=finding.value, label=finding.label)
    if finding in CLOSED_BY:
        raise FindingNeedsDecision(
            finding=finding.value, label=finding.label, decision=CLOSED_BY[finding]
        )
    if not evidence_ref:
        raise EvidenceMissing(action="排除疑似辍学", what="核查结论的佐证", who="核查人")
    child.trigger_event(
        e.SuspicionCleared,
        ctx,
        occurred_on=on,
        episode=child.episode.number,
        finding=finding,
        evidence_ref=evidence_ref,
        decided_by=role,
    )
