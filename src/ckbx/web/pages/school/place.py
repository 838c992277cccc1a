"""本地儿童: who lives or is registered in my village or township, who is away, what do I owe them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Line, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.ledgers.question import Look
from ckbx.vault import Contact, Person
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.pages.school.at_risk import Found, Risk, at_risk, place_class, risks
from ckbx.web.pages.to_decide import Waiting
from projections import responsibility, roster
from projections.roster import Place
from projections.townships import name_of, unnamed

PAGE: Final = 60
_VILLAGE: Final = 12
_SERVE: Final = "已出的通知书等您送达"
_WALKED: Final = ("rounds", "visits", "follow_ups", "contacts")


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """A child of the place. ``elsewhere``: registered here, living in another place."""

    child: UUID
    name: str
    school_name: str
    class_name: str
    status: TrackingStatus
    elsewhere: bool


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A child to go and see, with what is needed on the way; ``last``: when somebody went."""

    risk: Risk
    contact: Contact | None
    village: str
    last: date | None


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of the place speaks of: its children, those at risk, the villages to choose."""

    places: Sequence[Place]
    found: Sequence[Found]
    villages: Sequence[tuple[str, str]]

    @property
    def away(self) -> list[Found]:
        """Those who are not where they should be."""
        return [each for each in self.found if each.away]

    @property
    def others(self) -> list[Found]:
        """Those who are followed, and are there."""
        return [each for each in self.found if not each.away]


def place_page(desk: WebDesk, village: str = "", page: int = 1) -> Response:
    """The children of the viewer's place. Raises NotThere for a village beyond it."""
    with desk.look("web:place", "查看本地儿童") as look:
        here = _here(desk, look, village)
        known = {each.place.child for each in here.found}
        rest = [place for place in here.places if place.child not in known]
        first = (page - 1) * PAGE
        listed = rest[first : first + PAGE]
        people = look.people(
            [*(each.place.child for each in here.found), *(place.child for place in listed)]
        )
        names, today = look.school_names(), look.question.as_of
        mine = [duty for each in here.found for duty in each.mine]
        return desk.html(
            "school/place.html",
            **base(desk, look, "本地儿童"),
            village=village,
            to_decide=_to_serve(here.found, people),
            villages=here.villages,
            total=len(here.places),
            away=risks(here.away, people, names, today),
            others=risks(here.others, people, names, today),
            mine=len(mine),
            overdue=sum(duty.overdue for duty in mine),
            rest=[_line(desk, place, people[place.child].name, names, today) for place in listed],
            rest_total=len(rest),
            page_number=page,
            pages=(len(rest) + PAGE - 1) // PAGE,
        )


def walk_page(desk: WebDesk, village: str = "") -> Response:
    """走访: those who are away, or for whom something is owed, with the way to their door."""
    with desk.look("web:walk", "查看走访清单") as look:
        here = _here(desk, look, village)
        found = [each for each in here.found if each.away or each.mine]
        people = look.people([each.place.child for each in found], ("identity", "contact"))
        names, today = look.school_names(), look.question.as_of
        titles = dict(here.villages)
        walks = [
            Walk(
                risk=risk,
                contact=people[risk.child].contact,
                village=_village_name(risk.found.place, titles),
                last=_last_seen(risk.found),
            )
            for risk in risks(found, people, names, today)
        ]
        return desk.html(
            "school/place_walk.html",
            **base(desk, look, "走访清单"),
            village=village,
            villages=here.villages,
            walks=sorted(walks, key=lambda walk: walk.village),
        )


def _here(desk: WebDesk, look: Look, village: str) -> Here:
    """Everything is read by the viewer's scope; ``village`` only leaves some of it out."""
    scope = look.question.scope
    if village and not (
        len(village) == _VILLAGE and village.isdecimal() and scope.sees(villages=[village])
    ):
        raise NotThere
    everyone = roster.children_of(look.reading, scope, **look.at)
    places = [place for place in everyone if not village or village in _homes(place)]
    found = at_risk(look, roles=desk.viewer.roles, account=desk.viewer.account, beside=places)
    kept = [each for each in found if not village or village in _homes(each.place)]
    return Here(places=places, found=kept, villages=_villages(look, everyone))


def _to_serve(found: Iterable[Found], people: Mapping[UUID, Person]) -> list[Waiting]:
    """Papers of the viewer's own that nobody has taken to the guardian yet, child by child."""
    return [
        Waiting(_SERVE, 1, f"/cases/{each.case.case.id}", "去送达", people[each.place.child].name)
        for each in found
        if each.case is not None and each.serves
    ]


def _homes(place: Place) -> tuple[str | None, str | None]:
    return place.village, place.residence


def _villages(look: Look, places: Iterable[Place]) -> list[tuple[str, str]]:
    """The villages of the viewer in which its children live, with the titles of their posts."""
    scope = look.question.scope
    codes = {
        code
        for place in places
        for code in _homes(place)
        if code and len(code) == _VILLAGE and scope.sees(villages=[code])
    }
    known = responsibility.directory(look.reading, look.position)
    named = []
    for code in sorted(codes):
        posts = known.posts_at(Line.GOVERNMENT, Covers(ScopeKind.VILLAGE, code))
        title = posts[0].title if posts else ""
        name = name_of(look.reading, code, look.position)
        named.append((code, name or title or unnamed(code)))
    return named


def _village_name(place: Place, titles: Mapping[str, str]) -> str:
    homes = [code for code in (place.residence, place.village) if code and code in titles]
    return titles[homes[0]] if homes else "不在本地居住"


def _last_seen(found: Found) -> date | None:
    """When somebody last went or spoke with the family, by the case."""
    if found.case is None:
        return None
    days: list[Any] = [each.on for name in _WALKED for each in getattr(found.case.case, name)]
    return max(days, default=None)


def _line(
    desk: WebDesk, place: Place, name: str, names: Mapping[str, str], today: date
) -> Resident:
    lives = place.residence or place.village
    return Resident(
        child=place.child,
        name=name,
        school_name=names.get(place.school or "", place.school or "") or "没有学校",
        class_name=place_class(place, today),
        status=place.status,
        elsewhere=not desk.scope.sees(villages=[lives]),
    )
