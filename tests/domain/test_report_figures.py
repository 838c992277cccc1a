"""The figures of a report: sums, the seal, months, and what a 零报告 is."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import msgspec
import pytest

from ckbx.domain.report.errors import (
    MonthUnreadable,
    ReportOfNobody,
    ReportOvertaken,
    ReportVersionUnknown,
)
from ckbx.domain.report.figures import (
    FIGURES,
    STOCK,
    Figure,
    Gap,
    beside,
    digest_of,
    is_zero,
    make_figures,
    total,
)
from ckbx.domain.report.months import Month, month_of, read_month
from ckbx.domain.report.report import Draft, SchoolReport
from ckbx.domain.shared.event import CommandContext
from projections import school

NOVEMBER = Month(2026, 11)
DAY = date(2026, 11, 27)


def figures(**changes: tuple[int, int]) -> list[Figure]:
    return make_figures({**dict.fromkeys(FIGURES, (0, 10)), **changes})


def seal(figures_: list[Figure], **changes: object) -> str:
    asked = {"of": "2152939972", "month": "2026-11", "as_of": DAY, "figures": figures_, **changes}
    return digest_of(**asked)  # type: ignore[arg-type]


def test_stocks_are_counted_as_in_the_school_ledger() -> None:
    assert school.CALIBER == STOCK


def test_every_figure_has_a_caliber_a_numerator_and_a_denominator() -> None:
    for each in figures():
        assert each.caliber
        assert each.title != each.id
        assert FIGURES[each.id].over
    with pytest.raises(KeyError):
        make_figures({"attending": (1, 1)})


def test_a_county_divides_the_sum_of_numerators_by_the_sum_of_denominators() -> None:
    one, other = figures(absent=(1, 10)), figures(absent=(3, 30))
    summed = {each.id: each for each in total([one, other])}
    assert (summed["absent"].numerator, summed["absent"].denominator) == (4, 40)
    assert summed["absent"].percent == 10.0
    assert [each.id for each in total([one, other])] == list(FIGURES)


def test_figures_of_another_counting_rule_are_not_added() -> None:
    of = Figure(id="absent", caliber="school-2027.1", numerator=5, denominator=5)
    summed = [each for each in total([figures(absent=(1, 10)), [of]]) if each.id == "absent"]
    assert [(each.caliber, each.numerator) for each in summed] == [
        (STOCK, 1),
        ("school-2027.1", 5),
    ]


@pytest.mark.parametrize(
    ("changes", "zero"),
    [({}, True), ({"suspected": (3, 10)}, True), ({"dropped_out": (1, 10)}, False),
     ({"determined_new": (1, 10)}, False)],
)  # fmt: skip
def test_a_zero_report_has_no_dropout_and_no_determination(
    changes: dict[str, tuple[int, int]], zero: bool
) -> None:
    assert is_zero(figures(**changes)) is zero


def test_what_is_open_stands_beside_the_noughts() -> None:
    of = figures(absent=(1, 10), silent_class_days=(4, 40), on_leave=(2, 10))
    assert [(each.id, each.numerator) for each in beside(of)] == [
        ("absent", 1),
        ("silent_class_days", 4),
    ]


def test_children_out_of_reach_or_on_their_way_are_open_too() -> None:
    of = figures(missing=(1, 10), transferring=(2, 10), suspended=(1, 10))
    assert [(each.title, each.numerator) for each in beside(of)] == [("转出在途", 2), ("失联", 1)]


def test_any_change_of_a_figure_changes_the_seal() -> None:
    whole = seal(figures())
    changed = {
        seal(figures(absent=(1, 10))),
        seal(figures(absent=(0, 11))),
        seal(figures(), of="2152939973"),
        seal(figures(), month="2026-12"),
        seal(figures(), as_of=date(2026, 11, 28)),
        seal(figures(), parts=[1]),
        seal(figures(), gaps=[Gap(code="parked", count=1)]),
        seal([msgspec.structs.replace(figures()[0], caliber="x"), *figures()[1:]]),
        seal(figures()[::-1]),
    }
    assert len(changed) == 9
    assert whole not in changed
    assert seal(figures()) == whole


def test_a_share_of_nothing_is_no_number() -> None:
    assert Figure(id="absent", caliber="x", numerator=0, denominator=0).percent is None
    assert Figure(id="absent", caliber="x", numerator=1, denominator=8).percent == 12.5
    assert Figure(id="absent", caliber="x", numerator=1, denominator=800).percent == 0.13


def test_months_are_read_as_people_write_them() -> None:
    for text in ("2026-11", "2026/11", "2026.11", "2026年11月", " 2026-11 "):
        assert read_month(text) == NOVEMBER
    for text in ("2026-13", "2026-0", "11", "2026", "1999-12", ""):
        with pytest.raises(MonthUnreadable):
            read_month(text)


def test_a_month_knows_its_days_and_its_neighbours() -> None:
    assert (NOVEMBER.first_day, NOVEMBER.last_day) == (date(2026, 11, 1), date(2026, 11, 30))
    assert NOVEMBER.next.next == Month(2027, 1)
    assert Month(2027, 1).before == Month(2026, 12)
    assert NOVEMBER.opens(28) == date(2026, 11, 21)
    assert Month(2026, 12).county_day(5) == date(2027, 1, 5)
    assert month_of(date(2028, 2, 29)).last_day == date(2028, 2, 29)


def test_a_school_without_classes_and_a_version_that_is_not_there_are_refused() -> None:
    report = SchoolReport(UUID(int=1))
    ctx = CommandContext(actor="head", command_id=uuid4(), today=DAY)
    draft = Draft(month=NOVEMBER, as_of=DAY, position=1, known_at=1)
    with pytest.raises(ReportOfNobody):
        report.sign(ctx, draft, school="2152939972", role="principal", report_day=28)
    with pytest.raises(ReportVersionUnknown):
        report.version_of(NOVEMBER)
    with pytest.raises(ReportVersionUnknown):
        report.version_of(NOVEMBER, 0)


def test_who_saw_older_figures_than_were_signed_meanwhile_does_not_sign_them() -> None:
    report = SchoolReport(UUID(int=1))
    ctx = CommandContext(actor="head", command_id=uuid4(), today=DAY)
    asked = {"school": "2152939972", "role": "principal", "report_day": 28}
    new = Draft(month=NOVEMBER, as_of=DAY, position=9, known_at=9, figures=figures())
    old = Draft(month=NOVEMBER, as_of=DAY, position=8, known_at=8, figures=figures(absent=(1, 10)))
    report.sign(ctx, new, **asked)  # type: ignore[arg-type]
    other = CommandContext(actor="deputy", command_id=uuid4(), today=DAY)
    with pytest.raises(ReportOvertaken, match="第 1 版（2026-11-27 head 签）"):
        report.sign(other, old, **asked)  # type: ignore[arg-type]
    assert len(report.versions) == 1
