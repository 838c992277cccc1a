"""A child is back: the county and the township are told, once, and nothing is asked of them
(domain §3, 劝返复学; adr/0019).

Told on the day on which the return was recorded, however far back it lies. The line stands a
week, so that whoever looks at the list now and then has seen it; what comes after, a relapse
too, has duties of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import msgspec

from ckbx.domain.responsibility.post import Line, ScopeKind
from ckbx.scheduling.duty import RETURNED_COUNTY, RETURNED_TOWNSHIP, Duty
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.watched_case import WatchedCase

STANDS: Final = timedelta(days=7)


def told(facts: Facts, case: WatchedCase) -> Iterator[Duty]:
    """Of a case whose child was brought back."""
    if case.return_recorded is None:
        return
    on, event = case.return_recorded
    county = Duty(
        kind="child_returned",
        rule=RETURNED_COUNTY,
        subject=str(case.child),
        on=on,
        at=facts.whole_county,
        child=case.child,
        school=case.school,
        class_key=case.class_key,
        over_on=on + STANDS if on + STANDS <= facts.today else None,
        events=[event],
    )
    yield county
    yield msgspec.structs.replace(
        county,
        rule=RETURNED_TOWNSHIP,
        at=None,
        line=Line.GOVERNMENT,
        region=ScopeKind.TOWNSHIP,
    )
