"""Which events do the claims of a chain file cause, given what is recorded?

The same file again causes nothing. A row that repeats an earlier version of a tenure (an
older file) causes nothing either and is named, unless ``correct`` says that going back is
meant. A different 止 replaces the recorded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from ckbx.domain.responsibility import errors
from ckbx.domain.responsibility.errors import ChainRowRefused
from ckbx.domain.responsibility.post import Post, Tenure, role_of
from ckbx.domain.responsibility.register import PostRegister
from ckbx.domain.responsibility.rows import Claim
from ckbx.domain.shared.event import CommandContext


class Outcome(NamedTuple):
    """Row numbers by what became of them: nothing is left out."""

    applied: tuple[int, ...]
    unchanged: tuple[int, ...]
    outdated: tuple[int, ...]  # repeat an earlier version of the tenure; not applied
    refused: tuple[ChainRowRefused, ...]


def apply_claims(
    registers: Mapping[UUID, PostRegister],
    claims: Iterable[Claim],
    ctx: CommandContext,
    *,
    correct: bool = False,
) -> Outcome:
    """Decide every claim on its register (by ``claim.stream``; loaded by the caller).

    The events wait in the registers' ``collect_events``. A refused claim leaves no event.
    """
    done: dict[str, list[int]] = {"applied": [], "unchanged": [], "outdated": []}
    refused: list[ChainRowRefused] = []
    for claim in claims:
        try:
            done[_decide(registers[claim.stream], claim, ctx, correct)].append(claim.row)
        except ChainRowRefused as error:
            refused.append(error)
    numbers = {key: tuple(sorted(rows)) for key, rows in done.items()}
    return Outcome(**numbers, refused=tuple(refused))


def _decide(register: PostRegister, claim: Claim, ctx: CommandContext, correct: bool) -> str:
    post = register.posts.get(claim.post)
    tenure = _same_tenure(post, claim) if post else None
    if tenure is None and post:
        _refuse_shared_account(post, claim)
    revised = _set_up(register, post, claim, ctx)
    if tenure is None:
        register.hold(
            ctx,
            claim.post,
            account=claim.account,
            holder=claim.holder,
            first_day=claim.first_day,
            last_day=claim.last_day,
        )
        return "applied"
    result = _renew(register, tenure, claim, ctx, correct)
    return "applied" if revised else result


def _set_up(register: PostRegister, post: Post | None, claim: Claim, ctx: CommandContext) -> bool:
    """Establish or revise the post; whether it was there and changed."""
    if post is None:
        register.establish(
            ctx,
            line=claim.line,
            scope=claim.scope,
            title=claim.title,
            level=claim.level,
            role=claim.role or role_of(claim.line, claim.scope.kind, claim.title),
            since=claim.first_day,
        )
        return False
    role = claim.role or post.role
    register.revise(ctx, claim.post, level=claim.level, role=role)
    return (post.level, post.role) != (claim.level, role)


def _same_tenure(post: Post, claim: Claim) -> Tenure | None:
    """The recorded tenure the row speaks of: same 起, else the person's overlapping one."""
    mine = [t for t in post.tenures if t.holder == claim.holder]
    for tenure in post.tenures:
        same_account = bool(claim.account) and tenure.account == claim.account
        if tenure.first_day == claim.first_day and (same_account or tenure in mine):
            return tenure
    return next((t for t in mine if t.overlaps(claim.first_day, claim.last_day)), None)


def _refuse_shared_account(post: Post, claim: Claim) -> None:
    for tenure in post.tenures:
        if tenure.account == claim.account != "" and tenure.overlaps(
            claim.first_day, claim.last_day
        ):
            raise errors.AccountOfAnother(
                row=claim.row, account=claim.account, since=tenure.first_day
            )


def _renew(
    register: PostRegister, tenure: Tenure, claim: Claim, ctx: CommandContext, correct: bool
) -> str:
    """Bring a recorded tenure to what the row says."""
    account = claim.account or tenure.account
    first_day = min(tenure.first_day, claim.first_day)
    last_day = claim.last_day
    outdated = last_day != tenure.last_day and last_day in tenure.ends and not correct
    if outdated:
        last_day = tenure.last_day
    if (account, first_day, last_day) == (tenure.account, tenure.first_day, tenure.last_day):
        return "outdated" if outdated else "unchanged"
    only_ends = (account, first_day) == (tenure.account, tenure.first_day)
    if only_ends and tenure.last_day is None and last_day is not None:
        register.vacate(ctx, claim.post, tenure=tenure.number, last_day=last_day)
        return "applied"
    register.correct(
        ctx,
        claim.post,
        tenure=tenure.number,
        account=account,
        holder=tenure.holder,
        first_day=first_day,
        last_day=last_day,
    )
    return "applied"
