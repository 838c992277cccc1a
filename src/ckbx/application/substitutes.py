"""代课: somebody of the school holds a class post for one day, beside the class teacher.

A tenure of one day in the responsibility chain: the substitute calls the roll and is told what
the class teacher is told, and both end by themselves with the day.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.responsibility.post import Post, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.errors import RuleRefusal
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

NAMED = b"substitute"
LONGEST_AHEAD = timedelta(days=31)


class NoClassPost(RuleRefusal):
    """ids: class_name."""

    code = "no_class_post"
    message = "{class_name}还没有设班主任岗位，不能指定代课。请学校先在责任链中设岗"


class SubstituteDayWrong(RuleRefusal):
    """ids: day, today."""

    code = "substitute_day_wrong"
    message = "代课日期 {day} 不能用：从今天（{today}）起一个月内"


def name(
    office: Office,
    ctx: CommandContext,
    *,
    class_key: str,
    class_name: str,
    account: str,
    holder: UUID,
    day: date,
) -> Appended:
    """Give the class post to a person for one day; who holds it that day anyway changes nothing.

    Raises NoClassPost, SubstituteDayWrong.
    """
    if not ctx.today <= day <= ctx.today + LONGEST_AHEAD:
        raise SubstituteDayWrong(day=day, today=ctx.today)
    covers = Scope(ScopeKind.CLASS, class_key)

    def decide(unit: Unit) -> bytes | None:
        stream = posts_stream(office.county, covers)
        register = unit.get(stream, lambda id_: PostRegister(id_, office.county))
        post = class_post(register, covers, day)
        if post is None:
            raise NoClassPost(class_name=class_name)
        if any(tenure.holder == holder for tenure in post.holders(day)):
            return None
        register.hold(
            unit.ctx, post.id, account=account, holder=holder, first_day=day, last_day=day
        )
        return NAMED

    return office.run(ctx, decide)


def class_post(register: PostRegister, covers: Scope, day: date) -> Post | None:
    """The post of the 班主任 of a class that stands on a day."""
    found = (
        post
        for post in register.posts.values()
        if post.scope == covers and post.role is Role.CLASS_TEACHER and post.stands(day)
    )
    return next(found, None)
