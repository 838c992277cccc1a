"""An attachment is judged by its bytes, kept under the child's key, and erased with it."""

from __future__ import annotations

import io
import zipfile
from uuid import uuid4

import pytest

from ckbx.vault import MAX_BYTES, AttachmentRefused, AttachmentTooLarge, check_attachment
from ckbx.vault.errors import FieldUnknown
from tests.vault.store import LOOK, Store


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names:
            made.writestr(zipfile.ZipInfo(name), "x")  # of 1980: the same bytes at any time
    return content.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")
GOOD = {
    "jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "pdf": b"%PDF-1.7\n",
    "docx": DOCX,
}


@pytest.mark.parametrize("kind", GOOD)
def test_four_formats_are_known_by_their_first_bytes(kind: str) -> None:
    assert check_attachment(GOOD[kind]) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"<html>",
        b"PK\x03\x04 not an archive",
        archive("xl/workbook.xml", "[Content_Types].xml"),
        DOCX[:40],
        b" %PDF-1.7",
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(AttachmentRefused, match="JPG"):
        check_attachment(content)


def test_a_file_of_ten_megabytes_passes_and_one_byte_more_does_not() -> None:
    head = GOOD["pdf"]
    assert check_attachment(head + bytes(MAX_BYTES - len(head))) == "pdf"
    with pytest.raises(AttachmentTooLarge, match="10 MB"):
        check_attachment(head + bytes(MAX_BYTES - len(head) + 1))


def test_a_file_comes_back_as_written_when_asked_for_by_its_id(store: Store) -> None:
    subject, file, note = uuid4(), uuid4(), uuid4()
    files, notes = {file: GOOD["png"]}, {note: "照片说明"}
    store.append(store.vault.prepare(subject, "child", files=files, notes=notes))
    found = store.vault.read([subject], [f"file:{file}"], LOOK)[subject]
    assert (found.files, found.notes) == (files, {})
    assert store.vault.read([subject], ["notes"], LOOK)[subject].files == {}
    store.append(store.vault.erase(subject))
    assert store.vault.read([subject], [f"file:{file}"], LOOK)[subject].files == {}


def test_a_file_field_without_an_id_is_refused(store: Store) -> None:
    with pytest.raises(FieldUnknown):
        store.vault.read([uuid4()], ["file:photo"], LOOK)
