"""Which alert does a person mean: by its id, or by the beginning of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.personal import mask_numbers
from ckbx.store import Store
from projections import alerts
from projections.scope import Scope

SHORTEST: Final = 6
_LONGEST: Final = 32


class AlertNotFound(InputRefused):
    code = "alert_not_found"
    message = (
        "没有找到预警 {key}：请写编号或它开头的 6 位以上，用 ckbx alerts --open --to 账号 查看编号"
    )


class AlertShortAmbiguous(InputRefused):
    code = "alert_short_ambiguous"
    message = "编号 {key} 对应 {count} 条预警：请多写几位"


def find_alerts(store: Store, keys: Sequence[str], account: str) -> list[UUID]:
    """The alerts of ids or beginnings of ids. Where a beginning is that of several, the one
    that was sent to the account is meant.

    Raises AlertNotFound, AlertShortAmbiguous.
    """
    store.catch_up()
    whole = Scope.county()
    with store.answers.reading() as reading:
        every, own = alerts.ids(reading, whole), alerts.ids(reading, whole, to=account)
    found = [_one(key, every, own) for key in keys]
    return list(dict.fromkeys(found))


def _one(key: str, every: Sequence[UUID], own: Sequence[UUID]) -> UUID:
    digits = key.strip().lower().replace("-", "")
    if not SHORTEST <= len(digits) <= _LONGEST or set(digits) - set("0123456789abcdef"):
        raise AlertNotFound(key=mask_numbers(key))
    matching = [id_ for id_ in own if id_.hex.startswith(digits)]
    matching = matching or [id_ for id_ in every if id_.hex.startswith(digits)]
    if not matching:
        raise AlertNotFound(key=key)
    if len(matching) > 1:
        raise AlertShortAmbiguous(key=key, count=len(matching))
    return matching[0]
