"""Who took part in a step: an account of the chain, or a person who has none, by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from ckbx.application.case_papers import Papers
from ckbx.application.case_people import by_account, chain_of, line_of
from ckbx.domain.case.case import Case
from ckbx.domain.case.people import Participant
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Role
from ckbx.web.api.types import Body, Loose, wrong
from ckbx.web.desk import WebDesk

_ROLES = "；".join(f"{role.value} {title}" for role, title in ROLE_TITLES.items())


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
    """Those who took part, as an event names them. Raises what ``by_account`` refuses."""
    chain = chain_of(desk.store.office, desk.context(), case)
    return [_participant(chain, papers, each, on) for each in people]


def _participant(chain: Directory, papers: Papers, each: Person, on: date) -> Participant:
    if each.name is not None and each.as_role is not None:
        return papers.person(each.name, line_of(each.as_role), each.as_role)
    return by_account(chain, each.account or "", on, each.as_role)
