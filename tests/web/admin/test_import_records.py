"""An import goes on in every process and after a restart; its file is sealed and soon erased."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from starlette.testclient import TestClient

from ckbx.access.run_records import KEPT, SILENT, RunRecord
from ckbx.access.tries import DAY
from ckbx.application.accounts import grant_role, withdraw_role
from ckbx.application.intake import Lane
from ckbx.application.office import Office
from ckbx.clock import FixedClock
from ckbx.domain.account.codes import GrantedRole
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.school.events import ImportStarted
from ckbx.imports import roster_apply
from ckbx.main import make_worker
from ckbx.store import Store
from ckbx.web import runs
from ckbx.web.app import make_app
from ckbx.web.pages.imports import work
from ckbx.web.pages.imports.records import Given, packed
from tests.imports.intake_store import student_no
from tests.web.admin.files import REGISTRAR, child, hand_in, roster, wait
from tests.web.signing import COOKIE, signed_in, token_for, visitor

ON_BOTH = "own_store"
BUSY = RunRecord(
    id="of-another-process",
    account="bureau",
    area="imports",
    kind="roster",
    step="apply",
    state="running",
    done=40,
    total=120,
    said="写入",
)


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that an import says of itself is written down, in the midst of its writing."""
    monkeypatch.setattr(runs, "TOLD_SECONDS", 0.0)


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


@pytest.fixture
def elsewhere(own_store: Store) -> Iterator[TestClient]:
    """The officer at another web process, or at this one after it was started anew."""
    with visitor(own_store, make_app(own_store)) as client:
        client.cookies.set(COOKIE, token_for(own_store, "bureau"), domain="127.0.0.1")
        yield client


def words(page: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page.partition('id="main"')[2]))


def later(store: Store, microseconds: int) -> None:
    clock = store.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(microseconds=microseconds)


def test_another_process_shows_the_trial_writes_it_and_shows_what_was_written(
    officer: TestClient, elsewhere: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1), child(2, 性别="也许")))
    found = words(elsewhere.get(where).text)
    assert "核对结果：花名册" in found
    assert "新增1" in found
    assert "第3行名册0.csv性别" in found
    assert "也许" in elsewhere.get(f"{where}/problems.csv").text
    assert elsewhere.post(f"{where}/apply", data={"skip": "yes"}).status_code == 303
    done = words(wait(elsewhere, where))
    assert "已写入：花名册花名册导入完成：1个文件2行，新增1" in done
    assert words(officer.get(where).text) == done
    assert own_store.vault.find("student_no", student_no(1)) is not None
    listed = words(officer.get("/imports").text)
    assert "写入花名册：办完" in listed


def test_what_was_refused_is_said_in_another_process(
    officer: TestClient, elsewhere: TestClient
) -> None:
    where = hand_in(officer, "roster", roster(child(1, 学籍号="G1")))
    assert "没有一行可以导入。" in words(elsewhere.get(where).text)
    assert "没有一行可以导入；有1处不能导入" in words(elsewhere.get("/imports").text)


def test_two_processes_write_it_once(
    officer: TestClient, elsewhere: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1)))
    for client in (officer, elsewhere, officer):
        assert client.post(f"{where}/apply", data={}).status_code == 303
    wait(officer, where)
    begun = [e for e in own_store.log.read(0, 10**7) if isinstance(e.event, ImportStarted)]
    assert begun[-1].event.rows == 1
    assert sum(each.event.batch == begun[-1].event.batch for each in begun) == 1


def test_each_person_has_one_thing_done_at_a_time_in_all_processes(
    officer: TestClient, own_store: Store
) -> None:
    given = packed(Given(kind="roster", names=["名册.csv"]))
    own_store.gate.handed_in.begin(BUSY, given, [roster(child(1))])
    files = [("files", ("名册.csv", roster(child(1)), "text/csv"))]
    refused = officer.post("/imports", data={"kind": "roster"}, files=files)
    assert refused.status_code == 422
    assert "还没有办完" in refused.text
    assert files_kept(own_store) == 1


def files_kept(store: Store) -> int:
    """Pieces of files that are in the database."""
    asked = "SELECT count(*) FROM access_handed_pieces WHERE name LIKE 'file%'"
    with store.engine.connect() as connection:
        return int(connection.execute(text(asked)).scalar_one())


@pytest.mark.parametrize("step", ["trial", "apply"])
def test_what_a_restart_broke_off_goes_on_by_a_button_with_the_file_as_it_is(
    elsewhere: TestClient, own_store: Store, step: str
) -> None:
    record = msgspec.structs.replace(BUSY, step=step, said="")
    given = packed(Given(kind="roster", names=["名册.csv"]))
    own_store.gate.handed_in.begin(record, given, [roster(child(1), child(2))])
    where = "/imports/of-another-process"
    assert "中断" not in words(elsewhere.get(where).text)
    assert elsewhere.post(f"{where}/again", data={}).status_code == 303
    assert own_store.gate.handed_in.is_turn(BUSY.id, 1), "whoever works at it is not disturbed"
    later(own_store, SILENT + 1)
    page = words(elsewhere.get(where).text)
    assert "文件还在，不用重新选" in page
    assert ("重新核对" if step == "trial" else "接着写入") in page
    assert elsewhere.post(f"{where}/again", data={}).status_code == 303
    page = words(wait(elsewhere, where))
    if step == "trial":
        assert "核对结果：花名册" in page
        assert elsewhere.post(f"{where}/apply", data={}).status_code == 303
        page = words(wait(elsewhere, where))
    assert "新增2" in page
    assert files_kept(own_store) == 0


def test_a_file_that_did_not_arrive_whole_is_asked_for_again(
    elsewhere: TestClient, own_store: Store
) -> None:
    own_store.gate.handed_in.begin(BUSY, packed(Given(kind="roster", names=["a.csv"])), [b"x"])
    with own_store.engine.begin() as connection:
        connection.execute(text("DELETE FROM access_handed_pieces"))
    later(own_store, SILENT + 1)
    elsewhere.post("/imports/of-another-process/again", data={})
    page = words(wait(elsewhere, "/imports/of-another-process"))
    assert "没有写入：花名册" in page
    assert "请重新选文件核对" in page


def test_what_a_program_from_before_an_upgrade_kept_is_shown_as_far_as_it_goes(
    elsewhere: TestClient, own_store: Store
) -> None:
    turn = own_store.gate.handed_in.begin(BUSY, b'"older"', [b"x"])
    ended = replace(BUSY, step="trial", state="done", said="新增 1")
    own_store.gate.handed_in.tell(ended, turn, b'"older"')
    assert "核对完了：花名册" in words(elsewhere.get("/imports/of-another-process").text)
    own_store.gate.handed_in.begin(
        replace(BUSY, id="two"), packed(Given(kind="roster", names=["a.csv"])), [b"x"]
    )
    own_store.gate.handed_in.tell(replace(ended, id="two"), 2, b'"older"')
    page = words(elsewhere.get("/imports/two").text)
    assert "升级以前的程序写下的" in page
    assert elsewhere.post("/imports/two/again", data={}).status_code == 303
    assert "升级以前的程序写下的" not in words(wait(elsewhere, "/imports/two"))


def test_the_file_is_erased_when_it_was_written_given_up_or_is_of_no_use(
    officer: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1)))
    assert files_kept(own_store) == 1
    assert officer.post(f"{where}/drop", data={}).headers["location"] == "/imports"
    assert files_kept(own_store) == 0
    assert "已放弃：花名册" in words(officer.get(where).text)
    assert "核对花名册：已放弃" in words(officer.get("/imports").text)
    where = hand_in(officer, "roster", roster(child(1)))
    officer.post(f"{where}/apply", data={})
    wait(officer, where)
    assert files_kept(own_store) == 0
    for useless in (roster(child(1)), roster(child(2, 学籍号="G1")), b"not a table"):
        hand_in(officer, "roster", useless)
        assert files_kept(own_store) == 0
    where = hand_in(officer, "roster", roster(child(3)))
    hand_in(officer, "roster", roster(child(4)))
    assert files_kept(own_store) == 1
    assert "请重新选文件核对" in words(officer.get(where).text)


def test_a_day_later_the_file_is_gone_and_how_it_ended_stays(
    officer: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1)))
    later(own_store, DAY)
    officer.cookies.set(COOKIE, token_for(own_store, "bureau"), domain="127.0.0.1")
    page = words(officer.get(where).text)
    assert "核对完了：花名册" in page
    assert "已过24小时，这次交来的文件已经删除" in page
    make_worker(own_store)._tick(Event())
    assert files_kept(own_store) == 0
    assert officer.post(f"{where}/apply", data={}).status_code == 303
    assert own_store.vault.find("student_no", student_no(1)) is None


def test_what_cannot_be_given_up_while_it_is_written_is_said(
    elsewhere: TestClient, own_store: Store
) -> None:
    own_store.gate.handed_in.begin(BUSY, packed(Given(kind="roster", names=["a.csv"])), [b"x"])
    assert elsewhere.post("/imports/of-another-process/drop", data={}).status_code == 422
    assert files_kept(own_store) == 1


def test_where_a_right_ends_while_it_is_written_the_import_stops_and_says_what_stands(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given three classes, when the county takes a grant back after the first was written."""
    monkeypatch.setattr(Lane.__init__, "__defaults__", (1,))
    monkeypatch.setattr(roster_apply, "A_COMMAND", 1)
    number = inspector(own_store)
    left, gone = [number], Event()

    def withdraw(done: int, _total: int | None, said: str) -> None:
        if said == "写入" and done and left:
            office = Office(own_store.log, own_store.clock)
            withdraw_role(office, own_store.gate, office.context("admin"), REGISTRAR, left.pop())
            gone.set()

    monkeypatch.setattr(work, "_telling", lambda job, _tell: replace(job, progress=withdraw))
    with signed_in(own_store, REGISTRAR) as registrar:
        classes = [child(n, 班级=8 + n) for n in (1, 2, 3)]
        where = hand_in(registrar, "roster", roster(*classes))
        registrar.post(f"{where}/apply", data={})
    assert gone.wait(60)
    with signed_in(own_store, REGISTRAR) as again:
        page = words(wait(again, where))
    assert "没有写完：花名册" in page
    assert "写入途中您的岗位、权限或账号有了变动，导入停下了" in page
    assert "已写入新增1、更正0，还有2行没有写" in page
    assert "请现在负责的人用同一份文件重新核对、写入：写过的行不会重复，没写的接着写" in page
    assert files_kept(own_store) == 0
    known = [n for n in (1, 2, 3) if own_store.vault.find("student_no", student_no(n))]
    assert known == [1]


def inspector(store: Store) -> int:
    """The registrar inspects the county, too."""
    for account in (REGISTRAR, "bureau"):
        token_for(store, account)
    today = store.office.today()
    return grant_role(
        store.office,
        store.gate,
        store.office.context("admin"),
        REGISTRAR,
        GrantedRole.INSPECTOR,
        Scope(ScopeKind.COUNTY, store.log.county),
        first_day=today,
        last_day=today + timedelta(days=30),
        approved_by="bureau",
    )


def test_nothing_of_a_file_is_written_down_in_plain_nor_said_in_the_log(
    officer: TestClient, own_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    where = hand_in(officer, "roster", roster(child(1), child(2, 性别="也许")))
    held = everything(own_store)
    officer.post(f"{where}/apply", data={"skip": "yes"})
    wait(officer, where)
    held += everything(own_store)
    hand_in(officer, "roster", b"not a table")
    held += everything(own_store)
    for secret in (student_no(1), "学生1", "家长1", "也许", "名册0"):
        assert secret.encode() not in held
        assert secret not in caplog.text


def everything(store: Store) -> bytes:
    """What the database holds of runs and what was handed in for them."""
    tables = ("access_runs", "access_handed_in", "access_handed_pieces")
    with store.engine.connect() as connection:
        found = [connection.execute(text(f"SELECT * FROM {t}")).fetchall() for t in tables]
    values = [value for rows in found for row in rows for value in row]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)


def test_a_run_of_another_process_is_watched_and_its_end_by_silence_is_said(
    elsewhere: TestClient, own_store: Store
) -> None:
    own_store.gate.runs.put(BUSY)
    page = elsewhere.get("/imports/of-another-process").text
    assert "正在写入花名册写入40/120" in words(page)
    assert "http-equiv" in page
    later(own_store, SILENT + 1)
    broken = elsewhere.get("/imports/of-another-process").text
    assert "写入中断了：花名册" in words(broken)
    assert "已经写入的都在。请重新选同一份文件核对、写入：写过的行不会重复" in words(broken)
    assert "http-equiv" not in broken
    assert "写入花名册：中断" in words(elsewhere.get("/imports").text)
    refused = elsewhere.post("/imports/of-another-process/apply", data={})
    assert refused.status_code == 303
    assert "写入中断了" in elsewhere.get("/imports/of-another-process").text


def test_the_file_of_a_broken_import_handed_in_again_repeats_no_row(
    officer: TestClient, own_store: Store
) -> None:
    first = hand_in(officer, "roster", roster(child(1)))
    officer.post(f"{first}/apply", data={})
    wait(officer, first)
    again = hand_in(officer, "roster", roster(child(1), child(2)))
    officer.post(f"{again}/apply", data={})
    page = words(wait(officer, again))
    assert "新增1" in page
    assert "未变1" in page


def test_a_run_is_its_owners_alone(own_store: Store) -> None:
    own_store.gate.handed_in.begin(BUSY, packed(Given(kind="roster", names=["a.csv"])), [b"x"])
    with signed_in(own_store, REGISTRAR) as other:
        assert other.get("/imports/of-another-process").status_code == 404
        for act in ("apply", "again", "drop"):
            assert other.post(f"/imports/of-another-process/{act}", data={}).status_code == 404
        assert "我办的" not in other.get("/imports").text


def test_after_a_week_it_is_forgotten(own_store: Store) -> None:
    records = own_store.gate.runs
    records.put(BUSY)
    later(own_store, KEPT + 1)
    assert records.latest("bureau", "imports") == []
    records.put(RunRecord(id="new", account="a", area="b", kind="c", step="d", state="done"))
    assert records.find(BUSY.id, "bureau", "imports") is None
