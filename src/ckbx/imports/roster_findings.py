"""Which children must a person look into after a roster, and how are they named?

New findings and those still open from before: a second import of the same file says them all
again. Numbers are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.child.child import Child
from ckbx.domain.rules.rule_ids import rule_title
from ckbx.domain.shared.identifiers import mask_number
from ckbx.imports.job import ImportJob
from ckbx.imports.roster_compare import MISSING, OTHER_SCHOOL, Step, chunks
from ckbx.imports.summary import RosterFinding

_FOUND_BY: Final = {
    "new": "本次新记",
    "would": "只试不写，正式导入时记下",
    "open": "此前已记，尚未了结",
}


class Found(msgspec.Struct, frozen=True):
    """One finding: of which child, in which class it stands here, whose roster disagrees."""

    child: UUID
    finding: str
    class_key: str | None
    school: str
    known: bool


def found_in(steps: Iterable[Step], missing: Sequence[tuple[str, Child]]) -> list[Found]:
    """Everything that the rows and the children they leave out come to."""
    rows = [
        Found(s.child, s.finding, s.class_key, s.row.place.school, s.known)
        for s in steps
        if s.finding
    ]
    absent = [
        Found(c.id, MISSING, key, key.split("/")[0], (MISSING, key.split("/")[0]) in c.findings)
        for key, c in missing
    ]
    return rows + absent


def name_findings(
    job: ImportJob,
    found: Sequence[Found],
    class_name: Callable[[str], str],
    school_name: Callable[[str], str],
    *,
    dry_run: bool,
) -> list[RosterFinding]:
    """The findings as the summary lists them; reading the numbers is recorded."""
    numbers: dict[UUID, str] = {}
    for part in chunks(sorted({each.child for each in found})):
        for child, person in job.vault.read(part, ("identity",), job.access("roster")).items():
            numbers[child] = person.identity.student_no if person.identity else ""
    named = []
    for each in found:
        state = "open" if each.known else "would" if dry_run else "new"
        where = class_name(each.class_key) if each.class_key else ""
        what = rule_title(each.finding)
        if each.finding == OTHER_SCHOOL or not where:
            what += f"（{school_name(each.school)}）"
        named.append(
            RosterFinding(
                finding=each.finding,
                what=what,
                student_no=mask_number(numbers.get(each.child, "")),
                school=(each.class_key or each.school).split("/")[0],
                where=where,
                listed_by=each.school,
                state=state,
                note=_FOUND_BY[state],
            )
        )
    return sorted(named, key=lambda n: (n.finding, n.school, n.where, n.student_no))
