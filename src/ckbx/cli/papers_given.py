"""What people hand in beside a step: files and typed words, on their way to the vault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ckbx.cli.context import UsageRefused
from ckbx.domain.shared.personal import holds_number

if TYPE_CHECKING:
    from ckbx.application.case_papers import Papers
    from ckbx.domain.case.people import Attached

_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".pdf", ".docx")


def evidence(papers: Papers, given: str | None) -> tuple[str, list[Attached]]:
    """A file or words as evidence: the reference, and the file where it is one.

    Raises UsageRefused, AttachmentTooLarge, AttachmentRefused.
    """
    if not given or not given.strip():
        return "", []
    path = Path(given)
    if _is_file(path):
        attached = papers.file(_content(path))
        return str(attached.file), [attached]
    if path.suffix.lower() in _SUFFIXES:
        raise _no_file(given)
    return str(papers.note(given)), []


def files(papers: Papers, given: Sequence[str] | None) -> list[Attached]:
    """Files to be attached, each once.

    Raises UsageRefused, AttachmentTooLarge, AttachmentRefused.
    """
    found = []
    for name in dict.fromkeys(given or ()):
        if not _is_file(Path(name)):
            raise _no_file(name)
        found.append(papers.file(_content(Path(name))))
    return found


def document(text: str | None) -> str:
    """A document number, which is no number of a person. Raises UsageRefused."""
    if text and holds_number(text):
        raise UsageRefused(what="--document 只写文号，不能含证件号或电话号")
    return (text or "").strip()


def _content(path: Path) -> bytes:
    """The bytes of a file; one that is too large is not read. Raises AttachmentTooLarge."""
    from ckbx.vault.attachments import MAX_BYTES, AttachmentTooLarge

    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise AttachmentTooLarge(size=size)
        return path.read_bytes()
    except OSError as error:
        raise UsageRefused(what=f"不能读文件 {path.name}（{error.strerror}）") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text too long, or with a zero byte, is no name
        return False


def _no_file(given: str) -> UsageRefused:
    return UsageRefused(what=f"没有文件 {given}：请核对文件名")
