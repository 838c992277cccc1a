"""May this file be kept as an attachment?

Judged by its first bytes, never by its name: JPG, PNG, PDF or DOCX, at most 10 MB.
"""

from __future__ import annotations

import io
import zipfile

from ckbx.domain.shared.errors import InputRefused

MAX_BYTES = 10 * 1024 * 1024
_MAGIC = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"%PDF-", "pdf"))
_ZIP = b"PK\x03\x04"
_DOCX_PARTS = ("[Content_Types].xml", "word/document.xml")


class AttachmentTooLarge(InputRefused):
    code = "attachment_too_large"
    message = "附件有 {size} 字节，超过 10 MB；请压缩或拍小一些后再上传"


class AttachmentRefused(InputRefused):
    code = "attachment_refused"
    message = "附件须是 JPG、PNG、PDF 或 DOCX，且内容与之相符；请换成这几种再上传"


def check_attachment(content: bytes) -> str:
    """The format of a file: jpg, png, pdf or docx. Raises AttachmentTooLarge, AttachmentRefused."""
    if len(content) > MAX_BYTES:
        raise AttachmentTooLarge(size=len(content))
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content.startswith(_ZIP) and _is_docx(content):
        return "docx"
    raise AttachmentRefused


def _is_docx(content: bytes) -> bool:
    """Whether an archive holds what makes a text document; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return names.issuperset(_DOCX_PARTS)
