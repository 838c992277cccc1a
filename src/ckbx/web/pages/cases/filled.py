"""What was handed in with the form of a step? Read field by field; what is wrong is noted there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from enum import Enum
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.case_people import by_account, holder_of, line_of
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Role
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import parse_region_code, parse_school_code
from ckbx.domain.shared.personal import holds_number
from ckbx.vault.attachments import MAX_BYTES
from ckbx.web.forms import FieldMissing, FieldWrong, Posted
from ckbx.web.pages.known_places import OUTSIDE, KnownPlaces, beyond

CodeT = TypeVar("CodeT", bound=Enum)
OTHERS: Final = 2
"""So many people without an account can be named on one form."""
_UNREAD: Final = date.min


class Filled:
    """A form with its words and files on their way to the vault.

    A value that cannot be read comes back as something of its type and is noted in the form:
    ``fine`` says whether the act may be carried out.
    """

    def __init__(
        self,
        posted: Posted,
        papers: Papers,
        chain: Directory,
        *,
        role: str,
        today: date,
        rules: Callable[[date], RulePack] = lambda _: RulePack(),
        known: KnownPlaces | None = None,
    ) -> None:
        self._posted = posted
        self._papers = papers
        self._chain = chain
        self.role = role
        self.today = today
        self.rules = rules
        """The rules in force on a day."""
        self.known = known or KnownPlaces()
        """The schools and places of the county that the form offers."""
        self.attached: Sequence[Attached] = ()
        """Files of a legal act, which the case is to show."""

    @property
    def fine(self) -> bool:
        """Whether every field could be read."""
        return self._posted.fine

    def day(self, name: str = "on", label: str = "日期") -> date:
        """A day that has to be there."""
        return self._posted.day(name, label) or _UNREAD

    def day_or_none(self, name: str, label: str) -> date | None:
        """A day that may be left out."""
        return self._posted.day(name, label, needed=False)

    def text(self, name: str) -> str:
        """What was typed; empty where nothing was."""
        return self._posted.text(name)

    def needed(self, name: str, label: str) -> str:
        """What has to be typed."""
        return self._posted.needed(name, label)

    def flag(self, name: str) -> bool:
        """Whether a single box is ticked."""
        return bool(self._posted.texts(name))

    def number(self, name: str, label: str) -> int | None:
        """A whole number; None where nothing was chosen."""
        found = self._posted.text(name)
        if not found:
            return None
        if not (found.isascii() and found.isdecimal() and len(found) < 7):
            self._wrong(name, label, "请写成整数")
            return None
        return int(found)

    def code(self, of: type[CodeT], name: str, label: str) -> CodeT:
        """One of a table of codes."""
        found = self._posted.text(name)
        known = {str(each.value): each for each in of}
        if found in known:
            return known[found]
        if found:
            self._wrong(name, label, "请从列出的当中选")
        else:
            self._posted.wrong(name, str(FieldMissing(label=label)))
        return next(iter(of))

    def codes(self, of: type[CodeT], name: str, label: str) -> list[CodeT]:
        """Some of a table of codes; whether there have to be any is for the domain to say."""
        known = {str(each.value): each for each in of}
        found = self._posted.texts(name)
        if any(each not in known for each in found):
            self._wrong(name, label, "请从列出的当中选")
        return [known[each] for each in dict.fromkeys(found) if each in known]

    def document(self, name: str = "document") -> str:
        """A document number, which is no number of a person."""
        found = self._posted.text(name, most=200)
        if holds_number(found):
            self._wrong(name, "文号", "只写文号，不能含证件号或电话号")
        return found

    def region(self, name: str, label: str, *, needed: bool = True) -> str:
        """A region, by its name or its code; empty where nothing was typed."""
        found = self.needed(name, label) if needed else self.text(name)
        return self._read(name, self.known.code_of, found)

    def school_code(self, name: str, label: str, *, needed: bool = True) -> str:
        """The 标识码 of a school; empty where nothing was typed."""
        found = self.needed(name, label) if needed else self.text(name)
        return self._read(name, parse_school_code, found)

    def place(self, name: str, label: str, elsewhere: str) -> str:
        """A region that was chosen among those of the county, or written below it."""
        chosen = self._chosen(name, label)
        if chosen == OUTSIDE:
            return self.region(beyond(name), elsewhere)
        return self._read(name, parse_region_code, chosen)

    def school(self, name: str, label: str) -> str:
        """A school that was chosen among those of the county, or whose code was written below."""
        chosen = self._chosen(name, label)
        if chosen == OUTSIDE:
            return self.school_code(beyond(name), "县外学校的标识码")
        if chosen and chosen not in dict(self.known.schools):
            self._wrong(name, label, "请从列出的当中选")
        return chosen

    def _chosen(self, name: str, label: str) -> str:
        chosen = self.needed(name, label)
        if chosen and chosen != OUTSIDE and self.text(beyond(name)):
            self.refuse(
                beyond(name), f"上面的“{label}”选了本县的，这里就不写；县外的，上面选“不在本县”"
            )
        return chosen

    def _read(self, name: str, parse: Callable[[str], str], typed: str) -> str:
        try:
            return parse(typed) if typed else ""
        except CkbxError as refused:
            self.refuse(name, str(refused))
            return ""

    def note(self, name: str = "note") -> UUID | None:
        """Typed words, on their way to the vault; None where nothing was typed."""
        return self._papers.note(self._posted.text(name))

    def keep(self, text: str) -> UUID:
        """Words that have to be kept, such as a code that may betray something."""
        return cast("UUID", self._papers.note(text))

    def files(self, name: str = "file") -> list[Attached]:
        """What was attached, each once, on its way to the vault."""
        contents: dict[bytes, str | None] = {}
        for upload in self._posted.files(name):
            contents.setdefault(upload.file.read(MAX_BYTES + 1), upload.filename)
        found = []
        for content, called in contents.items():
            try:
                found.append(self._papers.file(content))
            except CkbxError as refused:
                self._posted.wrong(name, f"“{_shown(called)}”：{refused}")
        return found

    def people(self, on: date) -> list[Participant]:
        """Who took part: ticked accounts of the chains, and people typed by name and role."""
        found: list[Participant] = []
        for account in dict.fromkeys(self._posted.texts("who")):
            try:
                found.append(by_account(self._chain, account, on))
            except CkbxError as refused:
                self._posted.wrong("who", str(refused))
        return [*found, *self._without_account()]

    def _without_account(self) -> Iterator[Participant]:
        names, typed = self._posted.texts("other_name"), self._posted.texts("other_role")
        roles = {role.value: role for role in ROLE_TITLES}
        for name, given in zip(names[:OTHERS], typed[:OTHERS], strict=False):
            role = roles.get(given)
            if name and role is None:
                self._posted.wrong("who", f"请选“{name}”的身份")
            elif name and role is not None:
                yield self._papers.person(name, line_of(role), role)

    def holder(self, account: str, on: date, name: str = "account") -> UUID | None:
        """The person an account stands for."""
        try:
            return holder_of(self._chain, account, on)
        except CkbxError as refused:
            self._posted.wrong(name, str(refused))
            return None

    def refuse(self, name: str, said: str) -> None:
        """Note what is wrong with a field."""
        self._posted.wrong(name, said)

    def _wrong(self, name: str, label: str, why: str) -> None:
        self._posted.wrong(name, str(FieldWrong(label=label, why=why)))


def others(draft_values: Any) -> list[tuple[str, str]]:
    """The rows for people without an account, as typed so far."""
    names = list(draft_values.get("other_name", ()))
    roles = list(draft_values.get("other_role", ()))
    return [
        (names[n] if n < len(names) else "", roles[n] if n < len(roles) else "")
        for n in range(OTHERS)
    ]


def role_options(roles: Iterable[Role] = tuple(ROLE_TITLES)) -> list[tuple[str, str]]:
    """In which role somebody without an account took part."""
    return [(role.value, ROLE_TITLES[role]) for role in roles]


def _shown(name: str | None) -> str:
    """A file's name as a sentence shows it: short, without a number of a person."""
    return (name or "")[-40:] if not holds_number(name or "") else "文件"
