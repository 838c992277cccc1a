"""Who took part, and which files belong to a fact, in the form events may hold."""

from __future__ import annotations

from uuid import UUID

import msgspec

from ckbx.domain.responsibility.post import Line, Role


class Participant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One who took part: an account, or a person whose name the vault holds under the child
    (``person``: that note); the line and the role they acted in.
    """

    line: Line
    role: Role
    account: str | None = None
    person: UUID | None = None

    @property
    def who(self) -> str:
        """What tells two participants apart."""
        return self.account or str(self.person or "")


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A file kept in the vault under the child's key; ``digest`` is keyed, so that reuse can
    be seen and content not guessed. ``format``: jpg, png, pdf, docx.
    """

    file: UUID
    digest: str
    format: str
    size: int
