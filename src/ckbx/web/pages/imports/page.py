"""导入: files checked first, taken over after that, and batches taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

import msgspec
from defusedcsv import csv
from starlette.responses import Response

from ckbx.clock import from_micros
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.school.events import ImportFinished, ImportStarted
from ckbx.domain.school.register_source import RegisterSource
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.personal import mask_numbers
from ckbx.eventlog.ports import RecordedEvent
from ckbx.imports.blank import blank_roster
from ckbx.imports.intake import ImportSummary
from ckbx.imports.job import TITLES
from ckbx.imports.problems import Problem
from ckbx.imports.roster_compare import MISSING
from ckbx.imports.sources import MAX_SIZE, FileTooLarge, Source
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.output import inert
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.imports import written_rows
from ckbx.web.pages.imports.records import AREA, TRIAL, Given, Outcome, shown
from ckbx.web.pages.imports.work import Work
from ckbx.web.pages.ledgers.files import disposition
from ckbx.web.runs import Runs
from projections import school

OF_SCHOOLS: Final = ("roster", "rollcalls", "checkin")
"""What a school imports for itself; calendars and chains are the county's."""
LATEST: Final = 30
SHOWN: Final = 200
_VIEW = ("web:imports", "查看导入记录")
_LONGEST_NAME: Final = 80
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


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
    source: RegisterSource | None = None

    @property
    def title(self) -> str:
        """花名册 and so on; of a 比对名单 with whose it is."""
        title = TITLES.get(self.kind, self.kind)
        return f"{title}（{self.source.label}）" if self.source else title


# ------------------------------------------------------------------------- show


def kinds(desk: WebDesk) -> list[tuple[str, str]]:
    """What the viewer may import."""
    own = TITLES if desk.scope.everything else OF_SCHOOLS
    return [(kind, TITLES[kind]) for kind in TITLES if kind in own]


def list_page(desk: WebDesk, draft: Draft | None = None, status: int = 200) -> Response:
    """The form, and what was imported before."""
    with desk.look(*_VIEW) as look:
        return desk.html(
            "imports/imports.html",
            status,
            **base(desk, look, "导入"),
            kinds=kinds(desk),
            sources=[(each.value, each.label) for each in RegisterSource],
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
            "imports/import_batch.html",
            status,
            **base(desk, look, "一次导入"),
            line=_own_batch(desk, look, batch),
            draft=draft or Draft(),
        )


def run_page(desk: WebDesk, id_: str, draft: Draft | None = None, *, page: int = 1) -> Response:
    """How far it is, or what came of it. ``page``: of the rows that were written."""
    run = shown(desk, id_)
    found = run.outcome or Outcome()
    trial = found.summary if run.record.step == TRIAL else None
    lines = folded(found.problems)
    with desk.look(*_VIEW) as look:
        return desk.html(
            "imports/import_run.html" if run.given else "imports/import_record.html",
            422 if draft else 200,
            **base(desk, look, f"导入{run.title}"),
            run=run,
            record=run.record,
            given=run.given,
            found=run.outcome,
            trial=trial,
            missing=_left_out(trial),
            done=found.summary if run.record.step != TRIAL else None,
            rows=written_rows.listed(desk, look, run, page),
            problems=lines[:SHOWN],
            problem_rows=len({(p.file, p.sheet, p.row) for p in found.problems if p.row}),
            problem_count=len(found.problems),
            cut=len(lines) > SHOWN,
            draft=draft or Draft(),
        )


def _left_out(trial: ImportSummary | None) -> int:
    """How many children of the classes in a roster it would newly say are missing from it."""
    found = trial.findings if trial else ()
    return sum(f.finding == MISSING and f.state == "would" for f in found)


def problems_csv(desk: WebDesk, id_: str) -> Response:
    """Every problem as a table to work through."""
    found = shown(desk, id_).outcome
    if found is None:
        raise NotThere
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("文件", "工作表", "行", "列", "问题", "填的是（已遮盖）", "怎么办"))
    for p in found.problems:
        told = (p.file, p.sheet, str(p.row or ""), p.column, p.what, p.shown, p.mend)
        rows.writerow([inert(value) for value in told])
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="import-problems.csv"'},
    )


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
    whose = _register_source(form) if kind == "register" else None
    files = form.files("files")
    if not files:
        form.wrong("files", "请选择文件（xlsx、xls 或 csv）")
    try:
        sources = [_source(each.filename or "", each.file.read(MAX_SIZE + 1)) for each in files]
        if not form.fine:
            return list_page(desk, form.draft(), 422)
        for source in sources:
            desk.store.gate.uploads.take(desk.viewer.account, len(source.data))
        given = Given(
            kind=kind,
            names=[source.name for source in sources],
            on=on,
            correct=form.text("correct", most=200),
            source=whose,
        )
        id_ = Work(desk, runs).hand_in(given, [source.data for source in sources])
    except CkbxError as error:
        return list_page(desk, form.draft(error), 422)
    return desk.done(f"/imports/{id_}")


def apply(desk: WebDesk, runs: Runs, id_: str, form: Posted) -> Response:
    """Take over what the trial found good; what was tried is what is taken over."""
    run = shown(desk, id_)
    found = run.outcome
    is_tried = run.record.step == TRIAL and found is not None and found.summary is not None
    if run.given is None or found is None or not is_tried or not run.has_files:
        return desk.done(f"/imports/{id_}")
    skips = form.text("skip") == "yes"
    if found.problems and not skips:
        form.wrong("skip", "有错的行不会导入：请先改正文件重新核对，或勾选“跳过”")
        return run_page(desk, id_, form.draft())
    Work(desk, runs).apply(id_, msgspec.structs.replace(run.given, skips=skips))
    return desk.done(f"/imports/{id_}")


def again(desk: WebDesk, runs: Runs, id_: str) -> Response:
    """Go on with what was broken off, or try once more, with the files as they were handed in."""
    run = shown(desk, id_)
    if run.given is not None and run.has_files:
        Work(desk, runs).again(id_, run.given)
    return desk.done(f"/imports/{id_}")


def drop(desk: WebDesk, id_: str, form: Posted) -> Response:
    """Do not import: the files are erased."""
    shown(desk, id_)
    try:
        desk.store.gate.handed_in.drop(id_, desk.viewer.account, AREA)
    except CkbxError as error:
        return run_page(desk, id_, form.draft(error))
    return desk.done("/imports")


def undo(desk: WebDesk, runs: Runs, batch: str, form: Posted) -> Response:
    """Take one import back."""
    with desk.look(*_VIEW) as look:
        line = _own_batch(desk, look, batch)
    if form.text("sure") != "yes":
        form.wrong("sure", "请先勾选确认")
        return batch_page(desk, batch, form.draft(), 422)
    try:
        id_ = Work(desk, runs).undo(Given(kind=line.kind, batch=batch))
    except CkbxError as error:
        return batch_page(desk, batch, form.draft(error), 422)
    return desk.done(f"/imports/{id_}")


# ---------------------------------------------------------------------- helpers


def _register_source(form: Posted) -> RegisterSource | None:
    """Whose list it is; noted as missing where that was not said."""
    chosen = form.needed("source", "来源")
    if chosen and chosen not in list(RegisterSource):
        form.wrong("source", "请选择名单是哪里来的")
        return None
    return RegisterSource(chosen) if chosen else None


def _source(name: str, data: bytes) -> Source:
    plain = _UNSEEN.sub("", PurePath(name.replace("\\", "/")).name)[-_LONGEST_NAME:]
    shown = mask_numbers(plain) or "文件"
    if len(data) > MAX_SIZE:
        raise FileTooLarge(file=shown, limit=MAX_SIZE // 1024**2)
    return Source(shown, data)


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
        source=record.source,
    )
