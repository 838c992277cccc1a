"""The county draws its quarterly re-check, anybody draws it again, results are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ckbx.application import cases
from ckbx.application.decisions import decide_on_child
from ckbx.domain.case.codes import EvidenceKind
from ckbx.domain.child import departures, leaves
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import Finding, SuspicionSource
from ckbx.domain.recheck.events import RecheckDrawn
from ckbx.vault import Access
from tests.domain.test_recheck_sampling import again, closures
from tests.support.case_county import KEY, OTHER, CaseCounty, case_county, verify
from tests.support.terminal import Terminal

QUARTER = "2025-Q3"


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[CaseCounty]:
    with case_county(store_url, tmp_path) as made:
        yield made


@pytest.fixture
def run(county: CaseCounty, store_url: str, tmp_path: Path) -> Terminal:
    """Five suspicions cleared and closed in September, one leave; it is 26 September."""
    for n, child in enumerate([*county.pupils[KEY], *county.pupils[OTHER][:2]]):
        closed(county, child, county.days[3 + n])
    decision = LeaveDecision(
        occurred_on=date(2025, 9, 15), effective_from=date(2025, 9, 15),
        until=date(2026, 3, 1), approver="township", approver_role="township_officer",
        document="镇教〔2025〕1号", evidence_ref="ref:1",
    )  # fmt: skip
    county.on(date(2025, 9, 26))
    ctx = county.office.context("test")
    child = county.pupils[OTHER][2]
    decide_on_child(county.office, ctx, child, lambda c, x: leaves.suspend(c, x, decision))
    at = datetime(2025, 9, 26, 6, tzinfo=UTC)
    return Terminal(store_url, tmp_path / "secrets", at)


def closed(county: CaseCounty, child: Any, day: date) -> None:
    """A false match: suspected, cleared as C, closed by the principal on the same day."""
    county.child = child
    county.on(day)
    county.decide(
        lambda c, ctx: departures.suspect(
            c, ctx, on=day, source=SuspicionSource.REGISTER, first_absent_on=day,
            rule="register_finding", rule_version=0, evidence=[],
        )
    )  # fmt: skip
    county.do(verify(Finding.C, day))
    county.do(cases.clear(role="principal", on=day, finding=Finding.C, evidence_ref="户口簿"))
    county.do(
        cases.close(role="principal", on=day, evidence=EvidenceKind.CLEARED, evidence_ref="paper")
    )


def drawn(county: CaseCounty) -> list[RecheckDrawn]:
    facts = county.store.log.read(0, 100_000)
    return [each.event for each in facts if isinstance(each.event, RecheckDrawn)]


def draw(run: Terminal, seed: str, *more: str) -> Any:
    return run("recheck", "draw", "--quarter", QUARTER, "--seed", seed, *more)


def rows(run: Terminal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("recheck", "list", "--format", "json").ok().json["rows"]
    return found


def test_a_draw_is_drawn_again_by_independent_code_and_another_seed_is_seen(
    county: CaseCounty, run: Terminal
) -> None:
    draw(run, "tree-head-42").ok()
    (made,) = drawn(county)
    assert made.closures == sorted(str(each) for each in _cases(county))
    assert closures(made) == again(made)
    assert (len(closures(made)), len(made.leaves)) == (1, 1)
    assert made.position <= county.store.log.head()
    assert len(rows(run)) == 2

    said = draw(run, "tree-head-42").ok().err
    assert "结果不变" in said
    assert len(drawn(county)) == 1
    draw(run, "tree-head-43").ok()
    assert [(each.number, each.seed) for each in drawn(county)] == [
        (1, "tree-head-42"),
        (2, "tree-head-43"),
    ]
    assert {row["draw"] for row in rows(run)} == {1, 2}
    seals = run("recheck", "list", "--format", "json").ok().json["seals"]
    assert ["tree-head-42" in line for line in seals] == [True, False]
    assert run("rebuild", "--check").ok().out == ""


def _cases(county: CaseCounty) -> list[Any]:
    found = []
    for child in [*county.pupils[KEY], *county.pupils[OTHER][:2]]:
        county.child = child
        found.append(county.case_id())
    return found


def test_a_result_is_recorded_with_its_evidence_in_the_vault(
    county: CaseCounty, run: Terminal
) -> None:
    draw(run, "seed-2025").ok()
    before = rows(run)
    assert [row["agrees"] for row in before] == [None, None]
    item = before[0]["item"]
    words = ("--quarter", QUARTER, "--evidence", "入户照片和监护人签字")
    refused = run("recheck", "record", item, *words[:2], "--result", "相符")
    assert (refused.code, "佐证" in refused.err) == (5, True)
    refused = run("recheck", "record", item, *words, "--result", "相符", "--as", "校长")
    assert (refused.code, "专干" in refused.err) == (5, True)
    run("recheck", "record", item, *words, "--result", "不符", "--note", "孩子在外地").ok()
    run.later(hours=1)
    run("recheck", "record", item, *words, "--result", "相符").ok()
    found = {row["item"]: row for row in rows(run)}[item]
    assert (found["agrees"], found["earlier"], found["checked_on"]) == (True, 1, "2025-09-26")

    child = next(pick.child for pick in drawn(county)[0].picks if pick.item == item)
    access = Access(actor="t", view="t", purpose="t")
    events = county.store.log.read(0, 100_000)
    ref = next(e.event.evidence_ref for e in events if type(e.event).__name__ == "ItemRechecked")
    person = county.store.vault.read([child], [f"note:{ref}"], access)[child]
    assert list(person.notes.values()) == ["入户照片和监护人签字"]
    assert run("rebuild", "--check").ok().out == ""


def test_what_was_drawn_and_found_is_as_known_at_an_instant(
    county: CaseCounty, run: Terminal
) -> None:
    draw(run, "seed-2025").ok()
    before = run.at
    run.later(hours=1)
    item = rows(run)[0]["item"]
    record = ("recheck", "record", item, "--quarter", QUARTER, "--result", "相符")
    run(*record, "--evidence", "核对学籍").ok()
    known = run("ledger", "recheck", "--known-at", before.isoformat(), "--format", "json").ok()
    assert [row["agrees"] for row in known.json["rows"]] == [None, None]
    assert sum(row["agrees"] is True for row in rows(run)) == 1
    other = run("recheck", "list", "--school", "2152939972", "--format", "json").ok().json
    assert len(other["rows"]) == 2
    assert "seals" not in other  # a draw names the county's whole population
