"""Personal data stands in the vault and nowhere else, and an erased child's is gone for good."""

from __future__ import annotations

import csv
import io
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import pytest
from msgspec import structs

from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.identifiers import check_character
from ckbx.eventlog.ports import Append
from ckbx.imports.intake import (
    ImportJob,
    import_calendar,
    import_chain,
    import_rollcalls,
    import_roster,
)
from ckbx.imports.problems import ImportRefused
from ckbx.store import Store
from tests.faults import standing
from tests.faults.personal import cells, everything_about, search, words_about
from tests.support.county import COUNTY, NOW, SCHOOL, opened
from tests.support.terminal import Terminal
from tests.vault.store import Store as VaultStore
from tests.vault.test_erasing import PERSONAL, _bytes_of, _found_in, _pages

BIRTH = date(2017, 5, 6)
CHILDREN = range(12)
TYPED = "代课老师欧阳雪娥"
REMARK = "水管冻裂由龚师傅抢修"


def name(n: int, family: str = "杨") -> str:
    """A name that stands nowhere by chance."""
    return f"{family}{chr(0x9E20 + n)}{chr(0x6F00 + n)}"


def id_number(n: int, birth: date = BIRTH) -> str:
    body = f"522601{birth:%Y%m%d}{n + 100:03d}"
    return body + check_character(body)


def child_phone(n: int) -> str:
    return f"1380913{n:04d}"


def address(n: int) -> str:
    return f"翁{chr(0x6E00 + n)}寨{n + 21}号"


def said_about(n: int) -> list[str]:
    """Every word about the n-th child that may stand in the vault only."""
    number = id_number(n)
    guardian = id_number(n, date(1985, 3, 2))
    return [name(n), name(n, "吴"), number, f"G{number}", child_phone(n), address(n), guardian]


def said_about_staff() -> list[str]:
    return [name(500), name(501), "13909130500", "13909130501", TYPED, REMARK]


def everything_said() -> list[str]:
    return [word for n in CHILDREN for word in said_about(n)] + said_about_staff()


class County:
    """A small county that handed its files over."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.job = ImportJob(office=store.office, vault=store.vault, actor="cli:registrar")
        self.refusals: list[str] = []

    def hand_over(self) -> None:
        """Calendar, roster, chain, roll calls; and files with mistakes, which are refused."""
        head = "学年 学期 开始 结束 适用 日期 类型 说明"
        term = ["2026-2027", "秋季", "2026-09-01", "2027-01-22", COUNTY]
        closed = ["", "", "", "", SCHOOL, "2026-09-10", "停课", REMARK]
        import_calendar(self.job, [self._file(head, [term, closed])])
        import_roster(self.job, [self._roster(CHILDREN)], effective=date(2026, 9, 1))
        self._chain()
        self._roll_calls()
        wrong = id_number(40)[:17] + ("0" if id_number(40)[17] != "0" else "1")
        self._refused([[*self._row(40)[:8], wrong, *self._row(40)[9:]]])
        self.store.catch_up()

    def _chain(self) -> None:
        rows = [
            [
                *("教育线 4 班主任 班级").split(),
                f"{SCHOOL}/3/1",
                name(500),
                "ct1",
                "13909130500",
            ],
            [*("教育线 2 校长 学校").split(), SCHOOL, name(501), "pr1", "13909130501"],
        ]
        head = "线 层级 岗位 范围类型 范围代码 姓名 账号 电话 起 止"
        import_chain(self.job, [self._file(head, [[*row, "2026-09-01", ""] for row in rows])])

    def _roll_calls(self) -> None:
        size, absent = len(CHILDREN), f"G{id_number(0)}"
        days = [f"2026-09-{day:02d}" for day in (1, 2, 3, 4, 7, 8)]
        rows = [[day, SCHOOL, 3, 1, "全天", size, size - 1, absent, "无故", TYPED] for day in days]
        head = "日期 学校标识码 年级 班级 时段 应到 实到 缺勤学籍号 原因 提交人"
        import_rollcalls(self.job, [self._file(head, rows)])

    def _refused(self, rows: list[Sequence[object]]) -> None:
        with pytest.raises(ImportRefused) as refusal:
            import_roster(self.job, [self._file(self.HEAD, rows)], effective=date(2026, 9, 1))
        self.refusals.append(str(refusal.value))

    HEAD: ClassVar[str] = (
        "学校标识码 学校名称 年级 班级 姓名 性别 出生日期 身份证件类型 身份证件号 学籍号"
        " 户籍地区划 现住址 监护人 监护人身份证件号 联系电话"
    )

    def _row(self, n: int) -> list[object]:
        number = id_number(n)
        sex = "男" if int(number[16]) % 2 else "女"
        who = [name(n), sex, BIRTH.isoformat(), "居民身份证", number, f"G{number}"]
        guardian = [name(n, "吴"), id_number(n, date(1985, 3, 2)), child_phone(n)]
        return [SCHOOL, "翁东小学", 3, 1, *who, f"{COUNTY}100201", address(n), *guardian]

    def _roster(self, children: Sequence[int]) -> Path:
        return self._file(self.HEAD, [self._row(n) for n in children])

    def _file(self, head: str, rows: Sequence[Sequence[object]]) -> Path:
        out = io.StringIO()
        csv.writer(out).writerows([head.split(), *rows])
        path = self.folder / f"{uuid4()}.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        return path


@pytest.fixture
def county(store_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[County]:
    """The county on each database; everything that is logged is kept."""
    for talkative in ("", "sqlalchemy", "sqlalchemy.engine", "psycopg", "psycopg.pool"):
        caplog.set_level(logging.DEBUG, logger=talkative)
    with opened(store_url, tmp_path / "secrets") as store:
        made = County(store, tmp_path)
        made.hand_over()
        yield made


def all_words(store: Store) -> set[str]:
    """Every word that the vault holds about anybody."""
    return set().union(*(words_about(person) for person in everything_about(store).values()))


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Everything logged since the county was made, by whatever library."""
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    return "\n".join(logging.Formatter().format(record) for record in records)


def vault_of(store: Store) -> VaultStore:
    """The vault as the helpers of its own tests see it."""
    return VaultStore(store.engine, store.vault._keys, store.clock)  # type: ignore[arg-type]


def test_every_word_about_a_person_is_in_the_vault_and_nowhere_else(
    county: County, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = all_words(county.store)
    assert set(everything_said()) <= kept
    assert search(cells(county.store), kept) == []
    spoken = capfd.readouterr()
    heard = [("log", logged(caplog)), ("out", spoken.out), ("err", spoken.err)]
    assert "INSERT INTO vault_access" in logged(caplog)  # what the database driver says, too
    assert search([(where, what.encode()) for where, what in heard], kept) == []


def test_a_refused_row_is_reported_without_the_number_or_the_name(county: County) -> None:
    wrong = [id_number(40)[:17], name(40), name(40, "吴"), child_phone(40)]
    assert county.refusals != []
    assert search([("refusal", text.encode()) for text in county.refusals], wrong) == []


def test_no_byte_of_any_file_of_the_store_says_a_word_in_the_clear(
    sqlite_url: str, tmp_path: Path
) -> None:
    with opened(sqlite_url, tmp_path / "secrets") as store:
        County(store, tmp_path).hand_over()
        files = [store.settings.sqlite_path, Path(f"{store.settings.sqlite_path}-wal")]
        assert search([(f.name, f.read_bytes()) for f in files], everything_said()) == []


class Careless(DomainEvent, frozen=True, kw_only=True):
    """An event with a person's data in it, as no event may be."""

    TOPIC = "test.faults.Careless"
    TITLE = "不该有的事件"
    who: str
    phone: int


@pytest.mark.parametrize("n", [0, 500])
def test_control_a_careless_event_and_a_careless_log_line_are_found(
    county: County, caplog: pytest.LogCaptureFixture, n: int
) -> None:
    command = uuid4()
    event = Careless(
        originator_id=uuid4(),
        originator_version=1,
        occurred_on=NOW.date(),
        actor="test",
        command_id=command,
        who=f"家长{name(n)}",
        phone=int(child_phone(0)),
    )
    county.store.log.append(Append(command_id=command, events=[event]))
    logging.getLogger("ckbx").info("saw %s", name(n))
    found = search(cells(county.store), everything_said())
    assert found == sorted({("events", child_phone(0)), ("events", name(n))}, key=lambda f: f[1])
    assert search([("log", logged(caplog).encode())], everything_said()) == [("log", name(n))]


def test_after_ckbx_erase_no_byte_of_the_child_is_left_anywhere(
    county: County, tmp_path: Path
) -> None:
    store, vault = county.store, vault_of(county.store)
    gone, kept = (store.vault.find("id_number", id_number(n)) for n in (0, 1))
    assert gone is not None
    assert kept is not None
    needles, others = _bytes_of(vault, gone), _bytes_of(vault, kept)
    assert len(needles) >= len(PERSONAL)
    url, secrets = store.settings.database_url, store.settings.secret_dir
    terminal = Terminal(url, secrets, at=store.clock.now())
    typed = ("erase", f"G{id_number(0)}", "--ground", "保存期满", "--approver", "leader1")
    assert "已清除" in terminal(*typed).ok().err
    assert _left(county, needles, tmp_path) == 0
    assert _left(county, others, tmp_path) == len(others)
    assert not set(said_about(0)) & all_words(store)
    assert search(cells(store), everything_said()) == []
    standing.check_answers(store)  # the facts about the child stay, and so do the figures


def _left(county: County, needles: list[bytes], tmp_path: Path) -> int:
    """How many needles stand in the database's files or in a backup made now."""
    store = county.store
    if not store.settings.is_sqlite:
        pages = _pages(vault_of(store))
        return sum(n[:16] in pages or n[-16:] in pages for n in needles)
    backup = tmp_path / f"{uuid4()}.db"
    store.log.backup_to(backup)
    path = store.settings.sqlite_path
    return _found_in(needles, path, Path(f"{path}-wal"), backup)


def test_control_without_secure_delete_and_checkpoint_the_bytes_stay(
    sqlite_url: str, tmp_path: Path
) -> None:
    with opened(sqlite_url, tmp_path / "secrets") as store:
        county = County(store, tmp_path)
        county.hand_over()
        child = store.vault.find("id_number", id_number(0))
        assert child is not None
        needles = _bytes_of(vault_of(store), child)
        store.log.checkpoint()
        with (
            store.log.write_lock(),
            closing(sqlite3.connect(store.settings.sqlite_path, isolation_level=None)) as raw,
        ):
            raw.execute("PRAGMA secure_delete=OFF")
            raw.execute("INSERT INTO vault_erased VALUES (?, 1)", (child.bytes,))
            for table in PERSONAL:
                raw.execute(f"DELETE FROM {table} WHERE subject = ?", (child.bytes,))
        assert _bytes_of(vault_of(store), child) == []
        assert _left(county, needles, tmp_path) == len(needles)


def test_people_print_without_what_they_hold(county: County) -> None:
    person = next(p for p in everything_about(county.store).values() if p.identity)
    assert search([("repr", repr(structs.asdict(person)).encode())], words_about(person)) == []
