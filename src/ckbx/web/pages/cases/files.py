"""The content of an attachment of a case; whoever takes it stands in the access record."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.responses import Response

from ckbx.ledgers.case_files import FileUnknown, attached_to, fetch_file
from ckbx.ledgers.child_files import KeptFileUnknown, kept_file
from ckbx.vault import Access
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.cases.in_hand import id_of, in_hand

TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_SHOWN: Final = frozenset({"jpg", "png"})


def case_file(desk: WebDesk, case_id: str, file: str) -> Response:
    """An attachment, pictures to be looked at at once. Raises NotThere, FileErased."""
    wanted = id_of(file)
    with desk.look("web:case_file", "取看个案附件") as look:
        hand = in_hand(desk, look, case_id)
        found = {a.file: (a, f) for f in hand.course for a in attached_to(f.event)}
    if wanted not in found:
        raise NotThere
    each, fact = found[wanted]
    access = Access(
        actor=desk.viewer.actor, view="web:case_file", purpose=f"取看个案附件 {wanted.hex[:8]}"
    )
    store = desk.store
    try:
        if fact in hand.before:
            content = kept_file(store, hand.case.child, wanted.hex, access)
        else:
            content = fetch_file(store.log, store.vault, hand.case.id, wanted.hex, access)
    except (FileUnknown, KeptFileUnknown):
        raise NotThere from None
    return file_response(wanted, each.format, content)


def file_response(file: UUID, kind: str, content: bytes) -> Response:
    """A file as a browser gets it: a picture is shown, anything else is to be saved."""
    how = "inline" if kind in _SHOWN else "attachment"
    return Response(
        content,
        media_type=TYPES.get(kind, "application/octet-stream"),
        headers={"Content-Disposition": f'{how}; filename="{file.hex[:8]}.{kind}"'},
    )
