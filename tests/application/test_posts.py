"""Another person takes over a post of the chain from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.application.posts import HolderNameDiffers, take_over
from ckbx.application.unit import Unit
from ckbx.domain.responsibility.errors import TenureUnknown
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL, opened

SCOPE = Scope(ScopeKind.SCHOOL, SCHOOL)
DAY = timedelta(days=1)


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """A fresh store, once on SQLite and once on PostgreSQL."""
    with opened(store_url, tmp_path / "secrets") as store:
        yield store


def register(store: Store) -> PostRegister:
    stream = posts_stream(COUNTY, SCOPE)
    return PostRegister(stream, COUNTY).replay(store.log.load([stream]).get(stream, []))


def held_post(store: Store) -> UUID:
    """A principal's post that ``head1`` has held for a month."""
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
        own.hold(unit.ctx, post, account="head1", holder=uuid4(), first_day=since)
        made.append(post)
        return b"post"

    store.office.run(store.office.context("test"), decide)
    return made[0]


def hand_over(
    store: Store, post: UUID, account: str, name: str, days: int, tenure: int | None = None
) -> None:
    ctx = store.office.context("bureau")
    latest = max(t.number for t in register(store).posts[post].tenures)
    take_over(
        store.office,
        store.vault,
        ctx,
        scope=SCOPE,
        post=post,
        tenure=latest if tenure is None else tenure,
        account=account,
        name=name,
        first_day=store.office.today() + days * DAY,
    )


def holders(store: Store, post: UUID, days: int) -> list[str]:
    day = store.office.today() + days * DAY
    return [tenure.account for tenure in register(store).posts[post].holders(day)]


def test_the_former_holder_ends_the_day_before(store: Store) -> None:
    post = held_post(store)
    hand_over(store, post, "head2", "新校长", 3)
    assert holders(store, post, 2) == ["head1"]
    assert holders(store, post, 3) == ["head2"]


def test_a_person_is_filed_once_and_known_by_the_account(store: Store) -> None:
    post = held_post(store)
    hand_over(store, post, "head2", "新校长", 3)
    hand_over(store, post, "head3", "第三任", 10)
    with pytest.raises(HolderNameDiffers) as caught:
        hand_over(store, post, "head2", "另一个人", 20)
    assert "新校长" not in str(caught.value)
    hand_over(store, post, "head2", "新校长", 20)
    assert holders(store, post, 20) == ["head2"]
    first, again = (t.holder for t in register(store).posts[post].tenures if t.account == "head2")
    assert first == again


def test_a_refused_hand_over_files_nobody(store: Store) -> None:
    post = held_post(store)
    with pytest.raises(TenureUnknown):
        hand_over(store, post, "head9", "没有接", 3, tenure=99)
    assert store.vault.find("account", "head9") is None
