"""The store: made once, named once, answers folded by whoever may lead, health in one list."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from ckbx.imports.blank import blank_roster
from ckbx.leadership import FileLeadership, PostgresLeadership, leading
from ckbx.store import AnswersBehind, open_store, plain_url
from tests.support import paper_county as paper
from tests.support.terminal import Terminal


@pytest.mark.parametrize("name", ["云溪县13800138000", "云溪县 138-0013-8000", " "])
def test_a_county_is_not_called_by_a_persons_number(empty: Terminal, name: str) -> None:
    done = empty("init", "--county", "522699", "--name", name)
    assert (done.code, "不能含证件号或电话号" in done.err) == (3, True)
    assert "8000" not in done.err


def test_init_may_be_repeated_and_names_the_county(empty: Terminal) -> None:
    assert "还没有指定县（区）" in empty("init").ok().err
    named = empty("init", "--county", "522699", "--name", "云溪县").ok()
    assert "县（区）：522699" in named.err
    assert "县（区）：522699" in empty("init").ok().err
    assert "522699 云溪县" in empty("doctor").out


def test_a_store_cannot_be_given_to_another_county(empty: Terminal) -> None:
    empty("init", "--county", "522699", "--name", "云溪县").ok()
    done = empty("init", "--county", "522601", "--name", "凯里市")
    assert (done.code, "522699" in done.err) == (6, True)


def test_lag_says_where_every_answer_stands(run: Terminal) -> None:
    found = run("lag", "--format", "json").ok().json
    assert found["head"] > 0
    names = [row["name"] for row in found["rows"]]
    assert names[:3] == ["roster", "roll_call_completeness", "school"]
    assert {row["state"] for row in found["rows"]} == {"live"}
    behind = {row["name"]: row["behind"] for row in found["rows"]}
    assert behind.pop("outbox") == found["head"]  # the worker takes it along, and none is there
    assert set(behind.values()) == {0}
    assert "roster" in run("lag").ok().out


def test_rebuild_of_a_name_that_is_none_is_refused(run: Terminal) -> None:
    done = run("rebuild", "nothing")
    assert (done.code, "可用：roster" in done.err) == (2, True)


def test_a_rebuild_comes_to_the_same_answers(run: Terminal) -> None:
    before = run("ledger", "school", "--format", "json").ok().json
    run("rebuild").ok()
    assert run("ledger", "school", "--format", "json").ok().json == before
    run("rebuild", "--check").ok()


def test_an_import_tried_only_changes_nothing(empty: Terminal, tmp_path: Path) -> None:
    empty("init").ok()
    empty("import", "calendar", paper.calendar(tmp_path)).ok()
    tried = empty("import", "roster", paper.roster(tmp_path), "--dry-run", "--format", "json").ok()
    assert (tried.json["dry_run"], tried.json["rows"]) == (True, 5)
    assert empty("ledger", "roster", "--format", "json").ok().json["rows"] == []


def test_a_blank_roster_is_written_once(empty: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "花名册.xlsx"
    assert "空白花名册在" in empty("import", "blank", str(file)).ok().err
    assert file.read_bytes() == blank_roster()
    file.write_bytes(b"filled in")
    again = empty("import", "blank", str(file))
    assert (again.code, "没有覆盖" in again.err) == (2, True)
    assert file.read_bytes() == b"filled in"
    assert empty("import", "blank", str(tmp_path / "花名册.csv")).code == 2
    assert empty("import", "blank", str(tmp_path / "none" / "花名册.xlsx")).code == 2


def test_an_import_taken_back_leaves_the_ledger_as_it_was(empty: Terminal, tmp_path: Path) -> None:
    empty("init").ok()
    empty("import", "calendar", paper.calendar(tmp_path)).ok()
    made = empty("import", "roster", paper.roster(tmp_path), "--format", "json").ok().json
    assert len(empty("ledger", "roster", "--format", "json").ok().json["rows"]) == 5
    empty("import", "undo", made["batch"]).ok()
    rows = empty("ledger", "roster", "--format", "json").ok().json["rows"]
    assert {row["tracking_status"] for row in rows} <= {"not_enrolled"}
    assert empty("import", "undo", "nothing").code == 3


def test_while_another_process_leads_a_question_waits_for_it(run: Terminal, tmp_path: Path) -> None:
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock, wired.followers())
    other = FileLeadership(wired.settings.sqlite_path)
    try:
        assert other.try_lead()
        assert store.catch_up(0.0) == store.log.head()  # nothing is missing: nobody is needed
        office = store.office

        def decide(unit: object) -> bytes:
            county = office.county_of(unit)  # type: ignore[arg-type]
            county.call(unit.ctx, code="522699", name=str(tmp_path.name))  # type: ignore[attr-defined]
            return b"named"

        office.run(office.context("test"), decide)
        with pytest.raises(AnswersBehind):
            store.catch_up(0.0)
        other.give_up()
        assert store.leadership.try_lead()  # and folds no more, as when it is told to stop
        assert store.catch_up(0.0) == store.log.head()
    finally:
        other.give_up()
        store.close()


def test_only_one_leads_an_sqlite_store(tmp_path: Path) -> None:
    first, second = FileLeadership(tmp_path / "ckbx.db"), FileLeadership(tmp_path / "ckbx.db")
    assert (first.try_lead(), first.try_lead(), second.try_lead()) == (True, True, False)
    first.give_up()
    with leading(second) as leads:
        assert (leads, first.try_lead()) == (True, False)
    assert first.try_lead()
    first.give_up()


def test_only_one_leads_a_postgres_store(pg_url: str) -> None:
    url = plain_url(pg_url)
    first, second = PostgresLeadership(url), PostgresLeadership(url)
    assert (first.try_lead(), first.try_lead(), second.try_lead()) == (True, True, False)
    first.give_up()
    assert second.try_lead()
    second.give_up()


def test_the_sqlite_version_is_spoken_of_by_doctor_alone(run: Terminal, tmp_path: Path) -> None:
    assert run.process("lag", cwd=tmp_path).ok().err == ""


def test_doctor_has_a_state_a_finding_and_a_mend_for_each_line(run: Terminal) -> None:
    done = run("doctor", "--format", "json")
    rows = done.json["rows"]
    assert {row["state"] for row in rows} <= {"ok", "warn", "fail"}
    checks = {row["check"] for row in rows}
    wanted = {
        "设置",
        "版本",
        "数据库",
        "密钥",
        "县（区）",
        "台账进度",
        "搁置对象",
        "校历",
        "校历年份",
    }
    assert wanted <= checks
    assert done.code == (4 if any(row["state"] == "fail" for row in rows) else 0)


def test_doctor_names_unset_posts_once_a_school_and_the_unknown_year(run: Terminal) -> None:
    rows = run("doctor", "--format", "json").ok().json["rows"]
    unset = [row["detail"] for row in rows if row["check"] == "未设岗位"]
    assert len(unset) == 1  # the second school has no class teacher
    assert "测试小学40" in unset[0]
    years = [row for row in rows if row["check"] == "校历年份"]
    assert [row["state"] for row in years] == ["warn"]
    assert "2027" in years[0]["detail"]


def test_doctor_fails_without_a_store_and_without_its_keys(empty: Terminal, tmp_path: Path) -> None:
    missing = empty("doctor")
    assert (missing.code, "ckbx init" in missing.out) == (4, True)
    empty("init").ok()
    (tmp_path / "ckbx-secrets" / "index.key").unlink()
    lost = empty("doctor", "--format", "json")
    assert lost.code == 4
    assert any("缺少密钥文件 index.key" in row["detail"] for row in lost.json["rows"])


def test_doctor_hides_the_password_of_the_database(empty: Terminal) -> None:
    empty.environ["CKBX_DATABASE_URL"] = "postgresql+psycopg://ckbx:geheim@127.0.0.1:1/ckbx"
    done = empty("doctor")
    assert (done.code, "geheim" in done.out, "***" in done.out) == (4, False, True)


def test_run_due_does_what_is_due_once(run: Terminal) -> None:
    first = run("run-due", "--on", "2026-09-10", "--format", "json").ok().json
    assert first["at"] == "2026-09-10T15:59:59.999999Z"  # the end of the local day
    assert first["raised"].get("roll_call_silent", 0) > 0
    again = run("run-due", "--on", "2026-09-10", "--format", "json").ok().json
    assert again["raised"] == {}
    assert "没有到期未办的事项" in run("run-due", "--on", "2026-09-10").ok().err


def test_run_due_is_cut_to_now(run: Terminal) -> None:
    found = run("run-due", "--on", "2027-06-01", "--format", "json").ok().json
    assert found["at"] == run.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_warnings_of_the_log_do_not_reach_the_answer(
    run: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        done = run("ledgers", "--format", "json").ok()
    assert json.loads(done.out)["rows"]
