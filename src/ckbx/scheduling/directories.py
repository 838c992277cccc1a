"""The posts of a county, folded again only when something was recorded about a post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from ckbx.application.office import Office
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import posts_stream, streams_above
from ckbx.scheduling.memory import Memory

CHUNK: Final = 200
MOST: Final = 5_000
"""With more events since than this, all posts are folded anew."""
_POSTS: Final = "ckbx.post."


class _Folded(NamedTuple):
    """The directory of these schools and children with all that lay at or before a position."""

    position: int
    schools: Sequence[str]
    students: Sequence[UUID]
    directory: Directory


def directory_of(
    office: Office, schools: Sequence[str], students: Sequence[UUID], memory: Memory
) -> Directory:
    """The posts of the county, of every school, and of every child with one of its own."""
    head = office.log.head()
    known: _Folded | None = memory.posts
    asked = (schools, students)
    if known is None or known[1:3] != asked or _changed(office, known.position):
        known = _Folded(head, schools, students, _folded(office, schools, students))
    memory.posts = known._replace(position=head)
    return known.directory


def _changed(office: Office, since: int) -> bool:
    """Whether anything was recorded about a post after a position, as far as one cares to look."""
    rows = office.log.read_rows(since, MOST)
    return len(rows) == MOST or any(row.topic.startswith(_POSTS) for row in rows)


def _folded(office: Office, schools: Sequence[str], students: Sequence[UUID]) -> Directory:
    county = office.county
    streams = dict.fromkeys(s for school in schools for s in streams_above(county, school=school))
    streams |= dict.fromkeys(streams_above(county))
    scopes = (Scope(ScopeKind.STUDENT, str(child)) for child in students)
    streams |= dict.fromkeys(posts_stream(county, scope) for scope in scopes)
    wanted, directory = list(streams), Directory(county)
    for start in range(0, len(wanted), CHUNK):
        for events in office.log.load(wanted[start : start + CHUNK]).values():
            for event in events:
                directory.apply(event)  # type: ignore[arg-type]
    return directory
