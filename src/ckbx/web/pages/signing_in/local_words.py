"""Which names does everybody here know, so that no password may be made of them?"""

from __future__ import annotations

from ckbx.domain.school.school import County
from ckbx.web.desk import WebDesk
from projections import school
from projections.scope import Scope


def local_words(desk: WebDesk) -> list[str]:
    """The names of the county and its schools: public, so to be said to anybody."""
    store = desk.store
    stream = County.stream(store.log.county)
    named = County(stream).replay(store.log.load([stream]).get(stream, [])).name
    with store.answers.reading() as reading:
        position = reading.position(school.PROJECTION.name)
        schools = school.school_names(reading, Scope.county(), position=position)
    return [each for each in (named, *schools.values()) if each]
