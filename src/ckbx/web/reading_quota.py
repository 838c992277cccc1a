"""How many children may one account open one by one in an hour?

Counted from the access records, which stand in the database: it holds for all processes. What
counts is the number of different children, so that working on one of them, with its photos and
forms, counts once. A list counts nothing here: its rows are those of the post, and its files
are guarded elsewhere (reliability §8, row 20).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from ckbx.domain.shared.errors import RuleRefusal
from ckbx.store import Store
from ckbx.vault import Access

DETAIL: Final = frozenset(
    {
        "web:child",
        "web:case",
        "web:case_step",
        "web:case_file",
        "web:number",
        "api:child",
        "api:case",
    }
)
"""Views that show one child."""
ALARM_AT: Final = 120
"""One every thirty seconds for an hour; two classes of the largest size. A class teacher has
fifty or sixty children in all."""
STOP_AT: Final = 400
"""One every nine seconds for an hour: nobody reads so fast."""
HOUR: Final = timedelta(hours=1)
ALARM: Final = "alarm:reading"
STOPPED: Final = "alarm:reading-stopped"
ALARMS: Final = (ALARM, STOPPED)
_log = logging.getLogger(__name__)


class TooManyReads(RuleRefusal):
    """ids: count (children in the last hour)."""

    code = "too_many_reads"
    message = (
        "这个账号一小时内已逐个查看了 {count} 名学生，暂停查看，并已告诉督导。"
        "请过一小时再看；要看许多人请用名册、台账，确有需要的请联系县教育局专干"
    )


def count_look(store: Store, actor: str, view: str) -> None:
    """Before a view of one child is shown. Over the measure an alarm is written among the
    access records and to the log, once an hour. Raises TooManyReads, StoreUnavailable.
    """
    if view not in DETAIL:
        return
    since = store.clock.now() - HOUR
    opened = store.vault.opened(actor, DETAIL, since, STOP_AT)
    if len(opened) < ALARM_AT:
        return
    stopped = len(opened) >= STOP_AT
    kind = STOPPED if stopped else ALARM
    if not store.vault.was_noted(actor, kind, since):
        done = "已暂停" if stopped else "请核实是否工作需要"
        said = f"报警：一小时内逐个查看了 {len(opened)} 名学生，{done}"
        store.vault.note(Access(actor=actor, view=kind, purpose=said), opened)
        _log.warning("reading_alarm %s %s %d", kind, actor, len(opened))
    if stopped:
        raise TooManyReads(count=len(opened))
