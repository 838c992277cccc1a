"""Facts about the county and its schools. A school's name is public, not personal data."""

from __future__ import annotations

from datetime import date

from ckbx.domain.school.register_source import RegisterSource
from ckbx.domain.shared.event import DomainEvent


class CountyNamed(DomainEvent, frozen=True, kw_only=True):
    """The store belongs to this county (6-digit region code)."""

    TOPIC = "ckbx.county.CountyNamed"
    TITLE = "设定县(区)"
    code: str
    name: str


class SchoolListed(DomainEvent, frozen=True, kw_only=True):
    """The county has this school (10-digit 学校标识码)."""

    TOPIC = "ckbx.county.SchoolListed"
    TITLE = "登记学校"
    school: str


class LegalBasisRecorded(DomainEvent, frozen=True, kw_only=True):
    """The county recorded the legal basis for 免学 (``matter`` exemption) or fines."""

    TOPIC = "ckbx.county.LegalBasisRecorded"
    TITLE = "登记法律依据"
    matter: str
    document: str


class LegalBasisWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """The legal basis of a matter was repealed, or had been recorded by mistake."""

    TOPIC = "ckbx.county.LegalBasisWithdrawn"
    TITLE = "撤销法律依据"
    matter: str
    text_ref: str


class ImportFinished(DomainEvent, frozen=True, kw_only=True):
    """A batch of files is in; until then figures it touches say 导入中, 不完整."""

    TOPIC = "ckbx.import.ImportFinished"
    TITLE = "导入完成"
    batch: str
    kind: str
    applied: int
    refused: int


class ImportStarted(DomainEvent, frozen=True, kw_only=True):
    """A batch of files of one kind begins; ``digest`` is the SHA-256 of their contents.
    ``source``: of a 比对名单, whose list it is, where that was said.
    """

    TOPIC = "ckbx.import.ImportStarted"
    TITLE = "开始导入"
    batch: str
    kind: str
    digest: str
    rows: int
    schools: list[str] = []
    effective: date | None = None
    source: RegisterSource | None = None


class ImportUndone(DomainEvent, frozen=True, kw_only=True):
    """Correcting events for everything one batch did were written."""

    TOPIC = "ckbx.import.ImportUndone"
    TITLE = "撤销导入"
    batch: str


class RosterBegan(DomainEvent, frozen=True, kw_only=True):
    """The store's first roster is in; ``first_day`` of the term in which the store began.

    In that term the roster is the expected list; from the next on a child new to its class
    must be marked 到校 by name (domain §4, the roll).
    """

    TOPIC = "ckbx.county.RosterBegan"
    TITLE = "首次导入花名册"
    first_day: date


class SchoolNamed(DomainEvent, frozen=True, kw_only=True):
    """The school's name, first or changed."""

    TOPIC = "ckbx.school.SchoolNamed"
    TITLE = "学校名称"
    school: str
    name: str


class ClassListed(DomainEvent, frozen=True, kw_only=True):
    """The school has this class."""

    TOPIC = "ckbx.school.ClassListed"
    TITLE = "登记班级"
    school: str
    class_key: str


class SchoolWentLive(DomainEvent, frozen=True, kw_only=True):
    """The first roll call handed in within the allowed days: what came before is 初始导入."""

    TOPIC = "ckbx.school.SchoolWentLive"
    TITLE = "开始每日点名"
    school: str
