"""What people do on a case in the year: check, persuade, determine, bring back, fine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ckbx.application import cases, legal
from ckbx.application.case_papers import Papers
from ckbx.bench.year.acts import BUREAU, PRINCIPAL, TOWNSHIP, Do, noted
from ckbx.bench.year.world import COUNTY, Kid, Site, World
from ckbx.domain.case import follow_up, letters, persuasion, plan, verification
from ckbx.domain.case.case import case_stream
from ckbx.domain.case.codes import (
    FollowUpKind,
    FollowUpResult,
    LetterAnswer,
    Means,
    Met,
    Place,
    RoundOutcome,
    Tier,
)
from ckbx.domain.case.people import Participant
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding
from ckbx.domain.legal import service
from ckbx.domain.legal.codes import PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.service import Delivery
from ckbx.domain.legal.terms import Draft
from ckbx.domain.responsibility.post import Line, Role


def _works(
    kid: Kid, actor: str, act: Callable[[World, Site, date, Papers], cases.Act], episode: int = 1
) -> Do:
    def do(world: World, site: Site) -> None:
        papers = Papers(world.store.vault)
        cases.work_on(
            world.office,
            world.office.context(site.account(actor)),
            case_stream(COUNTY, site.child(kid), episode),
            act(world, site, world.today(), papers),
            papers=papers,
        )

    return do


def verifies(kid: Kid, finding: Finding = Finding.K) -> Do:
    """The principal's check."""
    return _works(
        kid,
        "head",
        lambda _w, _s, today, _p: (
            lambda work: verification.verify(
                work.case, work.ctx, role=PRINCIPAL, on=today, finding=finding, evidence_ref="p"
            )
        ),
    )


def names_cause(kid: Kid) -> Do:
    """Why the child stays away."""

    def act(_w: World, _s: Site, today: date, papers: Papers) -> cases.Act:
        ref = noted(papers, "厌学")
        return lambda work: plan.record_cause(
            work.case, work.ctx, role=PRINCIPAL, on=today, cause="01", ref=ref, primary=True
        )

    return _works(kid, "head", act)


def persuades(
    kid: Kid,
    tier: Tier,
    outcome: RoundOutcome = RoundOutcome.WAVERING,
    *,
    hour: str = "08:00",
    episode: int = 1,
) -> Do:
    """A round of persuasion at home, by two or three persons."""

    def act(_w: World, site: Site, today: date, _p: Papers) -> cases.Act:
        people = [
            Participant(line=Line.EDUCATION, role=Role.PRINCIPAL, account=site.account("head")),
            Participant(
                line=Line.EDUCATION, role=Role.CLASS_TEACHER, account=site.account(f"t{kid.entry}")
            ),
        ]
        if tier is not Tier.SCHOOL:
            role = Role.TOWNSHIP_OFFICER if tier is Tier.TOWNSHIP else Role.VILLAGE_OFFICER
            who = site.account("town" if tier is Tier.TOWNSHIP else "village")
            people.append(Participant(line=Line.GOVERNMENT, role=role, account=who))
        held = RoundHeld(
            on=today,
            hour=hour,
            tier=tier,
            place=Place.HOME,
            means=Means.VISIT,
            participants=people,
            met=[Met.MOTHER],
            outcome=outcome,
        )
        return cases.persuade(held, role=PRINCIPAL)

    return _works(kid, "head", act, episode)


def reports_failure(kid: Kid) -> Do:
    """The school's signed report after its own round failed."""

    def act(_w: World, _s: Site, today: date, papers: Papers) -> cases.Act:
        note = noted(papers, "两次上门，家长拒绝")
        return lambda work: persuasion.report(
            work.case, work.ctx, role=PRINCIPAL, on=today, document="校报〔2026〕1号", note=note
        )

    return _works(kid, "head", act)


def sends_letter(kid: Kid, reply_by: date) -> Do:
    """函 to where the child may be."""

    def act(_w: World, _s: Site, today: date, papers: Papers) -> cases.Act:
        ref = noted(papers, "外县教育局")
        return lambda work: letters.send_letter(
            work.case,
            work.ctx,
            role=BUREAU,
            on=today,
            document="教函〔2026〕1号",
            region="440100",
            reply_by=reply_by,
            addressee=ref,
        )

    return _works(kid, "bureau", act)


def hears_back(kid: Kid) -> Do:
    """复函."""
    return _works(
        kid,
        "bureau",
        lambda _w, _s, today, _p: (
            lambda work: letters.answer_letter(
                work.case,
                work.ctx,
                role=BUREAU,
                on=today,
                number=1,
                answer=LetterAnswer.NOT_THERE,
            )
        ),
    )


def determines(kid: Kid) -> Do:
    """辍学 determined by the county."""
    return _works(
        kid,
        "bureau",
        lambda _w, _s, today, _p: cases.determine(
            role=BUREAU, on=today, whereabouts=Whereabouts.WORK_OUTSIDE
        ),
    )


def comes_back(kid: Kid, episode: int = 1) -> Do:
    """返校 to the class it had."""
    return _works(
        kid,
        "head",
        lambda _w, site, today, _p: cases.bring_back(
            role=PRINCIPAL,
            on=today,
            placement=Placement.ORIGINAL_CLASS,
            class_key=site.key(kid.entry),
        ),
        episode,
    )


def confirms_return(kid: Kid, episode: int = 1) -> Do:
    """复学 is confirmed after the days attended."""
    return _works(kid, "head", lambda _w, _s, _t, _p: cases.confirm_return(role=PRINCIPAL), episode)


def follows_up(kid: Kid, kind: FollowUpKind = FollowUpKind.TALK, episode: int = 1) -> Do:
    """A follow-up of the 巩固期 by a person."""
    return _works(
        kid,
        f"t{kid.entry}",
        lambda _w, _s, today, _p: (
            lambda work: follow_up.follow_up(
                work.case,
                work.ctx,
                role=Role.CASE_TEACHER.value,
                on=today,
                kind=kind,
                result=FollowUpResult.STEADY,
            )
        ),
        episode,
    )


# Legal steps


def may_fine(world: World, _site: Site) -> None:
    """The county records by which document it may fine."""
    legal.record_basis(
        world.office,
        world.office.context("bureau"),
        matter="fine",
        document="县政规〔2026〕1号",
        on=world.today(),
        role=BUREAU,
    )


def issues(kid: Kid, kind: PaperKind, **fields: Any) -> Do:
    """A paper of the four steps: the school's first, then the township's."""

    def do(world: World, site: Site) -> None:
        own, today = kind.step == 1, world.today()
        draft = Draft(
            kind=kind,
            on=today,
            document=f"{kind.label}〔{today.year}〕{site.number + 1}号",
            issuer=site.school if own else site.township,
            **fields,
        )
        ctx = world.office.context(site.account("head" if own else "town"))
        role = PRINCIPAL if own else TOWNSHIP
        legal.issue_paper(world.office, ctx, _at(site, kid), draft, role=role)

    return do


def serves(kid: Kid, number: int) -> Do:
    """A paper is handed to the mother by two persons."""

    def do(world: World, site: Site) -> None:
        who, role = ("head", PRINCIPAL) if number == 1 else ("town", TOWNSHIP)
        delivery = Delivery(
            mode=ServiceMode.DIRECT,
            on=world.today(),
            place=site.village,
            evidence_ref="receipt-1",
            recipient=Recipient.MOTHER,
            recipient_ref="person-1",
            servers=(site.account("town"), site.account("village")),
        )
        legal.act(
            world.office,
            world.office.context(site.account(who)),
            _at(site, kid),
            lambda steps, ctx, law: service.serve(steps, ctx, number, delivery, role=role, law=law),
            role=role,
        )

    return do


def _at(site: Site, kid: Kid) -> legal.At:
    child = site.child(kid)
    return legal.At(Subject(case_stream(COUNTY, child, 1), child))
