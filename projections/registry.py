"""What can be asked? Every projection, in the order in which they are folded."""

from __future__ import annotations

from projections import (
    alerts,
    applications,
    cases,
    focus,
    movements,
    rechecks,
    reports,
    responsibility,
    roll_call_completeness,
    roster,
    school,
    suspected,
    timeline,
    visits_before,
)
from projections.kit.projection import Projection

PROJECTIONS: tuple[Projection, ...] = (
    roster.PROJECTION,
    roll_call_completeness.PROJECTION,
    school.PROJECTION,
    responsibility.PROJECTION,
    suspected.PROJECTION,
    cases.PROJECTION,
    movements.PROJECTION,
    applications.PROJECTION,
    focus.PROJECTION,
    visits_before.PROJECTION,
    alerts.PROJECTION,
    reports.PROJECTION,
    rechecks.PROJECTION,
    timeline.PROJECTION,
)
