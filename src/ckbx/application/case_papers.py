"""Words a person typed and files they attached, on their way to the vault with one command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from ckbx.application.unit import Unit
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.responsibility.post import Line, Role
from ckbx.vault import Vault, check_attachment, clean_photo, note_ref


class Papers:
    """Made once a command, before it is decided: an event refers to what it keeps by id.

    ``quota`` is told the bytes of each file, and raises where it is one too many.
    """

    def __init__(self, vault: Vault, quota: Callable[[int], None] = lambda _: None) -> None:
        self._vault = vault
        self._quota = quota
        self._notes: dict[UUID, str] = {}
        self._files: dict[UUID, bytes] = {}

    def note(self, text: str | None) -> UUID | None:
        """Keep typed words; None where nothing was typed."""
        if text is None or not text.strip():
            return None
        ref = uuid4()
        self._notes[ref] = text.strip()
        return ref

    def file(self, content: bytes) -> Attached:
        """Keep a file; a photo without what it says beside the picture.

        Raises AttachmentTooLarge, AttachmentRefused, PhotoDamaged, PhotoTooManyPixels,
        and what ``quota`` raises.
        """
        kind = check_attachment(content)
        self._quota(len(content))
        content = clean_photo(content, kind)
        ref = uuid4()
        self._files[ref] = content
        digest = note_ref(self._vault.store_key, content).hex()
        return Attached(file=ref, digest=digest, format=kind, size=len(content))

    def files(self, contents: Sequence[bytes]) -> list[Attached]:
        """Keep several files."""
        return [self.file(content) for content in contents]

    def person(self, name: str, line: Line, role: Role) -> Participant:
        """One who took part and has no account: the name goes to the vault."""
        return Participant(line=line, role=role, person=self.note(name))

    def write(self, unit: Unit, child: UUID) -> None:
        """Hand everything over to the append, under the child's key. Raises SubjectErased."""
        if self._notes or self._files:
            unit.writes += self._vault.prepare(child, "child", notes=self._notes, files=self._files)
