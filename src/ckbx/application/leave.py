"""What people do on a child's application: each is one append with the child's fact, the roll,
the case and the placement, and with the words that were typed.

Applications of a child are numbered from 1, each with a stream of its own; a step is taken on
the last one. ``seen`` is the version of it that the person had before them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.decisions import carry_out
from ckbx.application.enrolment import enrol_again
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.people import Attached
from ckbx.domain.child import enrolment, leaves
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import SchoolCannotDecideLeave
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave import applying, deciding, extending, granting
from ckbx.domain.leave.application import (
    CommitteeOpinion,
    LeaveApplication,
    application_stream,
)
from ckbx.domain.leave.applying import GRANTS, Asked
from ckbx.domain.leave.codes import LeaveKind, Proof, Stage
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.leave.errors import (
    ApplicationChangedMeanwhile,
    ClassUnknown,
    NoLeaveInForce,
)
from ckbx.domain.leave.hospitals import NamedHospitals
from ckbx.domain.leave.steps import GOVERNMENT, check_role
from ckbx.domain.legal.basis import EXEMPTION
from ckbx.domain.placement import deciding as placing
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.domain.shared.system_actors import actor_name
from ckbx.eventlog.ports import Appended

DONE = b"leave"
ASSESSMENT_HOLDS = timedelta(days=366)
"""An assessment of the committee serves applications of a year."""


class Filing(NamedTuple):
    """A child and its last application as a step sees them (``exists`` False: none yet)."""

    office: Office
    unit: Unit
    child: Child
    application: LeaveApplication

    @property
    def ctx(self) -> CommandContext:
        return self.unit.ctx


Act = Callable[[Filing], None]


def work_on(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> Appended:
    """Carry out a step on the last application of a child.

    Raises ChildNeverRegistered, ApplicationChangedMeanwhile, and what ``act`` refuses.
    """
    return office.run(
        ctx, lambda unit: take_step(office, unit, child, act, seen=seen, papers=papers)
    )


def take_step(
    office: Office,
    unit: Unit,
    child_id: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> bytes:
    """Decide :func:`work_on` in a unit that is carried through elsewhere."""
    child = unit.get(child_id, Child)
    if not child.version:
        raise ChildNeverRegistered(child=child_id)
    application = last_application(office, unit, child_id)
    if seen is not None and seen != application.version:
        between = changes(office, application.id, seen)
        raise ApplicationChangedMeanwhile(between=between)
    act(Filing(office, unit, child, application))
    if papers is not None:
        papers.write(unit, child_id)
    return DONE


def changes(office: Office, stream: UUID, seen: int) -> list[tuple[str, str, str]]:
    """Title, actor and day of what was recorded in a stream after a version."""
    events = office.log.load([stream]).get(stream, [])
    return [
        (event.TITLE, actor_name(event.actor), event.occurred_on.isoformat())
        for event in events
        if event.originator_version > seen
    ]


def last_application(office: Office, unit: Unit, child: UUID) -> LeaveApplication:
    """The last application of a child; where there is none, the first one to come."""
    number = 1
    found = unit.get(application_stream(office.county, child, number), LeaveApplication)
    while True:
        number += 1
        later = unit.get(application_stream(office.county, child, number), LeaveApplication)
        if not later.exists:
            return found
        found = later


def apply(asked: Asked, *, role: str) -> Act:
    """The guardian applies: a new application, where none is open."""

    def act(filing: Filing) -> None:
        before = filing.application
        number = before.number + 1
        id_ = application_stream(filing.office.county, filing.child.id, number)
        filing.unit.depend(filing.child)
        applying.apply(
            filing.unit.get(id_, LeaveApplication),
            filing.ctx,
            filing.child,
            asked,
            number=number,
            before=before if before.exists else None,
            role=role,
        )

    return act


def give_hospital_paper(
    *,
    role: str,
    on: date,
    document: str,
    hospital: str,
    hospital_ref: UUID | None,
    paper: UUID | None,
    attachments: list[Attached],
) -> Act:
    """医院证明; whether the county had named the hospital is kept, its name only in the vault."""

    def act(filing: Filing) -> None:
        applying.give_hospital_paper(
            filing.application,
            filing.ctx,
            role=role,
            on=on,
            document=document,
            hospital=hospital_ref,
            named=hospital.strip() in _hospitals(filing).names,
            paper=paper,
            attachments=attachments,
        )

    return act


def _hospitals(filing: Filing) -> NamedHospitals:
    stream = NamedHospitals.stream(filing.office.county)
    known = filing.unit.get(stream, NamedHospitals)
    filing.unit.depend(known)
    return known


def _placement(filing: Filing) -> ChildPlacement:
    stream = ChildPlacement.stream(filing.office.county, filing.child.id)
    return filing.unit.get(stream, ChildPlacement)


def approve(
    given: Approval,
    *,
    role: str,
    plan_no: str | None = None,
    teacher: str | None = None,
    plan: UUID | None = None,
) -> Act:
    """Township or county approves: the child's status, its roll, its case and its placement
    follow in the same append.
    """

    def act(filing: Filing) -> None:
        office, unit, child, application = filing
        county, placement = office.county_of(unit), _placement(filing)
        unit.depend(county)
        decided = granting.decide(
            application,
            filing.ctx,
            child,
            given,
            role=role,
            legal_basis=county.legal_basis.get(EXEMPTION),
            assessed=_assessed(placement, given.on),
            hospitals=_hospitals(filing).names,
        )
        basis = county.legal_basis.get(EXEMPTION)
        granted = _decided(
            filing,
            lambda child, ctx: _grant(child, ctx, application.kind, decided, given, basis),
            GRANTS[application.kind],
        )
        deciding.approved(application, filing.ctx, given, decided, decision=granted)
        if application.proof is Proof.COMMITTEE and application.kind.value in set(PlacementKind):
            placing.placed_by_leave(
                placement,
                filing.ctx,
                child,
                placing.Plan(
                    on=given.on,
                    kind=PlacementKind(application.kind.value),
                    document=given.document,
                    plan_no=plan_no or given.document,
                    review_on=given.review_on,
                    teacher=teacher,
                    plan=plan,
                ),
                decision=granted,
                visits_per_month=given.visits_per_month,
                lessons_per_visit=given.lessons_per_visit,
            )
        else:
            unit.depend(placement)

    return act


def _assessed(placement: ChildPlacement, on: date) -> CommitteeOpinion | None:
    """The last assessment, while it holds."""
    found = placement.assessed
    if found is None or not found.on <= on <= found.on + ASSESSMENT_HOLDS:
        return None
    return CommitteeOpinion(found.on, found.document, found.opinion, found.advises)


def _decided(
    filing: Filing,
    decide: Callable[[Child, CommandContext], None],
    kind: type[DomainEvent],
) -> str:
    """Carry out a decision on the child; the id of its fact."""
    child = filing.child
    start = child.pending_count
    carry_out(filing.office, filing.unit, child, decide)
    return next(e.event_id for e in child.pending_since(start) if type(e) is kind)


def _grant(
    child: Child,
    ctx: CommandContext,
    kind: LeaveKind,
    decided: LeaveDecision,
    given: Approval,
    legal_basis: str | None,
) -> None:
    match kind:
        case LeaveKind.SUSPENSION:
            leaves.suspend(child, ctx, decided)
        case LeaveKind.DEFERRAL:
            leaves.defer(child, ctx, decided)
        case LeaveKind.EXEMPTION:
            leaves.exempt(child, ctx, decided, legal_basis=legal_basis)
        case LeaveKind.HOME_TEACHING:
            leaves.teach_at_home(
                child,
                ctx,
                decided,
                visits_per_month=given.visits_per_month or 0,
                lessons_per_visit=given.lessons_per_visit or 0,
            )


def extend(
    *,
    role: str,
    on: date,
    until: date,
    document: str,
    paper: UUID | None,
    review_on: date | None = None,
    attachments: list[Attached],
) -> Act:
    """延期, also of a leave that was granted before applications were kept."""

    def act(filing: Filing) -> None:
        application, child = filing.application, filing.child
        if not (application.exists or child.leave):
            raise NoLeaveInForce(status=child.status_on(on).label, action="延长期限")
        if application.exists:
            ref = extending.check_extension(
                application,
                filing.ctx,
                role=role,
                on=on,
                until=until,
                review_on=review_on,
                document=document,
                paper=paper,
            )
        else:
            if role not in GOVERNMENT:
                raise SchoolCannotDecideLeave(kind="延长期限")
            ref = extending.check_extension_paper(document, paper)
        decision = _decided(
            filing,
            lambda child, ctx: leaves.extend(
                child,
                ctx,
                on=on,
                until=until,
                approver=ctx.actor,
                approver_role=role,
                document=document,
                evidence_ref=str(ref),
            ),
            lv.LeaveExtended,
        )
        if application.exists:
            extending.prolonged(
                application,
                filing.ctx,
                role=role,
                on=on,
                until=until,
                review_on=review_on,
                document=document,
                paper=ref,
                decision=decision,
                attachments=attachments,
            )

    return act


def resume(*, role: str, on: date, class_key: str, paper: UUID | None) -> Act:
    """复学 after 休学, 入学 after 缓学, 免学 or 送教上门; the application and placement end."""

    def act(filing: Filing) -> None:
        check_role("end", role)
        office, unit, child = filing.office, filing.unit, filing.child
        if child.leave is None:
            raise NoLeaveInForce(status=child.status_on(on).label, action="办理复学或入学")
        register = unit.get(ClassRegister.stream(office.county, class_key), ClassRegister)
        if not register.exists:
            raise ClassUnknown(given=class_key)
        grade = grade_of(split_class_key(class_key)[1], school_year_of(on))
        if child.leave.status is TrackingStatus.SUSPENDED:
            carry_out(
                office,
                unit,
                child,
                lambda child, ctx: enrolment.resume_study(
                    child,
                    ctx,
                    on=on,
                    class_key=class_key,
                    grade=grade,
                    fit_paper_ref=str(paper) if paper else None,
                ),
            )
        else:
            enrolment.check_day(child, filing.ctx, on)
            enrol_again(office, unit, class_key, [child.id], grade=grade, on=on)
        decision = child.last_event or ""
        if filing.application.stage is Stage.APPROVED:
            deciding.ended(filing.application, filing.ctx, on=on, decision=decision, paper=paper)
        placing.end(_placement(filing), filing.ctx, on=on, decision=decision)

    return act


def name_hospital(
    office: Office,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    hospital: str,
    document: str | None,
    drop: bool = False,
) -> Appended:
    """The county names a hospital for 免学, or takes it off its list."""

    def run(unit: Unit) -> bytes:
        known = unit.get(NamedHospitals.stream(office.county), NamedHospitals)
        if drop:
            known.drop(ctx, role=role, on=on, hospital=hospital)
        else:
            known.name(ctx, role=role, on=on, hospital=hospital, document=document or "")
        return DONE

    return office.run(ctx, run)


def applications_of(office: Office, child: UUID) -> list[LeaveApplication]:
    """Every application of a child as the log has it, the first one first."""
    found: list[LeaveApplication] = []
    while True:
        id_ = application_stream(office.county, child, len(found) + 1)
        events: list[Any] = office.log.load([id_]).get(id_, [])
        if not events:
            return found
        found.append(LeaveApplication(id_).replay(events))
