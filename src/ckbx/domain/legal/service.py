"""送达: serving a paper, failing to, and correcting what was recorded of it.

A paper that was served is never changed; a service recorded by mistake is put aside by a
correcting event with its reason, and recorded anew.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec

from ckbx.domain.legal import errors
from ckbx.domain.legal import events as e
from ckbx.domain.legal.checks import check_code, check_day, check_place, check_refs, check_role
from ckbx.domain.legal.checks import the_paper as find
from ckbx.domain.legal.codes import (
    GUARDIANS,
    PAPERS,
    CorrectionReason,
    Recipient,
    ServiceFailure,
    ServiceMode,
)
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.periods import Law
from ckbx.domain.legal.terms import term_bounds
from ckbx.domain.legal.words import who
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.shared.event import CommandContext

_M = ServiceMode
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_IN_PERSON = {
    _M.DIRECT: GUARDIANS,
    _M.HOUSEHOLD: (Recipient.ADULT_RELATIVE, Recipient.FATHER, Recipient.MOTHER),
    _M.LEFT: tuple(Recipient),
}


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A 送达回证. ``on``: the day handed over, left, posted or published; ``at``: HH:MM.

    ``received_on`` is that of the postal receipt; ``servers`` are accounts or vault refs.
    """

    mode: ServiceMode
    on: date
    place: str
    evidence_ref: str
    at: str | None = None
    received_on: date | None = None
    recipient: Recipient | None = None
    recipient_ref: str | None = None
    servers: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    refused: bool = False


def serve(
    state: LegalSteps, ctx: CommandContext, number: int, delivery: Delivery, *, role: str, law: Law
) -> None:
    """Record the service of a paper. Raises the refusal that names what is missing."""
    paper = find(state, number)
    label = paper.kind.label
    _check_servable(paper, role)
    check_day(ctx, delivery.on, "送达", after=paper.issued_on, before=label)
    check_refs("送达", "送达回证", "送达人", delivery.evidence_ref, delivery.recipient_ref)
    check_place(delivery.place)
    _check_hour(delivery.at)
    for name in (*delivery.servers, *delivery.witnesses):
        check_code("送达人、见证人", name)
    _check_people(paper, delivery)
    pack = law.rules_on(paper.issued_on).pack
    effective = _effective(paper, ctx, delivery, pack)
    _check_time_left(paper, effective, pack)
    state.trigger_event(
        e.PaperServed,
        ctx,
        occurred_on=delivery.on,
        paper=number,
        mode=delivery.mode,
        effective_on=effective,
        place=delivery.place,
        at=delivery.at,
        recipient=delivery.recipient,
        recipient_ref=delivery.recipient_ref,
        servers=list(delivery.servers),
        witnesses=list(delivery.witnesses),
        refused=delivery.refused,
        evidence_ref=delivery.evidence_ref,
    )


def _check_hour(at: str | None) -> None:
    if at is not None and not _HOUR.fullmatch(at):
        raise errors.PersonalTextRefused(field="送达时刻（如 15:30）")


def _check_servable(paper: Paper, role: str) -> None:
    label, info = paper.kind.label, PAPERS[paper.kind]
    check_role(role, info.roles, f"送达{label}")
    if info.filed:
        raise errors.WrongPaper(paper=label, action="向监护人送达（它交法院）")
    if paper.service is not None:
        raise errors.AlreadyServed(paper=label, served=paper.service.served_on)


def _check_people(paper: Paper, delivery: Delivery) -> None:
    mode, servers = delivery.mode, set(delivery.servers)
    together = servers | set(delivery.witnesses)
    if delivery.refused and mode != _M.LEFT:
        raise errors.RefusedMeansLeft(mode=mode.label)
    if mode == _M.LEFT and not delivery.refused:
        raise errors.RefusalNotNoted
    allowed = _IN_PERSON.get(mode)
    if allowed is not None:
        if delivery.recipient not in allowed:
            names = "、".join(r.label for r in allowed)
            raise errors.RecipientWrong(mode=mode.label, allowed=names)
        if not delivery.recipient_ref:
            raise errors.ReferenceMissing(action="送达", what="收件人", who="送达人")
    if PAPERS[paper.kind].by_court:  # the court serves; its receipt is the proof
        return
    several = mode in (_M.DIRECT, _M.HOUSEHOLD) and paper.step > 1
    if mode == _M.LEFT and len(together) < 2:
        raise errors.ServersMissing(
            mode=mode.label, needed="两名送达人，或送达人和见证人共两名以上", who=who(paper.kind)
        )
    if len(servers) < (2 if several else 1):
        needed = "两名送达人" if several else "送达人"
        raise errors.ServersMissing(mode=mode.label, needed=needed, who=who(paper.kind))


def _effective(paper: Paper, ctx: CommandContext, delivery: Delivery, pack: RulePack) -> date:
    """The day from which the law counts."""
    if delivery.mode == _M.POSTED:
        if delivery.received_on is None:
            raise errors.ReceiptMissing
        check_day(ctx, delivery.received_on, "收件", after=delivery.on, before="投邮")
        return delivery.received_on
    if delivery.mode != _M.PUBLIC:
        return delivery.on
    if not any(day <= delivery.on for day in paper.failures):
        raise errors.PublicNoticeTooEarly
    if paper.due_on is not None:
        raise errors.PublicNoticeNeedsDays(paper=paper.kind.label, who=who(paper.kind))
    return delivery.on + timedelta(days=pack.public_notice_days)


def _check_time_left(paper: Paper, effective: date, pack: RulePack) -> None:
    """The guardian has at least the shortest term from the day the service counts."""
    bounds = term_bounds(paper.kind, pack)
    if bounds is None or paper.due_on is None:
        return
    days = (paper.due_on - effective).days
    if days < bounds[0]:
        raise errors.ServedTooLate(
            paper=paper.kind.label,
            deadline=paper.due_on,
            days=days,
            low=bounds[0],
            who=who(paper.kind),
        )


def fail_service(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    reason: ServiceFailure,
    place: str,
    servers: tuple[str, ...],
    evidence_ref: str,
    role: str,
) -> None:
    """An attempt that came to nothing: what public notice must rest on."""
    paper = find(state, number)
    _check_servable(paper, role)
    check_day(ctx, on, "送达未成", after=paper.issued_on, before=paper.kind.label)
    check_refs("登记送达未成", "走访记录或退件", "送达人", evidence_ref, *servers)
    check_place(place)
    if not servers and not PAPERS[paper.kind].by_court:
        raise errors.ServersMissing(mode="送达未成", needed="送达人", who=who(paper.kind))
    state.trigger_event(
        e.ServiceFailed,
        ctx,
        occurred_on=on,
        paper=number,
        reason=reason,
        place=place,
        servers=list(servers),
        evidence_ref=evidence_ref,
    )


def void_service(
    state: LegalSteps,
    ctx: CommandContext,
    number: int,
    *,
    on: date,
    reason: CorrectionReason,
    text_ref: str,
    role: str,
) -> None:
    """A service recorded by mistake is put aside; what rested on it loses its ground."""
    paper = find(state, number)
    label = paper.kind.label
    check_role(role, PAPERS[paper.kind].roles, f"更正{label}的送达")
    if paper.service is None:
        raise errors.NotServedYet(paper=label, action="更正送达", who=who(paper.kind))
    check_day(ctx, on, "更正", after=paper.service.served_on, before="送达")
    check_refs("更正送达", "更正理由", who(paper.kind), text_ref)
    state.trigger_event(
        e.ServiceVoided,
        ctx,
        occurred_on=on,
        paper=number,
        service=paper.service.event,
        reason=reason,
        text_ref=text_ref,
    )
