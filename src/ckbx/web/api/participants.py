"""Who took part in a step: an account of the chain, or a person who has none, by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from ckbx.application.case_papers import Papers
from ckbx.application.routing import directory
from ckbx.application.unit import Unit
from ckbx.domain.case.case import Case
from ckbx.domain.case.people import Participant
from ckbx.domain.case.steps import LOCAL, ROLE_TITLES
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.personal import mask_numbers
from ckbx.web.api.types import Body, Loose, wrong
from ckbx.web.desk import WebDesk

_ROLES = "；".join(f"{role.value} {title}" for role, title in ROLE_TITLES.items())


class AccountNotThere(InputRefused):
    """ids: account, day."""

    code = "account_unknown"
    message = "责任链里没有 {day} 在任的账号 {account}：请核对账号；没有账号的人写 name 和 as_role"


class Person(Body):
    """One who took part: ``account``, or ``name`` and ``as_role``."""

    account: str | None = Field(None, min_length=1, max_length=64, description="责任链里的账号")
    name: str | None = Field(
        None, min_length=1, max_length=60, description="没有账号的人的姓名，只存入个人信息库"
    )
    as_role: Annotated[Role, Loose] | None = Field(None, description="他的身份：" + _ROLES)

    @model_validator(mode="after")
    def _one_of_both(self) -> Person:
        if (self.account is None) == (self.name is None):
            raise wrong(kind="person")
        if self.name is not None and self.as_role is None:
            raise wrong(kind="person")
        return self


def participants(
    desk: WebDesk, case: Case, papers: Papers, people: Sequence[Person], on: date
) -> list[Participant]:
    """Those who took part, as an event names them. Raises AccountNotThere."""
    office = desk.store.office
    unit = Unit(office.map, desk.context())
    chain = directory(office, unit, school=case.school or "", child=str(case.child))
    found = []
    for each in people:
        if each.name is not None and each.as_role is not None:
            line = Line.GOVERNMENT if each.as_role in LOCAL else Line.EDUCATION
            found.append(papers.person(each.name, line, each.as_role))
            continue
        account = each.account or ""
        posts = [p for p in chain.posts_of(account, on) if p.role is not Role.NOTIFIED]
        post = next((p for p in posts if each.as_role in (None, p.role)), None)
        if post is None:
            raise AccountNotThere(account=mask_numbers(account), day=on)
        found.append(Participant(line=post.line, role=post.role, account=account))
    return found
