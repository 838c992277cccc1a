"""The form of a decision on one child, and what becomes of it when it is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.case_papers import Papers
from ckbx.application.leave_filing import applications_of
from ckbx.application.routing import directory
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.child import Child
from ckbx.domain.leave.errors import ApplicationChangedMeanwhile
from ckbx.domain.placement.errors import PlacementChangedMeanwhile
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.acts.all import ACTS
from ckbx.web.pages.acts.child_act import ChildAct, Doing, Moving, Of
from ckbx.web.pages.cases.fields import Options
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.forms_shown import shown_of
from ckbx.web.pages.county.recheck_links import back_to
from ckbx.web.pages.first_steps import NOT_NOW, FirstStep, Places, first_step, places_of
from ckbx.web.pages.frame import base
from ckbx.web.pages.known_places import KnownPlaces, known_places
from ckbx.web.permissions import ROLE_ZH
from ckbx.web.words import class_name, opened, receiver_name
from projections import responsibility, roll_call_completeness, roster, transfers
from projections.roster import Place
from projections.scope import Scope


class Hand(NamedTuple):
    """A child on which this viewer may be allowed to decide; ``people``: accounts of its chains
    (account, person, post).
    """

    of: Of
    place: Place
    people: Sequence[tuple[str, UUID | None, str]]


def act_page(desk: WebDesk, act: ChildAct, child_id: str) -> Response:
    """The form of a decision. Raises NotThere."""
    return _page(desk, act, child_id)


def take_act(desk: WebDesk, act: ChildAct, child_id: str, posted: Posted) -> Response:
    """Carry it out in the viewer's role over this child; refused, the form comes again as typed.

    Raises NotThere.
    """
    with desk.look("web:child_act", opened(act.title)) as look:
        of = _in_hand(desk, look, act, child_id).of
    ctx, uploads = desk.context(posted.command, role=of.role), desk.store.gate.uploads
    papers = Papers(desk.store.vault, partial(uploads.take, desk.viewer.account))
    office = desk.store.office
    unit = Unit(office.map, ctx)
    chain = directory(office, unit, school=of.child.school or "", child=str(of.child.id))
    filled = Filled(posted, papers, chain, role=of.role, today=desk.today, known=of.known)
    do = act.act(filled, of)
    if not filled.fine:
        return _page(desk, act, child_id, posted)
    seen = posted.text("seen") if act.seen else ""
    doing = Doing(
        office=office,
        ctx=ctx,
        child=of.child.id,
        papers=papers,
        role=of.role,
        seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else None,
    )
    try:
        do(doing)
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return _page(desk, act, child_id, posted, refused)
    where = "/transfers" if act.from_there else f"/children/{of.child.id}"
    return desk.done(f"{where}?done={act.path}", desk.store.log.head())


def offered(desk: WebDesk, acts: Sequence[ChildAct], place: Place) -> list[ChildAct]:
    """The decisions that the viewer may take on a child now."""
    mine = [(act, roles_over(desk, act, place)) for act in acts if desk.may(act.permission)]
    mine = [(act, roles) for act, roles in mine if any(role in act.roles for role in roles)]
    if not mine:
        return []
    of = _state(desk, place.child)
    return [act for act, _ in mine if not act.from_there and act.fits(of)]


def roles_over(desk: WebDesk, act: ChildAct, place: Place) -> list[str]:
    """The viewer's roles over a child that give the permission of a decision."""
    return desk.viewer.roles_over(
        act.permission,
        school=place.school,
        villages=(place.village, place.residence),
        class_key=place.class_key,
        child=place.child,
    )


def _in_hand(desk: WebDesk, look: Look, act: ChildAct, child_id: str) -> Hand:
    try:
        child = UUID(child_id)
    except ValueError:
        raise NotThere from None
    place, roles, moving = (_coming if act.from_there else _own)(desk, look, act, child)
    if not roles:
        raise NotThere
    role = next((each for each in roles if each in act.roles), "")
    known = responsibility.directory(look.reading, look.position)
    learner = responsibility.child_place(look.reading, place)
    chains = known.chain_for(learner, desk.today)
    people = []
    for node in (*reversed(chains.education), *reversed(chains.government)):
        for holder in node.holders:
            if node.role not in (None, Role.NOTIFIED) and holder.account:
                post = ROLE_ZH.get(str(node.role), node.title)
                people.append((holder.account, holder.subject, post))
    state = _state(desk, child)
    of = msgspec.structs.replace(
        state,
        role=role or roles[0],
        account=desk.viewer.account,
        moving=moving,
        classes=_classes(look, place, moving) if act.classes else (),
        known=known_places(look) if act.places else KnownPlaces(),
    )
    return Hand(of, place, list({each[0]: each for each in people}.values()))


_Mine = tuple[Place, list[str], Moving | None]
"""Where the child is, the viewer's roles over it, and its transfer where that is asked for."""


def _own(desk: WebDesk, look: Look, act: ChildAct, child: UUID) -> _Mine:
    """A child of the viewer's."""
    place = roster.place_of(look.reading, look.question.scope, [child], **look.at).get(child)
    if place is None:
        raise NotThere
    moving = _moving(look, child) if act.moves else None
    return place, roles_over(desk, act, place), moving


def _coming(desk: WebDesk, look: Look, act: ChildAct, child: UUID) -> _Mine:
    """A child that was sent to a school of the viewer's."""
    moving = _moving(look, child)
    if moving is None:
        raise NotThere
    found = roster.place_of(look.reading, Scope.of_children([child]), [child], **look.at)
    roles = desk.viewer.roles_over(act.permission, school=moving.row.receiving_school)
    return found[child], roles, moving


def _moving(look: Look, child: UUID) -> Moving | None:
    """The child's transfer that is under way, as far as the viewer's scope sees it."""
    rows = transfers.transfers(look.reading, look.question.scope, **look.at)
    row = next((each for each in rows if each.child == child), None)
    if row is None or row.state is not transfers.TransferState.UNDER_WAY:
        return None
    names, from_ = look.school_names(), row.from_school or ""
    year = school_year_of(look.question.as_of)
    return Moving(
        row=row,
        from_name=names.get(from_, from_),
        to_name=receiver_name(names, row.receiving_school, row.receiving_name),
        class_name=class_name(row.class_key, year) if row.class_key else "",
    )


def _state(desk: WebDesk, child: UUID) -> Of:
    """The child as the log has it."""
    store, county = desk.store, desk.store.office.county
    placed = ChildPlacement.stream(county, child)
    events = store.log.load([child, placed])
    found = Child(child).replay(events.get(child, []))
    applications = applications_of(store.office, child)
    return Of(
        child=found,
        status=found.status_on(desk.today),
        today=desk.today,
        application=applications[-1] if applications else None,
        placement=ChildPlacement(placed).replay(events.get(placed, [])),
    )


def _classes(look: Look, place: Place, moving: Moving | None) -> Options:
    """The classes of the child's school (of the receiver's), those of its age in front; where
    it belongs to none, every class of the viewer's schools.
    """
    school = moving.row.receiving_school if moving else place.school
    scope = Scope.schools([school]) if school else look.question.scope
    keys = roll_call_completeness.class_keys(look.reading, scope, position=look.position)
    year, names = school_year_of(look.question.as_of), look.school_names()
    alike = (place.class_key or "//").split("/")[1]
    keys = sorted(keys, key=lambda key: (key.split("/")[1] != alike, key))
    return [
        (key, f"{names.get(key.split('/')[0], '')} {class_name(key, year)}".strip()) for key in keys
    ]


def _page(
    desk: WebDesk,
    act: ChildAct,
    child_id: str,
    posted: Posted | None = None,
    refused: CkbxError | None = None,
) -> Response:
    with desk.look("web:child_act", opened(act.title)) as look:
        hand = _in_hand(desk, look, act, child_id)
        of, place = hand.of, hand.place
        people = look.people([place.child, *(s for _, s, _ in hand.people if s and act.people)])
        if act.people:
            of = msgspec.structs.replace(of, people=list(_named(desk, hand, people)))
        changed = (ApplicationChangedMeanwhile, PlacementChangedMeanwhile)
        between = refused.between if isinstance(refused, changed) else ()
        draft = posted.draft("" if between else refused or "") if posted else None
        not_now, first = _not_now(act, of) if posted is None else ("", ())
        if refused is not None:
            first = places_of(refused)
        names, year = look.school_names(), school_year_of(look.question.as_of)
        return desk.html(
            "acts/child_act.html",
            422 if posted else 200,
            **base(desk, look, act.title),
            act=act,
            basis=act.basis(of),
            child=place.child,
            person=people[place.child],
            now_is=of.status,
            school_name=names.get(place.school or "", place.school or ""),
            class_name=class_name(place.class_key, year) if place.class_key else "",
            acts_as=ROLE_ZH.get(of.role, ""),
            may_see_child=not act.from_there,
            not_now=not_now,
            recheck=back_to(desk, look, place.child, act.path),
            first=first_step(desk, first, child_forms(desk, place)),
            form=shown_of(
                act,
                act.fields(of),
                act.seen(of) if act.seen else 0,
                draft,
                between=between,
                again=len(posted.files("file")) if posted else 0,
            ),
        )


def _not_now(act: ChildAct, of: Of) -> tuple[str, Places]:
    """Why it cannot be done now, and where what comes first may be done."""
    if of.role not in act.roles:
        return f"“{act.title}”由{act.who}办理", ()
    return ("", ()) if act.fits(of) else (act.not_now, NOT_NOW.get(f"child:{act.path}", ()))


def child_forms(desk: WebDesk, place: Place) -> Iterator[tuple[str, FirstStep]]:
    """The decisions on a child that are open to the viewer, by place."""
    for act in offered(desk, ACTS, place):
        yield f"child:{act.path}", FirstStep(act.title, f"/children/{place.child}/{act.path}")


def _named(desk: WebDesk, hand: Hand, people: Mapping[UUID, Person]) -> Iterator[tuple[str, str]]:
    mine = desk.viewer.account
    if mine not in {account for account, _, _ in hand.people}:
        yield mine, f"我（{ROLE_ZH.get(hand.of.role, '')}）"
    for account, subject, post in hand.people:
        person: Any = people.get(subject) if subject else None
        yield account, f"{person.name if person else account}（{post}）"


__all__ = ["act_page", "offered", "take_act"]
