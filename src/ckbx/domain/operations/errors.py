"""Why a backup is not recorded."""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused


class BackupDayRefused(InputRefused):
    code = "backup_day_refused"
    message = "备份日期 {on} 不能用：还没有到（今天是 {today}）；请写备份做好的那一天"
