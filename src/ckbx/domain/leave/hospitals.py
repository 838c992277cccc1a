"""Which hospitals has the county named, whose certificates it accepts for 免学 (domain §3)?"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.leave.errors import HospitalStandsSo, LeaveRoleRefused
from ckbx.domain.leave.events import HospitalDropped, HospitalNamed
from ckbx.domain.leave.steps import COUNTY, check_day, check_document, titles
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id
from ckbx.domain.shared.personal import check_name


class NamedHospitals(Aggregate):
    """The county's list; ``names`` with the document that named each."""

    __slots__ = ("names",)

    KIND: ClassVar[str] = "hospitals"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.names: dict[str, str] = {}

    @staticmethod
    def stream(county: str) -> UUID:
        """The stream of the county's list."""
        return stream_id(county, "hospitals")

    def name(
        self, ctx: CommandContext, *, role: str, on: date, hospital: str, document: str
    ) -> None:
        """指定. Raises LeaveRoleRefused, NameRefused, LeaveDocumentMissing, HospitalStandsSo."""
        self._check(ctx, role, on, hospital)
        check_document(document, action="指定医院", what="文号", who="县教育局")
        if hospital in self.names:
            raise HospitalStandsSo(hospital=hospital, state="已是指定医院")
        self.trigger_event(HospitalNamed, ctx, occurred_on=on, hospital=hospital, document=document)

    def drop(self, ctx: CommandContext, *, role: str, on: date, hospital: str) -> None:
        """取消指定. Raises LeaveRoleRefused, HospitalStandsSo."""
        self._check(ctx, role, on, hospital)
        if hospital not in self.names:
            raise HospitalStandsSo(hospital=hospital, state="不是指定医院")
        self.trigger_event(HospitalDropped, ctx, occurred_on=on, hospital=hospital)

    @staticmethod
    def _check(ctx: CommandContext, role: str, on: date, hospital: str) -> None:
        if role not in COUNTY:
            raise LeaveRoleRefused(action="指定医院", who=titles(COUNTY))
        check_day(ctx, on, on)
        check_name(hospital, "医院名称")

    def apply(self, event: Any) -> None:
        match event:
            case HospitalNamed():
                self.names[event.hospital] = event.document
            case HospitalDropped():
                self.names.pop(event.hospital, None)
