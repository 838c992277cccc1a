"""Which accounts does the responsibility chain know?"""

from __future__ import annotations

from collections.abc import Iterable

from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.eventlog.ports import EventLog


def known_accounts(log: EventLog, county: str, schools: Iterable[str]) -> frozenset[str]:
    """Accounts that hold or held a post of the county's regions or of these schools."""
    scopes = [Scope(ScopeKind.COUNTY, county)]
    scopes += [Scope(ScopeKind.SCHOOL, school) for school in schools]
    streams = [posts_stream(county, scope) for scope in scopes]
    found: set[str] = set()
    for stream, events in log.load(streams).items():
        register = PostRegister(stream, county).replay(events)
        for post in register.posts.values():
            found.update(tenure.account for tenure in post.tenures if tenure.account)
    return frozenset(found)
