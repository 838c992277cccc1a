"""The legal steps of the cases that a run looks at, read from their own streams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import select

from ckbx.application.office import Office
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.scheduling.watch_cases import LEGAL
from ckbx.scheduling.watched_case import WatchedCase
from projections.kit.reading import Reading

CHUNK = 200


def with_legal_steps(
    office: Office, reading: Reading, cases: Sequence[WatchedCase], today: date
) -> list[WatchedCase]:
    """Each case with its legal steps as of a local day; few cases come so far."""
    begun = {row[0] for row in reading.rows(select(LEGAL.c.case_id))}
    wanted = {case.facts.case for case in cases} & begun
    streams = {LegalSteps.stream(office.county, case): case for case in sorted(wanted)}
    steps = {}
    listed = list(streams)
    for start in range(0, len(listed), CHUNK):
        for stream, events in office.log.load(listed[start : start + CHUNK]).items():
            by_then = [event for event in events if event.occurred_on <= today]
            steps[streams[stream]] = LegalSteps(stream).replay(by_then)
    return [
        msgspec.structs.replace(case, legal=steps[case.facts.case])
        if case.facts.case in steps
        else case
        for case in cases
    ]
