"""Who took part in a step on a case: an account of the chain that day, or a person without one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.routing import directory
from ckbx.application.unit import Unit
from ckbx.domain.case.case import Case
from ckbx.domain.case.people import Participant
from ckbx.domain.case.steps import LOCAL
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.personal import mask_numbers


class AccountUnknown(InputRefused):
    code = "case_account_unknown"
    message = (
        "责任链里没有 {day} 在任的账号 {account}：请核对账号，或先把这个人导入责任链；"
        "没有账号的人写明姓名和身份（命令里写“姓名=角色”）"
    )


def chain_of(office: Office, ctx: CommandContext, case: Case) -> Directory:
    """The posts that have to do with the child of a case."""
    unit = Unit(office.map, ctx)
    return directory(office, unit, school=case.school or "", child=str(case.child))


def by_account(chain: Directory, account: str, on: date, role: Role | None = None) -> Participant:
    """One who took part, by the post held that day (of ``role``, where it is said).

    Raises AccountUnknown.
    """
    posts = [p for p in chain.posts_of(account, on) if p.role is not Role.NOTIFIED]
    post = next((p for p in posts if role is None or p.role is role), None)
    if post is None:
        raise AccountUnknown(account=mask_numbers(account), day=on)
    return Participant(line=post.line, role=post.role, account=account)


def holder_of(chain: Directory, account: str, on: date) -> UUID:
    """The person an account stands for. Raises AccountUnknown."""
    found = chain.subject_of(account)
    if found is None:
        raise AccountUnknown(account=mask_numbers(account), day=on)
    return found


def line_of(role: Role) -> Line:
    """The line that somebody without a post stands on."""
    return Line.GOVERNMENT if role in LOCAL else Line.EDUCATION
