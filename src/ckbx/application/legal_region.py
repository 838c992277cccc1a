"""Does who acts on a legal step have to do with the place where the child lives?

A township answers for the children who live there (义务教育法 13), or whose 户籍 is there. What
the store does not know of a place, or of its posts, it does not ask for.
"""

from __future__ import annotations

from datetime import date

from ckbx.application.office import Office
from ckbx.application.routing import directory, place_of
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.legal.codes import Body
from ckbx.domain.legal.errors import IssuerElsewhere, NotThisTownship
from ckbx.domain.legal.events import PaperIssued
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.chain import region_scopes
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.shared.system_actors import is_account

_DIGITS = {Body.TOWNSHIP: 9, Body.VILLAGE: 12}


def check_officer(office: Office, unit: Unit, child: Child, role: str | None) -> None:
    """An officer of a township holds a post of the child's. Raises NotThisTownship.

    Asked of accounts only: who works at the store's own console is no account of the chain.
    """
    actor, day = unit.ctx.actor, unit.ctx.today
    if role != Role.TOWNSHIP_OFFICER or not is_account(actor):
        return
    townships = _townships(office, child, day)
    known = directory(office, unit, school=child.school or "", child=str(child.id))
    accounts = {
        tenure.account
        for scope in townships
        for post in known.posts_at(Line.GOVERNMENT, scope)
        for tenure in post.holders(day)
        if tenure.account
    }
    if accounts and actor not in accounts:
        raise NotThisTownship(
            township="、".join(scope.code for scope in townships),
            account=actor,
            holders="、".join(sorted(accounts)),
        )


def check_issuer(office: Office, unit: Unit, child: Child, steps: LegalSteps) -> None:
    """A paper of a township or village comes from one of the child's. Raises IssuerElsewhere."""
    for event in steps.pending_since(0):
        if not isinstance(event, PaperIssued):
            continue
        digits = _DIGITS.get(event.body)
        homes = [code[:digits] for code in _homes(office, child, unit.ctx.today)]
        known = [code for code in homes if len(code) == digits]
        if digits and known and event.issuer not in known:
            raise IssuerElsewhere(
                paper=event.kind.label, issuer=event.issuer, homes="、".join(dict.fromkeys(known))
            )


def _townships(office: Office, child: Child, day: date) -> list[Scope]:
    found = [
        scope
        for code in _homes(office, child, day)
        for scope in region_scopes(office.county, code)
        if scope.kind is ScopeKind.TOWNSHIP
    ]
    return list(dict.fromkeys(found))


def _homes(office: Office, child: Child, day: date) -> list[str]:
    """The regions of the county where the child lives and where its 户籍 is."""
    place = place_of(office, child, day)
    return [code for code in (place.home, place.other_home) if code]
