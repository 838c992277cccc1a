"""县季度复核: the quarter's sample, what the county found, and the list to take along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application import rechecks as use
from ckbx.application.case_papers import Papers
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.recheck.codes import Result
from ckbx.domain.recheck.errors import QuarterUnreadable
from ckbx.domain.recheck.sampling import Quarter, quarter_of, read_quarter
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.ledgers.actors import Actors
from ckbx.ledgers.question import Look
from ckbx.ledgers.recheck_population import population
from ckbx.ledgers.report_catalogue import RECHECK
from ckbx.vault import Person
from ckbx.vault.attachments import MAX_BYTES
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.county.recheck_links import Correction, corrections
from ckbx.web.pages.frame import base
from ckbx.web.pages.inspect.kit import grants
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name, opened
from projections import rechecks
from projections.rechecks import RecheckRow

KINDS: Final = next(dict(c.labels) for c in RECHECK.columns if c.key == "kind")
DONE: Final = {"drawn": "已抽样", "recorded": "已登记复核结果"}
ACCEPT: Final = "image/*,application/pdf"
_NOTE: Final = "note:"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn item. ``said``: the words of the evidence, from the vault;
    ``corrections``: where what does not agree is corrected.
    """

    row: RecheckRow
    name: str
    school_name: str
    class_name: str
    kind: str
    by: str
    said: str
    corrections: Sequence[Correction]


def rechecks_page(
    desk: WebDesk, quarter: str = "", done: str = "", draft: Draft | None = None
) -> Response:
    """A quarter: how it was drawn, what is still to be looked at. Raises NotThere."""
    of = _quarter(desk, quarter)
    with desk.look("web:rechecks", "查看县季度复核") as look:
        at: dict[str, Any] = {**look.at, "quarter": of.key}
        rows = rechecks.rechecks(look.reading, look.question.scope, **at)
        lines = _lines(look, rows)
        return desk.html(
            "county/rechecks.html",
            422 if draft is not None else 200,
            **base(desk, look, "季度复核"),
            quarter=of,
            quarters=_choices(desk, of),
            draws=rechecks.draws(look.reading, look.question.scope, **at),
            lines=lines,
            looked_at=sum(line.row.agrees is not None for line in lines),
            wrong=sum(line.row.agrees is False for line in lines),
            over=desk.today > of.last_day,
            may=desk.may(Permission.DECIDE_COUNTY),
            grants=grants(desk, look.school_names()),
            path=_path(desk),
            done=DONE.get(done, ""),
            draft=draft or Draft(),
        )


def draw(desk: WebDesk, posted: Posted) -> Response:
    """Draw a quarter with a seed; with one that was drawn with, nothing new. Raises NotThere."""
    of = _quarter(desk, posted.text("quarter"))
    seed = posted.needed("seed", "种子")
    if not posted.fine:
        return rechecks_page(desk, of.key, draft=posted.draft())
    role = _role(desk)
    store, ctx = desk.store, desk.context(posted.command, role=role)
    try:
        done = use.draw_sample(store.office, ctx, of, population(store, of), seed=seed, role=role)
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return rechecks_page(desk, of.key, draft=posted.draft(refused))
    return desk.done(f"/rechecks?quarter={of.key}&done=drawn", done.position)


def item_page(desk: WebDesk, quarter: str, item: str, draft: Draft | None = None) -> Response:
    """The form of one item's result. Raises NotThere for what was not drawn."""
    of = _quarter(desk, quarter)
    with desk.look("web:recheck", opened("登记复核结果")) as look:
        at: dict[str, Any] = {**look.at, "quarter": of.key}
        rows = rechecks.rechecks(look.reading, look.question.scope, **at)
        row = next((each for each in rows if each.item == item), None)
        if row is None:
            raise NotThere
        return desk.html(
            "county/recheck.html",
            422 if draft is not None else 200,
            **base(desk, look, "登记复核结果"),
            quarter=of,
            line=_lines(look, [row])[0],
            results=[(each.value, each.label) for each in Result],
            accept=ACCEPT,
            draft=draft or Draft(),
        )


def record(desk: WebDesk, posted: Posted) -> Response:
    """What the county found of one item. Raises NotThere."""
    of, item = _quarter(desk, posted.text("quarter")), posted.text("item", most=80)
    result, on = posted.needed("result", "复核结果"), posted.day("on", "复核日期")
    if result and result not in set(Result):
        raise NotThere
    uploads, role = desk.store.gate.uploads, _role(desk)
    papers = Papers(desk.store.vault, partial(uploads.take, desk.viewer.account))
    evidence = _evidence(posted, papers)
    if not posted.fine or on is None:
        return item_page(desk, of.key, item, posted.draft())
    found = use.Found(
        agrees=Result(result) is Result.AGREES,
        on=on,
        evidence=evidence,
        note=posted.text("note") or None,
    )
    ctx = desk.context(posted.command, role=role)
    try:
        done = use.record_result(desk.store.office, ctx, of, item, found, role=role, papers=papers)
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return item_page(desk, of.key, item, posted.draft(refused))
    return desk.done(f"/rechecks?quarter={of.key}&done=recorded", done.position)


def _evidence(posted: Posted, papers: Papers) -> str:
    """Words or a photo, on their way to the vault; words go before."""
    words = papers.note(posted.text("evidence"))
    for upload in posted.files("file")[:1]:
        try:
            attached = papers.file(upload.file.read(MAX_BYTES + 1))
        except CkbxError as refused:
            posted.wrong("file", str(refused))
        else:
            return str(words or attached.file)
    return str(words) if words else ""


def _role(desk: WebDesk) -> str:
    """The viewer's role that decides for the county. Raises NotThere."""
    held = desk.viewer.having(Permission.DECIDE_COUNTY)
    if not held:
        raise NotThere
    return held[0].role


def _path(desk: WebDesk) -> str:
    """Where the viewer looks at them."""
    return "/rechecks" if desk.may(Permission.DECIDE_COUNTY) else "/inspect/rechecks"


def _quarter(desk: WebDesk, text: str) -> Quarter:
    """The quarter asked for; where none is: that which ended last. Raises NotThere."""
    if not text.strip():
        return quarter_of(desk.today).before
    try:
        return read_quarter(text)
    except QuarterUnreadable:
        raise NotThere from None


def _choices(desk: WebDesk, of: Quarter) -> list[Quarter]:
    """The last five quarters, the present one in front, and that asked for."""
    listed = [quarter_of(desk.today)]
    for _ in range(4):
        listed.append(listed[-1].before)
    return listed if of in listed else [*listed, of]


def _notes(rows: Sequence[RecheckRow]) -> list[str]:
    """The vault's fields of the evidence that is told in words."""
    found = (_note(row) for row in rows)
    return [f"{_NOTE}{ref}" for ref in found if ref is not None]


def _note(row: RecheckRow) -> UUID | None:
    try:
        return UUID((row.evidence_ref or "").removeprefix(_NOTE))
    except ValueError:
        return None


def _lines(look: Look, rows: Sequence[RecheckRow]) -> list[Line]:
    names, day = look.school_names(), look.question.as_of
    actors = Actors(look, {row.checked_by for row in rows if row.checked_by})
    read = [*(row.child for row in rows), *actors.subjects]
    people = look.people(read, ("identity", *_notes(rows)))
    return [
        _line(row, people[row.child], names, day, actors.said(row.checked_by or "", people))
        for row in rows
    ]


def _line(row: RecheckRow, person: Person, names: Mapping[str, str], day: date, by: str) -> Line:
    ref = _note(row)
    code = row.school_code or ""
    return Line(
        row=row,
        name=person.name,
        school_name=names.get(code) or code or "没有学校",
        class_name=class_name(row.class_key, school_year_of(day)) if row.class_key else "",
        kind=KINDS.get(row.kind, row.kind),
        by=by,
        said=(person.notes.get(ref) or "") if ref else "",
        corrections=corrections(row),
    )
