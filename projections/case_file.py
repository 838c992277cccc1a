"""一生一案: one case with everything that is known of it, for its page and its paper."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.case import Case
from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.answer import Holder
from projections import cases, deadlines
from projections.kit.reading import Reading
from projections.legal_deadlines import of_papers
from projections.roster import Place
from projections.scope import Scope
from projections.timeline import Entry, entry


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A case on a day. ``case`` and ``steps`` (None: none begun) are the domain's own state of
    it, not to be changed; ``entries`` every fact by day, those of one day in order of
    recording; ``deadlines`` each with its outcome on the day; ``earlier`` and ``later`` the
    child's other cases by then, oldest first.
    """

    case: Case
    steps: LegalSteps | None
    place: Place
    teacher: Holder | None
    entries: list[Entry]
    deadlines: list[Deadline]
    earlier: list[UUID]
    later: list[UUID]


def case_file(
    reading: Reading, scope: Scope, case_id: UUID, *, as_of: date, position: int
) -> CaseFile | None:
    """One case; None where it was not there on the day or the scope does not see the child."""
    all_ = cases.with_others_of_child(reading, scope, case_id, as_of=as_of, position=position)
    found = next((each for each in all_ if each.case.id == case_id), None)
    if found is None:
        return None
    teachers = cases.teachers(reading, scope, [found], as_of=as_of, position=position)
    due = deadlines.of_cases(reading, [found], as_of=as_of, position=position)
    legal = of_papers(reading, [found], as_of=as_of, position=position)
    entries = [entry(fact) for fact in found.facts]
    of = [(each.case.episode, each.case.id) for each in all_]
    return CaseFile(
        case=found.case,
        steps=found.steps,
        place=found.place,
        teacher=teachers.get(found.case.child),
        entries=sorted(entries, key=lambda line: (line.occurred_on, line.position)),
        deadlines=[*due[case_id], *legal.get(case_id, ())],
        earlier=[id_ for episode, id_ in of if episode < found.case.episode],
        later=[id_ for episode, id_ in of if episode > found.case.episode],
    )
