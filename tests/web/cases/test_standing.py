"""Revoked between the check of a request and its act: a page, a session and a token are refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from ckbx.application import accounts
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.account.codes import DisableReason
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from tests.support.case_county import CaseCounty
from tests.web.api.asking import BASE, of
from tests.web.cases.visiting import Visitor

HELPER = "helper"
CONTACT = {"means": "call", "met": ["mother"], "note": "在外婆家"}
Revoke = Callable[[CaseCounty, Visitor], None]


def vacate(county: CaseCounty, _: Visitor) -> None:
    """Another process records that the post is no longer the helper's."""
    stream = posts_stream(county.office.county, Scope(ScopeKind.STUDENT, str(county.child)))
    other = Office(county.store.log, county.office.clock)

    def decide(unit: Unit) -> bytes:
        register = unit.get(stream, partial(PostRegister, county=county.office.county))
        (post,) = register.posts.values()
        register.void(unit.ctx, post.id, tenure=post.tenures[0].number)
        return b"gone"

    other.run(other.context("bureau"), decide)


def disable(county: CaseCounty, _: Visitor) -> None:
    store, why = county.store, DisableReason.LEFT
    other = Office(store.log, county.office.clock)
    accounts.disable(other, store.gate, other.context("admin"), HELPER, why)


def sign_out(county: CaseCounty, teacher: Visitor) -> None:
    county.store.gate.sessions.end_all(HELPER)


def revoke_tokens(county: CaseCounty, _: Visitor) -> None:
    county.store.gate.tokens.revoke_all(HELPER, by="admin")


def nothing(_county: CaseCounty, _: Visitor) -> None:
    """The control."""


def between(
    monkeypatch: pytest.MonkeyPatch, county: CaseCounty, happens: Callable[[], None]
) -> None:
    """Have something happen after the request was let in and before its command is decided."""
    run = county.office.run

    def later(ctx: Any, decide: Any) -> Any:
        monkeypatch.setattr(county.office, "run", run)
        happens()
        return run(ctx, decide)

    monkeypatch.setattr(county.office, "run", later)


@pytest.mark.parametrize("revoke", [vacate, disable, sign_out])
def test_a_form_is_refused_and_keeps_what_was_typed(
    county: CaseCounty, teacher: Visitor, monkeypatch: pytest.MonkeyPatch, revoke: Revoke
) -> None:
    fields = {**teacher.form("contact"), **CONTACT}
    version = teacher.case().version
    between(monkeypatch, county, lambda: revoke(county, teacher))
    answer = teacher.send("contact", fields)
    assert answer.status_code == 422
    assert "刚刚有了变动" in answer.text
    assert "在外婆家" in answer.text
    assert teacher.case().version == version


def test_a_form_is_taken_where_nothing_happened(
    county: CaseCounty, teacher: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    fields = {**teacher.form("contact"), **CONTACT}
    version = teacher.case().version
    between(monkeypatch, county, lambda: nothing(county, teacher))
    assert teacher.send("contact", fields).status_code == 303
    assert teacher.case().version == version + 1


@pytest.mark.parametrize("revoke", [vacate, disable, revoke_tokens, nothing])
def test_a_program_is_refused(
    county: CaseCounty, teacher: Visitor, monkeypatch: pytest.MonkeyPatch, revoke: Revoke
) -> None:
    client = of(county.store, HELPER)
    version = teacher.case().version
    body = {**CONTACT, "on": county.office.today().isoformat()}
    between(monkeypatch, county, lambda: revoke(county, teacher))
    key = {"Idempotency-Key": str(uuid4())}
    answer = client.post(f"{BASE}{teacher.path()}/contacts", json=body, headers=key)
    if revoke is nothing:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "rights_ended")
    assert teacher.case().version == version
