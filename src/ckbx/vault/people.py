"""What does the vault hold about a person, and how does it travel inside the program?

The structs print without their content, so that a log line or a traceback shows no child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

Kind = Literal["child", "guardian", "staff"]
State = Literal["known", "erased", "absent"]

ERASED_TEXT = "已依法删除"
ABSENT_TEXT = "无个人信息"


class _Private(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Identity(_Private, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who a person is. ``id_type`` is the code of 身份证件类型 (1 = 居民身份证)."""

    name: str = ""
    id_type: str = ""
    id_number: str = ""
    student_no: str = ""
    birth_date: date | None = None
    ethnic: str = ""
    nationality: str = ""
    former_name: str = ""


class Guardian(_Private, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A guardian as the register names them."""

    name: str = ""
    relation: str = ""
    phone: str = ""
    id_number: str = ""
    workplace: str = ""


class Contact(_Private, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Where a person is found: addresses below the village, phones, e-mail, guardians."""

    household_address: str = ""
    home_address: str = ""
    phone: str = ""
    email: str = ""
    guardians: tuple[Guardian, ...] = ()


class Mark(_Private, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One 特殊群体, health or poverty mark.

    ``since`` and ``until`` are local dates, both included; None leaves that side open.
    """

    code: str
    value: str = ""
    since: date | None = None
    until: date | None = None
    source: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the mark is in force on a local date."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


class Marks(_Private, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """All marks of a person; a change is stored as the whole new list."""

    entries: tuple[Mark, ...] = ()

    def on(self, day: date) -> Marks:
        """The marks in force on a local date."""
        return Marks(entries=tuple(m for m in self.entries if m.holds_on(day)))


class NewPerson(_Private, frozen=True, kw_only=True, gc=False):
    """What one command wants written about one person; None leaves a group as it is.

    ``lookups`` maps a kind (``id_number``, ``student_no``, ``account`` …) to the value, or
    the values, under which :meth:`ckbx.vault.Vault.find` shall find the person. An identity
    number or 学籍号 is held by one child at a time; ``given_up`` are those that turned out
    to be another's (a temporary number followed by the real one is not).
    """

    subject: UUID
    kind: Kind
    identity: Identity | None = None
    contact: Contact | None = None
    marks: Marks | None = None
    notes: Mapping[UUID, str] = msgspec.field(default_factory=dict)
    files: Mapping[UUID, bytes] = msgspec.field(default_factory=dict)
    lookups: Mapping[str, str | Iterable[str]] = msgspec.field(default_factory=dict)
    given_up: Mapping[str, str | Iterable[str]] = msgspec.field(default_factory=dict)


class Person(_Private, frozen=True, kw_only=True, gc=False):
    """What the vault answers about one subject.

    ``state``: ``known``; ``erased`` (已依法删除, every group empty); ``absent`` (the vault
    holds no key for the subject). A group is None when it was not asked for or was not
    known at the instant asked about.
    """

    subject: UUID
    state: State
    identity: Identity | None = None
    contact: Contact | None = None
    marks: Marks | None = None
    notes: Mapping[UUID, str] = msgspec.field(default_factory=dict)
    files: Mapping[UUID, bytes] = msgspec.field(default_factory=dict)

    @property
    def erased(self) -> bool:
        return self.state == "erased"

    @property
    def name(self) -> str:
        """The name to show: never blank without saying why."""
        if self.erased:
            return ERASED_TEXT
        return self.identity.name if self.identity and self.identity.name else ABSENT_TEXT


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, through which page or command, and why."""

    actor: str
    view: str
    purpose: str
