"""How is a child's personal data erased? The fact and the loss of the key stand in one append."""

from __future__ import annotations

import re
from typing import ClassVar
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.child.leave_events import PersonErased
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.personal import holds_number
from ckbx.eventlog.ports import Appended
from ckbx.vault import Vault, note_ref

GROUNDS = {
    "retention_over": "保存期满",
    "guardian_request": "监护人申请",
    "consent_withdrawn": "撤回同意",
    "purpose_reached": "目的已实现",
    "unlawful": "违法处理",
    "entered_by_mistake": "误录",
}
"""Codes of the usual grounds (个人信息保护法 47) and the words people use."""
MISTAKE = "entered_by_mistake"
"""The ground after which the child's numbers may be registered again: the record was wrong."""

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class ErasureUnexplained(InputRefused):
    code: ClassVar[str] = "erasure_unexplained"
    message: ClassVar[str] = "删除个人信息必须写明{what}：请补充后重试"


class ChildNeverRegistered(InputRefused):
    code: ClassVar[str] = "child_never_registered"
    message: ClassVar[str] = (
        "没有登记过儿童 {child}：请核对学籍号、身份证号或内部编号，或先由学籍管理员导入花名册"
    )


def erase_person(
    office: Office, vault: Vault, ctx: CommandContext, child: UUID, *, ground: str, approver: str
) -> Appended:
    """Erase one child's data from the vault; counts and proofs stay (domain §13).

    Nothing when it was erased before. A roster that names the child is refused afterwards,
    unless it had been entered by mistake. Words that are no code or account are kept in the
    vault, the event refers to them. The bytes leave the files by :meth:`Vault.purge`. Raises
    ErasureUnexplained, ChildNeverRegistered, SubjectUnknown.
    """
    for what, text in (("理由", ground), ("批准人", approver)):
        if not text.strip():
            raise ErasureUnexplained(what=what)
    codes = {title: code for code, title in GROUNDS.items()}
    ground = codes.get(ground.strip(), ground.strip())
    texts: list[str] = []
    said_ground = ground if ground in GROUNDS else _kept(vault, ground, texts)
    approver = approver.strip()
    is_account = _ACCOUNT.fullmatch(approver) and not holds_number(approver)
    said_approver = approver if is_account else _kept(vault, approver, texts)

    def decide(unit: Unit) -> bytes | None:
        found = unit.get(child, Child)
        if not found.version:
            raise ChildNeverRegistered(child=child)
        if found.erased:
            return None
        found.trigger_event(
            PersonErased, ctx, occurred_on=ctx.today, ground=said_ground, approver=said_approver
        )
        unit.writes = [*vault.erase(child, free=ground == MISTAKE)]
        for text in texts:
            subject = _subject(vault, text)
            unit.writes += vault.prepare(subject, "staff", notes={subject: text})
        return b"erased"

    return office.run(ctx, decide)


def _kept(vault: Vault, text: str, texts: list[str]) -> str:
    """How an event refers to a text a person typed, which goes to the vault."""
    texts.append(text)
    return f"ref:{_subject(vault, text)}"


def _subject(vault: Vault, text: str) -> UUID:
    """Equal texts have one subject; without the store's key nothing can be guessed from it."""
    return UUID(bytes=note_ref(vault.store_key, text)[:16])
