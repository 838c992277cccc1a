"""附件和佐证 of one child, whatever it was handed in with: the list, and the content of a file.

Whoever sees the child's cases sees them, as the attachments of a case. What was handed in for a
leave or a placement tells of illness: it is for those who lead a school, a county, or inspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.child import leave_events as lv
from ckbx.domain.shared.event import DomainEvent
from ckbx.ledgers.case_files import attached_to
from ckbx.ledgers.child_files import Kept, kept_of
from ckbx.ledgers.question import Look
from ckbx.vault import Access
from ckbx.vault.attachments import AttachmentRefused, check_attachment
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.cases.files import file_response
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission
from projections import roster

_OF_ILLNESS: Final = ("ckbx.leave.", "ckbx.placement.")
_LEAVES: Final = (
    lv.SuspensionGranted,
    lv.DeferralGranted,
    lv.ExemptionGranted,
    lv.HomeTeachingArranged,
    lv.LeaveExtended,
    lv.StudyResumed,
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be opened, or (``words``) what was written."""

    file: UUID
    on: date
    title: str
    format: str
    size: int | None
    words: str


def kept_page(desk: WebDesk, child_id: str) -> Response:
    """What is kept of a child. Raises NotThere."""
    child = _child(child_id)
    with desk.look("web:child_files", "查看附件和佐证清单") as look:
        found = _mine(desk, look, child)
        texts = [each.field for each in found if each.is_text]
        person = look.people([child], ["identity", *texts])[child]
        lines = [_line(each, event, person.notes) for each in found if (event := each.event)]
        return desk.html(
            "child/child_files.html",
            **base(desk, look, "附件和佐证"),
            child=child,
            person=person,
            lines=lines,
        )


def kept_file_of(desk: WebDesk, child_id: str, file: str) -> Response:
    """One file, pictures to be looked at at once. Raises NotThere."""
    child, wanted = _child(child_id), _child(file)
    with desk.look("web:child_file", "取看附件") as look:
        found = {each.kept.file: each for each in _mine(desk, look, child) if not each.is_text}
    if wanted not in found:
        raise NotThere
    access = Access(
        actor=desk.viewer.actor, view="web:child_file", purpose=f"取看附件 {wanted.hex[:8]}"
    )
    person = desk.store.vault.read([child], [found[wanted].field], access)[child]
    if wanted not in person.files:
        raise NotThere
    return file_response(wanted, _format(person.files[wanted]), person.files[wanted])


def _mine(desk: WebDesk, look: Look, child: UUID) -> Sequence[Kept]:
    """What this viewer may see of it, the newest first. Raises NotThere."""
    if child not in roster.place_of(look.reading, look.question.scope, [child], **look.at):
        raise NotThere
    leads = desk.may(Permission.SEE_SCHOOLS)
    known = [each for each in kept_of(desk.store, child) if each.event is not None]
    return [each for each in reversed(known) if leads or not _of_illness(each.event)]


def _of_illness(event: DomainEvent | None) -> bool:
    return isinstance(event, _LEAVES) or (event is not None and event.TOPIC.startswith(_OF_ILLNESS))


def _line(each: Kept, event: DomainEvent, notes: Mapping[UUID, str]) -> Line:
    attached = {file.file: file for file in attached_to(event)}
    more = attached.get(each.kept.file)
    return Line(
        file=each.kept.file,
        on=event.occurred_on,
        title=event.TITLE,
        format=more.format if more else "",
        size=each.kept.size,
        words=notes.get(each.kept.file, "") if each.is_text else "",
    )


def _format(content: bytes) -> str:
    """By its first bytes; the fact may hold no more than its id."""
    try:
        return check_attachment(content)
    except AttachmentRefused:  # kept by a program that took others, too
        return "bin"


def _child(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotThere from None
