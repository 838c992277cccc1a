"""责任链: which posts are there, who holds them, which are vacant; and handing one over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.accounts import load_accounts
from ckbx.application.posts import take_over
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.answer import State
from ckbx.domain.responsibility.post import REGIONS, Post, Scope, ScopeKind, Tenure
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.accounts.listing import covers_words
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission
from projections import responsibility, roll_call_completeness
from projections.responsibility import PostRow

_VIEW = ("web:chains", "查看责任链")
VACANCIES: Final = 50


class PostLine(msgspec.Struct, frozen=True, kw_only=True):
    """One holder of a post, or a post without one."""

    row: PostRow
    covers: str
    name: str
    opened: bool

    @property
    def is_vacant(self) -> bool:
        """Whether nobody holds it."""
        return self.row.state is State.VACANT


def list_page(desk: WebDesk, wanted: str) -> Response:
    """The posts of one school, or of the county, its townships and villages."""
    with desk.look(*_VIEW) as look:
        choices = desk.school_choices(look)
        whole = desk.scope.everything
        if wanted and wanted not in dict(choices):
            raise NotThere
        school = wanted or ("" if whole else choices[0][0] if choices else "")
        rows = [
            row
            for row in responsibility.ledger(look.reading, desk.scope, **look.at)
            if row.covers.kind is not ScopeKind.STUDENT
        ]
        over = _over(desk, look, school) if school else frozenset()
        here = [
            row for row in rows if _school_of(row.covers) == school and row.covers.code not in over
        ]
        vacant = [row for row in rows if row.state is State.VACANT][:VACANCIES]
        lines = _lines(desk, look, [*here, *vacant])
        return desk.html(
            "chains/chains.html",
            **base(desk, look, "责任链"),
            schools=choices,
            school=school,
            whole=whole,
            lines=lines[: len(here)],
            vacant=lines[len(here) :],
            unset=_unset(desk, look, school, over) if school else [],
            may_change=_may_change(desk),
        )


def post_page(
    desk: WebDesk, id_: str, draft: Draft | None = None, status: int = 200, *, done: bool = False
) -> Response:
    """One post, with those who held it, and handing it over; ``done``: it was handed over."""
    with desk.look(*_VIEW) as look:
        post = _post(desk, look, id_)
        holders = post.holders(desk.today)
        people = look.people([tenure.holder for tenure in post.tenures])
        return desk.html(
            "chains/chain_post.html",
            status,
            **base(desk, look, post.title),
            post=post,
            covers=covers_words(look, post.scope, look.school_names(), school_year_of(desk.today)),
            holders=holders,
            people=people,
            choices=[
                (t.number, f"{people[t.holder].name}（{t.account or '没有账号'}）") for t in holders
            ],
            draft=draft or Draft(),
            done=done,
        )


def hand_over(desk: WebDesk, id_: str, form: Posted) -> Response:
    """Somebody else takes the post over from a day on."""
    with desk.look(*_VIEW) as look:
        post = _post(desk, look, id_)
    account, name = form.needed("account", "接任的账号"), form.needed("name", "接任的姓名")
    first = form.day("first", "从哪天起接任")
    tenure = _relieved(post, form.text("tenure"), desk)
    if post.holders(desk.today) and tenure is None:
        form.wrong("tenure", "请选择接谁的班")
    if not form.fine or first is None:
        return post_page(desk, id_, form.draft(), 422)
    try:
        done = take_over(
            desk.store.office,
            desk.store.vault,
            desk.context(form.command),
            scope=post.scope,
            post=post.id,
            tenure=tenure.number if tenure else None,
            account=account,
            name=name,
            first_day=first,
        )
    except CkbxError as error:
        return post_page(desk, id_, form.draft(error), 422)
    return desk.done(f"/chains/{id_}?done=1", done.position)


def _relieved(post: Post, number: str, desk: WebDesk) -> Tenure | None:
    return next((t for t in post.holders(desk.today) if str(t.number) == number), None)


def _may_change(desk: WebDesk) -> bool:
    """Chains are the county's: whoever imports for all of it."""
    return desk.viewer.scope(Permission.IMPORT).everything


def _post(desk: WebDesk, look: Look, id_: str) -> Post:
    try:
        wanted = UUID(id_)
    except ValueError:
        raise NotThere from None
    post = responsibility.directory(look.reading, look.position).posts.get(wanted)
    if post is None or not _may_change(desk) or post.scope.kind is ScopeKind.STUDENT:
        raise NotThere
    return post


def _school_of(scope: Scope) -> str:
    return "" if scope.kind in REGIONS else scope.code.split("/", 1)[0]


def _lines(desk: WebDesk, look: Look, rows: Sequence[PostRow]) -> list[PostLine]:
    people: Any = look.people([row.holder for row in rows])
    accounts = load_accounts(desk.store.office, {row.account for row in rows if row.account})
    names, year = look.school_names(), school_year_of(desk.today)
    return [
        PostLine(
            row=row,
            covers=covers_words(look, row.covers, names, year),
            name=people[row.holder].name if row.holder else "",
            opened=bool(row.account and accounts[row.account].name),
        )
        for row in rows
    ]


def _over(desk: WebDesk, look: Look, school: str) -> frozenset[str]:
    """The classes of a school that are there no more: they need nobody. Those to come do."""
    mine, year = desk.scope.narrowed([school]), school_year_of(desk.today)
    there = roll_call_completeness.class_days(look.reading, mine, instant=look.instant, **look.at)
    now = {each.class_key for each in there}
    ever = roll_call_completeness.class_keys(look.reading, mine, position=look.position)
    return frozenset(k for k in ever if k not in now and split_class_key(k)[1] <= year)


def _unset(desk: WebDesk, look: Look, school: str, over: frozenset[str]) -> list[str]:
    """未设: where the school never had anybody."""
    ever = roll_call_completeness.class_keys(
        look.reading, desk.scope.narrowed([school]), position=look.position
    )
    keys = [key for key in ever if key not in over]
    known = responsibility.directory(look.reading, look.position)
    names, year = look.school_names(), school_year_of(desk.today)
    return [
        covers_words(look, scope, names, year)
        if scope.code
        else "学区（还没有说明哪个学区领导本校）"
        for scope in known.unset_of_school(school, keys, desk.today)
    ]
