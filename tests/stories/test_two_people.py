"""Two people work on one thing at once: one wins, the other is told what changed and by whom.

For a case and for the steps of the law see test_cases.py and application/test_legal.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ckbx.application import reports
from ckbx.domain.leave.errors import ApplicationChangedMeanwhile
from ckbx.domain.placement.errors import PlacementChangedMeanwhile
from ckbx.domain.report.errors import ReportOvertaken, ReportUnchanged
from ckbx.domain.report.figures import FIGURES, make_figures
from ckbx.domain.report.months import Month
from ckbx.domain.report.report import CountySummary, Draft
from tests.imports.intake_store import SCHOOL, student_no
from tests.support.case_county import CaseCounty, case_county
from tests.support.county import COUNTY
from tests.support.paper_county import calendar, chain, roster
from tests.support.refusing import refused
from tests.support.terminal import Terminal

CHILD = student_no(1)
Person = Callable[..., Any]
SEPTEMBER, DAY = Month(2025, 9), date(2025, 9, 24)


@pytest.fixture
def run(store_url: str, tmp_path: Path) -> Terminal:
    """The county of two small schools in the autumn term of 2026."""
    county = Terminal(store_url, tmp_path / "keys")
    county("init").ok()
    for kind, file in (("calendar", calendar), ("roster", roster), ("chain", chain)):
        county("import", kind, file(tmp_path)).ok()
    return county


@pytest.fixture
def person(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Person]:
    """Somebody who types commands under an account of the machine."""

    def of(account: str) -> Person:
        def typed(*words: object) -> Any:
            monkeypatch.setenv("LOGNAME", account)
            return run(*words)

        return typed

    return of


def test_who_decides_on_an_application_as_it_was_is_told_of_the_paper_that_came_in(
    run: Terminal, person: Callable[[str], Person]
) -> None:
    wang, li = person("wang"), person("li")
    asked = ("--kind", "免学", "--applicant", "王大山", "--reason", "患病", "--on", "2026-09-09")
    wang("leave", "apply", CHILD, *asked).ok()
    paper = ("--hospital", "县医院", "--document", "诊9", "--evidence", "病", "--on", "2026-09-10")
    wang("leave", "hospital", CHILD, *paper, "--seen", 1).ok()
    refuse = ("leave", "refuse", CHILD, "--reason", "没有医院证明")
    between = [("收到医院证明", "cli:wang", "2026-09-10")]
    refused(run, ApplicationChangedMeanwhile(between=between), li, *refuse, "--seen", 1)
    li(*refuse, "--seen", 2).ok()


def test_who_decides_on_a_placement_as_it_was_is_told_of_the_new_assessment(
    run: Terminal, person: Callable[[str], Person]
) -> None:
    wang, li = person("wang"), person("li")
    assess = ("placement", "assess", CHILD, "--advises", "随班就读", "--evidence", "可随班")
    wang(*assess, "--document", "评1", "--on", "2026-09-08").ok()
    wang(*assess, "--document", "评2", "--on", "2026-09-09", "--seen", 1).ok()
    decide = ("placement", "decide", CHILD, "--kind", "随班就读", "--document", "县2")
    plan = ("--plan-no", "案2", "--review-on", "2026-12-15", "--on", "2026-09-10")
    between = [("专家委员会评估", "cli:wang", "2026-09-09")]
    refused(run, PlacementChangedMeanwhile(between=between), li, *decide, *plan, "--seen", 1)
    li(*decide, *plan, "--seen", 2).ok()


def draft(position: int, *, absent: int = 0) -> Draft:
    """Figures as they stood at a position of the log."""
    figures = make_figures({**dict.fromkeys(FIGURES, (0, 6)), "absent": (absent, 6)})
    known = position * 1_000_000
    return Draft(month=SEPTEMBER, as_of=DAY, position=position, known_at=known, figures=figures)


def sign(county: CaseCounty, of: Draft, actor: str) -> None:
    context = county.office.context(actor)
    reports.sign_school(county.office, context, of, school=SCHOOL, role="principal")


def test_who_signs_a_report_on_older_figures_or_once_more_is_told_who_has_signed(
    store_url: str, tmp_path: Path
) -> None:
    with case_county(store_url, tmp_path) as county:
        county.on(DAY)
        sign(county, draft(9), "head")
        stored = county.store.log.head()
        by = {"month": "2025-09", "number": 1, "day": DAY, "actor": "head"}
        with pytest.raises(ReportOvertaken) as overtaken:
            sign(county, draft(8, absent=1), "deputy")
        with pytest.raises(ReportUnchanged) as unchanged:
            sign(county, draft(9), "deputy")
        assert str(overtaken.value) == str(ReportOvertaken(**by))
        assert str(unchanged.value) == str(ReportUnchanged(**by))
        assert county.store.log.head() == stored
        sign(county, draft(10, absent=1), "deputy")


def test_who_signs_the_county_s_sum_once_more_is_told_who_has_signed(
    store_url: str, tmp_path: Path
) -> None:
    with case_county(store_url, tmp_path) as county:
        county.on(DAY)
        sign(county, draft(9), "head")
        county.on(date(2025, 10, 4))
        whole = Draft(month=SEPTEMBER, as_of=SEPTEMBER.last_day, position=12, known_at=12)
        for_all = {"due": [SCHOOL], "role": "bureau_officer"}
        office = county.office
        reports.sign_county(office, office.context("zhang"), whole, **for_all)  # type: ignore[arg-type]
        stored = county.store.log.head()
        with pytest.raises(ReportUnchanged, match="2025-10-04 zhang 签"):
            reports.sign_county(office, office.context("li"), whole, **for_all)  # type: ignore[arg-type]
        assert county.store.log.head() == stored
        stream = CountySummary.stream(COUNTY, SEPTEMBER)
        assert len(county.store.log.load([stream])[stream]) == 1
