"""How do the steps of the law in a case stand: papers, service, what is due?"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ckbx.application.legal import look_at_steps
from ckbx.application.office import Office
from ckbx.domain.legal.legal_steps import Paper
from ckbx.domain.legal.next_step import NextStep
from ckbx.domain.legal.words import who_of
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.model import Row


def steps_json(office: Office, case_id: UUID, day: date) -> dict[str, Any]:
    """The four legal steps of a case: its papers, and what comes next on a day."""
    view = look_at_steps(office, case_id, day)
    return {
        "case": case_id.hex[:SHORT],
        "case_id": str(case_id),
        "version": view.version,
        "as_of": day,
        "papers": [_paper(each) for each in view.state.papers.values()],
        "next": [_legal_step(each, day) for each in view.steps],
    }


def _paper(each: Paper) -> Row:
    service = each.service
    days = f"送达后 {each.due_days} 日" if each.due_days else ""
    return {
        "paper": each.number,
        "kind": each.kind.value,
        "title": each.kind.label + ("（已撤销）" if each.revoked_on else ""),
        "document": each.document,
        "issued_on": each.issued_on,
        "served": f"{service.mode.label} {service.served_on}" if service else "未送达",
        "due": str(each.due_on) if each.due_on else days,
    }


def _legal_step(each: NextStep, day: date) -> Row:
    return {
        "action": each.action.value,
        "title": each.title,
        "step": each.step,
        "paper": each.paper,
        "roles": list(each.who),
        "who": who_of(each.who),
        "opens_on": each.opens_on,
        "due_on": each.due_on,
        "open": each.is_open(day),
        "missing": [missing.text for missing in each.missing],
    }
