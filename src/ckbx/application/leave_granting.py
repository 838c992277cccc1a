"""Township or county approves: the child, its roll, its case and its placement follow."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from ckbx.application.leave_child import decide_on, grant, placement_of
from ckbx.application.leave_filing import Act, Filing
from ckbx.application.leave_papers import named_hospitals
from ckbx.domain.leave import deciding, granting
from ckbx.domain.leave.application import CommitteeOpinion
from ckbx.domain.leave.applying import GRANTS
from ckbx.domain.leave.codes import Proof
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.legal.basis import EXEMPTION
from ckbx.domain.placement import deciding as placing
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.placement.placement import ChildPlacement

ASSESSMENT_HOLDS = timedelta(days=366)
"""An assessment of the committee serves applications of a year."""


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
        county, placement = office.county_of(unit), placement_of(filing)
        unit.depend(county)
        decided = granting.decide(
            application,
            filing.ctx,
            child,
            given,
            role=role,
            legal_basis=county.legal_basis.get(EXEMPTION),
            assessed=_assessed(placement, given.on),
            hospitals=named_hospitals(filing).names,
        )
        basis = county.legal_basis.get(EXEMPTION)
        granted = decide_on(
            filing,
            lambda child, ctx: grant(child, ctx, application.kind, decided, given, basis),
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
