"""What is handed in on an application: the guardian's wish and the hospital's paper; which
hospitals the county has named.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application.leave_filing import DONE, Act, Filing
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.case.people import Attached
from ckbx.domain.leave import applying
from ckbx.domain.leave.application import LeaveApplication, application_stream
from ckbx.domain.leave.applying import Asked
from ckbx.domain.leave.hospitals import NamedHospitals
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended


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
            named=hospital.strip() in named_hospitals(filing).names,
            paper=paper,
            attachments=attachments,
        )

    return act


def named_hospitals(filing: Filing) -> NamedHospitals:
    """The hospitals the county has named; the decision rests on them."""
    stream = NamedHospitals.stream(filing.office.county)
    known = filing.unit.get(stream, NamedHospitals)
    filing.unit.depend(known)
    return known


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
