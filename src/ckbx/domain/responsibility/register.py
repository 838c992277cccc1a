"""Which posts does one school (one child, the county's regions) have, what may be done to them?

One stream a school holds its school, grade and class posts, one the county's region posts.
Routing an alert needs every rung above a class at once: two streams to load (about 60 and
400 posts, a few hand-overs a year) instead of one a post. The price is that two people
changing posts of one school in the same instant conflict and the second decides again;
that happens a few times a year. A hand-over touches one stream, so it is whole or not at
all. Posts of one student are a stream a child: the post stays the same thing when the
child changes school, which it would not in the stream of either school.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ckbx.domain.responsibility import errors
from ckbx.domain.responsibility.events import (
    PostAbolished,
    PostEstablished,
    PostHandedOver,
    PostHeld,
    PostRevised,
    PostVacated,
    TenureCorrected,
    TenureVoided,
)
from ckbx.domain.responsibility.fold import fold
from ckbx.domain.responsibility.post import REGIONS, Line, Post, Role, Scope, Tenure, post_id
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id

ONE_DAY = timedelta(days=1)


def posts_stream(county: str, scope: Scope) -> UUID:
    """The stream that holds the posts of a scope."""
    if scope.kind in REGIONS:
        return stream_id(county, "posts", county)
    return stream_id(county, "posts", scope.code.split("/")[0])


def streams_above(county: str, *, school: str = "", child: str = "") -> list[UUID]:
    """The streams to load for answering about a school or a child: regions, school, child."""
    keys = [county, *filter(None, (school, child))]
    return [stream_id(county, "posts", key) for key in keys]


class PostRegister(Aggregate):
    """The posts of one school, or of the county's regions. Dates are local days."""

    __slots__ = ("county", "posts")
    KIND = "posts"

    def __init__(self, id_: UUID, county: str) -> None:
        super().__init__(id_)
        self.county = county
        self.posts: dict[UUID, Post] = {}

    def apply(self, event: Any) -> None:
        fold(self.posts, event)

    def post(self, post: UUID) -> Post:
        """The post. Raises PostUnknown."""
        try:
            return self.posts[post]
        except KeyError:
            raise errors.PostUnknown(post=post) from None

    def establish(
        self,
        ctx: CommandContext,
        *,
        line: Line,
        scope: Scope,
        title: str,
        level: int,
        role: Role,
        since: date,
    ) -> UUID:
        """Set up a post. Raises PostAlreadyEstablished. ``since`` is its first tenure's 起."""
        id_ = post_id(self.county, line, scope, title)
        if id_ in self.posts:
            raise errors.PostAlreadyEstablished(title=title, scope=scope)
        self.trigger_event(
            PostEstablished,
            ctx,
            occurred_on=min(since, ctx.today),
            post=id_,
            line=line,
            level=level,
            title=title,
            scope_kind=scope.kind,
            scope_code=scope.code,
            role=role,
        )
        return id_

    def revise(self, ctx: CommandContext, post: UUID, *, level: int, role: Role) -> None:
        """Change level or role; unchanged values do nothing."""
        old = self.post(post)
        if (old.level, old.role) != (level, role):
            self.trigger_event(
                PostRevised, ctx, occurred_on=ctx.today, post=post, level=level, role=role
            )

    def hold(
        self,
        ctx: CommandContext,
        post: UUID,
        *,
        account: str,
        holder: UUID,
        first_day: date,
        last_day: date | None = None,
    ) -> None:
        """Appoint a person, beside others if they overlap.

        A predecessor who ended before ``first_day`` makes it a hand-over. Raises
        PostUnknown, TenureReversed, AlreadyHeld.
        """
        found = self.post(post)
        self._check_span(found, first_day, last_day)
        for tenure in found.tenures:
            if tenure.holder == holder and tenure.overlaps(first_day, last_day):
                raise errors.AlreadyHeld(**_where(found), since=tenure.first_day)
        before = _predecessor(found, first_day)
        values: dict[str, Any] = {
            "occurred_on": min(first_day, ctx.today),
            "post": post,
            "account": account,
            "holder": holder,
            "first_day": first_day,
            "last_day": last_day,
        }
        if before is None or before.holder == holder or found.holders(first_day):
            self.trigger_event(PostHeld, ctx, **values)
            return
        values |= {"previous": before.number, "previous_last_day": before.last_day}
        self.trigger_event(PostHandedOver, ctx, **values)

    def hand_over(
        self,
        ctx: CommandContext,
        post: UUID,
        *,
        tenure: int,
        account: str,
        holder: UUID,
        first_day: date,
    ) -> None:
        """End a tenure the day before ``first_day`` and let a successor begin.

        Raises PostUnknown, TenureUnknown, HandoverTooEarly, HandoverAfterEnd, AlreadyHeld.
        """
        found, old = self._find(post, tenure)
        if first_day <= old.first_day:
            raise errors.HandoverTooEarly(**_where(found), first_day=first_day, since=old.first_day)
        eve = first_day - ONE_DAY
        if not old.covers(eve):
            raise errors.HandoverAfterEnd(**_where(found), day=eve)
        for other in found.tenures:
            if other.holder == holder and other.overlaps(first_day, None):
                raise errors.AlreadyHeld(**_where(found), since=other.first_day)
        self.trigger_event(
            PostHandedOver,
            ctx,
            occurred_on=min(first_day, ctx.today),
            post=post,
            previous=tenure,
            previous_last_day=eve,
            account=account,
            holder=holder,
            first_day=first_day,
        )

    def vacate(self, ctx: CommandContext, post: UUID, *, tenure: int, last_day: date) -> None:
        """End a tenure (last day included). Raises TenureUnknown, TenureReversed."""
        found, old = self._find(post, tenure)
        self._check_span(found, old.first_day, last_day)
        self.trigger_event(
            PostVacated,
            ctx,
            occurred_on=min(last_day, ctx.today),
            post=post,
            tenure=tenure,
            last_day=last_day,
        )

    def abolish(self, ctx: CommandContext, post: UUID, *, last_day: date) -> None:
        """The post is not needed after ``last_day``; whoever holds it ends that day.

        Raises PostUnknown, and AbolishedTooEarly when somebody begins later.
        """
        found = self.post(post)
        later = [t.first_day for t in found.tenures if t.first_day > last_day]
        if later:
            raise errors.AbolishedTooEarly(**_where(found), day=last_day, since=max(later))
        if found.stands(last_day + ONE_DAY):
            self.trigger_event(
                PostAbolished,
                ctx,
                occurred_on=min(last_day, ctx.today),
                post=post,
                last_day=last_day,
            )

    def correct(
        self,
        ctx: CommandContext,
        post: UUID,
        *,
        tenure: int,
        account: str,
        holder: UUID,
        first_day: date,
        last_day: date | None,
    ) -> None:
        """Replace a wrongly recorded tenure. Raises TenureUnknown, TenureReversed."""
        found, old = self._find(post, tenure)
        self._check_span(found, first_day, last_day)
        new = (account, holder, first_day, last_day)
        if new != (old.account, old.holder, old.first_day, old.last_day):
            self.trigger_event(
                TenureCorrected,
                ctx,
                occurred_on=ctx.today,
                post=post,
                tenure=tenure,
                account=account,
                holder=holder,
                first_day=first_day,
                last_day=last_day,
            )

    def void(self, ctx: CommandContext, post: UUID, *, tenure: int) -> None:
        """Declare that a tenure never was. Raises TenureUnknown."""
        self._find(post, tenure)
        self.trigger_event(TenureVoided, ctx, occurred_on=ctx.today, post=post, tenure=tenure)

    def _find(self, post: UUID, number: int) -> tuple[Post, Tenure]:
        found = self.post(post)
        tenure = found.tenure(number)
        if tenure is None:
            raise errors.TenureUnknown(**_where(found), tenure=number)
        return found, tenure

    @staticmethod
    def _check_span(post: Post, first_day: date, last_day: date | None) -> None:
        if last_day is not None and last_day < first_day:
            raise errors.TenureReversed(**_where(post), first_day=first_day, last_day=last_day)


def _where(post: Post) -> dict[str, Any]:
    return {"title": post.title, "scope": post.scope}


def _predecessor(post: Post, first_day: date) -> Tenure | None:
    ended = [t for t in post.tenures if t.last_day is not None and t.last_day < first_day]
    return max(ended, key=lambda t: t.last_day or date.min, default=None)
