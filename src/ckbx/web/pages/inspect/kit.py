"""What the inspector's pages share: how long the grant lasts, which schools may be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec

from ckbx.domain.responsibility.post import ScopeKind
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Look, Question
from ckbx.vault import Access
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.permissions import INSPECTOR
from projections import school


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """One grant of the viewer: over what, and until when."""

    over: str
    until: date | None
    days: int | None


def grants(desk: WebDesk, names: dict[str, str]) -> list[Granted]:
    """The viewer's grants as inspector, the one that ends first in front."""
    found = [
        Granted(
            over="全县" if held.kind is ScopeKind.COUNTY else names.get(held.code) or held.code,
            until=held.until,
            days=(held.until - desk.today).days if held.until else None,
        )
        for held in desk.viewer.held
        if held.role == INSPECTOR
    ]
    return sorted(found, key=lambda each: each.until or date.max)


def common(desk: WebDesk, look: Look, title: str) -> dict[str, Any]:
    """What every page of the inspector shows."""
    names = look.school_names()
    return {
        **base(desk, look, title),
        "grants": grants(desk, names),
        "schools": desk.school_choices(look),
        "school_names": names,
    }


@contextmanager
def looking(
    desk: WebDesk, question: Question, view: str, purpose: str, answers: tuple[str, ...]
) -> Iterator[Look]:
    """One look with answers of the caller's choice, for the viewer."""
    store = desk.store
    access = Access(actor=desk.viewer.actor, view=f"web:inspect:{view}", purpose=purpose)
    office = Desk(store.answers, store.log, store.vault, store.clock)
    with office.look(question, access, (*answers, school.NAME)) as look:
        yield look


def school_there(desk: WebDesk, look: Look, code: str) -> None:
    """Raises NotThere for a school that is not there for this viewer."""
    if code not in dict(desk.school_choices(look)):
        raise NotThere
