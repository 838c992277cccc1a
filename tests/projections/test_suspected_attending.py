"""Since when does a suspected child attend again?"""

from __future__ import annotations

from tests.projections.suspected_helps import ask, facts, one, spans, suspect
from tests.projections.suspected_store import LI, WANG, Facts, day

__all__ = ["facts"]


def test_a_suspect_attends_again_from_the_third_day_and_since_the_first(facts: Facts) -> None:
    suspect(facts, WANG)
    before = suspect(facts, LI)
    spans(facts, LI, "11-11", (day("11-09"), day("11-11"), None))
    since = {row.child: row.attending_since for row in ask(facts, "11-11")}
    assert since == {LI: day("11-09"), WANG: None}
    assert one(facts, "11-10").attending_since is None
    assert one(facts, "11-11", before).attending_since is None


def test_a_stretch_of_attending_ends_with_the_next_absent_day(facts: Facts) -> None:
    suspect(facts, LI)
    before = spans(facts, LI, "11-11", (day("11-09"), day("11-11"), None))
    spans(facts, LI, "11-13", (day("11-09"), day("11-11"), day("11-13")))
    assert one(facts, "11-12").attending_since == day("11-09")
    assert one(facts, "11-13").attending_since is None
    assert one(facts, "11-13", before).attending_since == day("11-09")


def test_corrected_stretches_replace_all_of_the_episode(facts: Facts) -> None:
    suspect(facts, LI)
    spans(facts, LI, "11-11", (day("11-09"), day("11-11"), None))
    spans(facts, LI, "11-12", (day("11-10"), day("11-12"), None))
    assert one(facts, "11-11").attending_since is None
    assert one(facts, "11-12").attending_since == day("11-10")
    spans(facts, LI, "11-12")
    assert one(facts, "11-12").attending_since is None
