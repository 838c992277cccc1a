"""What is due in a case, first of all, and by which step is it done?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.case.steps import COUNTY, LOCAL, ROLE_TITLES
from ckbx.domain.legal.deadlines import LEGAL_KINDS, OF_OFFICE
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.case_due import DEADLINES
from ckbx.web.pages.cases.step_forms import StepForm

STEP_OF: Final = {
    "verify": "verify",
    "attending_decision": "clear",
    "persuade_school": "visit",
    "persuade_village": "visit",
    "persuade_township": "visit",
    "written_report": "report",
    "determine": "determine",
    "letter_reply": "answer",
    "return_confirm": "confirm",
    "follow_weekly": "follow-up",
    "follow_monthly": "follow-up",
    "relapse_visit": "follow-up",
}
"""By which form a deadline is met; the others are met elsewhere (roll call, legal steps)."""
_FIRST: Final = {
    Stage.OPEN: ("verify", "contact", "walk"),
    Stage.VERIFIED: ("clear", "contact", "walk"),
    Stage.PERSUADING: ("visit", "walk"),
    Stage.DETERMINED: ("visit", "walk"),
    Stage.RETURNED: ("confirm", "follow-up"),
    Stage.CONSOLIDATING: ("follow-up",),
    Stage.SETTLED: ("close",),
    Stage.CONCLUDED: ("close", "attach"),
    Stage.CLOSED: ("reopen",),
}
"""The form that stands open where nothing that the viewer may do is due."""
_DECIDED: Final = ("close", "reopen")
"""What the county is asked for although no deadline says it."""
_COUNTY: Final = "county"
DAILY: Final = "follow_daily"
"""Read from the roll call: nobody can do it, and nobody is late with it."""
_BACK: Final = "attending_decision"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A duty as a page shows it. ``late``: missed and not made up; ``left``: days to go."""

    kind: str
    title: str
    who: str
    due_on: date | None
    late: bool
    left: int | None
    path: str
    deadline: Deadline


def waiting(deadlines: Iterable[Deadline], today: date) -> list[Due]:
    """What nobody has done yet: what to decide on a child that is back, then what is overdue,
    then by its last day.
    """
    found = [_due(each, today) for each in deadlines if _waits(each)]
    return sorted(found, key=lambda d: (d.kind != _BACK, not d.late, d.due_on or date.max, d.kind))


def _waits(each: Deadline) -> bool:
    if each.outcome is Outcome.OPEN:
        return True
    missed = each.outcome is Outcome.MISSED and each.evidence is None
    return missed and each.kind != DAILY and each.over_on is None


def _due(each: Deadline, today: date) -> Due:
    return Due(
        kind=each.kind,
        title=DEADLINES.get(each.kind, each.kind),
        who=ROLE_TITLES.get(each.role, each.role.value),
        due_on=each.due_on,
        late=each.outcome is Outcome.MISSED,
        left=(each.due_on - today).days if each.due_on else None,
        path=STEP_OF.get(each.kind, ""),
        deadline=each,
    )


def falls_to(each: Deadline, roles: Collection[str], *, teacher: bool = False) -> bool:
    """Whether a duty is to be done in one of these roles over the child. ``teacher``: whoever
    holds them works one-to-one with it (the class teacher, until somebody is named).

    What a guardian has to do, and what is read from the roll call, is nobody's.
    """
    if each.kind == DAILY or (each.kind in LEGAL_KINDS and each.kind not in OF_OFFICE):
        return False
    if each.role is Role.CASE_TEACHER and teacher:
        return True
    walks = each.role is Role.VILLAGE_OFFICER and Role.LIAISON.value in roles
    return each.role.value in roles or walks


def first_form(
    case: Case, due: Sequence[Due], offered: Sequence[StepForm], roles: Sequence[str]
) -> tuple[StepForm | None, str]:
    """The form to stand open, and the kind of what it is due for (empty: for nothing).

    The viewer's own duties come first, then those of the same body: the school, the place,
    the county. A child that is back is decided on before anybody goes to its home again.
    """
    by_path = {form.path: form for form in offered}
    bodies = {_body(role) for role in roles}
    able = [each for each in due if each.path in by_path]
    own = [each for each in able if each.deadline.role in roles]
    own += [each for each in able if _body(each.deadline.role) in bodies]
    own.sort(key=lambda each: each.kind != _BACK)
    if own:
        return by_path[own[0].path], own[0].kind
    first = [*_FIRST.get(case.stage, ())] if bodies - {_COUNTY} else [*_DECIDED]
    return next((by_path[path] for path in first if path in by_path), None), ""


def _body(role: str) -> str:
    if role in LOCAL:
        return "place"
    return _COUNTY if role in COUNTY else "school"
