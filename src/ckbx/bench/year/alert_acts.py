"""What people of the year do about alerts: acknowledge, close by hand, re-check a quarter."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application import alerts, rechecks
from ckbx.application.case_papers import Papers
from ckbx.bench.year.acts import BUREAU, Do, noted
from ckbx.bench.year.answers import Answer
from ckbx.bench.year.world import COUNTY, TITLES, Kid, Site, World
from ckbx.domain.alert.alert import Notice
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.recheck.events import Pick
from ckbx.domain.recheck.recheck import Population
from ckbx.domain.recheck.sampling import Quarter
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind, post_id


def answers(answer: Answer) -> Do:
    """Somebody it was told to says that it was seen, or that it is done."""

    def do(world: World, site: Site) -> None:
        account = site.account(answer.who)
        ctx, ids = world.office.context(account), [_alert(site, answer)]
        if answer.done:
            alerts.done(world.office, ctx, ids, account, ClosedBecause.DONE)
        else:
            alerts.acknowledge(world.office, ctx, ids, account)

    return do


def _alert(site: Site, answer: Answer) -> UUID:
    notice = Notice(
        kind=answer.kind,
        subject=_subject(site, answer),
        rule=answer.rule,
        rule_version=0,
        on=answer.told,
        key_day=answer.told,
    )
    return notice.stream(COUNTY)


def _subject(site: Site, answer: Answer) -> str:
    match answer.about:
        case Kid() as kid:
            return str(site.child(kid))
        case int(entry) if answer.kind == "post_vacant":
            scope = Scope(ScopeKind.CLASS, site.key(entry))
            return str(post_id(COUNTY, Line.EDUCATION, scope, TITLES[Role.CLASS_TEACHER]))
        case int(entry):
            return site.key(entry)
    return site.school


def audits(world: World, _site: Site) -> None:
    """The county closes the audit of last year by hand."""
    told = date(world.today().year, 1, 1)
    notice = Notice(
        kind="audit_due",
        subject=str(told.year - 1),
        rule="data_audit",
        rule_version=0,
        on=told,
        key_day=told,
    )
    ctx, ids = world.office.context("bureau"), [notice.stream(COUNTY)]
    alerts.done(world.office, ctx, ids, "bureau", ClosedBecause.DONE)


def rechecks_quarter(quarter: Quarter, kid: Kid) -> Do:
    """The county draws one closed case of a quarter and finds it as it was told."""

    def do(world: World, site: Site) -> None:
        office, today = world.office, world.today()
        pick = Pick(item="ab" * 16, kind="closure", child=site.child(kid))
        drawn = Population(as_of=today, position=1, known_at=1, closures=[pick])
        ctx = office.context("bureau")
        rechecks.draw_sample(office, ctx, quarter, drawn, seed="year", role=BUREAU)
        papers = Papers(world.store.vault)
        found = rechecks.Found(agrees=True, on=today, evidence=str(noted(papers, "已到校")))
        ctx = office.context("bureau")
        rechecks.record_result(office, ctx, quarter, pick.item, found, role=BUREAU, papers=papers)

    return do
