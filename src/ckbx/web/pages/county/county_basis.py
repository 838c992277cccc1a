"""县级依据: on which document the county exempts and fines, and whose certificates it accepts."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from ckbx.application.leave_papers import name_hospital
from ckbx.application.legal import record_basis, withdraw_basis
from ckbx.domain.leave.hospitals import NamedHospitals
from ckbx.domain.legal.basis import MATTERS
from ckbx.domain.school.school import County
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.domain.shared.personal import holds_number
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission

DONE: Final = {
    "hospital": "已指定医院",
    "dropped": "已取消指定",
    "basis": "已登记法律依据",
    "withdrawn": "已撤销法律依据，以后的文书不能再依据它办",
}


def basis_page(desk: WebDesk, done: str = "", draft: Draft | None = None) -> Response:
    """What stands now, and the forms to change it."""
    with desk.look("web:county_basis", "查看县级依据") as look:
        hospitals, county = _recorded(look)
        return desk.html(
            "county/county_basis.html",
            422 if draft is not None else 200,
            **base(desk, look, "指定医院和法律依据"),
            hospitals=sorted(hospitals.names.items()),
            matters=[(key, title, county.legal_basis.get(key)) for key, title in MATTERS.items()],
            done=DONE.get(done, ""),
            draft=draft or Draft(),
        )


def change(desk: WebDesk, posted: Posted) -> Response:
    """Name a hospital, name it no longer, record or withdraw a basis. Raises NotThere."""
    held = desk.viewer.having(Permission.DECIDE_COUNTY)
    act = posted.text("act")
    if not held or act not in DONE:
        raise NotThere
    on = posted.day("on", "日期")
    hospital = posted.needed("hospital", "医院名称") if act in ("hospital", "dropped") else ""
    document = posted.needed("document", "文号") if act in ("hospital", "basis") else ""
    why = posted.needed("why", "撤销的理由") if act == "withdrawn" else ""
    if holds_number(document):
        posted.wrong("document", "文号：只写文号，不能含证件号或电话号")
    if on is None or not posted.fine:
        return basis_page(desk, draft=posted.draft())
    role, office = held[0].role, desk.store.office
    ctx = desk.context(posted.command, role=role)
    at: dict[str, Any] = {"on": on, "role": role}
    try:
        if act == "basis":
            done = record_basis(office, ctx, matter=posted.text("matter"), document=document, **at)
        elif act == "withdrawn":
            vault, matter = desk.store.vault, posted.text("matter")
            done = withdraw_basis(office, ctx, vault, matter=matter, why=why, **at)
        else:
            gone = act == "dropped"
            done = name_hospital(
                office, ctx, hospital=hospital, document=document or None, drop=gone, **at
            )
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return basis_page(desk, draft=posted.draft(refused))
    return desk.done(f"/leaves/basis?done={act}", done.position)


def _recorded(look: Look) -> tuple[NamedHospitals, County]:
    """As the log has them at the position of the look."""
    code = look.reading.county
    hospitals, county = NamedHospitals(NamedHospitals.stream(code)), County(County.stream(code))
    for recorded in look.log.read_streams([hospitals.id, county.id], up_to=look.position):
        of = hospitals if recorded.event.originator_id == hospitals.id else county
        of.replay([recorded.event])
    return hospitals, county
