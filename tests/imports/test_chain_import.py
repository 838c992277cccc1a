"""Responsibility chains: posts and their holders, from rows as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.domain.responsibility.events import (
    PostEstablished,
    PostHandedOver,
    PostHeld,
    PostVacated,
)
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.imports.intake import ImportSummary, import_calendar, import_chain, import_roster
from ckbx.imports.job_errors import StoreUnnamed
from ckbx.imports.problems import ImportRefused
from ckbx.vault.people import Access
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    COUNTY,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    pupil,
    sqlite_store,
    student_no,
    term,
)

LOOK = Access(actor="tester", view="test", purpose="核对")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A county with one class."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    import_roster(made.job, [made.csv(ROSTER_HEAD, pupil(1))])
    yield made
    made.close()


def post(**other: str) -> list[object]:
    """A class teacher's row, changed where said."""
    found = {
        "线": "教育线", "层级": "4", "岗位": "班主任", "范围类型": "班级",
        "范围代码": f"{SCHOOL}/3/1", "姓名": "张秀英", "账号": "ct1", "电话": "13900000001",
        "起": "2026-08-01", "止": "", "角色": "",
    } | other  # fmt: skip
    return [found[name] for name in CHAIN_HEAD]


def bring(store: IntakeStore, *rows: list[object], **how: object) -> ImportSummary:
    """Import these rows as one file."""
    return import_chain(store.job, [store.csv(CHAIN_HEAD, *rows)], **how)  # type: ignore[arg-type]


def refused(store: IntakeStore, *rows: list[object]) -> ImportRefused:
    """The refusal of these rows; nothing may have been written."""
    before = store.log.head()
    with pytest.raises(ImportRefused) as caught:
        bring(store, *rows)
    assert store.log.head() == before
    return caught.value


def test_a_post_is_held_by_a_person_of_the_vault(store: IntakeStore) -> None:
    bring(store, post())
    (event,) = store.of(PostHeld)
    person = store.vault.read([event.holder], ("identity", "contact"), LOOK)[event.holder]
    assert (event.account, event.first_day) == ("ct1", date(2026, 8, 1))
    assert person.name == "张秀英"
    assert person.contact is not None
    assert person.contact.phone == "13900000001"
    assert store.of(PostEstablished)[0].scope_code == f"{SCHOOL}/2024/1"
    assert "张秀英" not in repr(store.events())


def test_a_class_is_named_by_its_grade_on_the_first_day(store: IntakeStore) -> None:
    bring(store, post(范围代码=f"{SCHOOL}/三年级/（1）班"))
    assert store.of(PostEstablished)[0].scope_code == f"{SCHOOL}/2024/1"


def test_one_account_is_one_person_in_several_posts_and_files(store: IntakeStore) -> None:
    head = post(岗位="学校领导包年级", 范围类型="年级", 范围代码=f"{SCHOOL}/3", 层级="3")
    bring(store, post(), head)
    bring(store, post(岗位="校长", 范围类型="学校", 范围代码=SCHOOL, 层级="2"))
    assert len({e.holder for e in store.of(PostHeld)}) == 1


def test_a_post_of_one_child_names_it_by_its_number(store: IntakeStore) -> None:
    bring(store, post(岗位="帮扶教师", 范围类型="学生", 范围代码=student_no(1)))
    (event,) = store.of(PostEstablished)
    assert (event.scope_kind, event.scope_code) == (
        ScopeKind.STUDENT, str(store.child_id(student_no(1)))
    )  # fmt: skip


def test_the_same_file_again_changes_nothing(store: IntakeStore) -> None:
    rows = [post(), post(线="政府线", 岗位="村支书", 范围类型="村",
                         范围代码=f"{COUNTY}100201", 账号="", 电话="")]  # fmt: skip
    bring(store, *rows)
    before = store.log.head()
    again = bring(store, *rows)
    assert (again.applied, again.unchanged, store.log.head()) == (0, 2, before)


def test_a_successor_takes_over(store: IntakeStore) -> None:
    bring(store, post(止="2026-10-15"), post(姓名="李芳", 账号="ct2", 起="2026-10-16"))
    (event,) = store.of(PostHandedOver)
    assert (event.account, event.first_day) == ("ct2", date(2026, 10, 16))


def test_an_end_that_was_added_closes_the_tenure(store: IntakeStore) -> None:
    bring(store, post())
    assert bring(store, post(止="2026-10-15")).applied == 1
    assert [e.last_day for e in store.of(PostVacated)] == [date(2026, 10, 15)]


def test_an_older_file_changes_nothing_unless_a_reason_is_given(store: IntakeStore) -> None:
    bring(store, post())
    bring(store, post(止="2026-10-15"))
    before = store.log.head()
    summary = bring(store, post())
    assert store.log.head() == before
    assert any("--correct" in warning for warning in summary.warnings)
    assert bring(store, post(), correct="误填离岗").applied == 1


def test_a_changed_telephone_is_a_new_vault_row(store: IntakeStore) -> None:
    bring(store, post())
    bring(store, post(电话="13900000002"))
    (event,) = store.of(PostHeld)
    contact = store.vault.read([event.holder], ("contact",), LOOK)[event.holder].contact
    assert contact is not None
    assert contact.phone == "13900000002"


BAD_ROWS = [
    ({"线": "天线"}, "线", "政府线 或 教育线"),
    ({"层级": "十"}, "层级", "1 到 9"),
    ({"岗位": ""}, "岗位", "1 到 30"),
    ({"岗位": "班主任13900000001"}, "岗位", "不能含证件号或电话号"),
    ({"岗位": "班主任 139-0000-0001"}, "岗位", "不能含证件号或电话号"),
    ({"岗位": "张秀英包人"}, "岗位", "有人的姓名"),
    ({"账号": "139-0000-0001"}, "账号", "不能是姓名、手机号"),
    ({"账号": "t13900000001"}, "账号", "不能是姓名、手机号"),
    ({"账号": "G522601201705060118"}, "账号", "不能是姓名、手机号"),
    ({"范围类型": "宇宙"}, "范围类型", "县、乡镇、村"),
    ({"范围代码": f"{SCHOOL}/3"}, "范围代码", "学校标识码/年级/班级"),
    ({"范围代码": f"{SCHOOL}/3/9"}, "范围代码", "名册中没有这个班级"),
    ({"范围类型": "村", "范围代码": "522601100201"}, "范围代码", "不属于本县"),
    ({"范围类型": "学校", "范围代码": "3152354069"}, "范围代码", "名册中没有这个学校"),
    ({"范围类型": "年级", "范围代码": f"{SCHOOL}/8"}, "范围代码", "名册中没有这个年级"),
    ({"范围类型": "学生", "范围代码": "G522601201705060118"}, "范围代码", "没有这个学籍号"),
    ({"姓名": ""}, "姓名", "没有填"),
    ({"账号": "13900000001"}, "账号", "不能是姓名、手机号"),
    ({"电话": "无名氏"}, "电话", "不是电话号码"),
    ({"起": "昨天"}, "起", "不是日期"),
    ({"止": "2026-07-01"}, "止", "早于“起”"),
    ({"角色": "皇帝"}, "角色", "班主任"),
]


@pytest.mark.parametrize("other, column, said", BAD_ROWS)
def test_a_bad_row_is_refused_with_place_and_reason(
    store: IntakeStore, other: dict[str, str], column: str, said: str
) -> None:
    error = refused(store, post(岗位="年级组长"), post(**other))
    (problem,) = error.problems
    assert (problem.row, problem.column) == (3, column)
    assert said in problem.line(), problem.line()
    assert not re.search(r"第 [12] 行", problem.what)


def test_a_title_may_not_name_anybody_else_of_the_files_either(store: IntakeStore) -> None:
    error = refused(store, post(), post(岗位="张秀英的副手", 姓名="李芳", 账号="ct2"))
    (problem,) = error.problems
    assert (problem.row, problem.column, problem.code) == (3, "岗位", "title_names_person")
    assert "张秀英" not in str(error)


def test_one_account_with_two_names_is_refused(store: IntakeStore) -> None:
    error = refused(store, post(), post(岗位="年级组长", 姓名="李芳"))
    assert [p.row for p in error.problems] == [2, 3]
    assert "张秀英" not in str(error)


def test_rows_of_two_files_that_contradict_name_each_other(store: IntakeStore) -> None:
    files = [store.csv(CHAIN_HEAD, post()), store.csv(CHAIN_HEAD, post(层级="5"))]
    with pytest.raises(ImportRefused) as caught:
        import_chain(store.job, files)
    one, two = files
    lines = [p.line() for p in caught.value.problems]
    assert any(two.name in line.split("：", 1)[1] for line in lines)
    assert any(one.name in line.split("：", 1)[1] for line in lines)


def test_accept_valid_takes_the_good_rows(store: IntakeStore) -> None:
    summary = bring(store, post(), post(岗位="", 账号="ct3"), accept_valid=True)
    assert (summary.applied, summary.refused, len(store.of(PostHeld))) == (1, 1, 1)


def test_only_a_calendar_may_come_into_an_unnamed_store(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path / "other")
    with pytest.raises(StoreUnnamed):
        bring(store, post())
    store.close()
