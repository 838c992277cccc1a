"""One step on a case: its form, and what becomes of it when it is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from starlette.responses import Response

from ckbx.application import legal
from ckbx.application.case_papers import Papers
from ckbx.application.case_people import chain_of
from ckbx.application.cases import Act, work_on
from ckbx.application.legal import look_at_steps
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.case import attaching
from ckbx.domain.case.case import Case
from ckbx.domain.case.errors import CaseChangedMeanwhile
from ckbx.domain.case.steps import STEPS, check_role, check_stage
from ckbx.domain.child import returns
from ckbx.domain.child.child import Child
from ckbx.domain.legal.errors import LegalStepsChanged
from ckbx.domain.legal.opening import Subject
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended
from ckbx.ledgers.actors import Actors
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.acts.page import child_forms
from ckbx.web.pages.cases.basis import basis_of, named_in
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.forms_shown import shown
from ckbx.web.pages.cases.in_hand import InHand, here, in_hand, legal_role, subjects
from ckbx.web.pages.cases.page import head
from ckbx.web.pages.cases.step_forms import LEGAL, PLACES, StepForm
from ckbx.web.pages.cases.steps import legal_offered, offered, role_for
from ckbx.web.pages.county.recheck_links import back_to
from ckbx.web.pages.first_steps import NOT_NOW, FirstStep, Places, first_step, places_of
from ckbx.web.pages.frame import base
from ckbx.web.pages.known_places import known_places
from ckbx.web.words import opened
from projections import roster

SEEN: Final = "seen"
CHOSEN: Final = "paper"
"""The field with what was chosen before the form."""


def step_page(desk: WebDesk, form: StepForm, case_id: str, chosen: str = "") -> Response:
    """The form of a step; where something is chosen first, the choice. Raises NotThere."""
    return _page(desk, form, case_id, chosen=chosen)


def take_step(desk: WebDesk, form: StepForm, case_id: str, posted: Posted) -> Response:
    """Carry a step out in the viewer's role over this child; refused, the form comes again as
    typed. Raises NotThere.
    """
    with desk.look("web:case_step", opened(form.title)) as look:
        hand = in_hand(desk, look, case_id)
        known = known_places(look) if form.needs & {LEGAL, PLACES} else None
    if not hand.roles:
        raise NotThere
    role = role_for(form, hand.case, hand.roles) or hand.roles[0]
    ctx = desk.context(posted.command, role=role)
    uploads, account = desk.store.gate.uploads, desk.viewer.account
    papers = Papers(desk.store.vault, partial(uploads.take, account))
    chain = chain_of(desk.store.office, ctx, hand.case)
    rules = partial(_rules, desk.store.office)
    filled = Filled(posted, papers, chain, role=role, today=desk.today, rules=rules, known=known)
    act = form.act(filled, hand.case)
    if not filled.fine:
        return _page(desk, form, case_id, posted)
    work = Handed(hand.case, ctx, papers, _seen(posted), filled)
    try:
        done = (act_legally if form.legal else act_on_case)(desk.store.office, work, act)
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return _page(desk, form, case_id, posted, refused)
    return desk.done(f"/cases/{hand.case.id}?done={form.path}", done.position)


class Handed(NamedTuple):
    """A form that was read: of which case, by whom, with what, made from which version."""

    case: Case
    ctx: CommandContext
    papers: Papers
    seen: int | None
    filled: Filled


def act_on_case(office: Office, work: Handed, act: Act) -> Appended:
    """A step on the case itself."""
    return work_on(office, work.ctx, work.case.id, act, seen=work.seen, papers=work.papers)


def act_legally(office: Office, work: Handed, decide: legal.Decide) -> Appended:
    """A legal act, with the case marked as acted on, texts and files in the same append."""
    case, ctx, filled = work.case, work.ctx, work.filled

    def also(unit: Unit) -> None:
        returns.act_on(unit.get(case.child, Child), ctx, case.episode)
        if filled.attached:
            attaching.attach(
                unit.get(case.id, Case),
                ctx,
                role=filled.role,
                on=filled.today,
                fact=None,
                attachments=filled.attached,
            )
        work.papers.write(unit, case.child)

    at = legal.At(Subject(case.id, case.child), work.seen)
    return legal.act(office, ctx, at, decide, role=filled.role, also=also)


def _rules(office: Office, on: date) -> RulePack:
    book = RuleBook.of(office.county)
    book.replay(office.log.load([book.id]).get(book.id, []))
    return book.rules_on(on).pack


def _seen(posted: Posted) -> int | None:
    found = posted.text(SEEN)
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 9 else None


def _page(
    desk: WebDesk,
    form: StepForm,
    case_id: str,
    posted: Posted | None = None,
    refused: CkbxError | None = None,
    chosen: str = "",
) -> Response:
    with desk.look("web:case_step", opened(form.title)) as look:
        hand = in_hand(desk, look, case_id)
        named = [*subjects(hand, form, desk.today), *named_in(hand.case, form)]
        changed = (CaseChangedMeanwhile, LegalStepsChanged)
        meanwhile = refused.between if isinstance(refused, changed) else ()
        actors = Actors(look, {actor for _, actor, _ in meanwhile})
        people = look.people([hand.case.child, *named, *actors.subjects])
        between = [(title, actors.said(actor, people), day) for title, actor, day in meanwhile]
        draft = posted.draft("" if between else refused or "") if posted else None
        choices = _choices(desk, form, hand)
        given = posted.text(CHOSEN) if posted and choices else chosen
        picked = next((each for each in choices if given == each[0] or len(choices) == 1), None)
        form_shown = shown(
            form,
            here(desk, look, hand, form, people, chosen=picked[0] if picked else ""),
            _version(desk, hand) if form.legal else hand.seen,
            draft,
            between=between,
            again=len(posted.files("file")) if posted else 0,
        )
        refusal, first = _not_now(desk, form, hand) if posted is None else ("", ())
        if refused is not None:
            first = places_of(refused, hand.case.stage)
        return desk.html(
            "cases/case_step.html",
            422 if posted else 200,
            **base(desk, look, form.title),
            **head(look, hand, people[hand.case.child], role_for(form, hand.case, hand.roles)),
            form=form_shown,
            basis=basis_of(desk.store.office, hand.case, form, people, desk.today),
            not_now=refusal,
            recheck=back_to(desk, look, hand.case.child, form.path),
            first=first_step(desk, first, _forms(desk, look, hand) if first else ()),
            choices=choices,
            picked=picked,
        )


def _choices(desk: WebDesk, form: StepForm, hand: InHand) -> Sequence[tuple[str, str, str]]:
    """What is chosen before the form: (value, words, why not now)."""
    role, today = legal_role(hand.roles), desk.today
    if form.choices is None or not role:
        return ()
    view = look_at_steps(desk.store.office, hand.case.id, today)
    return form.choices(view, role, today)


def _forms(desk: WebDesk, look: Look, hand: InHand) -> Iterator[tuple[str, FirstStep]]:
    """The steps on the case, and the decisions on its child, that are open to the viewer."""
    case, today = hand.case, desk.today
    view = look_at_steps(desk.store.office, case.id, today)
    for form in (*offered(case, hand.roles), *legal_offered(view, hand.roles, today)):
        yield f"case:{form.path}", FirstStep(form.title, f"/cases/{case.id}/{form.path}")
    place = roster.place_of(look.reading, look.question.scope, [case.child], **look.at)
    if case.child in place:
        yield from child_forms(desk, place[case.child])


def _not_now(desk: WebDesk, form: StepForm, hand: InHand) -> tuple[str, Places]:
    """Why the step cannot be taken now, by the domain's own sentence (empty where it can), and
    where what comes first may be done.
    """
    case = hand.case
    first = NOT_NOW.get(f"case:{form.path}", ())
    if form.ready is not None:
        role, today = legal_role(hand.roles), desk.today
        view = look_at_steps(desk.store.office, case.id, today)
        if not role:
            return "依法控辍的步骤由学校、村（社区）、乡镇或县教育局办理", ()
        return ("", ()) if form.ready(view, role, today) else (form.not_now, first)
    if form in offered(case, hand.roles):
        return "", ()
    if form.step not in STEPS:
        return "现在不能按核查结论排除：请先核查并登记结论", first
    try:
        check_stage(case, form.step)
        check_role(form.step, role_for(form, case, hand.roles) or (hand.roles or ["-"])[0])
    except CkbxError as refused:
        return str(refused), places_of(refused, case.stage)
    return form.not_now or "这一步现在没有要办的事", first


def _version(desk: WebDesk, hand: InHand) -> int:
    """The version of the legal steps that the page shows."""
    return look_at_steps(desk.store.office, hand.case.id, desk.today).version
