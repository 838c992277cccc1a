"""Where is an account reached? Phones come with the 责任链, e-mail addresses by ``contact set``.

Both stand in the vault under the person who holds the account, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.shared.errors import InputRefused, RuleRefusal
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.system_actors import NOTIFY
from ckbx.vault import Access, Vault
from ckbx.vault.people import Contact, Person

ACCOUNT: Final = "account"
SENDING: Final = Access(actor=NOTIFY, view="消息地址", purpose="发送预警消息")
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_PHONE: Final = re.compile(r"\+?\d[\d-]{4,19}")
_LONGEST: Final = 254


class AccountUnknown(RuleRefusal):
    """No person is filed under the account."""

    code = "account_unknown"
    message = "没有账号“{account}”：请核对写法，或先用 ckbx import chain 导入任职该账号的责任人"


class EmailRefused(InputRefused):
    code = "email_refused"
    message = "“--email”不是邮箱地址：请写成 name@example.cn 这样，不能有空格和中文"


class PhoneRefused(InputRefused):
    code = "contact_phone_refused"
    message = "“--phone”不是电话号码：请只写数字，可以有 - 和开头的 +"


def is_email(text: str) -> bool:
    """Whether it is an address as mail servers everywhere take it: ASCII, without quotes."""
    return len(text) <= _LONGEST and text.isascii() and _EMAIL.fullmatch(text) is not None


class Addresses:
    """The addresses of accounts."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def of(self, accounts: Iterable[str], field: str, access: Access = SENDING) -> dict[str, str]:
        """The ``email`` or ``phone`` of each account that has one, under one access record.

        Raises StoreUnavailable, SecretMismatch.
        """
        held = self.contacts(accounts, access)
        found = {account: str(getattr(contact, field)) for account, contact in held.items()}
        return {account: address for account, address in found.items() if address}

    def contacts(self, accounts: Iterable[str], access: Access) -> dict[str, Contact]:
        """Where each known account's person is found; nobody is read where none is known."""
        wanted = sorted(set(accounts))
        if not wanted:
            return {}
        filed = self._vault.find_many(ACCOUNT, wanted)
        subjects = {account: ids[0] for account, ids in filed.items() if ids}
        if not subjects:
            return {}
        people = self._vault.read(sorted(set(subjects.values())), ("contact",), access)
        return {
            account: people[subject].contact or Contact() for account, subject in subjects.items()
        }


def set_contact(
    office: Office,
    vault: Vault,
    ctx: CommandContext,
    account: str,
    access: Access,
    *,
    email: str | None = None,
    phone: str | None = None,
) -> Contact:
    """Write an account's e-mail or phone; "" takes it away, None leaves it. The result.

    Raises AccountUnknown, EmailRefused, PhoneRefused, StoreUnavailable.
    """
    if email and not is_email(email):
        raise EmailRefused
    if phone and not _PHONE.fullmatch(phone):
        raise PhoneRefused
    subject, person = _holder(vault, account, access)
    new = msgspec.structs.replace(
        person.contact or Contact(),
        **{k: v for k, v in (("email", email), ("phone", phone)) if v is not None},
    )

    def decide(unit: Unit) -> bytes:
        unit.writes.extend(vault.prepare(subject, "staff", contact=new))
        return b"contact"

    office.run(ctx, decide)
    return new


def _holder(vault: Vault, account: str, access: Access) -> tuple[UUID, Person]:
    subject = vault.find(ACCOUNT, account) if account.strip() else None
    if subject is None:
        raise AccountUnknown(account=account)
    person = vault.read([subject], ("contact",), access)[subject]
    if person.erased:
        raise AccountUnknown(account=account)
    return subject, person
