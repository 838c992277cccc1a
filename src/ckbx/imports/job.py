"""What does every import get, and what does it say when it is done?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.domain.shared.errors import InputRefused, RuleRefusal
from ckbx.domain.shared.event import CommandContext
from ckbx.imports.problems import ImportRefused, Problem, Problems
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
}
_LISTED = 20
_FOUND = 50


class StoreUnnamed(RuleRefusal):
    """Only a calendar may come into a store that has no county yet."""

    code = "county_not_named"
    message = (
        "这个库还没有指定县（区），不能导入{kind}。请先运行 ckbx import calendar 校历文件，"
        "或 ckbx init --county 代码 --name 名称"
    )


class CalendarFirst(RuleRefusal):
    """A roster without dates counts from the first day of the running term."""

    code = "calendar_first"
    message = (
        "{why}，不知道花名册从哪一天算起。请先运行 ckbx import calendar 校历文件，"
        "或用 --effective 日期 指明"
    )


class EffectiveInFuture(InputRefused):
    code = "effective_in_future"
    message = "--effective {day} 还没有到（今天是 {today}）。请在当天或之后导入，或改日期"


class BatchUnknown(InputRefused):
    code = "batch_unknown"
    message = "没有批次 {batch}。批次号在导入完成时显示，请核对后重试"


class UndoRefused(RuleRefusal):
    """Later facts rest on what the batch did; ``listed`` names them, ``facts`` is the list."""

    code = "undo_refused"
    message = (
        "不能撤销批次 {batch}：有 {count} 处后来的记录以它为依据，什么也没有改\n{listed}\n"
        "请先更正或撤销这些记录，再撤销本批次"
    )

    def __init__(self, batch: str, facts: Sequence[str]) -> None:
        self.facts = list(facts)
        shown = self.facts[:_LISTED]
        if len(self.facts) > _LISTED:
            shown.append(f"……另有 {len(self.facts) - _LISTED} 处")
        super().__init__(batch=batch, count=len(self.facts), listed="\n".join(shown))


def _silent(_done: int, _total: int | None, _text: str) -> None:
    """No progress bar."""


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """Where an import goes, who asks for it, and whom to tell how far it is.

    ``progress`` hears (done, total or None, Chinese text). ``actor`` as in events.
    """

    office: Office
    vault: Vault
    actor: str
    progress: Progress = _silent

    def today(self) -> date:
        """The local day."""
        return self.office.today()

    def access(self, kind: str) -> Access:
        """Why an import reads personal data: to compare it with the file."""
        title = TITLES[kind]
        return Access(actor=self.actor, view=f"import:{kind}", purpose=f"导入{title}时核对已有信息")


class RosterFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What a roster disagrees with, for a person to look into. ``student_no`` is masked;
    ``school``, ``where`` say where the child stands, ``listed_by`` whose roster it is.

    ``state``: new, open (noted before and not settled yet), would (a trial run).
    """

    finding: str
    what: str
    student_no: str
    school: str
    where: str
    listed_by: str
    state: str
    note: str

    def line(self) -> str:
        """One Chinese line."""
        return f"{self.what}：{self.student_no} {self.where}（{self.note}）"


class ImportSummary(msgspec.Struct, kw_only=True):
    """What an import did, in rows of the files (for roll calls too: rows, not sheets).

    ``applied`` new, ``amended`` changed something recorded, ``unchanged`` was so already,
    ``refused`` not taken over. ``late`` refusals came in the second pass, through somebody
    else's change meanwhile; everything else of the import stands. ``batch`` is empty where
    there is nothing that ``import undo`` could take back.
    """

    kind: str
    batch: str
    files: list[str]
    rows: int = 0
    applied: int = 0
    unchanged: int = 0
    amended: int = 0
    refused: int = 0
    warnings: list[str] = []
    problems: list[Problem] = []
    findings: list[RosterFinding] = []
    dry_run: bool = False
    undone: bool = False
    late: int = 0

    EXIT_REFUSED: ClassVar[int] = 3

    @property
    def exit_code(self) -> int:
        """0; 3 when a row was refused in the second pass."""
        return self.EXIT_REFUSED if self.late else 0

    def line(self) -> str:
        """One Chinese line."""
        title = TITLES.get(self.kind, self.kind)
        if self.undone:
            return f"批次 {self.batch}（{title}）已撤销：更正 {self.amended} 处"
        head = f"{title}核对完毕（只试不写）" if self.dry_run else f"{title}导入完成"
        batch = f"；批次 {self.batch}" if self.batch else ""
        return (
            f"{head}：{len(self.files)} 个文件 {self.rows} 行，新增 {self.applied}，"
            f"更正 {self.amended}，未变 {self.unchanged}，未采纳 {self.refused}{batch}"
        )

    def lines(self) -> list[str]:
        """The line, then every warning, the findings and every problem."""
        found = [finding.line() for finding in self.findings[:_FOUND]]
        if len(self.findings) > _FOUND:
            more = len(self.findings) - _FOUND
            found.append(f"……另有 {more} 名，用 --format json 看全部")
        return [self.line(), *self.warnings, *found, *(p.line() for p in self.problems)]

    def as_json(self) -> dict[str, Any]:
        """Machine form with English keys."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made


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
        """The context of one step of the ``run``-th run; all steps share a correlation."""
        return CommandContext(
            actor=job.actor,
            command_id=_uuid(county, self.id, run, *step),
            today=job.today(),
            correlation_id=correlation(county, self.id, run),
        )


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
