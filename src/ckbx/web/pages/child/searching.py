"""查找学生: by name, pinyin initials, 学籍号 or ID number, only among the children one may see.

What was typed stands in no address and in no log: it comes in the body of a form, is compared
as an HMAC, and is written nowhere.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.identifiers import normalise
from ckbx.vault import Vault
from ckbx.web.desk import WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.words import class_name
from projections import roster
from projections.roster import Place

MOST: Final = 20
"""So many children are named at most."""
_TOO_SHORT: Final = "请至少写一个汉字、两个拼音首字母，或整个号码"


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One child that was found."""

    child: UUID
    name: str
    student_no: str
    id_number: str
    school_name: str
    class_name: str
    status: TrackingStatus


def search_page(desk: WebDesk) -> Response:
    """The empty form."""
    with desk.look("web:search", "查找学生") as look:
        return desk.html(
            "child/search.html", **base(desk, look, "查找学生"), draft=Draft(), asked=False
        )


def found_page(desk: WebDesk, form: Posted) -> Response:
    """The children found, at most :data:`MOST`, with one access record."""
    typed = form.needed("who", "姓名、拼音首字母或号码")
    found = candidates(desk.store.vault, typed[:40]) if typed else []
    if found is None:
        form.wrong("who", _TOO_SHORT)
    with desk.look("web:search", "查找学生") as look:
        common = base(desk, look, "查找学生")
        if not form.fine or found is None:
            return desk.html("child/search.html", 422, **common, draft=form.draft(), asked=False)
        places = roster.place_of(look.reading, look.question.scope, found, **look.at)
        seen = sorted(places.values(), key=_order)
        people = look.people([place.child for place in seen[:MOST]])
        names, year = look.school_names(), school_year_of(look.question.as_of)
        hits = [
            Hit(
                child=place.child,
                name=people[place.child].name,
                student_no=identity.student_no if identity else "",
                id_number=identity.id_number if identity else "",
                school_name=names.get(place.school or "", place.school or "不在本县学校"),
                class_name=class_name(place.class_key, year) if place.class_key else "",
                status=place.status,
            )
            for place in seen[:MOST]
            for identity in [people[place.child].identity]
        ]
        return desk.html(
            "child/search.html",
            **common,
            draft=form.draft(),
            asked=True,
            hits=hits,
            more=max(len(seen) - MOST, 0),
        )


def candidates(vault: Vault, typed: str) -> list[UUID] | None:
    """Whoever is found under what was typed, seen by the viewer or not; None: too little."""
    number = normalise(typed)
    if any(each.isdigit() for each in number):
        by_number = [
            child
            for kind in ("student_no", "id_number")
            for child in vault.find_many(kind, [number])[number]
        ]
        return list(dict.fromkeys(by_number))
    found = vault.search(typed)
    return None if found is None else list(found)


def _order(place: Place) -> tuple[str, str, bytes]:
    return place.school or "", place.class_key or "", place.child.bytes
