"""规则: the numbers in force, a changed pack tried over the past, adopted only after that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid5

import msgspec
from starlette.responses import Response

from ckbx.access.run_records import RunRecord
from ckbx.application.office import Office
from ckbx.application.rule_adoption import adopt_rules
from ckbx.application.rule_tryout import changed_rules, changes_of, try_rules
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook
from ckbx.domain.rules.rule_file import as_file, changes_in
from ckbx.domain.rules.rule_pack import DEFAULT_RULES, RULE_FIELDS, rules_as_map
from ckbx.domain.shared.errors import CkbxError, RuleRefusal
from ckbx.ledgers.actors import actors_named
from ckbx.store import Store
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.rules.records import (
    ADOPT,
    AREA,
    TRY,
    Adopted,
    Standing,
    keeper,
    of_record,
    standing,
)
from ckbx.web.pages.rules.tried import Found, found_of
from ckbx.web.runs import Progress, Runs
from projections.deadlines_tried import missed_under
from projections.roll_call_completeness import CountyLines

MOST_BYTES: Final = 100_000
_VIEW = ("web:rules", "查看规则")
_TOLD: Final = {"new": "新增", "gone": "不再有", "moved": "日期变动"}


class RulesChangedMeanwhile(RuleRefusal):
    code = "rules_changed_meanwhile"
    message = "试算以后县里又采用了别的规则，这次试算不能作准。请重新试算再采用"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that were handed in, and over which local days they are tried."""

    changes: Mapping[str, Any]
    first: date
    last: date


# ------------------------------------------------------------------------- show


def list_page(desk: WebDesk, draft: Draft | None = None, status: int = 200) -> Response:
    """The rules in force, every pack adopted, and the form of a try-out."""
    _require_county(desk)
    book, adopted = _book(desk.store)
    current = book.rules_on(desk.today)
    first = desk.today - timedelta(days=90)
    with desk.look(*_VIEW) as look:
        return desk.html(
            "rules/rules.html",
            status,
            **base(desk, look, "规则"),
            current=current,
            rows=[
                (field, name, shown(value), value != rules_as_map(DEFAULT_RULES)[name])
                for name, value in rules_as_map(current.pack).items()
                for field in (RULE_FIELDS[name],)
            ],
            adopted=adopted,
            called=actors_named(look, {each["by"] for each in adopted}),
            runs=_latest(desk),
            fields=RULE_FIELDS,
            shown=shown,
            first=first,
            last=desk.today,
            draft=draft or Draft(),
        )


def pack_file(desk: WebDesk) -> Response:
    """The rules in force as a file to be changed by hand."""
    _require_county(desk)
    book, _ = _book(desk.store)
    return Response(
        as_file(book.rules_on(desk.today).pack).encode(),
        media_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="rules.toml"'},
    )


def run_page(
    desk: WebDesk, runs: Runs, id_: str, draft: Draft | None = None, status: int = 200
) -> Response:
    """How far a try-out is, or what it says."""
    _require_county(desk)
    run = standing(desk, runs, id_)
    found = run.found
    affected = found.affected if found else ()
    with desk.look("web:rules", "查看规则试算涉及的学生") as look:
        people = look.people([each.child for each in affected])
        names = look.school_names()
        return desk.html(
            "rules/rules_run.html",
            status,
            **base(desk, look, "试算规则"),
            run=run,
            found=found,
            since=_adopted_since(desk.store, found) if found else None,
            fields=RULE_FIELDS,
            shown=shown,
            people=people,
            names=names,
            told=_TOLD,
            draft=draft or Draft(),
        )


def shown(value: Any) -> str:
    """A rule's value as people write it."""
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


# -------------------------------------------------------------------------- act


def hand_in(desk: WebDesk, runs: Runs, form: Posted) -> Response:
    """A changed pack: its try-out begins."""
    _require_county(desk)
    first, last = form.day("first", "从哪天的记录起"), form.day("last", "到哪天为止")
    files = form.files("file")
    if len(files) != 1:
        form.wrong("file", "请选择一个规则文件（.toml 或 .json）")
    if first and last and first > last:
        form.wrong("last", "“到哪天为止”早于“从哪天的记录起”，请改正")
    if not form.fine or first is None or last is None:
        return list_page(desk, form.draft(), 422)
    try:
        name = (files[0].filename or "规则")[-60:]
        changes = changes_in(name, files[0].file.read(MOST_BYTES))
        changes_of(_book(desk.store)[0].rules_on(last).pack, changes)
        given = Given(changes=changes, first=first, last=last)
        store, today, account = desk.store, desk.today, desk.viewer.account
        run = runs.begin(
            account,
            AREA,
            given,
            TRY,
            lambda tell: _try(store, given, today, tell),
            keeper(store.gate.runs),
        )
    except CkbxError as error:
        return list_page(desk, form.draft(error), 422)
    return desk.done(f"/rules/tries/{run.id}")


def adopt(desk: WebDesk, runs: Runs, id_: str, form: Posted) -> Response:
    """Adopt exactly what was tried, from a day on: a run of its own, in whatever process. Its
    id is that of the form, so that it is begun once, however often it is pressed.
    """
    _require_county(desk)
    found = standing(desk, runs, id_).found
    if found is None:
        return desk.done(f"/rules/tries/{id_}")
    account, store, given = desk.viewer.account, desk.store, found.given
    own = uuid5(form.command, account).hex
    if _is_begun(desk, runs, own):
        return desk.done(f"/rules/tries/{own}")
    begins = form.day("effective", "从哪天起生效")
    if begins is not None and begins < desk.today:
        form.wrong("effective", "不能从过去的日期起生效，最早为今天")
    if form.text("sure") != "yes":
        form.wrong("sure", "请先看过试算结果，再勾选确认")
    if not form.fine or begins is None:
        return run_page(desk, runs, id_, form.draft(), 422)
    if _adopted_since(store, found) is not None:
        return run_page(desk, runs, id_, form.draft(RulesChangedMeanwhile()), 422)
    ctx = desk.context(form.command)

    def action(tell: Progress) -> Adopted:
        tell(0, None, "采用规则，按新规则重算今天的点名")
        done = adopt_rules(store.office, ctx, given, begins)
        store.catch_up()
        return Adopted(done.version, done.effective_from) if done else Adopted()

    try:
        runs.begin(account, AREA, found, ADOPT, action, keeper(store.gate.runs), own)
    except CkbxError as error:
        if not _is_begun(desk, runs, own):
            return run_page(desk, runs, id_, form.draft(error), 422)
    return desk.done(f"/rules/tries/{own}")


# ---------------------------------------------------------------------- helpers


def _require_county(desk: WebDesk) -> None:
    """A try-out reads the whole county."""
    if not desk.scope.everything:
        raise NotThere


def _latest(desk: WebDesk) -> list[tuple[RunRecord, Standing]]:
    """What the viewer had tried or adopted within the week, the newest first."""
    kept = desk.store.gate.runs.latest(desk.viewer.account, AREA)
    return [(each, of_record(each)) for each in kept]


def _is_begun(desk: WebDesk, runs: Runs, id_: str) -> bool:
    try:
        standing(desk, runs, id_)
    except NotThere:
        return False
    return True


def _adopted_since(store: Store, found: Found) -> int | None:
    """The pack that was adopted after a try-out began; None where it still holds good."""
    last = _book(store)[0].adopted[-1].version
    return None if last == found.version else last


def _book(store: Store) -> tuple[RuleBook, list[dict[str, Any]]]:
    """The rule book, and what each pack changed, the latest in front."""
    book = RuleBook.of(store.log.county)
    told: list[dict[str, Any]] = []
    for fact in store.log.read_streams([book.id]):
        event: Any = fact.event
        book.apply(event)
        made = book.adopted[-1]
        before = rules_as_map(_before(book, made).pack)
        new = rules_as_map(made.pack)
        changed = [(RULE_FIELDS[n], shown(before[n]), shown(new[n])) for n in new]
        told.append(
            {
                "version": made.version,
                "effective_from": made.effective_from,
                "on": event.occurred_on,
                "by": event.actor,
                "changes": [each for each in changed if each[1] != each[2]],
            }
        )
    return book, told[::-1]


def _before(book: RuleBook, made: AdoptedRules) -> AdoptedRules:
    """What held on the first day of a pack until it was adopted."""
    others = [
        each
        for each in book.adopted
        if each.version < made.version and each.effective_from <= made.effective_from
    ]
    return max(others, key=lambda each: (each.effective_from, each.version))


def _try(store: Store, given: Given, today: date, tell: Progress) -> Found:
    tell(0, None, "重算点名")
    version = _book(store)[0].adopted[-1].version
    office = Office(store.log, store.clock)
    found = try_rules(office, given.changes, given.first, given.last)
    tell(1, None, "重算个案的期限")
    store.catch_up()
    with store.answers.reading() as reading:
        rules = changed_rules(CountyLines.at(reading, found.position).rules, given.changes)
        at = min(given.last, today)
        missed = missed_under(reading, rules, given.first, as_of=at, position=found.position)
    return found_of(given.changes, version, found, missed)
