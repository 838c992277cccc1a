"""What ``doctor`` says of the standing work: who does it, what is late, messages, clocks, disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ckbx.cli.context import Wiring
from ckbx.cli.health_line import FAIL, OK, WARN, Check
from ckbx.domain.alert.kinds import KINDS
from ckbx.domain.shared.errors import CkbxError

if TYPE_CHECKING:
    from ckbx.health.measures import Measures
    from ckbx.store import Store

LATE: Final = timedelta(minutes=10)
"""What fell due so long ago and is not done is late: the worker looks every minute."""
_LISTED: Final = 3
_START: Final = "运行 ckbx serve（SQLite）或 ckbx worker 并让它一直开着"
_TEN: Final = 10


def standing_work(store: Store, wired: Wiring) -> Iterator[Check]:
    """Every line about the standing work; measured once."""
    from ckbx.health.measures import measure

    found = measure(store)
    yield _worker(found)
    yield from _late(store, wired)
    yield from _messages(found)
    yield _channels(store)
    yield _clock(found)
    yield _disk(found)


def _worker(found: Measures) -> Check:
    name, age, pulse = "日常工作", found.tick_age, found.leading.pulse
    if not found.leading.held:
        last = "" if age is None else f"，上次工作在 {_ago(age)}前"
        return Check(name, WARN, f"没有进程在做{last}", _START)
    if age is None:
        return Check(name, WARN, "有进程在做，还没有办完第一轮", "过一分钟再看")
    if age > 5 * 60:
        mend = "停掉那个 ckbx serve 或 ckbx worker 进程，重新启动"
        return Check(name, FAIL, f"有进程占着，但 {_ago(age)}没有动静", mend)
    if pulse.code:
        mend = "看下面其他各项；数据库恢复后会自动再办，一直不好就重新启动"
        return Check(name, WARN, f"上一轮没有办成（{pulse.code}），{_ago(age)}前", mend)
    return Check(name, OK, f"有进程在做，上一轮在 {_ago(age)}前")


def _late(store: Store, wired: Wiring) -> Iterator[Check]:
    if wired.overdue is None or not store.log.county:
        return
    counts = wired.overdue(store, wired.clock.now() - LATE)
    if not counts:
        yield Check("到期未办", OK, "没有")
        return
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    named = "、".join(f"{_title(kind)} {count}" for kind, count in most[:_LISTED])
    more = f" 等 {len(most)} 种" if len(most) > _LISTED else ""
    mend = f"{_START}；马上补办可运行 ckbx run-due"
    yield Check("到期未办", WARN, f"{sum(counts.values())} 条：{named}{more}", mend)


def _title(kind: str) -> str:
    known = KINDS.get(kind)
    return known.title if known else kind


def _messages(found: Measures) -> Iterator[Check]:
    posted = found.posted
    if posted is None:
        yield Check("消息", OK, "未启用（没有发件箱）")
        return
    if posted.overdue > _TEN * 60:
        late = f"最早的一条已迟 {_ago(posted.overdue)}"
        yield Check("待发消息", WARN, f"{posted.waiting} 条，{late}", _START)
    else:
        yield Check("待发消息", OK, f"{posted.waiting} 条，没有耽搁")
    if posted.dead:
        mend = "运行 ckbx messages --dead 看原因，改好后 ckbx messages resend 编号"
        yield Check("发不出的消息", WARN, f"{posted.dead} 条", mend)
    else:
        yield Check("发不出的消息", OK, "没有")


def _channels(store: Store) -> Check:
    from notifications.channels.file import FILE

    name = "通知通道"
    try:
        named = [each.name for each in store.channels.settings]
    except CkbxError as error:
        return Check(name, FAIL, str(error), "改好后重新启动 ckbx serve 或 ckbx worker")
    if not named:
        path = store.settings.secret_dir / FILE
        mend = f"要发短信、邮件或群消息，写 {path}，见管理员指南"
        return Check(name, WARN, "没有设置，消息只在站内信里", mend)
    return Check(name, OK, f"{len(named)} 个：{'、'.join(named)}")


def _clock(found: Measures) -> Check:
    name = "时钟"
    mend = "校准本机时间（timedatectl set-ntp true），并检查数据库服务器的时间"
    if found.back > 1:
        detail = f"比最后一条记录早 {_ago(found.back)}"
        return Check(name, FAIL if found.back > 60 else WARN, detail, mend)
    if found.skew is None:
        return Check(name, OK, "不早于最后一条记录")
    detail = f"与数据库服务器相差 {abs(found.skew):.1f} 秒"
    if abs(found.skew) > 60:
        return Check(name, FAIL, detail, mend)
    if abs(found.skew) > 5:
        return Check(name, WARN, detail, mend)
    return Check(name, OK, detail)


def _disk(found: Measures) -> Check:
    from ckbx.health.judging import DISK_FAIL, DISK_WARN, GIB

    detail = f"还有 {found.disk_free / GIB:.1f} GB，共 {found.disk_total / GIB:.0f} GB"
    mend = "清理磁盘或换大一些的；写满后不能再登记任何事"
    if found.disk_free < DISK_FAIL:
        return Check("磁盘", FAIL, detail, mend)
    if found.disk_free < DISK_WARN:
        return Check("磁盘", WARN, detail, mend)
    return Check("磁盘", OK, detail)


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} 秒"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} 分钟"
    return f"{seconds / 3600:.0f} 小时" if seconds < 2 * 86400 else f"{seconds / 86400:.0f} 天"
