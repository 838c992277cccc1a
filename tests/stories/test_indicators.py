"""The indicators of a small county made through the use cases, worked by hand, on both stores.

Two primary classes of grade 2 (A of the first school: a0-a4, C of the second: c0 c1) and one
junior class of grade 8 (K of the first school: k0-k2), all there since 2025-09-01. In autumn
2026 (学年初 = 期初 = 09-01), asked as of Friday 2026-11-20:

a0 休学 10-12 · a1 转出 10-13, confirmed 10-20, in C from 10-21 · a2, a3 away without a word on
the first five school days, 疑似 09-07 · a2 visited 09-10, 辍学 10-30 · a3 劝返 10-09 ·
c1 died 11-02 · k0 abroad 10-15 · a0 and a4 bear a disability mark · that day only C reported.

在校 09-01: primary 7, junior 3; 2025-09-01 the same. 在校 11-20: primary a1 a3 a4 c0 = 4,
junior k1 k2 = 2.
DR-两基 primary: a0 + a2 + c1 + a1 − a1 (in C) = 3 of 7; junior: k0, 1 of 3.
DR-词典 primary: a0 a2 = 2 of 7; junior: k0 = 1 of 3. DR-实名: a2 = 1 of 7; 0 of 3.
NER primary: 4 of a0 a1 a2 a3 a4 c0 = 6; junior: 2 of 2.
学期巩固率 primary: 4 of 7 + a1 − a1 − c1 = 6; junior: 2 of 3. 残疾: a4 of a0 a4.
劝返率: a3 of a2 a3. 二次: none of a3. To suspicion: 6 + 6 days of 2; to a visit 9 of 1;
to the return 38 of 1. 点名: C of A, C, K.
按期办结, by the post that answers (school days: 09-08 … 09-11, 09-14 …; 10-10 is a make-up day):
a2 核实 by 09-14, done 09-11; 学校劝返 by 09-10, done 09-10; 书面报告 by 09-11, never made · a3
核实, 学校劝返 never, back 10-09; 返校确认 by 10-13, never: 校长 2 of 6. 校村劝返 by 09-16 of a2 and
a3: 村 0 of 2; 乡镇劝返 by 09-22: 乡镇 0 of 2. a3 on the ten school days after 10-09, on which its
class said nothing: 班主任 0 of 10; the weeks to 10-16, 10-23, 10-30, 11-06, 11-13: 帮扶教师 0 of 5
(the week to 11-20 still runs).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

import pytest

from ckbx.application import cases, enrolment
from ckbx.application.decisions import decide_on_child
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.case.case import case_stream
from ckbx.domain.child import departures, returns
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding
from ckbx.domain.shared.event import CommandContext
from ckbx.ledgers.catalogue import INDICATORS
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.model import Sheet
from ckbx.ledgers.question import Question, SchoolUnknown
from ckbx.store import Store
from ckbx.vault import Access, Mark, Marks, NewPerson
from projections.scope import Scope
from tests.scheduling.due_kit import OTHER_SCHOOL, A, C, U, World
from tests.support.case_county import a_round, verify
from tests.support.county import COUNTY, SCHOOL, opened
from tests.support.settled import check_every_answer

K = f"{SCHOOL}/2019/1"
BEGAN = date(2025, 9, 1)
AS_OF = date(2026, 11, 20)
FIRST_DAYS = [date(2026, 9, n) for n in (1, 2, 3, 4, 7)]

Rows = dict[tuple[str, str], tuple[int | None, int | None, float | None]]

EXPECTED: Rows = {
    ("DR-实名", "primary"): (1, 7, 14.29),
    ("DR-实名", "junior"): (0, 3, 0.0),
    ("DR-两基", "primary"): (3, 7, 42.86),
    ("DR-两基", "junior"): (1, 3, 33.33),
    ("DR-词典", "primary"): (2, 7, 28.57),
    ("DR-词典", "junior"): (1, 3, 33.33),
    ("NER", "primary"): (4, 6, 66.67),
    ("NER", "junior"): (2, 2, 100.0),
    ("CR3", "junior"): (0, None, None),
    ("CR9", "all"): (0, None, None),
    ("CR-学期", "primary"): (4, 6, 66.67),
    ("CR-学期", "junior"): (2, 3, 66.67),
    ("DIS", "all"): (1, 2, 50.0),
    ("PR-劝返", "all"): (1, 2, 50.0),
    ("PR-二次", "all"): (0, 1, 0.0),
    ("T-疑似", "all"): (12, 2, 6.0),
    ("T-家访", "all"): (9, 1, 9.0),
    ("T-返校", "all"): (38, 1, 38.0),
    ("DL-期限", "校长"): (2, 6, 33.33),
    ("DL-期限", "村责任人"): (0, 2, 0.0),
    ("DL-期限", "乡镇责任人"): (0, 2, 0.0),
    ("DL-期限", "班主任"): (0, 10, 0.0),
    ("DL-期限", "帮扶教师"): (0, 5, 0.0),
    ("RC-点名", "all"): (1, 3, 33.33),
}


class Small(World):
    """The county of the docstring."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.a = self.admit(A, 5, cohort=2025)
        self.c = self.admit(C, 2, cohort=2025)
        self.k = self.admit(K, 3, cohort=2019)

    def admit(self, key: str, size: int, *, cohort: int) -> list[UUID]:
        new = [uuid5(UUID(int=0x1D), f"{key}/{n}") for n in range(size)]
        pupils = [enrolment.NewPupil(child=id_, sex="f", cohort=cohort) for id_ in new]

        def decide(unit: Unit) -> bytes:
            enrolment.admit(self.office, unit, key, pupils, grade=1, on=BEGAN, school_name="一小")
            return b"class"

        self.office.run(self.office.context("test"), decide)
        return new

    def decide(self, child: UUID, what: Any, /, *args: Any, **more: Any) -> None:
        def step(found: Child, ctx: CommandContext) -> None:
            what(found, ctx, *args, **more)

        decide_on_child(self.office, self.office.context("bureau"), child, step)

    def work(self, child: UUID, act: cases.Act) -> None:
        case = case_stream(COUNTY, child, 1)
        cases.work_on(self.office, self.office.context("head"), case, act)

    def marked(self, child: UUID, code: str) -> None:
        marks = Marks(entries=(Mark(code=code, since=BEGAN),))
        person = NewPerson(subject=child, kind="child", marks=marks)

        def decide(unit: Unit) -> bytes:
            unit.writes.extend(self.store.vault.prepare_many([person]))
            return b"marks"

        self.office.run(self.office.context("test"), decide)

    def autumn(self) -> None:
        a, c, k = self.a, self.c, self.k
        for day in FIRST_DAYS:
            self.hand_in(A, day, {a[2]: U, a[3]: U})
        self.work(a[2], a_round(date(2026, 9, 10)))
        self.work(a[2], verify(Finding.K, date(2026, 9, 11)))
        self.decide(
            a[3],
            returns.persuade_back,
            on=date(2026, 10, 9),
            role="principal",
            placement=Placement.ORIGINAL_CLASS,
            class_key=A,
            grade=2,
        )
        self.suspend(a[0], date(2026, 10, 12), date(2027, 3, 1))
        self.transfer(a[1], date(2026, 10, 13), date(2026, 10, 27))
        self.decide(
            a[1],
            departures.confirm_transfer,
            on=date(2026, 10, 20),
            receiving_school="二小",
            evidence_ref="p",
        )
        self.enrol_again(a[1], C, date(2026, 10, 21))
        self.end(k[0], lv.WentAbroad, date(2026, 10, 15))
        self.decide(
            a[2],
            returns.confirm_dropout,
            on=date(2026, 10, 30),
            role="bureau_officer",
            ground=GROUND,
            whereabouts=Whereabouts.WORK_OUTSIDE,
        )
        self.end(c[1], lv.DeathRecorded, date(2026, 11, 2))
        self.marked(a[0], "残疾证号")
        self.marked(a[4], "残疾")
        self.marked(c[0], "留守")
        self.hand_in(C, AS_OF)

    def end(self, child: UUID, event: Any, on: date) -> None:
        self.decide(child, departures.end, event, on=on, evidence_ref="p")

    def enrol_again(self, child: UUID, key: str, on: date) -> None:
        def decide(unit: Unit) -> bytes:
            enrolment.enrol_again(self.office, unit, key, [child], grade=2, on=on, awaited=False)
            return b"enrolled"

        self.office.run(self.office.context("test"), decide)

    def sheet(
        self, *, as_of: date = AS_OF, school: str | None = None, known_at: datetime | None = None
    ) -> Sheet:
        store = self.store
        store.catch_up()
        scope = Scope.county() if school is None else Scope.schools([school])
        question = Question(scope=scope, as_of=as_of, known_at=known_at)
        access = Access(actor="test", view="indicators", purpose="核对")
        desk = Desk(store.answers, store.log, store.vault, store.clock)
        return desk.fill(INDICATORS, question, access)

    def rows(self, **asked: Any) -> Rows:
        found = self.sheet(**asked).rows
        return {
            (r["indicator"], r["post"] or r["stage"]): (
                r["numerator"],
                r["denominator"],
                r["value"],
            )
            for r in found
        }


GROUND = returns.DropoutGround(
    unexplained=20, rounds=2, cause_recorded=True, dropout_days=20, dropout_rounds=2, rule_version=1
)


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[Small]:
    with opened(store_url, tmp_path / "secrets") as store:
        made = Small(store)
        made.autumn()
        yield made
        check_every_answer(store)


def test_every_indicator_comes_out_as_worked_by_hand(county: Small) -> None:
    found = county.sheet()
    assert county.rows() == EXPECTED
    for row in found.rows:
        assert row["caliber"] == f"{row['indicator']}-2026.1"
        assert (row["as_of"], row["known_at"]) == (AS_OF, found.known_at)
        assert row["has_data"] == (None not in (row["numerator"], row["denominator"]))
        assert row["note"] or row["value"] is not None


def test_indicators_are_as_of_the_day_and_of_one_school(county: Small) -> None:
    early = county.rows(as_of=date(2026, 9, 30))
    assert early["DR-实名", "primary"] == (0, 7, 0.0)
    assert early["DR-两基", "primary"] == (0, 7, 0.0)
    assert early["CR-学期", "primary"] == (5, 7, 71.43)  # a2 and a3 are suspected
    assert early["PR-劝返", "all"] == (0, 0, None)
    assert early["T-疑似", "all"] == (12, 2, 6.0)
    assert early["DL-期限", "校长"] == (2, 5, 40.0)
    assert ("DL-期限", "帮扶教师") not in early
    assert county.rows(as_of=date(2026, 9, 4))["T-疑似", "all"] == (0, 0, None)

    first, second = county.rows(school=SCHOOL), county.rows(school=OTHER_SCHOOL)
    assert first["DR-两基", "primary"] == (3, 5, 60.0)
    assert second["DR-两基", "primary"] == (0, 2, 0.0)  # one came, one died
    assert second["CR-学期", "primary"] == (2, 2, 100.0)
    assert (first["T-疑似", "all"], second["T-疑似", "all"]) == ((12, 2, 6.0), (0, 0, None))
    assert (first["T-家访", "all"], first["DIS", "all"]) == ((9, 1, 9.0), (1, 2, 50.0))
    assert second["DIS", "all"] == (0, 0, None)
    assert (first["RC-点名", "all"], second["RC-点名", "all"]) == ((0, 2, 0.0), (1, 1, 100.0))
    assert first["NER", "primary"] == (None, None, None)
    assert (first["DL-期限", "校长"], second["DL-期限", "all"]) == ((2, 6, 33.33), (0, 0, None))
    with pytest.raises(SchoolUnknown):
        county.rows(school="9999999999")


def test_indicators_are_as_known_at_an_instant(county: Small) -> None:
    clock = cast("FixedClock", county.store.clock)
    before = clock.now()
    clock.at = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    county.end(county.k[1], lv.WentAbroad, date(2026, 11, 16))  # told nine days later
    assert county.rows()["DR-词典", "junior"] == (2, 3, 66.67)
    assert county.rows(known_at=before) == EXPECTED


def test_a_school_sees_no_marks_of_children_elsewhere(county: Small) -> None:
    county.sheet(school=OTHER_SCHOOL)
    last = county.store.vault.access_records()[-1]
    assert set(last.subjects) == {county.a[1], county.c[0]}


class Grown(World):
    """One class that entered grade 1 in 2018 and is in grade 9 now.

    g0-g3 since 2018-09-01 · g0 转出 2024-12-02, confirmed 12-10 (in its grade 7) · n joins from
    outside on 2025-03-03 · g1 abroad since 2026-10-15. In grade 9 on 2026-11-20: g2 g3 n = 3.
    CR9: 3 of the 4 who entered grade 1. CR3: 3 of 4 in grade 7 on 2024-09-01 + n − g0 = 4.
    """

    KEY = f"{SCHOOL}/2018/1"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.old = self._admit(4, date(2018, 9, 1), 1)
        self._transfer(self.old[0], date(2024, 12, 2), date(2024, 12, 10))
        self._admit(1, date(2025, 3, 3), 7)
        self.decide(self.old[1], departures.end, lv.WentAbroad, date(2026, 10, 15))

    def _admit(self, size: int, on: date, grade: int) -> list[UUID]:
        new = [uuid5(UUID(int=0x1E), f"{on}/{n}") for n in range(size)]
        pupils = [enrolment.NewPupil(child=id_, sex="f", cohort=2018) for id_ in new]

        def decide(unit: Unit) -> bytes:
            enrolment.admit(
                self.office, unit, self.KEY, pupils, grade=grade, on=on, school_name="一小"
            )
            return b"class"

        self.office.run(self.office.context("test"), decide)
        return new

    def decide(self, child: UUID, what: Any, event: Any, on: date) -> None:
        def step(found: Child, ctx: CommandContext) -> None:
            what(found, ctx, event, on=on, evidence_ref="p")

        decide_on_child(self.office, self.office.context("bureau"), child, step)

    def _transfer(self, child: UUID, on: date, confirmed: date) -> None:
        self.transfer(child, on, on + timedelta(days=14))

        def step(found: Child, ctx: CommandContext) -> None:
            departures.confirm_transfer(
                found, ctx, on=confirmed, receiving_school="外县一中", evidence_ref="p"
            )

        decide_on_child(self.office, self.office.context("bureau"), child, step)


def test_three_and_nine_year_retention_come_out_as_worked_by_hand(
    store_url: str, tmp_path: Path
) -> None:
    with opened(store_url, tmp_path / "secrets") as store:
        made = Grown(store)
        store.catch_up()
        question = Question(scope=Scope.county(), as_of=AS_OF)
        access = Access(actor="test", view="indicators", purpose="核对")
        desk = Desk(store.answers, store.log, store.vault, store.clock)
        rows = {row["indicator"]: row for row in desk.fill(INDICATORS, question, access).rows}
        found = {key: (rows[key]["numerator"], rows[key]["denominator"]) for key in ("CR3", "CR9")}
        assert found == {"CR3": (3, 4), "CR9": (3, 4)}
        assert rows["CR3"]["note"] == "入学时七年级 4、转入 1、转出 1"
        assert len(made.old) == 4
