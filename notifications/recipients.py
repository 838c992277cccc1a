"""Who is told of an alert, and by which ways? Those it names, and the groups it concerns. Pure.

An alert names accounts that hold a post on its day; whoever holds the post later is told of
what falls due later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from notifications.queue import INBOX, NOT_WANTED, Way

NO_RECIPIENT: Final = "no_recipient"
GROUP: Final = "group:"
_COUNTY, _SCHOOL, _TOWNSHIP = "county", "school:", "township:"


class Recipient(NamedTuple):
    """An account (or ``group:<channel>``) and a channel; ``reason``: why not by this one."""

    account: str
    channel: str
    reason: str | None = None


def recipients(
    to: Sequence[str],
    ways: Sequence[Way],
    *,
    kind: str,
    level: str,
    school: str | None,
    township: Callable[[str], bool],
) -> Iterator[Recipient]:
    """Every account by every personal way and in its inbox, and every group concerned.

    ``township(code)`` says whether one of ``to`` answers in that township.
    """
    if not to:
        yield Recipient("", "", NO_RECIPIENT)
    for account in dict.fromkeys(to):
        yield Recipient(account, INBOX)
        for way in ways:
            if way.scope is None:
                yield Recipient(account, way.name, _refusal(way, kind, level))
    for way in ways:
        if way.scope is not None and _concerns(way.scope, school, township):
            yield Recipient(GROUP + way.name, way.name, _refusal(way, kind, level))


def _refusal(way: Way, kind: str, level: str) -> str | None:
    wanted = (way.kinds is None or kind in way.kinds) and (
        way.levels is None or level in way.levels
    )
    return None if wanted else NOT_WANTED


def _concerns(scope: str, school: str | None, township: Callable[[str], bool]) -> bool:
    if scope.startswith(_SCHOOL):
        return school == scope.removeprefix(_SCHOOL)
    if scope.startswith(_TOWNSHIP):
        return township(scope.removeprefix(_TOWNSHIP))
    return scope == _COUNTY
