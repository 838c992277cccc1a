"""A school signs a 零报告 while absences are open, corrects, signs again; the county sums up.

September 2025, two schools. At the first school one child stays away on the first five school
days (疑似 since 09-05), most class-days after that are silent. The principal signs on 09-24:
no dropout, a 零报告, and beside it what was open. Then the class corrects the five days to
病假, which takes the suspicion back, and the principal signs again. The second school signs
nothing at first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ckbx.application import enrolment
from ckbx.cli.context import os_user
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import ChildRegistered
from ckbx.domain.report.errors import (
    MonthNotOver,
    NoSchoolSigned,
    ReportDayOutside,
    ReportRoleRefused,
    ReportTooEarly,
    ReportUnchanged,
    ReportWhileImporting,
)
from ckbx.domain.school.batch import ImportBatch
from tests.support.case_county import BEGAN, KEY, OTHER, CaseCounty, case_county
from tests.support.county import COUNTY, SCHOOL
from tests.support.pdf import pages
from tests.support.terminal import Terminal

SECOND = "2152939973"
SEPTEMBER = "2025-09"


NOT_THE_PRINCIPAL = ReportRoleRefused(what="学校月报", who="校长")


def outside(as_of: str) -> ReportDayOutside:
    return ReportDayOutside(as_of=as_of, first="2025-09-21", last="2025-09-30")


class County:
    """The case county, and commands typed into its store at its time."""

    def __init__(self, made: CaseCounty, run: Terminal) -> None:
        self.made, self.run = made, run
        pupils = [enrolment.NewPupil(child=uuid4(), sex="f") for _ in range(2)]
        made.run(
            lambda unit: enrolment.admit(
                made.office, unit, f"{SECOND}/2023/1", pupils, grade=3, on=BEGAN, school_name="二小"
            )
        )

    def at(self, day: date, hour: int = 12) -> None:
        self.made.on(day)
        self.run.at = max(self.run.at, datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC))

    def __call__(self, *words: object) -> Any:
        return self.run("report", *words)

    def json(self, *words: object) -> Any:
        return self("show", "--month", SEPTEMBER, *words, "--format", "json").ok().json


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[County]:
    with case_county(store_url, tmp_path) as made:
        yield County(made, Terminal(store_url, tmp_path / "secrets", made.store.clock.now()))


def figures(found: Any) -> dict[str, tuple[int, int]]:
    return {row["figure"]: (row["numerator"], row["denominator"]) for row in found["rows"]}


def away_in_september(county: County) -> None:
    """Five days away; both classes report eight days, then one class falls silent."""
    for n in range(5):
        county.made.away(n)
        county.made.report(county.made.days[n], key=OTHER)
    for n in range(5, 8):
        county.made.report(county.made.days[n], [county.made.child])
        county.made.report(county.made.days[n], key=OTHER)


def corrected(county: County) -> None:
    for n in range(8):
        day = county.made.days[n]
        county.made.report(day, [county.made.child], why=Reason.SICK)


def test_a_zero_report_stands_beside_what_is_open_and_a_correction_makes_version_two(
    county: County,
) -> None:
    away_in_september(county)
    county.at(date(2025, 9, 24))
    signed = county("sign", "--school", SCHOOL).ok()
    assert "零报告" in signed.err
    assert "疑似辍学 1" in signed.err

    first = county.json("--school", SCHOOL, "--version", 1)
    of = figures(first)
    assert first["zero"] is True
    assert (of["dropped_out"], of["determined_new"]) == ((0, 6), (0, 6))
    assert (of["suspected"], of["suspected_new"]) == ((1, 6), (1, 6))
    # 18 school days from 09-01 to 09-24, two classes, eight days reported by both.
    assert of["silent_class_days"] == (20, 36)
    assert {each["figure"] for each in first["beside"]} == {
        "suspected",
        "suspected_new",
        "silent_class_days",
    }
    assert first["digest_holds"] is True
    assert first["digest"] == by_hand(first)
    assert first["as_of"] == "2025-09-24"
    assert first["late"] is False
    by = {"day": "2025-09-24", "actor": f"cli:{os_user()}"}
    again = county("sign", "--school", SCHOOL)
    assert again.code == ReportUnchanged.exit_code
    assert str(ReportUnchanged(month=SEPTEMBER, number=1, **by)) in again.err

    county.at(date(2025, 9, 26))
    corrected(county)
    county.at(date(2025, 9, 26), 16)
    county("sign", "--school", SCHOOL, "--as-of", "2025-09-24").ok()
    second = county.json("--school", SCHOOL, "--version", 2)
    assert figures(second)["suspected"] == (0, 6)
    assert figures(county.json("--school", SCHOOL, "--version", 1)) == of

    found = county("compare", "--month", SEPTEMBER, "--school", SCHOOL, "--format", "json")
    rows = {row["figure"]: row for row in found.ok().json["rows"]}
    assert (rows["suspected"]["from_numerator"], rows["suspected"]["to_numerator"]) == (1, 0)
    assert (rows["suspected"]["changed"], rows["suspected"]["moved"]) == (True, False)
    assert rows["dropped_out"]["changed"] is False

    # The inspector asks what was known when the first version was signed.
    known = county.json(
        "--school", SCHOOL, "--as-of", "2025-09-24", "--known-at", first["known_at"]
    )
    assert known["rows"] == first["rows"]
    assert county.run("rebuild", "--check").ok().out == ""


def by_hand(found: Any) -> str:
    """The seal, worked out from the document alone."""
    rows = [
        [row["figure"], row["caliber"], row["numerator"], row["denominator"]]
        for row in found["rows"]
    ]
    sealed = [
        "ckbx-report-1",
        found["school_code"],
        found["month"],
        found["as_of"],
        rows,
        found["gaps"],
        [],
    ]
    text = json.dumps(sealed, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_has_changed_since_the_last_version_is_shown_without_a_new_one(
    county: County,
) -> None:
    away_in_september(county)
    county.at(date(2025, 9, 24))
    county("sign", "--school", SCHOOL).ok()
    county.at(date(2025, 9, 25))
    corrected(county)
    found = county("compare", "--month", SEPTEMBER, "--school", SCHOOL, "--format", "json").ok()
    assert found.json["from"] is None
    rows = {row["figure"]: row for row in found.json["rows"]}
    assert (rows["suspected"]["to_numerator"], rows["suspected"]["now_numerator"]) == (1, 0)
    assert rows["suspected"]["moved"] is True


def test_the_county_sums_what_is_signed_and_names_who_has_not(county: County) -> None:
    away_in_september(county)
    county.at(date(2025, 9, 26))
    early = county("sign", "--month", SEPTEMBER)
    assert (early.code, "2025-10-01" in early.err) == (5, True)
    county("sign", "--school", SCHOOL).ok()
    county.at(date(2025, 10, 4))
    refused = county("sign", "--month", SEPTEMBER, "--as-of", "2025-09-24")
    assert (refused.code, "2025-09-30" in refused.err) == (5, True)
    county("sign", "--month", SEPTEMBER).ok()
    first = county.json("--version", 1)
    assert first["unsigned"] == [SECOND]
    assert [part["school_code"] for part in first["schools"]] == [SCHOOL]
    assert figures(first)["attending"] == (5, 6)
    assert any("二小" in note for note in first["notes"])
    assert first["schools"][0]["as_of"] == "2025-09-26", "the county's own day is the last"
    assert any("月份未完，截至 2025-09-26 的 1 所学校：" in note for note in first["notes"])
    sheet = county.run("ledger", "county_summary", "--format", "json").ok().json
    assert any("月份未完，截至 2025-09-26" in said for said in sheet["notes"])

    county("sign", "--month", SEPTEMBER, "--school", SECOND).ok()
    late = county.json("--school", SECOND, "--version", 1)
    assert (late["late"], late["as_of"], late["month_over"]) == (True, "2025-09-30", True)
    preview = county("county", "--month", SEPTEMBER, "--format", "json").ok().json
    assert figures(preview)["attending"] == (7, 8)
    assert preview["unsigned"] == []
    county("sign", "--month", SEPTEMBER).ok()
    second = county.json("--version", 2)
    assert (figures(second)["attending"], second["unsigned"]) == ((7, 8), [])
    assert figures(county.json("--version", 1)) == figures(first)
    own = county.run("ledger", "county_summary", "--school", SCHOOL, "--format", "json").ok()
    assert own.json["rows"] == []
    known = ("--as-of", "2025-10-04", "--known-at", "2025-10-03")
    before = county.run("ledger", "county_summary", *known, "--format", "json").ok().json
    assert {row["state"] for row in before["rows"]} == {"unsigned"}
    assert county.run("rebuild", "--check").ok().out == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--school", SCHOOL, "--as", "班主任"), 5, NOT_THE_PRINCIPAL),
        (("--school", SCHOOL, "--as", "县教育局控辍保学专干"), 5, NOT_THE_PRINCIPAL),
        (("--month", "2025-10", "--school", SCHOOL), 5,
         ReportTooEarly(month="2025-10", opens="2025-10-21")),
        (("--school", SCHOOL, "--as-of", "2025-08-31"), 5, outside("2025-08-31")),
        (("--school", SCHOOL, "--as-of", "2025-09-20"), 5, outside("2025-09-20")),
        (("--school", SCHOOL, "--as-of", "2025-09-25"), 5, outside("2025-09-25")),
        (("--month", SEPTEMBER), 5, MonthNotOver(month=SEPTEMBER, opens="2025-10-01")),
        (("--month", "2025-08", "--as-of", "2025-08-30"), 5, NoSchoolSigned(month="2025-08")),
        (("--school", "2152939999"), 3, "没有学校"),
        (("--month", "2025-13", "--school", SCHOOL), 3, "2026-11"),
        (("--month", "2025-08", "--as", "校长"), 5,
         ReportRoleRefused(what="县汇总", who="县教育局控辍保学专干")),
        (("--month", "2025-08"), 5, NoSchoolSigned(month="2025-08")),
    ],
)  # fmt: skip
def test_who_may_not_sign_and_when_is_said_by_name(
    county: County, words: tuple[str, ...], code: int, said: Exception | str
) -> None:
    county.at(date(2025, 9, 24))
    head = county.made.store.log.head()
    refused = county("sign", *words)
    assert (refused.code, str(said) in refused.err) == (code, True), refused.err
    assert county.made.store.log.head() == head
    assert county("list", "--format", "json").ok().json["rows"] == []


def test_nothing_is_signed_while_an_import_runs(county: County) -> None:
    made = county.made
    county.at(date(2025, 9, 24))

    def start(unit: Any) -> None:
        batch = unit.get(ImportBatch.stream(COUNTY, "b1"), ImportBatch)
        batch.start(
            unit.ctx, batch="b1", kind="rollcalls", digest="0", rows=1, schools=[SCHOOL],
            effective=None,
        )  # fmt: skip

    made.run(start)
    refused = county("sign", "--school", SCHOOL)
    assert refused.code == ReportWhileImporting.exit_code
    assert str(ReportWhileImporting(batches="b1")) in refused.err
    county("sign", "--school", SECOND).ok()  # not one of its schools

    def finish(unit: Any) -> None:
        batch = unit.get(ImportBatch.stream(COUNTY, "b1"), ImportBatch)
        batch.finish(unit.ctx, batch="b1", applied=1, refused=0)

    made.run(finish)
    county("sign", "--school", SCHOOL).ok()
    rows = county("list", "--month", SEPTEMBER, "--format", "json").ok().json["rows"]
    assert {row["school_code"]: row["version"] for row in rows} == {SCHOOL: 1, SECOND: 1}


def test_a_class_that_reports_nothing_is_in_the_figures_as_silent(county: County) -> None:
    county.at(date(2025, 9, 24))
    county("sign", "--school", SECOND).ok()
    found = county.json("--school", SECOND, "--version", 1)
    assert figures(found)["silent_class_days"] == (18, 18)
    assert KEY.startswith(SCHOOL)


def test_a_child_of_no_school_is_in_no_report_and_the_county_says_so(county: County) -> None:
    def register(unit: Any) -> None:
        unit.get(uuid4(), Child).trigger_event(
            ChildRegistered, unit.ctx, occurred_on=BEGAN, sex="f", cohort=2019
        )

    county.at(date(2025, 9, 24))
    county.made.run(register)
    county("sign", "--school", SCHOOL).ok()
    county.at(date(2025, 10, 4))
    county("sign", "--month", SEPTEMBER).ok()
    found = county.json("--version", 1)
    assert found["gaps"] == [["no_school", 1]]
    assert found["digest_holds"] is True
    assert any("有 1 名应入学儿童不在任何学校" in note for note in found["notes"])
    sheet = county.run("ledger", "county_summary", "--format", "json").ok().json
    assert sheet["complete"] is False
    assert found["digest"] in sheet["seals"][0]


def test_paper_carries_hash_instant_and_places_for_signature_and_seal(
    county: County, tmp_path: Path
) -> None:
    county.at(date(2025, 9, 24))
    county("sign", "--school", SCHOOL).ok()
    file = tmp_path / "report.pdf"
    county.run("ledger", "monthly_report", "--school", SCHOOL, "-o", file).ok()
    said = "".join(pages(file.read_bytes()))
    for words in (county.json("--school", SCHOOL, "--version", 1)["digest"], "校长（签字）",
                  "学校（盖章）", "2025-09-2412:00:00", "月份未完，截至2025-09-24"):  # fmt: skip
        assert words in said
    for form in ("csv", "xlsx"):
        made = county.run("ledger", "monthly_report", "-o", tmp_path / f"report.{form}")
        assert made.code == 0
    other = county.run("ledger", "monthly_report", "--school", SECOND, "--format", "json").ok()
    assert [row["state"] for row in other.json["rows"]] == ["unsigned"]
    assert "seals" not in other.json
    county.at(date(2025, 10, 4))
    county("sign", "--month", SEPTEMBER).ok()
    summary = tmp_path / "county.pdf"
    county.run("ledger", "county_summary", "-o", summary).ok()
    assert "月份未完，截至2025-09-24的1所学校" in "".join(pages(summary.read_bytes()))
    county("sign", "--month", SEPTEMBER, "--school", SECOND).ok()
    whole = county.run("ledger", "monthly_report", "--school", SECOND, "--all", "--format", "json")
    assert "月份未完" not in whole.ok().json["seals"][0]
