"""``case teacher``, ``plan``, ``contact``, ``cause``, ``visit``, ``report``: the work on a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from ckbx.cli import papers_given
from ckbx.cli.case_desk import CaseDesk
from ckbx.cli.case_options import (
    PRINCIPAL,
    AccountOption,
    CauseArgument,
    DocumentOption,
    EvidenceOption,
    FilesOption,
    FromOption,
    HourOption,
    LevelArgument,
    MeansOption,
    MeasureArgument,
    MeasuresOption,
    MetOption,
    NoteOption,
    OutcomeOption,
    PeopleOption,
    PlaceOption,
    PlanOption,
    PromisedOption,
    ReviewOption,
    SecondaryOption,
    TierOption,
    UntilOption,
)
from ckbx.cli.case_step import Call, Make, add, step
from ckbx.cli.codes import pick, pick_all
from ckbx.cli.options import day
from ckbx.domain.case.codes import (
    CAUSE_CODES,
    Means,
    Measure,
    Met,
    Place,
    RiskLevel,
    RoundOutcome,
    Tier,
)

if TYPE_CHECKING:
    from ckbx.application.cases import Act

_CAUSE_CODES = "；".join(f"{code} {name}" for code, name in CAUSE_CODES.items())
_CAUSE_HELP = {
    "short_help": "登记辍学原因（只存入个人信息库）。",
    "help": f"登记辍学原因：{_CAUSE_CODES}。原因只存入个人信息库，经过里只写登记过。",
}


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    steps = {
        "teacher": step(teacher, dated=False),
        "release": step(release, dated=False),
        "plan": step(plan),
        "cause": step(cause),
        "risk": step(risk),
        "support": step(support),
        "contact": step(contact),
        "visit": step(visit),
        "report": step(report, as_=PRINCIPAL),
    }
    add(group, steps, cause=_CAUSE_HELP)


def teacher(call: Call, account: AccountOption, since: FromOption = None) -> Make:
    """确定帮扶教师（校长或县教育局）；已有的办交接。岗位同时记入责任链。"""
    first = day(since, "--from") or call.today

    def make(desk: CaseDesk) -> Act:
        from ckbx.application.cases import name_teacher

        holder = desk.holder(account, first)
        return name_teacher(role=call.role, account=account, holder=holder, first_day=first)

    return make


def release(call: Call, until: UntilOption = None) -> Make:
    """帮扶教师离任（校长或县教育局）；次日起由班主任负责，直到另定一人。"""
    last = day(until, "--until") or call.today

    def make(_desk: CaseDesk) -> Act:
        from ckbx.application.cases import release_teacher

        return release_teacher(role=call.role, last_day=last)

    return make


def plan(
    call: Call,
    words: PlanOption = None,
    measures: MeasuresOption = None,
    review: ReviewOption = None,
) -> Make:
    """制定一生一策（学校或县教育局）；再办一次是新的一版。"""
    chosen = pick_all(Measure, measures or [], "--measure")
    review_on = day(review, "--review-on")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import make_plan

        ref = desk.papers.note(words)
        return lambda work: make_plan(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            plan=ref,
            measures=chosen,
            review_on=review_on,
        )

    return make


def cause(call: Call, code: CauseArgument, secondary: SecondaryOption = False) -> Make:
    """A cause by its code; its help names them all."""
    by_name = {name: number for number, name in CAUSE_CODES.items()}
    number = by_name.get(code.strip(), code.strip())

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.errors import CauseUnknown
        from ckbx.domain.case.plan import record_cause

        ref = desk.papers.note(number) if number in CAUSE_CODES else None
        if ref is None:
            raise CauseUnknown(given=number)
        return lambda work: record_cause(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            cause=number,
            ref=ref,
            primary=not secondary,
        )

    return make


def risk(call: Call, level: LevelArgument, note: NoteOption = None) -> Make:
    """评定风险等级（学校或县教育局）。"""
    chosen = pick(RiskLevel, level, "等级")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import assess_risk

        ref = desk.papers.note(note)
        return lambda work: assess_risk(
            work.case, work.ctx, role=call.role, on=call.when, level=chosen, note=ref
        )

    return make


def support(
    call: Call, measure: MeasureArgument, note: NoteOption = None, file: FilesOption = None
) -> Make:
    """登记落实了一项帮扶措施。"""
    chosen = pick(Measure, measure, "措施")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import give_support

        ref, attached = desk.papers.note(note), papers_given.files(desk.papers, file)
        return lambda work: give_support(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            measure=chosen,
            note=ref,
            attachments=attached,
        )

    return make


def contact(
    call: Call,
    met: MetOption = None,
    means: MeansOption = Means.CALL.value,
    note: NoteOption = None,
) -> Make:
    """登记联系监护人（电话、上门了解情况），不算劝返。"""
    how, seen = pick(Means, means, "--means"), pick_all(Met, met or [], "--met")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case.plan import contact as made

        ref = desk.papers.note(note)
        return lambda work: made(
            work.case, work.ctx, role=call.role, on=call.when, means=how, met=seen, note=ref
        )

    return make


def visit(  # noqa: PLR0913, PLR0917 - the options of a command
    call: Call,
    hour: HourOption,
    outcome: OutcomeOption,
    people: PeopleOption = None,
    met: MetOption = None,
    tier: TierOption = Tier.SCHOOL.value,
    place: PlaceOption = Place.HOME.value,
    means: MeansOption = Means.VISIT.value,
    promised: PromisedOption = None,
    note: NoteOption = None,
    file: FilesOption = None,
) -> Make:
    """登记一次劝返（家访）：谁去的、见到谁、结果怎样。"""
    promised_on = day(promised, "--promised")
    codes: dict[str, Any] = {
        "tier": pick(Tier, tier, "--tier"),
        "place": pick(Place, place, "--place"),
        "means": pick(Means, means, "--means"),
        "met": pick_all(Met, met or [], "--met"),
        "outcome": pick(RoundOutcome, outcome, "--outcome"),
    }

    def make(desk: CaseDesk) -> Act:
        from ckbx.application.cases import persuade
        from ckbx.domain.case.persuasion import RoundHeld

        held = RoundHeld(
            on=call.when,
            hour=hour,
            participants=desk.participants(people or [], call.when),
            promised_on=promised_on,
            words=desk.papers.note(note),
            attachments=papers_given.files(desk.papers, file),
            **codes,
        )
        return persuade(held, role=call.role)

    return make


def report(call: Call, document: DocumentOption, evidence: EvidenceOption = None) -> Make:
    """登记学校书面报告（校长，劝返无效后 24 小时内报乡镇和县教育局）。"""
    number = papers_given.document(document)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import persuasion

        ref, attached = desk.evidence(evidence)
        note = UUID(ref) if ref and not attached else None
        return lambda work: persuasion.report(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            document=number,
            note=note,
            attachments=attached,
        )

    return make
