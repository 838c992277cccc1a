"""Two files of one name are two files: their rows never mix, and messages tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.imports.intake import import_calendar, import_rollcalls, import_roster
from ckbx.imports.problems import ImportRefused
from ckbx.imports.sources import names_of, read_sources
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    ROLL_HEAD,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    pupil,
    sheet,
    sqlite_store,
    student_no,
    term,
)

DAY = "2026-09-01"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A store with one class of five."""
    store = sqlite_store(tmp_path)
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, term())])
    import_roster(store.job, [store.csv(ROSTER_HEAD, *(pupil(n) for n in range(5)))])
    yield store
    store.close()


def placed(store: IntakeStore, folder: str, rows: list[list[object]]) -> Path:
    """A roll call file called 点名.csv in a folder of its own."""
    made = store.csv(ROLL_HEAD, *rows)
    path = store.folder / folder / "点名.csv"
    path.parent.mkdir(parents=True)
    return made.rename(path)


def test_names_are_as_short_as_they_can_be_told_apart() -> None:
    paths = [Path("/in/甲校/点名.csv"), Path("/in/乙校/点名.csv"), Path("/in/甲校/名册.csv")]
    assert names_of(paths) == ["甲校/点名.csv", "乙校/点名.csv", "名册.csv"]
    deeper = [Path("a/x/1.csv"), Path("b/x/1.csv"), Path("1.csv")]
    assert names_of(deeper) == ["a/x/1.csv", "b/x/1.csv", "1.csv"]
    assert names_of([Path("1.csv"), Path("1.csv")]) == ["1.csv", "1.csv（第 2 次）"]


PARTS = st.sampled_from(["a", "b", "..", "1.csv"])
PATHS = st.builds(lambda parts: Path(*parts), st.lists(PARTS, min_size=1, max_size=4))


@given(st.lists(PATHS, min_size=1, max_size=6))
def test_no_two_sources_ever_have_one_name(paths: list[Path]) -> None:
    names = names_of(paths)
    assert len(set(names)) == len(paths)
    assert all(
        str(path).endswith(name.split("（")[0]) for name, path in zip(names, paths, strict=True)
    )


def test_two_files_of_one_name_that_contradict_each_other_are_refused(store: IntakeStore) -> None:
    one = placed(store, "甲", sheet(DAY, 5, (student_no(0), "无故")))
    two = placed(store, "乙", sheet(DAY, 5, (student_no(1), "无故")))
    before = store.log.head()
    with pytest.raises(ImportRefused) as refused:
        import_rollcalls(store.job, [one, two])
    first, second = refused.value.problems
    assert first.line().startswith("甲/点名.csv 第 2 行：与乙/点名.csv 第 2 行是同一班")
    assert second.line().startswith("乙/点名.csv 第 2 行：与甲/点名.csv 第 2 行是同一班")
    assert store.log.head() == before


def test_a_bad_row_of_one_file_leaves_the_same_row_of_its_namesake(store: IntakeStore) -> None:
    good = placed(store, "甲", sheet(DAY, 5))
    bad = placed(store, "乙", sheet(DAY, 5, number=9))
    summary = import_rollcalls(store.job, [good, bad], accept_valid=True)
    assert (summary.applied, summary.refused) == (1, 1)
    assert [event.class_key for event in store.of(RollCallSubmitted)] == [f"{SCHOOL}/2024/1"]
    assert [problem.file for problem in summary.problems] == ["乙/点名.csv"]


def test_the_same_file_given_twice_is_read_once(store: IntakeStore) -> None:
    path = placed(store, "甲", sheet(DAY, 5))
    warnings: list[str] = []
    assert len(read_sources([path, path], warnings)) == 1
    assert warnings == ["点名.csv（第 2 次） 与 点名.csv 内容完全相同，只读一次"]
