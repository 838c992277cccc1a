"""What every act on a paper is asked first: who, when, about which paper, with which proof."""

from __future__ import annotations

from datetime import date

from ckbx.domain.legal import errors
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.words import ROLE_TITLES, who_of
from ckbx.domain.shared.event import CommandContext

_LONGEST_REF, _LONGEST_DOCUMENT = 120, 60
_PLACE_LENGTHS = (6, 9, 12)


def check_role(role: str, roles: tuple[str, ...], action: str) -> None:
    """Raises NotThisRole, naming who may."""
    if role not in roles:
        raise errors.NotThisRole(action=action, role=ROLE_TITLES.get(role, role), who=who_of(roles))


def check_day(ctx: CommandContext, on: date, what: str, *, after: date, before: str) -> None:
    """Not in the future, not before the fact it follows. Raises LegalDayInFuture, LegalDateOrder.

    ``before`` names the earlier fact in Chinese.
    """
    if on > ctx.today:
        raise errors.LegalDayInFuture(day=on, today=ctx.today)
    if on < after:
        raise errors.LegalDateOrder(what=what, day=on, before=before, earlier=after)


def the_paper(state: LegalSteps, number: int) -> Paper:
    """A paper that was issued and not revoked. Raises PaperUnknown."""
    paper = state.papers.get(number)
    if paper is None or paper.revoked_on is not None:
        raise errors.PaperUnknown(paper=number)
    return paper


def check_refs(action: str, what: str, who: str, ref: str, *others: str | None) -> None:
    """A proof is named, and nothing named is a person's name or a typed text."""
    if not ref:
        raise errors.ReferenceMissing(action=action, what=what, who=who)
    for value in (ref, *others):
        check_code(what, value)


def check_code(field: str, value: str | None) -> None:
    """An id, an account or a code: printable ASCII without blanks. Raises PersonalTextRefused."""
    if value is None:
        return
    plain = value.isascii() and value.isprintable() and " " not in value
    if not value or not plain or len(value) > _LONGEST_REF:
        raise errors.PersonalTextRefused(field=field)


def check_document(document: str, paper: str) -> None:
    """A paper's printed number is short and one line. Raises DocumentNumberMissing."""
    if not document.strip():
        raise errors.DocumentNumberMissing(paper=paper)
    if len(document) > _LONGEST_DOCUMENT or not document.isprintable():
        raise errors.PersonalTextRefused(field="文书编号")


def check_place(place: str) -> None:
    """A region code of 6, 9 or 12 digits; the address below the village is in the vault."""
    if not (place.isascii() and place.isdigit() and len(place) in _PLACE_LENGTHS):
        raise errors.PersonalTextRefused(field="地点（区划代码）")
