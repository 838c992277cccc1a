"""Which suspicions were there in a stretch of days, with the days they rest on? (indicators)"""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from ckbx.domain.indicators.episodes import Suspicion
from projections.kit.reading import Reading
from projections.roster_histories import ever_in
from projections.scope import Scope
from projections.suspected_fold import WITHDRAWN
from projections.suspected_tables import EPISODES, NAME


def suspicions(
    reading: Reading, scope: Scope, *, first: date, as_of: date, position: int
) -> list[Suspicion]:
    """Suspicions from a local day to another, both included, as known at a position.

    Those taken back by a correction never were; the others count however they ended. The
    scope is that of children who ever belonged to it.
    """
    c = EPISODES.c
    query = (
        select(c.child, c.episode, c.first_absent_on, c.suspected_on)
        .where(
            c.suspected_on >= first.toordinal(),
            c.suspected_on <= as_of.toordinal(),
            or_(c.how.is_(None), c.how != WITHDRAWN),
            *EPISODES.believed(reading.at(NAME, position)),
        )
        .order_by(c.child, c.episode)
    )
    if not scope.everything:
        query = query.where(c.child.in_(ever_in(reading, scope, position=position)))
    return [
        Suspicion(
            child=child,
            episode=episode,
            first_absent_on=date.fromordinal(absent),
            suspected_on=date.fromordinal(on),
        )
        for child, episode, absent, on in reading.rows(query)
    ]
