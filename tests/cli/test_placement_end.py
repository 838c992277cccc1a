"""A legal basis withdrawn and a placement at a school ended by command, on both stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckbx.domain.legal.errors import BasisNotRecorded
from ckbx.domain.placement.errors import NoPlacement
from tests.imports.intake_store import student_no
from tests.support.paper_county import hand_in
from tests.support.refusing import refused
from tests.support.terminal import Terminal

CHILD = student_no(2)


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Terminal:
    made = Terminal(store_url, tmp_path / "keys")
    hand_in(made, tmp_path)
    return made


def test_a_basis_is_withdrawn_once_and_then_nothing_rests_on_it(county: Terminal) -> None:
    gone = ("legal", "withdraw-basis", "--matter", "行政处罚", "--note", "废止了")
    refused(county, BasisNotRecorded(title="行政处罚"), county, *gone)
    county("legal", "basis", "--matter", "行政处罚", "--document", "省办法第3条").ok()
    assert "已撤销行政处罚的法律依据" in county(*gone).ok().err
    refused(county, BasisNotRecorded(title="行政处罚"), county, *gone)


def test_a_placement_at_a_school_is_ended_with_its_paper(county: Terminal) -> None:
    end = ("placement", "end", CHILD, "--document", "县教9号", "--note", "不再需要")
    refused(county, NoPlacement(action="结束"), county, *end)
    advice = ("--advises", "随班就读", "--document", "评1", "--evidence", "可随班")
    county("placement", "assess", CHILD, *advice).ok()
    plan = ("--document", "县教2号", "--plan-no", "案1", "--review-on", "2027-03-01")
    county("placement", "decide", CHILD, "--kind", "随班就读", *plan).ok()
    county(*end).ok()
    refused(county, NoPlacement(action="结束"), county, *end)
