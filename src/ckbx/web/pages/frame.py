"""The frame of every page: its title, the county, the day and the instant it speaks of."""

from __future__ import annotations

from typing import Any

from ckbx.domain.school.school import County
from ckbx.ledgers.question import Look
from ckbx.web.desk import WebDesk


def base(desk: WebDesk, look: Look, title: str) -> dict[str, Any]:
    """What every page shows: its title, the day and instant it speaks of."""
    return {
        "title": title,
        "today": desk.today,
        "as_of": look.question.as_of,
        "known_at": look.instant,
        "position": look.position,
        "county": county_name(look),
    }


def county_name(look: Look) -> str:
    """The county's name as recorded, its code where it has none."""

    def load() -> str:
        stream = County.stream(look.reading.county)
        events = look.log.load([stream]).get(stream, [])
        return County(stream).replay(events).name or look.reading.county

    return look.reading.keep(("county_name", look.position), load)
