"""依法控辍四步: one act on the legal steps of a case, decided on the log and stored with its texts.

The steps have a stream of their own; what they rest on besides (the rule packs, the calendar,
the county's recorded basis for a fine) is depended on, so that a change in between decides
the act anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.legal_region import check_issuer, check_officer
from ckbx.application.office import Office
from ckbx.application.roll_calls import rule_book
from ckbx.application.unit import Unit
from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.case.case import Case
from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.child.child import Child
from ckbx.domain.legal import basis, papers, skipping
from ckbx.domain.legal.deadlines import Course, legal_deadlines
from ckbx.domain.legal.errors import LegalStepsChanged
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.next_step import NextStep, next_steps
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.periods import Law
from ckbx.domain.legal.skipping import SkipDecision
from ckbx.domain.legal.terms import Draft
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.school.school import County
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.system_actors import actor_name
from ckbx.eventlog.ports import Appended, RowWrite
from ckbx.vault import Vault, note_ref

ACTED = b"legal"
Decide = Callable[[LegalSteps, CommandContext, Law], object]


class At(NamedTuple):
    """Whose steps, and the version of them that the acting person saw (None: unseen)."""

    of: Subject
    seen: int | None = None


class KeptTexts(NamedTuple):
    """Typed texts on their way to the vault: the refs for events, the rows for the append."""

    refs: Mapping[str, str]
    rows: list[RowWrite]


def keep_texts(vault: Vault, child: UUID, texts: Mapping[str, str]) -> KeptTexts:
    """Texts a person typed, under the child's key; events say ``note:<id>``.

    ``texts`` maps a name of the caller's to the text, ``refs`` the same names to the refs.
    Raises SubjectErased.
    """
    ids = {name: uuid4() for name in texts}
    notes = {ids[name]: text for name, text in texts.items()}
    rows = vault.prepare(child, "child", notes=notes) if notes else []
    return KeptTexts({name: f"note:{id_}" for name, id_ in ids.items()}, rows)


def act(
    office: Office,
    ctx: CommandContext,
    at: At,
    decide: Decide,
    *,
    role: str | None = None,
    texts: KeptTexts | None = None,
    also: Callable[[Unit], None] | None = None,
) -> Appended:
    """Carry out one act of ``domain.legal`` on the steps of a case.

    ``role`` is that of who acts, from the session; ``also`` what else belongs into the same
    append (the case that was acted on). Raises what the act refuses, NotThisTownship,
    IssuerElsewhere, LegalStepsChanged, ChildNeverRegistered.
    """

    def run(unit: Unit) -> bytes | None:
        child = unit.get(at.of.child, Child)
        if not child.version:
            raise ChildNeverRegistered(child=at.of.child)
        check_officer(office, unit, child, role)
        steps = unit.get(LegalSteps.stream(office.county, at.of.case), LegalSteps)
        _check_seen(unit, steps, at)
        before = steps.version
        decide(steps, ctx, _law(office, unit))
        if steps.version == before:
            return None
        check_issuer(office, unit, child, steps)
        if also is not None:
            also(unit)
        if texts is not None:
            unit.writes += texts.rows
        return ACTED

    return office.run(ctx, run)


def _law(office: Office, unit: Unit) -> Law:
    county = office.county_of(unit)
    unit.depend(county)
    calendars = office.calendars(unit, None)
    book = rule_book(office, unit)
    return Law(book.rules_on, calendars.add_working_days, county.legal_basis.get(basis.FINE))


def _check_seen(unit: Unit, steps: LegalSteps, at: At) -> None:
    if at.seen is None or at.seen == steps.version:
        return
    events = unit.log.load([steps.id]).get(steps.id, [])[at.seen :]
    between = [(e.TITLE, actor_name(e.actor), e.occurred_on.isoformat()) for e in events]
    raise LegalStepsChanged(case=at.of.case, between=between)


def issue_paper(
    office: Office, ctx: CommandContext, at: At, draft: Draft, *, role: str
) -> Appended:
    """A paper was issued, filed, or came from the court."""
    return act(
        office,
        ctx,
        at,
        lambda steps, x, law: papers.issue(steps, x, draft, role=role, law=law, of=at.of),
        role=role,
    )


def skip_step(
    office: Office,
    ctx: CommandContext,
    at: At,
    decision: SkipDecision,
    *,
    role: str,
    texts: KeptTexts | None = None,
) -> Appended:
    """The county lets a step be left out."""
    return act(
        office,
        ctx,
        at,
        lambda steps, x, law: skipping.skip_step(steps, x, decision, role=role, law=law, of=at.of),
        role=role,
        texts=texts,
    )


def record_basis(
    office: Office, ctx: CommandContext, *, matter: str, document: str, on: date, role: str
) -> Appended:
    """The county records on which document it fines (``fine``) or exempts (``exemption``)."""

    def run(unit: Unit) -> bytes:
        county = office.county_of(unit)
        basis.record_basis(county, ctx, matter=matter, document=document, on=on, role=role)
        return ACTED

    return office.run(ctx, run)


def withdraw_basis(
    office: Office,
    ctx: CommandContext,
    vault: Vault,
    *,
    matter: str,
    on: date,
    why: str,
    role: str,
) -> Appended:
    """The basis was repealed, or recorded by mistake; ``why`` goes to the vault.

    Raises what ``basis.withdraw_basis`` refuses.
    """
    note = UUID(bytes=note_ref(vault.store_key, why)[:16])

    def run(unit: Unit) -> bytes:
        county, ref = office.county_of(unit), str(note) if why else ""
        basis.withdraw_basis(county, ctx, matter=matter, on=on, text_ref=ref, role=role)
        unit.writes += vault.prepare(note, "staff", notes={note: why})
        return ACTED

    return office.run(ctx, run)


class LegalView(NamedTuple):
    """The steps of a case as the log has them. ``version`` is what the next act names."""

    state: LegalSteps
    version: int
    law: Law
    steps: list[NextStep]


def look_at_steps(office: Office, case: UUID, day: date) -> LegalView:
    """What was done on a case and what comes next on a day; reads the log, writes nothing."""
    state, law = _steps_and_law(office, case)
    return LegalView(state, state.version, law, next_steps(state, law, day))


def deadlines_of_steps(office: Office, case: Case, day: date) -> list[Deadline]:
    """The deadlines of the papers of a case that have arisen by a day."""
    state, law = _steps_and_law(office, case.id, day)
    return legal_deadlines(state, law, Course(case.returned, case.over), day)


def _steps_and_law(office: Office, case: UUID, by: date = date.max) -> tuple[LegalSteps, Law]:
    """What the log says of the steps, of facts of a day and before, and what they rest on."""
    calendars = CountyCalendars(office.county, national_holidays())
    state = LegalSteps(LegalSteps.stream(office.county, case))
    county, book = County(County.stream(office.county)), RuleBook.of(office.county)
    streams = [state.id, county.id, book.id, *calendars.streams()]
    events = office.log.load(streams)
    state.replay([event for event in events.get(state.id, []) if event.occurred_on <= by])
    for aggregate in (county, book):
        aggregate.replay(events.get(aggregate.id, []))
    calendars.replay(event for id_ in calendars.streams() for event in events.get(id_, []))
    return state, Law(book.rules_on, calendars.add_working_days, county.legal_basis.get(basis.FINE))
