"""What does every import get, and what does it say when it is done?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.standing import Standing, seated
from ckbx.domain.shared.event import CommandContext
from ckbx.imports.problems import ImportRefused, Problems
from ckbx.imports.sources import Source
from ckbx.vault import Vault, note_ref
from ckbx.vault.people import Access

Progress = Callable[[int, int | None, str], None]
TITLES = {
    "roster": "花名册",
    "calendar": "校历",
    "chain": "责任链",
    "rollcalls": "点名",
    "checkin": "报到",
    "register": "比对名单",
}


def _silent(_done: int, _total: int | None, _text: str) -> None:
    """No progress bar."""


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """Where an import goes, who asks for it, and whom to tell how far it is.

    ``progress`` hears (done, total or None, Chinese text). ``actor`` as in events. ``schools``:
    codes of those whose rows may be taken over; None: of every school. ``standing``: on what the
    actor was let in; where that ends the import stops (None: nothing it could lose).
    ``lists_rows``: the summary says of every row what it did.
    """

    office: Office
    vault: Vault
    actor: str
    progress: Progress = _silent
    schools: frozenset[str] | None = None
    standing: Standing | None = None
    lists_rows: bool = False

    def may_take(self, school: str) -> bool:
        """Whether rows of a school (its code) may be taken over."""
        return self.schools is None or school in self.schools

    def today(self) -> date:
        """The local day."""
        return self.office.today()

    def access(self, kind: str) -> Access:
        """Why an import reads personal data: to compare it with the file."""
        title = TITLES[kind]
        return Access(actor=self.actor, view=f"import:{kind}", purpose=f"导入{title}时核对已有信息")


class Batch(msgspec.Struct, frozen=True):
    """The identity of one import: the same files mean the same batch.

    ``id`` is short hex; command ids are derived from it, so that an import run again after
    it was killed is the same import.
    """

    id: str
    kind: str
    digest: str

    @classmethod
    def of(
        cls, kind: str, sources: Sequence[Source], effective: date | None, correct: str | None
    ) -> Batch:
        """SHA-256 over the contents (in any order), the kind, the date and the correction."""
        contents = sorted(hashlib.sha256(source.data).hexdigest() for source in sources)
        digest = hashlib.sha256("|".join(contents).encode()).hexdigest()
        parts = (kind, digest, str(effective or ""), correct or "")
        return cls(hashlib.sha256("|".join(parts).encode()).hexdigest()[:16], kind, digest)

    def context(self, job: ImportJob, county: str, run: int, *step: object) -> CommandContext:
        """The context of one step of the ``run``-th run; all steps share a correlation. But for
        ``finish``, which changes nothing, it is refused (RightsEnded) where the actor would not
        be let in any more.
        """
        plain = CommandContext(
            actor=job.actor,
            command_id=_uuid(county, self.id, run, *step),
            today=job.today(),
            correlation_id=correlation(county, self.id, run),
        )
        standing = None if step == ("finish",) else job.standing
        return plain if standing is None else seated(plain, standing)


def correlation(county: str, batch: str, run: int) -> UUID:
    """What every event of one run of a batch carries as its correlation."""
    return _uuid(county, batch, run, "all")


def _uuid(*parts: object) -> UUID:
    text = "|".join(map(str, ("import", *parts)))
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def text_subject(vault: Vault, text: str) -> UUID:
    """The vault subject that holds a text a person typed; events say ``ref:<subject>``.

    Equal texts have one subject; without the store's key nothing can be guessed from it.
    """
    return UUID(bytes=note_ref(vault.store_key, text)[:16])


def judge_problems(problems: Problems, *, accept_valid: bool, good: int) -> None:
    """Raise ImportRefused unless the good rows may be taken over without the bad ones.

    A problem of a whole file is never passed over.
    """
    if not problems:
        return
    whole = any(not problem.row for problem in problems)
    if whole or not accept_valid or not good:
        raise ImportRefused(problems)
