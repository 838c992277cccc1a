"""What a paper says of the legal steps: its own number and term, how a paper was served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from ckbx.domain.legal import events as le
from ckbx.domain.legal.codes import PAPERS, PaperKind
from ckbx.ledgers.case_words import NOTE, label
from ckbx.ledgers.paper_case import Facts, day_text

Values = dict[str, Any]
_K = PaperKind
PAPER_KINDS: Final = {
    "persuasion_notice": _K.PERSUASION_NOTICE,
    "commitment": _K.PLEDGE,
    "order_to_school": _K.ORDER_TO_ATTEND,
    "return_deadline": _K.ORDER_TO_RETURN,
}


def legal_values(paper: str, told: Facts) -> Values:
    """The list of papers; and where this paper was issued, its number, day and term."""
    gone = {event.paper for event in told.of(le.PaperRevoked)}
    issued = [event for event in told.of(le.PaperIssued) if event.paper not in gone]
    served = {event.paper: event for event in told.of(le.PaperServed)}
    voided = {event.service for event in told.of(le.ServiceVoided)}
    served = {n: event for n, event in served.items() if event.event_id not in voided}
    values: Values = {"法律文书": [_line(told, event, served.get(event.paper)) for event in issued]}
    for event in issued:
        if event.kind is PAPER_KINDS.get(paper):
            values |= _own(event)
    if paper == "service_receipt" and (event := _to_serve(issued, served)):
        values |= _own(event) | {"文书名称": event.kind.label}
        if service := served.get(event.paper):
            values |= _receipt(told, service)
    return values


def _to_serve(
    issued: Sequence[le.PaperIssued], served: Mapping[int, le.PaperServed]
) -> le.PaperIssued | None:
    """The paper that a receipt is of: the newest that waits to be served, else that was."""
    able = [event for event in issued if not PAPERS[event.kind].filed]
    waiting = [event for event in able if event.paper not in served]
    return next(reversed(waiting or able), None)


def _own(event: le.PaperIssued) -> Values:
    due = day_text(event.due_on) or (f"送达后{event.due_days}日" if event.due_days else "")
    return {"文号": event.document, "发文日期": day_text(event.occurred_on), "限期": due}


def _receipt(told: Facts, service: le.PaperServed) -> Values:
    hour = f" {service.at}" if service.at else ""
    return {
        "送达时间": f"{day_text(service.occurred_on)}{hour}",
        "送达方式": service.mode.label,
        "受送达人": _note(told, service.recipient_ref),
        "送达人": "、".join(_who(told, each) for each in service.servers),
        "见证人": "、".join(_who(told, each) for each in service.witnesses),
    }


def _line(told: Facts, event: le.PaperIssued, service: le.PaperServed | None) -> dict[str, str]:
    ends = [e for e in told.of(le.GuardianComplied, le.LapseNoted) if e.paper == event.paper]
    return {
        "文书": event.kind.label,
        "文号": event.document,
        "日期": str(event.occurred_on),
        "送达": f"{label(service.mode)} {service.occurred_on}" if service else "",
        "期限": str(event.due_on or ""),
        "结果": ends[-1].TITLE if ends else "",
    }


def _note(told: Facts, ref: str | None) -> str:
    with suppress(ValueError):
        return told.words(UUID((ref or "").removeprefix(NOTE)))
    return ""


def _who(told: Facts, each: str) -> str:
    return _note(told, each) if each.startswith(NOTE) else told.name(each)
