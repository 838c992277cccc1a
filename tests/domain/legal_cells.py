"""Every state the four steps can be in, and every command, for the matrix test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ckbx.domain.legal.codes import PAPERS, AppealKind, AppealOutcome, PaperKind, SkipReason
from tests.support.legal import Steps, days, newest

K = PaperKind
START = date(2019, 3, 4)


def at(n: int) -> date:
    """The n-th calendar day of the story."""
    return days(START, n)


def _start(basis: bool = True) -> Steps:
    return Steps(date(2021, 1, 1), "县政规〔2018〕1号" if basis else None)


def noticed() -> Steps:
    steps = _start()
    steps.issue(at(0), K.PERSUASION_NOTICE, due_on=at(7))
    return steps


def notice_served(steps: Steps | None = None) -> Steps:
    steps = steps or _start()
    steps.give(at(0), K.PERSUASION_NOTICE, due_on=at(7))
    return steps


def ordered(steps: Steps | None = None) -> Steps:
    steps = notice_served(steps)
    steps.issue(at(8), K.ORDER_TO_ATTEND, due_days=10)
    return steps


def order_served(steps: Steps | None = None) -> Steps:
    steps = ordered(steps)
    steps.serve(at(8), 2)
    return steps


def told() -> Steps:
    steps = order_served()
    steps.give(at(19), K.FINE_NOTICE, amount=500)
    return steps


def hearing_asked() -> Steps:
    steps = told()
    steps.answer(at(20), 3, "hearing")
    return steps


def decided() -> Steps:
    steps = told()
    steps.issue(at(30), K.FINE_DECISION, amount=500, due_days=10, pay_by=at(45))
    return steps


def decision_served() -> Steps:
    steps = decided()
    steps.serve(at(30), 4)
    return steps


def appealed() -> Steps:
    steps = decision_served()
    steps.appeal(at(40), 4, AppealKind.REVIEW)
    return steps


def decision_revoked() -> Steps:
    steps = appealed()
    steps.end_appeal(at(60), 4, AppealOutcome.REVOKED)
    return steps


def reminded() -> Steps:
    steps = decision_served()
    steps.give(at(46), K.REMINDER)
    return steps


def applied() -> Steps:
    steps = reminded()
    steps.issue(at(230), K.ENFORCEMENT_APPLICATION)
    return steps


def granted() -> Steps:
    steps = applied()
    steps.give(at(240), K.ENFORCEMENT_GRANTED)
    return steps


def denied() -> Steps:
    steps = applied()
    steps.give(at(240), K.ENFORCEMENT_DENIED)
    return steps


def sued() -> Steps:
    steps = decision_served()
    steps.issue(at(50), K.COMPLAINT)
    return steps


def mediated() -> Steps:
    steps = sued()
    steps.give(at(60), K.MEDIATION, due_days=10)
    return steps


def complied() -> Steps:
    steps = order_served()
    steps.comply(at(12), 2)
    return steps


def away_again() -> Steps:
    steps = complied()
    steps.cease(at(20))
    return steps


def fine_skipped() -> Steps:
    steps = order_served(_start(basis=False))
    steps.skip(at(20), 3, SkipReason.NO_FINE_BASIS)
    return steps


def without_basis() -> Steps:
    return order_served(_start(basis=False))


def ground_gone() -> Steps:
    steps = told()
    steps.void_service(at(25), 2)
    return steps


STATES: dict[str, tuple[Callable[[], Steps], int]] = {
    "nothing": (_start, 0),
    "notice unserved": (noticed, 3),
    "notice running": (notice_served, 7),
    "notice lapsed": (notice_served, 8),
    "order unserved": (ordered, 9),
    "order running": (order_served, 18),
    "order lapsed": (order_served, 19),
    "order lapsed, no basis": (without_basis, 19),
    "fine skipped": (fine_skipped, 20),
    "told, may answer": (told, 20),
    "hearing asked": (hearing_asked, 40),
    "told, period over": (told, 30),
    "decision unserved": (decided, 31),
    "decision running": (decision_served, 45),
    "decision lapsed": (decision_served, 46),
    "appeal pending": (appealed, 50),
    "decision revoked": (decision_revoked, 61),
    "reminded, may appeal": (reminded, 100),
    "decision final": (reminded, 220),
    "window closed": (reminded, 330),
    "applied": (applied, 231),
    "granted": (granted, 241),
    "denied": (denied, 241),
    "sued": (sued, 51),
    "mediated": (mediated, 65),
    "mediation lapsed": (mediated, 71),
    "complied": (complied, 19),
    "away again": (away_again, 21),
    "ground gone": (ground_gone, 26),
}


def _issue(kind: PaperKind) -> Callable[[Steps, date], Any]:
    fields: dict[str, Any] = {}
    if PAPERS[kind].due in ("notice", "short", "open"):
        fields["due_days"] = 10
    if kind in (K.FINE_NOTICE, K.FINE_DECISION):
        fields["amount"] = 500

    def do(steps: Steps, on: date) -> None:
        more: dict[str, Any] = {"pay_by": days(on, 15)} if kind is K.FINE_DECISION else {}
        steps.issue(on, kind, **fields, **more)

    return do


def _last(steps: Steps) -> int:
    return max((p.number for p in steps.state.valid()), default=1)


def _of(kind: PaperKind, steps: Steps) -> int:
    return newest(steps, kind) if steps.state.valid(kind) else 1


COMMANDS: dict[str, Callable[[Steps, date], Any]] = {
    **{f"issue {kind.value}": _issue(kind) for kind in PaperKind},
    "serve": lambda s, on: s.serve(on, _last(s)),
    "fail to serve": lambda s, on: s.fail_service(on, _last(s)),
    "void service": lambda s, on: s.void_service(on, _last(s)),
    "revoke": lambda s, on: s.revoke(on, _last(s)),
    "promise": lambda s, on: s.promise(on, _last(s), days(on, 3)),
    "comply": lambda s, on: s.comply(on, _last(s)),
    "cease": lambda s, on: s.cease(on),
    "note lapse": lambda s, _on: s.note_lapse(_last(s)),
    "statement": lambda s, on: s.answer(on, _of(K.FINE_NOTICE, s), "statement"),
    "hearing": lambda s, on: s.hear(on, _of(K.FINE_NOTICE, s)),
    "appeal": lambda s, on: s.appeal(on, _of(K.FINE_DECISION, s), AppealKind.REVIEW),
    "appeal ends": lambda s, on: s.end_appeal(on, _of(K.FINE_DECISION, s), AppealOutcome.UPHELD),
    "skip 1": lambda s, on: s.skip(on, 1, SkipReason.UNREACHABLE),
    "skip 2": lambda s, on: s.skip(on, 2, SkipReason.DONE_BEFORE),
    "skip 3": lambda s, on: s.skip(on, 3, SkipReason.HARDSHIP),
}
