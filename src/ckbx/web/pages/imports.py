"""导入: files checked first, taken over after that, and batches taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import PurePath
from typing import Any, Final

import msgspec
from defusedcsv import csv
from starlette.responses import Response

from ckbx.clock import from_micros
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.school.events import ImportFinished, ImportStarted
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.personal import mask_numbers
from ckbx.eventlog.ports import RecordedEvent
from ckbx.imports import intake
from ckbx.imports.blank import blank_roster
from ckbx.imports.intake import ImportJob, ImportSummary
from ckbx.imports.job import TITLES
from ckbx.imports.problems import ImportRefused, Problem
from ckbx.imports.roster_compare import MISSING
from ckbx.imports.sources import MAX_SIZE, FileTooLarge, Source
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.output import inert
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages import import_records as run_records
from ckbx.web.pages import import_rows
from ckbx.web.pages.import_records import APPLY, AREA, TRIAL, UNDO, Trial
from ckbx.web.pages.ledger_files import disposition
from ckbx.web.pages.overview import base
from ckbx.web.runs import Progress, Run, Runs
from projections import school

OF_SCHOOLS: Final = ("roster", "rollcalls", "checkin")
"""What a school imports for itself; calendars and chains are the county's."""
LATEST: Final = 30
SHOWN: Final = 200
_VIEW = ("web:imports", "查看导入记录")
_LONGEST_NAME: Final = 80
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_RUN: Final[Mapping[str, Callable[..., ImportSummary]]] = {
    "roster": intake.import_roster,
    "calendar": intake.import_calendar,
    "chain": intake.import_chain,
    "rollcalls": intake.import_rollcalls,
    "checkin": intake.import_checkin,
    "register": intake.import_register,
}


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was handed in. ``on``: the day it counts from, or of 报到; ``correct``: the reason
    for going back.
    """

    kind: str
    sources: Sequence[Source]
    on: date | None = None
    correct: str = ""
    batch: str = ""

    @property
    def title(self) -> str:
        """花名册 and so on."""
        return TITLES[self.kind]


class BatchLine(msgspec.Struct, frozen=True, kw_only=True):
    """One import as it is recorded."""

    batch: str
    kind: str
    at: datetime
    by: str
    rows: int
    applied: int | None
    refused: int
    schools: Sequence[str]
    undone: bool
    running: bool

    @property
    def title(self) -> str:
        """花名册 and so on."""
        return TITLES.get(self.kind, self.kind)


# ------------------------------------------------------------------------- show


def kinds(desk: WebDesk) -> list[tuple[str, str]]:
    """What the viewer may import."""
    own = TITLES if desk.scope.everything else OF_SCHOOLS
    return [(kind, TITLES[kind]) for kind in TITLES if kind in own]


def list_page(desk: WebDesk, draft: Draft | None = None, status: int = 200) -> Response:
    """The form, and what was imported before."""
    with desk.look(*_VIEW) as look:
        return desk.html(
            "imports.html",
            status,
            **base(desk, look, "导入"),
            kinds=kinds(desk),
            whole=desk.scope.everything,
            batches=_batches(desk, look),
            titles=TITLES,
            records=desk.store.gate.runs.latest(desk.viewer.account, AREA),
            draft=draft or Draft(),
        )


def blank_file(desk: WebDesk) -> Response:
    """A roster without children, with the viewer's schools on its notes."""
    with desk.look("web:imports_blank", "下载空白花名册") as look:
        schools = [] if desk.scope.everything else desk.school_choices(look)
    return Response(
        blank_roster(schools),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": disposition("花名册（空白）.xlsx", "roster-blank", "xlsx")},
    )


def batch_page(
    desk: WebDesk, batch: str, draft: Draft | None = None, status: int = 200
) -> Response:
    """One import, and taking it back."""
    with desk.look(*_VIEW) as look:
        return desk.html(
            "import_batch.html",
            status,
            **base(desk, look, "一次导入"),
            line=_own_batch(desk, look, batch),
            draft=draft or Draft(),
        )


def run_page(
    desk: WebDesk, runs: Runs, id_: str, draft: Draft | None = None, *, page: int = 1
) -> Response:
    """How far it is, or what came of it. ``page``: of the rows that were written."""
    run = runs.seen(id_, desk.viewer.account, AREA)
    if run is None:
        return run_records.page(desk, id_)
    found: Any = run.result
    problems = () if run.is_busy else problems_of(run)
    lines = folded(problems)
    trial = found if run.step == TRIAL and not run.is_busy else None
    with desk.look(*_VIEW) as look:
        return desk.html(
            "import_run.html",
            422 if draft else 200,
            **base(desk, look, f"导入{run.given.title}"),
            run=run,
            given=run.given,
            trial=trial,
            missing=_left_out(trial),
            done=found if run.step in (APPLY, UNDO) and not run.is_busy else None,
            rows=import_rows.listed(desk, look, run, page),
            problems=lines[:SHOWN],
            problem_rows=len({(p.file, p.sheet, p.row) for p in problems if p.row}),
            problem_count=len(problems),
            cut=len(lines) > SHOWN,
            draft=draft or Draft(),
        )


def _left_out(trial: Trial | None) -> int:
    """How many children of the classes in a roster it would newly say are missing from it."""
    if trial is None or trial.summary is None:
        return 0
    return sum(f.finding == MISSING and f.state == "would" for f in trial.summary.findings)


def problems_csv(desk: WebDesk, runs: Runs, id_: str) -> Response:
    """Every problem as a table to work through."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("文件", "工作表", "行", "列", "问题", "填的是（已遮盖）", "怎么办"))
    for p in problems_of(_seen(desk, runs, id_)):
        shown = (p.file, p.sheet, str(p.row or ""), p.column, p.what, p.shown, p.mend)
        rows.writerow([inert(value) for value in shown])
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="import-problems.csv"'},
    )


def problems_of(run: Run) -> Sequence[Problem]:
    """Everything that is wrong with what was handed in."""
    if isinstance(run.error, ImportRefused):
        return run.error.problems.items
    if isinstance(run.result, Trial | ImportSummary):
        return run.result.problems
    return ()


def folded(problems: Sequence[Problem]) -> list[tuple[Problem, int]]:
    """Each problem and the last row that has it: rows in a row with the same one are one line,
    as where the whole file is another school's.
    """
    lines: list[tuple[Problem, int]] = []
    for each in problems:
        first, last = lines[-1] if lines else (None, 0)
        row = each.row or 0
        if (
            first
            and last
            and row == last + 1
            and msgspec.structs.replace(each, row=first.row) == first
        ):
            lines[-1] = (first, row)
        else:
            lines.append((each, row))
    return lines


# -------------------------------------------------------------------------- act


def hand_in(desk: WebDesk, runs: Runs, form: Posted) -> Response:
    """Files of one kind: a trial begins."""
    kind = form.needed("kind", "导入什么")
    if kind and kind not in dict(kinds(desk)):
        form.wrong("kind", "请选择导入什么")
    on = form.day("on", "日期", needed=False)
    files = form.files("files")
    if not files:
        form.wrong("files", "请选择文件（xlsx、xls 或 csv）")
    try:
        sources = [_source(each.filename or "", each.file.read(MAX_SIZE + 1)) for each in files]
        if not form.fine:
            return list_page(desk, form.draft(), 422)
        for source in sources:
            desk.store.gate.uploads.take(desk.viewer.account, len(source.data))
        given = Given(kind=kind, sources=sources, on=on, correct=form.text("correct", most=200))
        job = _job(desk)
        run = runs.begin(
            desk.viewer.account,
            AREA,
            given,
            TRIAL,
            lambda tell: _try(job, given, tell),
            partial(run_records.keep, desk.store.gate.runs),
        )
    except CkbxError as error:
        return list_page(desk, form.draft(error), 422)
    return desk.done(f"/imports/{run.id}")


def apply(desk: WebDesk, runs: Runs, id_: str, form: Posted) -> Response:
    """Take over what the trial found good; what was tried is what is taken over."""
    run = runs.find(id_, desk.viewer.account, AREA)
    if run is None:
        return run_records.page(desk, id_)
    trial = run.result
    if run.step != TRIAL or not isinstance(trial, Trial) or trial.summary is None:
        return desk.done(f"/imports/{id_}")
    skips = form.text("skip") == "yes"
    if trial.problems and not skips:
        form.wrong("skip", "有错的行不会导入：请先改正文件重新核对，或勾选“跳过”")
        return run_page(desk, runs, id_, form.draft())
    job, given, store = _job(desk), run.given, desk.store

    def action(tell: Progress) -> ImportSummary:
        desk.require_standing()
        done = _import(job, given, tell, dry_run=False, accept_valid=skips)
        run.given = msgspec.structs.replace(given, sources=())
        store.catch_up()
        return done

    runs.go_on(run, APPLY, action, after=TRIAL)
    return desk.done(f"/imports/{id_}")


def undo(desk: WebDesk, runs: Runs, batch: str, form: Posted) -> Response:
    """Take one import back."""
    with desk.look(*_VIEW) as look:
        line = _own_batch(desk, look, batch)
    if form.text("sure") != "yes":
        form.wrong("sure", "请先勾选确认")
        return batch_page(desk, batch, form.draft(), 422)
    job, store = _job(desk), desk.store

    def action(tell: Progress) -> ImportSummary:
        desk.require_standing()
        done = intake.undo_import(_telling(job, tell), batch)
        store.catch_up()
        return done

    given = Given(kind=line.kind, sources=(), batch=batch)
    try:
        keep = partial(run_records.keep, desk.store.gate.runs)
        run = runs.begin(desk.viewer.account, AREA, given, UNDO, action, keep)
    except CkbxError as error:
        return batch_page(desk, batch, form.draft(error), 422)
    return desk.done(f"/imports/{run.id}")


# ---------------------------------------------------------------------- helpers


def _seen(desk: WebDesk, runs: Runs, id_: str) -> Run:
    run = runs.seen(id_, desk.viewer.account, AREA)
    if run is None:
        raise NotThere
    return run


def _source(name: str, data: bytes) -> Source:
    plain = _UNSEEN.sub("", PurePath(name.replace("\\", "/")).name)[-_LONGEST_NAME:]
    shown = mask_numbers(plain) or "文件"
    if len(data) > MAX_SIZE:
        raise FileTooLarge(file=shown, limit=MAX_SIZE // 1024**2)
    return Source(shown, data)


def _job(desk: WebDesk) -> ImportJob:
    """An import by the viewer: of its schools alone, where it does not see the county."""
    scope, store = desk.scope, desk.store
    return ImportJob(
        office=store.office,
        vault=store.vault,
        actor=desk.viewer.actor,
        schools=None if scope.everything else frozenset(scope.school_codes),
        lists_rows=True,
    )


def _telling(job: ImportJob, tell: Progress) -> ImportJob:
    return msgspec.structs.replace(job, progress=tell)


def _try(job: ImportJob, given: Given, tell: Progress) -> Trial:
    """What would be taken over, the bad rows left out; nothing is written."""
    try:
        found = _import(job, given, tell, dry_run=True, accept_valid=True)
    except ImportRefused as error:
        return Trial(summary=None, problems=error.problems.items)
    return Trial(summary=found, problems=found.problems)


def _import(job: ImportJob, given: Given, tell: Progress, **how: bool) -> ImportSummary:
    more: dict[str, Any] = dict(how)
    if given.kind == "roster":
        more["effective"] = given.on
    elif given.kind == "checkin":
        more["on"] = given.on
    elif given.kind in ("chain", "rollcalls"):
        more["correct"] = given.correct or None
    return _RUN[given.kind](_telling(job, tell), list(given.sources), **more)


def _own_batch(desk: WebDesk, look: Look, batch: str) -> BatchLine:
    known = _known(desk, look)
    if batch not in known:
        raise NotThere
    return _lines(desk, look, {batch: known[batch]})[0]


def _batches(desk: WebDesk, look: Look) -> list[BatchLine]:
    return _lines(desk, look, dict(list(_known(desk, look).items())[:LATEST]))


def _known(desk: WebDesk, look: Look) -> dict[str, frozenset[str]]:
    """The schools of every batch that the viewer sees, the latest in front."""
    return dict(school.imports(look.reading, desk.scope, position=look.position))


def _lines(desk: WebDesk, look: Look, wanted: Mapping[str, frozenset[str]]) -> list[BatchLine]:
    names, log = look.school_names(), desk.store.log
    streams = {ImportBatch.stream(log.county, batch): batch for batch in wanted}
    facts: dict[str, list[RecordedEvent]] = {batch: [] for batch in wanted}
    for fact in log.read_streams(list(streams)):
        facts[streams[fact.event.originator_id]].append(fact)
    lines = [
        _line(batch, [names.get(code) or code for code in sorted(wanted[batch])], of)
        for batch, of in facts.items()
        if of
    ]
    said = actors_named(look, {line.by for line in lines})
    return [msgspec.structs.replace(line, by=said[line.by]) for line in lines]


def _line(batch: str, schools: Sequence[str], facts: Sequence[RecordedEvent]) -> BatchLine:
    record = ImportBatch(facts[0].event.originator_id).replay([fact.event for fact in facts])
    begun = [fact for fact in facts if isinstance(fact.event, ImportStarted)]
    ended: list[Any] = [fact.event for fact in facts if isinstance(fact.event, ImportFinished)]
    return BatchLine(
        batch=batch,
        kind=record.kind,
        at=from_micros(begun[-1].recorded_at),
        by=begun[-1].event.actor,
        rows=record.rows,
        applied=ended[-1].applied if ended else None,
        refused=ended[-1].refused if ended else 0,
        schools=schools,
        undone=record.undone,
        running=record.is_open,
    )
