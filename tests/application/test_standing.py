"""What was held when a request was let in is held, too, when its command is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.application import accounts
from ckbx.application.office import Office
from ckbx.application.posts import take_over
from ckbx.application.standing import HeldPost, RightsEnded, SeatedContext, Standing, seated
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.account.codes import DisableReason, GrantedRole
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.school.school import School
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL, SmallCounty, opened

SCOPE = Scope(ScopeKind.SCHOOL, SCHOOL)
DAY = timedelta(days=1)
HEAD, OTHER, CONSOLE = "head1", "head2", "cli:root"
Revoke = Callable[[Store, Office, UUID], None]


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """A county whose accounts are opened, once on SQLite and once on PostgreSQL."""
    with opened(store_url, tmp_path / "secrets") as store:
        SmallCounty(store.office)
        context = store.office.context(CONSOLE)
        accounts.open_first_administrator(store.office, store.gate, context, "admin")
        names = [HEAD, OTHER, "chief"]
        accounts.open_accounts(store.office, store.gate, store.office.context(CONSOLE), names)
        yield store


@pytest.fixture
def post(store: Store) -> UUID:
    """The principal's post, held by ``head1`` since a month."""
    made: list[UUID] = []
    since = store.office.today() - 30 * DAY

    def decide(unit: Unit) -> bytes:
        own = unit.get(posts_stream(COUNTY, SCOPE), partial(PostRegister, county=COUNTY))
        post = own.establish(
            unit.ctx,
            line=Line.EDUCATION,
            scope=SCOPE,
            title="校长",
            level=2,
            role=Role.PRINCIPAL,
            since=since,
        )
        own.hold(unit.ctx, post, account=HEAD, holder=uuid4(), first_day=since)
        made.append(post)
        return b"post"

    store.office.run(store.office.context("test"), decide)
    return made[0]


@pytest.fixture
def grant(store: Store) -> int:
    """``head1`` is an inspector for a month, too."""
    today = store.office.today()
    return accounts.grant_role(
        store.office,
        store.gate,
        store.office.context("admin"),
        HEAD,
        GrantedRole.INSPECTOR,
        Scope(ScopeKind.COUNTY, COUNTY),
        first_day=today,
        last_day=today + 30 * DAY,
        approved_by="chief",
    )


def standing(post: UUID, grant: int) -> Standing:
    return Standing(HEAD, (HeldPost(SCOPE, post, Role.PRINCIPAL),), (grant,))


def hand_over(store: Store, office: Office, post: UUID) -> None:
    stream = posts_stream(COUNTY, SCOPE)
    register = PostRegister(stream, COUNTY).replay(store.log.load([stream])[stream])
    take_over(
        office,
        store.vault,
        office.context("bureau"),
        scope=SCOPE,
        post=post,
        tenure=register.posts[post].tenures[0].number,
        account=OTHER,
        name="新校长",
        first_day=office.today(),
    )


def withdraw(store: Store, office: Office, _post: UUID) -> None:
    accounts.withdraw_role(office, store.gate, office.context("admin"), HEAD, 1)


def disable(store: Store, office: Office, _post: UUID) -> None:
    why = DisableReason.LEFT
    accounts.disable(office, store.gate, office.context("admin"), HEAD, why)


def act(store: Store, ctx: CommandContext, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Call the school otherwise; ``meanwhile`` happens once, after the decision and before it is kept."""
    left = [meanwhile]

    def decide(unit: Unit) -> bytes:
        school = store.office.school(unit, SCHOOL)
        school.call(unit.ctx, school=SCHOOL, name="第二小学")
        if left:
            left.pop()()
        return b"called"

    store.office.run(ctx, decide)


def name_of(store: Store) -> str:
    stream = School.stream(COUNTY, SCHOOL)
    return School(stream).replay(store.log.load([stream])[stream]).name


@pytest.mark.parametrize("revoke", [hand_over, withdraw, disable])
def test_what_was_taken_between_check_and_act_refuses_the_act(
    store: Store, post: UUID, grant: int, revoke: Revoke
) -> None:
    ctx = seated(store.office.context(HEAD), standing(post, grant))
    revoke(store, store.office, post)
    head = store.log.head()
    with pytest.raises(RightsEnded) as caught:
        act(store, ctx)
    assert caught.value.code == "rights_ended"
    assert store.log.head() == head
    assert store.log.find_command(ctx.command_id) is None


@pytest.mark.parametrize("revoke", [hand_over, withdraw, disable])
def test_what_another_process_takes_while_the_act_is_decided_refuses_it(
    store: Store, post: UUID, grant: int, revoke: Revoke
) -> None:
    ctx = seated(store.office.context(HEAD), standing(post, grant))
    other = Office(store.log, store.clock)
    before = name_of(store)
    with pytest.raises(RightsEnded):
        act(store, ctx, meanwhile=lambda: revoke(store, other, post))
    assert name_of(store) == before
    assert store.log.find_command(ctx.command_id) is None


@pytest.mark.parametrize("revoke", [hand_over, withdraw, disable])
def test_without_a_standing_the_same_act_goes_through(
    store: Store, post: UUID, grant: int, revoke: Revoke
) -> None:
    """The control: it is the standing alone that refuses."""
    assert grant == 1
    revoke(store, Office(store.log, store.clock), post)
    act(store, store.office.context(HEAD))
    assert name_of(store) == "第二小学"


def test_what_is_still_held_lets_act_and_costs_no_question_to_the_log(
    store: Store, post: UUID, grant: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(store, seated(store.office.context(HEAD), standing(post, grant)))
    assert name_of(store) == "第二小学"
    asked: list[object] = []
    load: Callable[[Sequence[UUID]], dict[UUID, list[DomainEvent]]] = store.log.load

    def counted(streams: Sequence[UUID]) -> dict[UUID, list[DomainEvent]]:
        asked.append(streams)
        return load(streams)

    monkeypatch.setattr(store.log, "load", counted)

    def nothing(unit: Unit) -> None:
        assert isinstance(unit.ctx, SeatedContext)

    store.office.run(seated(store.office.context(HEAD), standing(post, grant)), nothing)
    assert asked == []


def test_an_ended_session_or_a_day_too_late_refuses(store: Store, post: UUID, grant: int) -> None:
    ended = Standing(HEAD, live=lambda: False)
    with pytest.raises(RightsEnded):
        act(store, seated(store.office.context(HEAD), ended))
    assert isinstance(store.clock, FixedClock)
    late = store.office.context(HEAD, today=store.office.today() + 31 * DAY)
    with pytest.raises(RightsEnded):
        act(store, seated(late, standing(post, grant)))


def test_an_act_that_loads_the_own_account_anew_rests_on_what_it_was_let_in_by(
    store: Store, post: UUID, grant: int
) -> None:
    """Another process withdrew; the act extends the very stream that says so."""
    store.office.run(seated(store.office.context(HEAD), standing(post, grant)), lambda _: None)
    withdraw(store, Office(store.log, store.clock), post)
    ctx = seated(store.office.context(HEAD), standing(post, grant))
    with pytest.raises(RightsEnded):
        accounts.issue_code(store.office, store.gate, ctx, HEAD)
