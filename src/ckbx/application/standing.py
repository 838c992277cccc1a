"""Does who acts still hold what let it act? Asked inside the command, not before it.

A request is let in by the posts and grants of its beginning. What it then writes rests on the
streams these stand in: they are folded anew where they moved, the append expects them as they
were folded, and one ground that is gone refuses the command (reliability §8, row 72).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec

from ckbx.application.unit import Unit
from ckbx.domain.account.account import Account
from ckbx.domain.responsibility.post import Scope
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.errors import RuleRefusal
from ckbx.domain.shared.event import CommandContext


class RightsEnded(RuleRefusal):
    """ids: account."""

    code = "rights_ended"
    message = (
        "账号 {account} 的岗位、权限或登录在提交时刚刚有了变动，这一次没有记录。"
        "请重新打开页面，看现在还能办什么；不该变动的请告诉系统管理员"
    )


class HeldPost(NamedTuple):
    """A post that was held, in the role it then gave."""

    scope: Scope
    post: UUID
    role: str


def always() -> bool:
    """What has no session, or none that ends."""
    return True


class Standing(msgspec.Struct, frozen=True):
    """On what an account was let in: its posts and the numbers of its grants.

    ``live`` says whether its session, or the token of its program, still runs.
    """

    account: str
    posts: tuple[HeldPost, ...] = ()
    grants: tuple[int, ...] = ()
    live: Callable[[], bool] = always

    def require(self, unit: Unit, county: str) -> None:
        """Let the command rest on all of it, on the unit's day. Raises RightsEnded."""
        streams = {post: posts_stream(county, post.scope) for post in self.posts}
        own = Account.stream(county, self.account)
        make = partial(PostRegister, county=county)
        registers = unit.get_many(dict.fromkeys(streams.values(), make))
        account = unit.get(own, Account)
        for aggregate in (account, *registers.values()):
            unit.depend(aggregate)
        if not (
            account.is_active
            and all(self._holds(registers[at], held, unit) for held, at in streams.items())
            and self._granted(account, unit)
            and self.live()
        ):
            raise RightsEnded(account=self.account)

    def _holds(self, register: PostRegister, held: HeldPost, unit: Unit) -> bool:
        post = register.posts.get(held.post)
        if post is None or post.role != held.role:
            return False
        return any(t.account == self.account for t in post.holders(unit.ctx.today))

    def _granted(self, account: Account, unit: Unit) -> bool:
        today = {grant.number for grant in account.grants_on(unit.ctx.today)}
        return today.issuperset(self.grants)


class SeatedContext(CommandContext, frozen=True, kw_only=True):
    """The context of somebody who was let in, with what that rested on."""

    standing: Standing


def seated(ctx: CommandContext, standing: Standing) -> SeatedContext:
    """The same context, resting on a standing."""
    fields = {name: getattr(ctx, name) for name in ctx.__struct_fields__ if name != "standing"}
    return SeatedContext(**fields, standing=standing)


def another(ctx: CommandContext) -> CommandContext:
    """The context of one more command of the same act: same person, same standing."""
    return msgspec.structs.replace(ctx, command_id=uuid4())
