"""规则: the numbers in force, a changed pack tried over the past, adopted only after that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.office import Office
from ckbx.application.rule_adoption import adopt_rules
from ckbx.application.rule_tryout import TryOut, changed_rules, changes_of, try_rules
from ckbx.domain.attendance.tryout import KIND_OF, Difference
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook
from ckbx.domain.rules.rule_file import as_file, changes_in
from ckbx.domain.rules.rule_ids import rule_title
from ckbx.domain.rules.rule_pack import DEFAULT_RULES, RULE_FIELDS, rules_as_map
from ckbx.domain.shared.errors import CkbxError, RuleRefusal
from ckbx.store import Store
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.overview import base
from ckbx.web.runs import Progress, Run, Runs
from projections.deadlines import KINDS
from projections.deadlines_tried import TriedDeadline, missed_under
from projections.roll_call_completeness import CountyLines

AREA: Final = "rules"
TRY, ADOPT = "try", "adopt"
MOST_BYTES: Final = 100_000
SHOWN: Final = 100
_VIEW = ("web:rules", "查看规则")
_OUTCOMES: Final = (
    ("warning", "预警"),
    ("suspicion", "疑似辍学"),
    ("long_leave", "长期请假核查"),
)
_TOLD: Final = {"new": "新增", "gone": "不再有", "moved": "日期变动"}


class RulesChangedMeanwhile(RuleRefusal):
    code = "rules_changed_meanwhile"
    message = "试算以后县里又采用了别的规则，这次试算不能作准。请重新试算再采用"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The file that was handed in, and over which local days it is tried."""

    name: str
    changes: Mapping[str, Any]
    first: date
    last: date


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a try-out; ``version``: the last pack that was adopted then."""

    found: TryOut
    missed: Sequence[TriedDeadline]
    version: int


class Outcome(msgspec.Struct, frozen=True):
    """How often something comes about under the rules in force and under those tried."""

    title: str
    now: int
    then: int


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """One child, or one deadline of its case, of which both packs say different things."""

    child: UUID
    school: str | None
    class_key: str | None
    what: str
    change: str
    now: Sequence[date]
    then: Sequence[date]


# ------------------------------------------------------------------------- show


def list_page(desk: WebDesk, draft: Draft | None = None, status: int = 200) -> Response:
    """The rules in force, every pack adopted, and the form of a try-out."""
    _require_county(desk)
    book, adopted = _book(desk.store)
    current = book.rules_on(desk.today)
    first = desk.today - timedelta(days=90)
    with desk.look(*_VIEW) as look:
        return desk.html(
            "rules.html",
            status,
            **base(desk, look, "规则"),
            current=current,
            rows=[
                (field, name, shown(value), value != rules_as_map(DEFAULT_RULES)[name])
                for name, value in rules_as_map(current.pack).items()
                for field in (RULE_FIELDS[name],)
            ],
            adopted=adopted,
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
    run = _seen(desk, runs, id_)
    result: Any = None if run.is_busy else run.result
    tried = result if run.step == TRY else None
    affected = _affected(tried) if isinstance(tried, Tried) else []
    with desk.look("web:rules", "试算规则涉及的学生") as look:
        people = look.people([each.child for each in affected[:SHOWN]])
        return desk.html(
            "rules_run.html",
            status,
            **base(desk, look, "试算规则"),
            run=run,
            given=run.given,
            fields=RULE_FIELDS,
            shown=shown,
            tried=tried,
            outcomes=_outcomes(tried) if isinstance(tried, Tried) else (),
            by_school=_by_school(affected, look.school_names()),
            affected=affected[:SHOWN],
            children=len({each.child for each in affected}),
            people=people,
            names=look.school_names(),
            told=_TOLD,
            adopted=result if run.step == ADOPT else None,
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
        given = Given(name=name, changes=changes, first=first, last=last)
        store, today = desk.store, desk.today
        run = runs.begin(
            desk.viewer.account, AREA, given, TRY, lambda tell: _try(store, given, today, tell)
        )
    except CkbxError as error:
        return list_page(desk, form.draft(error), 422)
    return desk.done(f"/rules/tries/{run.id}")


def adopt(desk: WebDesk, runs: Runs, id_: str, form: Posted) -> Response:
    """Adopt exactly what was tried, from a day on."""
    run = _own(desk, runs, id_)
    tried: Any = run.result
    if run.is_busy or run.step != TRY or not isinstance(tried, Tried):
        return desk.done(f"/rules/tries/{id_}")
    begins = form.day("effective", "从哪天起生效")
    if begins is not None and begins < desk.today:
        form.wrong("effective", "不能从过去的日期起生效，最早为今天")
    if form.text("sure") != "yes":
        form.wrong("sure", "请先看过试算结果，再勾选确认")
    if not form.fine or begins is None:
        return run_page(desk, runs, id_, form.draft(), 422)
    if _book(desk.store)[0].adopted[-1].version != tried.version:
        return run_page(desk, runs, id_, form.draft(RulesChangedMeanwhile()), 422)
    ctx, store, changes = desk.context(form.command), desk.store, run.given.changes

    def action(tell: Progress) -> AdoptedRules | None:
        tell(0, None, "采用规则，按新规则重算今天的点名")
        done = adopt_rules(store.office, ctx, changes, begins)
        store.catch_up()
        return done

    runs.go_on(run, ADOPT, action, after=TRY)
    return desk.done(f"/rules/tries/{id_}")


# ---------------------------------------------------------------------- helpers


def _require_county(desk: WebDesk) -> None:
    """A try-out reads the whole county."""
    if not desk.scope.everything:
        raise NotThere


def _own(desk: WebDesk, runs: Runs, id_: str) -> Run:
    _require_county(desk)
    run = runs.find(id_, desk.viewer.account, AREA)
    if run is None:
        raise NotThere
    return run


def _seen(desk: WebDesk, runs: Runs, id_: str) -> Run:
    _require_county(desk)
    run = runs.seen(id_, desk.viewer.account, AREA)
    if run is None:
        raise NotThere
    return run


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


def _try(store: Store, given: Given, today: date, tell: Progress) -> Tried:
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
    return Tried(found=found, missed=missed, version=version)


def _outcomes(tried: Tried) -> list[Outcome]:
    def count(by_rule: Mapping[str, int], kind: str) -> int:
        return sum(n for rule, n in by_rule.items() if KIND_OF[rule] == kind)

    found = tried.found
    counted = [
        Outcome(title, count(found.in_force, kind), count(found.tried, kind))
        for kind, title in _OUTCOMES
    ]
    now, then = (
        sum(len(getattr(each, of)) for each in tried.missed) for of in ("in_force", "tried")
    )
    return [*counted, Outcome("逾期的期限", now, then)]


def _affected(tried: Tried) -> list[Affected]:
    """Everybody for whom something differs, by school and child."""
    found = [
        Affected(
            child=each.child,
            school=each.school,
            class_key=each.class_key,
            what=rule_title(d.rule),
            change=d.change,
            now=d.in_force,
            then=d.tried,
        )
        for each in tried.found.children
        for d in each.rules
        if d.change != "same"
    ]
    found += [
        Affected(
            child=each.child,
            school=each.school,
            class_key=None,
            what=f"逾期：{KINDS.get(each.kind, each.kind)}",
            change=Difference(each.kind, each.in_force, each.tried).change,
            now=each.in_force,
            then=each.tried,
        )
        for each in tried.missed
        if each.in_force != each.tried
    ]
    return sorted(found, key=lambda each: (each.school or "", str(each.child), each.what))


def _by_school(
    affected: Sequence[Affected], names: Mapping[str, str]
) -> list[tuple[str, int, Mapping[str, int]]]:
    """(school, children, lines by change) of each school, the most children in front."""
    children: dict[str, set[UUID]] = {}
    changes: dict[str, Counter[str]] = {}
    for each in affected:
        children.setdefault(each.school or "", set()).add(each.child)
        changes.setdefault(each.school or "", Counter())[each.change] += 1
    rows = [
        (names.get(code) or code or "—", len(of), changes[code]) for code, of in children.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))
