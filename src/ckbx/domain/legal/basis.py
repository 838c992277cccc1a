"""The county records on which document it may fine a guardian, or exempt a child (免学).

义务教育法 58 knows only 批评教育 and 责令限期改正, and its article 11 only 缓学 and 休学: both a
fine and an exemption need a rule of the county's own, named by its document number.
"""

from __future__ import annotations

from datetime import date

from ckbx.domain.legal import errors
from ckbx.domain.legal.checks import check_day, check_document, check_refs, check_role
from ckbx.domain.school.events import LegalBasisRecorded, LegalBasisWithdrawn
from ckbx.domain.school.school import County
from ckbx.domain.shared.event import CommandContext

FINE, EXEMPTION = "fine", "exemption"
MATTERS = {FINE: "行政处罚", EXEMPTION: "免学"}
ROLES = ("bureau_officer", "bureau_leader")


def record_basis(
    county: County, ctx: CommandContext, *, matter: str, document: str, on: date, role: str
) -> None:
    """The basis of a matter, first or changed; nothing when it stands so.

    Raises NotThisRole, LegalMatterUnknown, DocumentNumberMissing, LegalDayInFuture.
    """
    title = _title(matter)
    check_role(role, ROLES, f"登记{title}的法律依据")
    check_document(document, f"{title}的法律依据")
    check_day(ctx, on, "登记依据", after=on, before="登记依据")
    if county.legal_basis.get(matter) != document:
        county.trigger_event(
            LegalBasisRecorded, ctx, occurred_on=on, matter=matter, document=document
        )


def withdraw_basis(
    county: County, ctx: CommandContext, *, matter: str, on: date, text_ref: str, role: str
) -> None:
    """The basis was repealed, or recorded by mistake: papers made on it keep its number, new
    ones are refused.

    Raises NotThisRole, LegalMatterUnknown, BasisNotRecorded, ReferenceMissing, LegalDayInFuture.
    """
    title = _title(matter)
    check_role(role, ROLES, f"撤销{title}的法律依据")
    check_day(ctx, on, "撤销依据", after=on, before="登记依据")
    check_refs("撤销依据", "撤销理由", "县教育局", text_ref)
    if matter not in county.legal_basis:
        raise errors.BasisNotRecorded(title=title)
    county.trigger_event(LegalBasisWithdrawn, ctx, occurred_on=on, matter=matter, text_ref=text_ref)


def _title(matter: str) -> str:
    if matter not in MATTERS:
        shown = matter if matter.isascii() else "?"
        raise errors.LegalMatterUnknown(matter=shown)
    return MATTERS[matter]
