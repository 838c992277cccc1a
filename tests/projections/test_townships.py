"""乡镇排名: each number is that of the list it leads to, and a quiet township stands with 0."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from ckbx.domain.child.child import Child
from ckbx.domain.child.events import ResidenceChanged
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.event import CommandContext
from projections import townships as townships_module
from projections.kit.reading import Reading
from projections.roster_counts import Homes, homes_on
from projections.scope import Scope
from projections.townships import (
    JOINT,
    TownshipRow,
    Townships,
    place_words,
    region_names,
    townships,
)
from tests.projections.case_helps import (
    any_county,
    ask,
    brought_back,
    county,
    dropped_out,
    sheet,
)
from tests.support.case_county import KEY, CaseCounty
from tests.support.county import COUNTY

__all__ = ["any_county", "county"]
FIRST, SECOND, QUIET = (f"{COUNTY}{n}" for n in (100, 101, 102))


def lives(county: CaseCounty, child: UUID, village: str, residence: str | None = None) -> None:
    """From the first day on: registered in a village, living there or elsewhere."""
    county.child = child
    on = county.began

    def moves(one: Child, ctx: CommandContext) -> None:
        one.trigger_event(
            ResidenceChanged, ctx, occurred_on=on, village=village, residence=residence
        )

    county.decide(moves)


def settled(county: CaseCounty) -> None:
    """Two children in the first township, one between both, three nowhere; a post in the third."""
    one, two, three = county.pupils[KEY]
    lives(county, three, f"{FIRST}203", f"{SECOND}201")
    lives(county, two, f"{FIRST}202")
    lives(county, one, f"{FIRST}201")
    post(county, Covers(ScopeKind.TOWNSHIP, QUIET), "高坡乡乡长")


def post(county: CaseCounty, scope: Covers, title: str) -> None:
    """A post that nobody holds yet."""

    def decide(unit: Any) -> None:
        register = unit.get(
            posts_stream(COUNTY, scope), lambda id_: PostRegister(id_, county=COUNTY)
        )
        register.establish(
            unit.ctx,
            line=Line.GOVERNMENT,
            scope=scope,
            title=title,
            level=2,
            role=Role.TOWNSHIP_OFFICER,
            since=county.began,
        )

    county.run(decide)


def rows(county: CaseCounty, day: int, **more: Any) -> dict[str, TownshipRow]:
    found: Townships = ask(county, townships, county.days[day], **more)
    return {row.code: row for row in found.rows}


def test_children_count_where_they_live_and_where_they_are_registered(
    any_county: CaseCounty,
) -> None:
    settled(any_county)
    found: Townships = ask(any_county, townships, any_county.days[0])
    of = {row.code: row.children for row in found.rows}
    assert of == {FIRST: 3, SECOND: 1, QUIET: 0}
    assert found.nowhere == 3
    names = {row.code: row.name for row in found.rows}
    assert names == {FIRST: "", SECOND: "", QUIET: "高坡乡"}


def test_a_township_that_only_the_posts_of_its_villages_name_has_their_name(
    county: CaseCounty,
) -> None:
    settled(county)
    post(county, Covers(ScopeKind.TOWNSHIP, FIRST), "副镇长")
    post(county, Covers(ScopeKind.VILLAGE, f"{FIRST}201"), "岩门镇岩门村包村干部")
    post(county, Covers(ScopeKind.VILLAGE, f"{FIRST}202"), "村主任")
    county.store.catch_up()
    with county.store.answers.reading() as reading:
        at = reading.position("responsibility")
        said = {
            code: place_words(reading, code, at)
            for code in (FIRST, f"{FIRST}201", f"{FIRST}202", SECOND, f"{SECOND}201")
        }
        names = region_names(reading, at)
    assert names[FIRST] == "岩门镇"
    assert said == {
        FIRST: "岩门镇",
        f"{FIRST}201": "岩门镇岩门村",
        f"{FIRST}202": f"岩门镇 {FIRST}202（没有名称）",
        SECOND: f"{SECOND}（没有名称）",
        f"{SECOND}201": f"{SECOND}201（没有名称）",
    }


def test_who_is_away_is_counted_and_told_per_thousand(any_county: CaseCounty) -> None:
    settled(any_county)
    any_county.away(*range(5))
    found = rows(any_county, 4)
    assert (found[FIRST].suspected, found[FIRST].away) == (1, 1)
    assert found[FIRST].rate == pytest.approx(1000 / 3)
    assert (found[SECOND].away, found[SECOND].rate) == (0, 0)
    assert (found[QUIET].away, found[QUIET].rate) == (0, None)
    assert next(iter(found)) == FIRST
    assert rows(any_county, 3)[FIRST].away == 0


def test_a_dropout_stays_on_the_list_and_comes_back_from_being_away(
    any_county: CaseCounty,
) -> None:
    settled(any_county)
    dropped_out(any_county)
    found = rows(any_county, 19)[FIRST]
    assert (found.suspected, found.dropped_out, found.still_out, found.away) == (0, 1, 1, 1)
    brought_back(any_county)
    found = rows(any_county, 22)[FIRST]
    assert (found.dropped_out, found.still_out, found.away) == (1, 0, 0)
    assert rows(any_county, 19)[FIRST].still_out == 1


def test_a_joint_visit_that_nobody_made_is_overdue(any_county: CaseCounty) -> None:
    settled(any_county)
    any_county.away(*range(5))
    late = any_county.days[4] + timedelta(days=20)
    any_county.on(late)
    found: Townships = ask(any_county, townships, late)
    of = {row.code: row.overdue for row in found.rows}
    assert of == {FIRST: 2, SECOND: 0, QUIET: 0}


def test_every_number_is_that_of_the_list_of_its_township(any_county: CaseCounty) -> None:
    settled(any_county)
    dropped_out(any_county)
    any_county.child = any_county.pupils[KEY][2]
    any_county.away(*range(20, 30))
    day = any_county.days[29]
    found = rows(any_county, 29)
    for code, row in found.items():
        at = {"scope": Scope.villages([code])}
        assert len(sheet(any_county, "roster", day, **at)) == row.children
        assert len(sheet(any_county, "suspected", day, **at)) == row.suspected
        assert len(sheet(any_county, "dropout", day, **at)) == row.dropped_out
        due = sheet(any_county, "deadlines", day, **at)
        of = [each for each in due if each["kind"] in JOINT]
        assert sum(each["missed"] - each["made_up"] for each in of) == row.overdue
    assert found[FIRST].suspected == found[SECOND].suspected == 1  # the child of two townships
    assert found[FIRST].away == 2


def test_who_moved_between_two_looks_at_a_day_is_counted_where_it_lives_now(
    any_county: CaseCounty,
) -> None:
    settled(any_county)
    assert rows(any_county, 0)[SECOND].children == 1
    lives(any_county, any_county.pupils[KEY][0], f"{SECOND}202")
    found = rows(any_county, 0)
    assert (found[FIRST].children, found[SECOND].children) == (2, 2)
    any_county.away(*range(5))
    assert rows(any_county, 4)[SECOND].suspected == 1
    assert rows(any_county, 4)[SECOND].suspected == 1


def test_it_says_what_was_known_then(county: CaseCounty) -> None:
    settled(county)
    before = county.store.log.head()
    county.away(*range(5))
    assert rows(county, 4)[FIRST].away == 1
    assert rows(county, 4, position=before)[FIRST].away == 0


def test_it_is_of_the_whole_county_or_not_at_all(county: CaseCounty) -> None:
    with pytest.raises(ValueError, match="whole county"):
        ask(county, townships, county.days[0], scope=Scope.villages([FIRST]))


def test_after_any_event_nobody_else_is_counted_again(
    any_county: CaseCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(any_county)
    assert rows(any_county, 4)[FIRST].away == 0
    any_county.away(*range(5))

    def child_by_child(*_asked: Any) -> Any:
        pytest.fail("the whole county is counted child by child")

    monkeypatch.setattr(townships_module, "_counted", child_by_child)
    assert rows(any_county, 4)[FIRST].away == 1
    assert rows(any_county, 3)[FIRST].away == 0
    assert sum(each.children for each in ask(any_county, homes, any_county.days[4])) == 6


def homes(reading: Reading, _scope: Scope, *, as_of: date, position: int) -> list[Homes]:
    """As :func:`homes_on`, asked like a ledger."""
    assert reading.at("roster", position) is None
    return homes_on(reading, as_of)
