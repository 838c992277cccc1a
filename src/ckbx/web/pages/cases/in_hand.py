"""The case in hand: may this viewer see it, in which roles may it act, and who has to do with it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ckbx.application.legal import look_at_steps
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case.case import Case
from ckbx.domain.legal.codes import ANSWER_ROLES, BODY_OF_ROLE, CODE_LENGTH, COUNTY_ROLES, Body
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.answer import Answer, Chains
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.before_case import before_case
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.cases.fields import Options
from ckbx.web.pages.cases.step_forms import (
    APPROVERS,
    CLASSES,
    FACTS,
    LEGAL,
    PEOPLE,
    PLACES,
    TEACHERS,
    Here,
    StepForm,
)
from ckbx.web.pages.cases.steps_legal import unserved
from ckbx.web.pages.known_places import KnownPlaces, known_places
from ckbx.web.permissions import ROLE_ZH, Permission
from ckbx.web.words import class_name
from projections import responsibility, roll_call_completeness
from projections.case_file import CaseFile, case_file
from projections.roster import Place
from projections.scope import Scope

_SCHOOL_POSTS = (ScopeKind.SCHOOL, ScopeKind.GRADE, ScopeKind.CLASS)


class InHand(msgspec.Struct, frozen=True, kw_only=True):
    """A case this viewer may see. ``roles``: in which it may act on it, the nearest first;
    ``facts`` of the case and its legal steps in order; ``before``: the calls and visits about
    the absence that led to it; ``seen``: the version of the case that
    the page shows; ``learner``: the child's place as chains ask for it.
    """

    file: CaseFile
    facts: list[RecordedEvent]
    before: list[RecordedEvent]
    roles: list[str]
    seen: int
    known: Directory
    learner: ChildPlace
    chains: Chains

    @property
    def case(self) -> Case:
        """The case as the page shows it."""
        return self.file.case

    @property
    def course(self) -> list[RecordedEvent]:
        """Everything that happened, before there was a case and since."""
        return [*self.before, *self.facts]

    def answerable(self, line: Line, day: date) -> Answer:
        """Who answers for the child on a line on a day."""
        return self.known.answerable(line, self.learner, day)


def in_hand(desk: WebDesk, look: Look, case_id: str) -> InHand:
    """Raises NotThere for an id that is none, was not there, or is not this viewer's."""
    id_ = id_of(case_id)
    found = case_file(look.reading, look.question.scope, id_, **look.at)
    if found is None:
        raise NotThere
    streams = [id_, LegalSteps.stream(look.reading.county, id_)]
    facts = look.log.read_streams(streams, up_to=look.position)
    known = responsibility.directory(look.reading, look.position)
    learner = responsibility.child_place(look.reading, found.place)
    return InHand(
        file=found,
        facts=facts,
        before=before_case(look.log, found.case, look.position),
        roles=roles_over(desk, found.place),
        seen=max(
            (f.event.originator_version for f in facts if f.event.originator_id == id_), default=0
        ),
        known=known,
        learner=learner,
        chains=known.chain_for(learner, look.question.as_of),
    )


def id_of(text: str) -> UUID:
    """Raises NotThere for a text that is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NotThere from None


def roles_over(desk: WebDesk, place: Place) -> list[str]:
    """The viewer's roles that work on a child's case, the nearest first."""
    return desk.viewer.roles_over(
        Permission.WORK_CASE,
        school=place.school,
        villages=(place.village, place.residence),
        class_key=place.class_key,
        child=place.child,
    )


def subjects(hand: InHand, form: StepForm | None, day: date) -> list[UUID]:
    """The people whose names the form shows."""
    if form is None:
        return []
    named = [*_of_chains(hand, day)] if PEOPLE in form.needs else []
    named += [*_of_school(hand, day)] if TEACHERS in form.needs else []
    named += [*_of_county(hand, day)] if APPROVERS in form.needs else []
    return [subject for _, subject, _ in named if subject is not None]


def here(
    desk: WebDesk,
    look: Look,
    hand: InHand,
    form: StepForm | None,
    people: Mapping[UUID, Person],
    cause: str = "",
    chosen: str = "",
) -> Here:
    """What a form may offer; only what it needs is gathered."""
    needs, day = form.needs if form else frozenset(), desk.today
    mine = desk.viewer.account
    known = known_places(look) if needs & {LEGAL, PLACES} else KnownPlaces()
    took_part = _named(_of_chains(hand, day), people) if PEOPLE in needs else []
    if PEOPLE in needs and mine not in dict(took_part) and hand.roles:
        took_part = [*_own(hand, mine, day), *took_part]
    return Here(
        case=hand.case,
        today=day,
        account=mine,
        people=took_part,
        teachers=_named(_of_school(hand, day), people) if TEACHERS in needs else (),
        classes=_classes(look, hand) if CLASSES in needs else (),
        own_class=_own_class(hand),
        facts=_facts(hand) if FACTS in needs else (),
        approvers=_named(_of_county(hand, day), people) if APPROVERS in needs else (),
        cause=cause,
        chosen=chosen,
        known=known,
        nearest=(hand.roles or [""])[0],
        **(_legal(desk, hand, known) if LEGAL in needs else {}),
    )


def legal_role(roles: Sequence[str]) -> str:
    """The viewer's nearest role that has to do with the legal steps; empty where none has."""
    return next((role for role in roles if role in ANSWER_ROLES), "")


def _legal(desk: WebDesk, hand: InHand, known: KnownPlaces) -> dict[str, Any]:
    """What the forms of the legal steps offer in the viewer's role."""
    role = legal_role(hand.roles)
    view = look_at_steps(desk.store.office, hand.case.id, desk.today)
    place = hand.file.place
    places = (hand.learner.village_code, place.residence, place.village)
    near = dict.fromkeys([own_home(desk.scope, places), *places])
    homes = [home for home in near if home]
    mine = [home for home in homes if desk.scope.sees(villages=[home])] or homes
    school = place.school or hand.case.school or ""
    return {
        "unserved": unserved(view, role),
        "issuers": issuers(known, BODY_OF_ROLE.get(role), school, mine),
        "homes": homes,
        "law": view,
        "role": role,
    }


def issuers(known: KnownPlaces, body: Body | None, school: str, homes: Sequence[str]) -> Options:
    """The bodies of a kind that may issue a paper to this child: of its school, or its homes;
    where none of these is known, all of the county.
    """
    if body is None:
        return []
    if body is Body.SCHOOL:
        return [(school, dict(known.schools).get(school, school))] if school else []
    digits = CODE_LENGTH[body]
    codes = [known.county] if body is Body.COUNTY else [home[:digits] for home in homes]
    here = [code for code in codes if len(code) == digits]
    if not here:
        here = [code for code in known.regions if len(code) == digits]
    return [(code, known.words(code)) for code in dict.fromkeys(here)]


def own_home(scope: Scope, homes: Sequence[str | None]) -> str:
    """Of the places where a child is at home the first of the viewer's own; of none of them:
    the first.
    """
    known = [code for code in homes if code]
    mine = (code for code in known if scope.sees(villages=[code]))
    return next(mine, known[0] if known else "")


Known = tuple[str, UUID | None, str]
"""Account, the person it stands for, the post."""


def _of_chains(hand: InHand, _day: date) -> Iterator[Known]:
    """Everybody of both chains who has an account, the nearest to the child first."""
    seen: set[str] = set()
    for node in (*reversed(hand.chains.education), *reversed(hand.chains.government)):
        for holder in node.holders:
            told = node.role is not None and node.role is not Role.NOTIFIED
            if told and holder.account and holder.account not in seen:
                seen.add(holder.account)
                yield holder.account, holder.subject, ROLE_ZH.get(str(node.role), node.title)


def _own(hand: InHand, account: str, day: date) -> Options:
    """The viewer, whose post is not on the child's chains."""
    posts = [p for p in hand.known.posts_of(account, day) if p.role is not Role.NOTIFIED]
    return [(account, f"我（{posts[0].title}）")] if posts else []


def _of_school(hand: InHand, day: date) -> Iterator[Known]:
    """Everybody with a post at the child's school."""
    school = hand.case.school or hand.learner.school
    seen: set[str] = set()
    for post in hand.known.posts.values():
        if post.scope.kind not in _SCHOOL_POSTS or post.scope.code.split("/")[0] != school:
            continue
        if post.role is Role.BUREAU_LEADER:
            continue
        for tenure in post.holders(day):
            if tenure.account and tenure.account not in seen:
                seen.add(tenure.account)
                yield tenure.account, tenure.holder, ROLE_ZH.get(post.role, post.title)


def _of_county(hand: InHand, day: date) -> Iterator[Known]:
    """Who may approve for the county."""
    seen: set[str] = set()
    for post in hand.known.posts.values():
        if post.role not in COUNTY_ROLES or post.scope.kind is not ScopeKind.COUNTY:
            continue
        for tenure in post.holders(day):
            if tenure.account and tenure.account not in seen:
                seen.add(tenure.account)
                yield tenure.account, tenure.holder, post.title


def _named(known: Iterable[Known], people: Mapping[UUID, Person]) -> list[tuple[str, str]]:
    found = []
    for account, subject, post in known:
        person = people.get(subject) if subject else None
        found.append((account, f"{person.name if person else account}（{post}）"))
    return found


def _classes(look: Look, hand: InHand) -> Options:
    """The classes of the child's school, then those of its age elsewhere."""
    own = _own_class(hand)
    school = own.split("/")[0] if own else hand.case.school
    year, names = school_year_of(look.question.as_of), look.school_names()
    entry = split_class_key(own)[1] if own else None
    keys = roll_call_completeness.class_keys(look.reading, Scope.county(), position=look.position)
    mine = [key for key in keys if key.split("/")[0] == school]
    others = [key for key in keys if key not in mine and split_class_key(key)[1] == entry]
    shown = [(key, class_name(key, year)) for key in mine]
    return [
        *shown,
        *((k, f"{names.get(k.split('/')[0], '')} {class_name(k, year)}") for k in others),
    ]


def _own_class(hand: InHand) -> str:
    return hand.learner.class_key or _class_of_opening(hand.facts)


def _class_of_opening(facts: Sequence[RecordedEvent]) -> str:
    keys = (getattr(fact.event, "class_key", None) for fact in facts)
    return next((key for key in keys if key), "")


def _facts(hand: InHand) -> Options:
    return [
        (str(e.originator_version), f"{e.originator_version} {e.occurred_on} {e.TITLE}")
        for e in (fact.event for fact in hand.facts)
        if e.originator_id == hand.case.id
    ]
