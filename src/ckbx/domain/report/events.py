"""Facts about reports: figures as a person signed them. No personal data: counts and codes."""

from __future__ import annotations

from datetime import date

import msgspec

from ckbx.domain.report.figures import Figure, Gap
from ckbx.domain.shared.event import DomainEvent


class SchoolPart(msgspec.Struct, frozen=True, kw_only=True):
    """A school's signed report that went into a county's: which version, sealed as what."""

    school: str
    number: int
    digest: str


class SchoolReportSigned(DomainEvent, frozen=True, kw_only=True):
    """The principal signed the school's report of a month (``YYYY-MM``), version ``number``.

    The figures are those of ``as_of`` as they were known at ``position``, that is at
    ``known_at`` (UTC, microseconds since 1970). ``zero``: a 零报告. ``digest`` seals the
    canonical figures; ``role`` is that of the signer.
    """

    TOPIC = "ckbx.report.SchoolReportSigned"
    TITLE = "签学校月报"
    school: str
    month: str
    number: int
    as_of: date
    position: int
    known_at: int
    figures: list[Figure]
    gaps: list[Gap] = []
    zero: bool
    role: str
    digest: str


class CountySummarySigned(DomainEvent, frozen=True, kw_only=True):
    """The county signed the sum of its schools' signed reports of a month, version ``number``.

    ``schools``: what was summed; ``unsigned``: schools with classes that had not signed.
    """

    TOPIC = "ckbx.report.CountySummarySigned"
    TITLE = "签县汇总"
    county: str
    month: str
    number: int
    as_of: date
    position: int
    known_at: int
    figures: list[Figure]
    schools: list[SchoolPart]
    unsigned: list[str] = []
    gaps: list[Gap] = []
    zero: bool
    role: str
    digest: str
