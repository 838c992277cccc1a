"""What does ``doctor`` look at? Each finding is ok, warn or fail, with the mend in Chinese."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from ckbx.cli.context import Wiring
from ckbx.cli.health_imports import open_imports
from ckbx.cli.health_line import FAIL, OK, WARN, Check
from ckbx.cli.health_transport import unified, ways
from ckbx.cli.health_work import standing_work
from ckbx.domain.shared.errors import CkbxError

if TYPE_CHECKING:
    from ckbx.store import Store

_PACKAGES: Final = ("ckbx", "eventsourcing", "sqlalchemy", "cryptography", "chinesecalendar")
_AHEAD: Final = timedelta(days=60)
_LISTED: Final = 3


def examine(wired: Wiring) -> Iterator[Check]:
    """Every check; one that cannot be made is a failure itself, and the others go on."""
    try:
        settings = wired.settings
    except CkbxError as error:
        yield Check("设置", FAIL, str(error), "改正环境变量后重试")
        return
    yield Check(
        "设置", OK, f"数据库 {_without_password(settings.database_url)}，时区 {settings.timezone}"
    )
    yield Check("版本", OK, _versions())
    yield from ways(settings)
    yield from unified(settings)
    try:
        with wired.store(named=False) as store:
            yield Check("数据库", OK, f"可以使用，事件记录到位置 {store.log.head()}")
            yield Check("密钥", OK, f"与本数据库相符（{settings.secret_dir}）", "请确认已另行备份")
            for look in _LOOKS:
                yield from _guarded(look, store, wired)
    except CkbxError as error:
        yield Check("数据库", FAIL, str(error))


def _guarded(
    look: Callable[[Store, Wiring], Iterator[Check]], store: Store, wired: Wiring
) -> Iterator[Check]:
    try:
        yield from look(store, wired)
    except CkbxError as error:
        yield Check(_TITLES[look], FAIL, str(error))


def _database(store: Store, _wired: Wiring) -> Iterator[Check]:
    for sentence in store.log.warnings:
        yield Check("数据库", WARN, sentence)
    if getattr(store.log, "weak", False):
        yield Check(
            "只追加保护",
            WARN,
            "程序所用的数据库账号就是属主，能够解除只追加保护",
            "为程序另建账号，用 CKBX_OWNER_URL 运行 ckbx init",
        )
    else:
        yield Check("只追加保护", OK, "有效")


def _county(store: Store, _wired: Wiring) -> Iterator[Check]:
    if not store.log.county:
        mend = "运行 ckbx init --county 代码 --name 名称，或先导入校历"
        yield Check("县（区）", WARN, "还没有指定", mend)
        return
    from ckbx.domain.school.school import County

    stream = County.stream(store.log.county)
    named = County(stream).replay(store.log.load([stream]).get(stream, []))
    yield Check("县（区）", OK, f"{store.log.county} {named.name}，学校 {len(named.schools)} 所")


def _answers(store: Store, _wired: Wiring) -> Iterator[Check]:
    store.projector.start()
    behind = [each for each in store.projector.lag() if each.behind or each.state != "live"]
    if behind:
        names = "、".join(f"{each.name} 落后 {each.behind}" for each in behind)
        yield Check("台账进度", WARN, names, "运行 ckbx worker，或任一查询命令会补算")
    else:
        yield Check("台账进度", OK, "全部算到最新")
    with store.answers.reading() as reading:
        parked = reading.parked(*[each.name for each in store.projector.projections])
    for each in parked[:_LISTED]:
        where = f"{each.projection} 的对象 {each.subject}：位置 {each.position} 的 {each.topic}"
        yield Check("搁置对象", FAIL, f"{where} 无法计入（{each.error}）", "把这一行报告管理员")
    if len(parked) > _LISTED:
        yield Check("搁置对象", FAIL, f"另有 {len(parked) - _LISTED} 个对象无法计入")
    if not parked:
        yield Check("搁置对象", OK, "没有")


def _calendar(store: Store, wired: Wiring) -> Iterator[Check]:
    from projections.roll_call_completeness import CountyLines

    if not store.log.county:
        return
    store.catch_up()
    with store.answers.reading() as reading:
        lines = CountyLines.at(reading, store.log.head())
    today, calendar = wired.today, lines.calendars.for_school(None)
    if not calendar.terms:
        yield Check("校历", WARN, "还没有校历", "运行 ckbx import calendar 校历文件")
        return
    term = calendar.term_of(today)
    coming = [each for each in calendar.terms if each.first_day > today]
    detail = f"今天属于 {term.title}" if term else "今天不在学期内"
    if term or coming:
        yield Check("校历", OK, detail)
    else:
        yield Check("校历", WARN, f"{detail}，也没有以后的学期", "导入下一学期校历")
    yield from _years(calendar, today)


def _years(calendar: Any, today: date) -> Iterator[Check]:
    unknown = sorted({day.year for day in calendar.unknown_days})
    near = today + _AHEAD
    for year in unknown:
        mend = "国务院办公厅放假通知公布后，导入该年放假、补课和“已核定”行"
        soon = "，60 天内就会用到" if year <= near.year else ""
        yield Check("校历年份", WARN, f"{year} 年放假安排未知{soon}，期间教学日不计", mend)
    if not unknown:
        yield Check("校历年份", OK, "学期涉及的年份放假安排都已知")


def _posts(store: Store, wired: Wiring) -> Iterator[Check]:
    from projections import responsibility, roll_call_completeness, school
    from projections.scope import Scope

    if not store.log.county:
        return
    at: Any = {"as_of": wired.today, "position": store.log.head()}
    now = wired.clock.now()
    with store.answers.reading() as reading:
        vacant = responsibility.vacant(reading, Scope.county(), **at)
        known = responsibility.directory(reading, at["position"])
        days = roll_call_completeness.class_days(reading, Scope.county(), instant=now, **at)
        names = school.school_names(reading, Scope.county(), position=at["position"])
    for row in vacant[:_LISTED]:
        yield Check(
            "空岗",
            WARN,
            f"{row.title}（{row.covers}）自 {row.first_day} 起空缺",
            "任命后导入责任链",
        )
    if len(vacant) > _LISTED:
        yield Check(
            "空岗",
            WARN,
            f"另有 {len(vacant) - _LISTED} 个岗位空缺",
            "见 ckbx ledger responsibility",
        )
    unset = 0
    for code, name in sorted(names.items()):
        classes = [day.class_key for day in days if day.school == code]
        missing = known.unset_of_school(code, classes, wired.today)
        if missing:
            unset += 1
            listed = "、".join(map(str, missing[:_LISTED]))
            more = f" 等 {len(missing)} 处" if len(missing) > _LISTED else ""
            yield Check("未设岗位", WARN, f"{name or code}：{listed}{more}", "补充责任链后导入")
    if not vacant and not unset:
        yield Check("责任岗位", OK, "没有空岗和未设")


def _backups(store: Store, wired: Wiring) -> Iterator[Check]:
    from ckbx.application.backups import last_backup
    from ckbx.domain.rules.rule_book import RuleBook

    if not store.log.county:
        return
    last = last_backup(store.office)
    how = "ckbx backup 文件" if store.settings.is_sqlite else "pg_dump"
    mend = f"运行 {how}；用别的工具备份的，运行 ckbx backup --made-outside 登记"
    if last is None:
        yield Check("备份", WARN, "没有登记过备份", mend)
        return
    rules = RuleBook.of(store.log.county)
    rules.replay(store.log.load([rules.id]).get(rules.id, []))
    age = (wired.today - last.occurred_on).days
    most = rules.rules_on(last.occurred_on).pack.backup_days
    reaches = f"，到位置 {last.position}" if last.position else ""
    detail = f"上次 {last.occurred_on}（{age} 天前，{last.kind.label}{reaches}）"
    if age > most:
        yield Check("备份", WARN, f"{detail}，超过 {most} 天", mend)
    else:
        yield Check("备份", OK, detail, "请确认密钥目录也另有备份")


def _erasures(store: Store, _wired: Wiring) -> Iterator[Check]:
    waiting = store.vault.waiting_for_purge()
    if waiting:
        mend = "没有人使用时再运行一次 ckbx erase，或等待后台清除"
        yield Check("个人信息清除", WARN, f"{len(waiting)} 人待清除", mend)
    else:
        yield Check("个人信息清除", OK, "没有待清除的")


_TITLES: Final[dict[Callable[[Store, Wiring], Iterator[Check]], str]] = {
    _database: "数据库",
    _county: "县（区）",
    _answers: "台账进度",
    _calendar: "校历",
    _posts: "责任岗位",
    open_imports: "导入",
    standing_work: "日常工作",
    _backups: "备份",
    _erasures: "个人信息清除",
}
_LOOKS: Final = tuple(_TITLES)


def _versions() -> str:
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} 未安装为软件包")
    return "，".join(found)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
