"""``case verify`` to ``case reopen``: what is found and decided on a case, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import typer

from ckbx.cli import papers_given
from ckbx.cli.case_desk import CaseDesk
from ckbx.cli.case_options import (
    PRINCIPAL,
    ClassOption,
    CloseKindOption,
    EvidenceOption,
    FilesOption,
    FindingOption,
    FollowKindOption,
    GapReasonOption,
    NoteOption,
    PlacementOption,
    ReasonOption,
    ResultOption,
    WhereaboutsOption,
)
from ckbx.cli.case_step import Call, Make, add, step
from ckbx.cli.codes import pick
from ckbx.domain.case.codes import EvidenceKind, FollowUpKind, FollowUpResult
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding

if TYPE_CHECKING:
    from ckbx.application.cases import Act, Work


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    steps = {
        "verify": step(verify),
        "clear": step(clear),
        "determine": step(determine),
        "return": step(return_, as_=PRINCIPAL),
        "confirm": step(confirm, as_=PRINCIPAL, dated=False),
        "follow-up": step(follow_up),
        "settle": step(settle),
        "close": step(close),
        "reopen": step(reopen),
    }
    add(group, steps)


def verify(
    call: Call,
    finding: FindingOption,
    evidence: EvidenceOption = None,
    note: NoteOption = None,
    file: FilesOption = None,
) -> Make:
    """登记核查结论 A–K 和这一结论的佐证；K（真辍学）之后才能劝返认定。"""
    found = pick(Finding, finding, "--finding")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import verification

        ref, first = desk.evidence(evidence)
        words, more = desk.papers.note(note), papers_given.files(desk.papers, file)
        return lambda work: verification.verify(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            finding=found,
            evidence_ref=ref,
            note=words,
            attachments=[*first, *more],
        )

    return make


def clear(call: Call, finding: FindingOption, evidence: EvidenceOption = None) -> Make:
    """按核查结论排除疑似：A、B、C 由校长或县教育局，G 由县教育局。"""
    found = pick(Finding, finding, "--finding")

    def make(desk: CaseDesk) -> Act:
        from ckbx.application import cases

        ref, _files = desk.evidence(evidence)
        return cases.clear(role=call.role, on=call.when, finding=found, evidence_ref=ref)

    return make


def determine(call: Call, whereabouts: WhereaboutsOption) -> Make:
    """认定辍学（县教育局）：核查为 K、原因已登记、缺勤日数和劝返次数都够才能认定。"""
    where = pick(Whereabouts, whereabouts, "--whereabouts")

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application import cases

        return cases.determine(role=call.role, on=call.when, whereabouts=where)

    return make


def return_(
    call: Call,
    placement: PlacementOption = Placement.ORIGINAL_CLASS.value,
    class_key: ClassOption = None,
) -> Make:
    """办理劝返复学（校长；命令行默认以校长身份登记）。"""
    how = pick(Placement, placement, "--placement")

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application import cases

        def act(work: Work) -> None:
            own = work.child.segments[-1][0] if work.child.segments else ""
            key = class_key or work.child.class_key or own
            cases.bring_back(role=call.role, on=call.when, placement=how, class_key=key)(work)

        return act

    return make


def confirm(call: Call) -> Make:
    """确认返校（校长）：按点名连续到校的日数，不由人填。"""

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application import cases

        return cases.confirm_return(role=call.role)

    return make


def follow_up(
    call: Call,
    kind: FollowKindOption = FollowUpKind.VISIT.value,
    result: ResultOption = FollowUpResult.STEADY.value,
    note: NoteOption = None,
) -> Make:
    """登记巩固期的一次回访。"""
    how, said = pick(FollowUpKind, kind, "--kind"), pick(FollowUpResult, result, "--result")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import follow_up as steps

        words = desk.papers.note(note)
        return lambda work: steps.follow_up(
            work.case, work.ctx, role=call.role, on=call.when, kind=how, result=said, note=words
        )

    return make


def settle(call: Call, reason: GapReasonOption = None) -> Make:
    """办结巩固期（县教育局）：巩固期已满，回访都做了；有缺访的写明缘由。"""

    def make(desk: CaseDesk) -> Act:
        from ckbx.application import cases

        return cases.settle(role=call.role, on=call.when, reason=desk.papers.note(reason))

    return make


def close(
    call: Call, kind: CloseKindOption, evidence: EvidenceOption = None, note: NoteOption = None
) -> Make:
    """销号：依据要与了结的方式相符；复学稳定的凭返校确认，不必另附。"""
    what = pick(EvidenceKind, kind, "--kind")

    def make(desk: CaseDesk) -> Act:
        from ckbx.application import cases

        ref, _files = desk.evidence(evidence)
        words = desk.papers.note(note)
        return cases.close(
            role=call.role, on=call.when, evidence=what, evidence_ref=ref, note=words
        )

    return make


def reopen(call: Call, reason: ReasonOption) -> Make:
    """撤销销号（县教育局），写明理由；个案回到销号以前的阶段。"""

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import closing

        ref: UUID | None = desk.papers.note(reason)
        return lambda work: closing.reopen(
            work.case, work.ctx, role=call.role, on=call.when, reason=ref
        )

    return make
