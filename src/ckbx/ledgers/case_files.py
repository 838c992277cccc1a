"""Which files belong to a case, and the content of one of them.

The list holds no personal data; the content is read through the vault, which records who looked.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from ckbx.domain.case.people import Attached
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import EventLog
from ckbx.ledgers.model import Row
from ckbx.vault import Access, Vault

SHORTEST: Final = 4


class FileUnknown(InputRefused):
    code = "case_file_unknown"
    message = "这个个案没有编号为 {file} 的附件（或不止一个）；请运行 ckbx case files 核对编号"


class FileErased(InputRefused):
    code = "case_file_erased"
    message = "附件 {file} 已随该生的个人信息依法删除，不能再取回"


def attached_to(event: DomainEvent) -> list[Attached]:
    """The files of a fact."""
    return list(getattr(event, "attachments", ()))


def file_row(event: DomainEvent, each: Attached) -> Row:
    """One file as people see it; ``fact``: the number of the fact to which it belongs."""
    about = getattr(event, "fact", None)
    return {
        "file": str(each.file),
        "fact": about if about is not None else event.originator_version,
        "title": event.TITLE,
        "occurred_on": event.occurred_on,
        "format": each.format,
        "size": each.size,
        "digest": each.digest,
    }


def files_json(log: EventLog, case_id: UUID) -> dict[str, Any]:
    """Every file of a case, in order of recording."""
    events = log.load([case_id]).get(case_id, [])
    rows = [file_row(event, each) for event in events for each in attached_to(event)]
    return {"case_id": str(case_id), "rows": rows}


def fetch_file(log: EventLog, vault: Vault, case_id: UUID, number: str, access: Access) -> bytes:
    """The content of a file by its id or the beginning of it; the look is recorded.

    Raises FileUnknown, FileErased and what :meth:`Vault.read` raises.
    """
    digits = number.strip().lower().replace("-", "")
    events: list[Any] = list(log.load([case_id]).get(case_id, []))
    ids = {each.file for event in events for each in attached_to(event)}
    found = [id_ for id_ in ids if len(digits) >= SHORTEST and id_.hex.startswith(digits)]
    if len(found) != 1:
        raise FileUnknown(file=number)
    child = events[0].child
    content = vault.read([child], [f"file:{found[0]}"], access)[child].files.get(found[0])
    if content is None:
        raise FileErased(file=number)
    return content
