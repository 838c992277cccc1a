"""In which words are alerts told? The program's, or the county's own, checked before use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from ckbx.clock import micros
from ckbx.domain.alert.kinds import KINDS
from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.domain.shared.marked_text import fault_of
from ckbx.domain.shared.personal import holds_number
from ckbx.eventlog.row_store import RowStore
from notifications.outbox_tables import WORDINGS

ALL_CHANNELS: Final = ""
CHANNEL_KINDS: Final = {
    "inbox": "站内信",
    "email": "电子邮件",
    "sms": "短信",
    "wecom": "企业微信群",
    "dingtalk": "钉钉群",
    "webhook": "接口推送",
    "record": "留存（测试用）",
}
"""Kinds of channels, with what they are called."""

PLACEHOLDERS: Final[dict[str, tuple[str, str]]] = {
    "预警名称": ("预警的名称", "缺勤预警"),
    "等级": ("预警的等级", "黄"),
    "数量": ("有几项", "3"),
    "单位": ("人、班、所或项", "人"),
    "名单": ("是谁、哪个班；群消息里是各校几项", "王**（三年级1班）、李**（三年级2班）"),
    "期限": ("最早的办理期限，没有的为“无”", "9月12日"),
    "县名": ("县（区）的名称", "云溪县"),
}
"""What a county's wording may name: meaning and sample. A name is never more than 王**."""

LONGEST: Final = 200
"""Characters of one wording, before its placeholders are filled."""


class WordingRefused(InputRefused):
    code = "wording_refused"
    message = "用语不能用：{why}"


class WordingUnknown(CkbxError):
    code = "wording_unknown"
    message = "没有{what}“{name}”；可用：{known}"
    exit_code = 2


class Wording(NamedTuple):
    """A county's words for a kind of alert and of channel; ``text`` None: the program's."""

    kind: str
    channel: str
    set_at: int
    text: str | None
    set_by: str


class Book:
    """The county's own words, as they are now."""

    def __init__(self, rows: Iterable[Wording] = ()) -> None:
        self.now: dict[tuple[str, str], Wording] = {}
        for row in sorted(rows, key=lambda row: row.set_at):
            self.now[row.kind, row.channel] = row

    def text_for(self, kind: str, channel: str) -> str | None:
        """The county's words for a kind on a kind of channel; None: the program's."""
        for name in (channel, ALL_CHANNELS):
            row = self.now.get((kind, name))
            if row is not None and row.text is not None:
                return row.text
        return None


class Wordings:
    """The words of a store, kept beside its messages with who set them and when."""

    def __init__(self, rows: RowStore) -> None:
        self._rows = rows

    def book(self) -> Book:
        """The words in force."""
        with self._rows.snapshot() as look:
            return Book(Wording(*row) for row in look.scan(WORDINGS))

    def set_text(self, kind: str, channel: str, text: str, *, by: str, at: datetime) -> None:
        """Tell alerts of a kind in these words. Raises WordingUnknown, WordingRefused."""
        check_names(kind, channel)
        check_text(text.strip())
        self._put(Wording(kind, channel, micros(at), text.strip(), by))

    def reset(self, kind: str, channel: str, *, by: str, at: datetime) -> None:
        """Take the program's words again. Raises WordingUnknown."""
        check_names(kind, channel)
        self._put(Wording(kind, channel, micros(at), None, by))

    def _put(self, row: Wording) -> None:
        with self._rows.transaction() as tx:
            tx.upsert(WORDINGS, [row])


def check_names(kind: str, channel: str) -> None:
    """Raises WordingUnknown unless both are known."""
    known: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
        ("预警类别", kind, KINDS),
        ("渠道类别", channel or "email", CHANNEL_KINDS),
    )
    for what, name, among in known:
        if name not in among:
            raise WordingUnknown(what=what, name=name, known="、".join(among))


def check_text(text: str) -> None:
    """Raises WordingRefused: an unknown placeholder, a brace, a number, too long, empty."""
    why = fault_of(text, PLACEHOLDERS, longest=LONGEST, example="名单")
    if why is None and not text:
        why = "没有文字"
    if why is None and not text.isprintable():
        why = "有换行或看不见的字符，请写成一行"
    if why is None and any(bracket in text for bracket in "⟦⟧"):
        why = "有系统保留的括号 ⟦⟧，请换一种括号"
    if why is None and holds_number(text):
        why = "里面有电话或证件号；消息会转给很多人，请删去"
    if why is not None:
        raise WordingRefused(why=why)
