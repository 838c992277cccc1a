"""What people of the year do before there is a case: the focus list, calls and home visits."""

from __future__ import annotations

from datetime import date

from ckbx.application import focus, home_visits
from ckbx.bench.year.acts import PRINCIPAL, Do
from ckbx.bench.year.world import Kid, Site, World
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.child.home_visit import Visit
from ckbx.domain.responsibility.post import Role

TEACHER = Role.CLASS_TEACHER.value


def is_listed(kid: Kid) -> Do:
    """The school keeps an eye on a child from today."""

    def do(world: World, site: Site) -> None:
        ctx, reason = world.office.context(site.account("head")), FocusReason.SCHOOL
        child = site.child(kid)
        focus.put_on(world.office, ctx, child, role=PRINCIPAL, on=world.today(), reason=reason)

    return do


def is_called(kid: Kid, absent_on: date, *, reached: bool) -> Do:
    """The class teacher rings the guardian about an absence."""

    def do(world: World, site: Site) -> None:
        focus.tried(
            world.office,
            world.office.context(site.account(f"t{kid.entry}")),
            [site.child(kid)],
            role=TEACHER,
            absent_on=absent_on,
            reached=reached,
        )

    return do


def is_visited(kid: Kid) -> Do:
    """The class teacher goes to the family of a child that is away, today."""

    def do(world: World, site: Site) -> None:
        office, met = world.office, [Met.MOTHER]
        made = Visit(on=world.today(), met=met, outcome=RoundOutcome.WAVERING)
        ctx = office.context(site.account(f"t{kid.entry}"))
        home_visits.record(office, ctx, site.child(kid), made, role=TEACHER)

    return do
