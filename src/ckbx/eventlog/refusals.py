"""What does an event log refuse, on every database?"""

from __future__ import annotations

from ckbx.domain.shared.errors import CkbxError


class RowRefused(CkbxError):
    """A row handed in with the events breaks a constraint of its table."""

    code = "row_refused"
    message = "随事件写入的资料行不符合数据库的约束，整条命令没有保存：{why}"


class CountyNotNamed(CkbxError):
    """The store does not know yet whose it is."""

    code = "county_not_named"
    message = "事件库还没有指定县；请先运行 ckbx init --county 代码 --name 名称，或先导入校历"
    exit_code = 5


class BackupDamaged(CkbxError):
    """A copy of the store is not the same as the store; it was removed again."""

    code = "backup_damaged"
    message = (
        "备份没有通过检查（{why}），已经删除，没有登记；请换一个磁盘再备份一次，"
        "仍然这样的，原来的数据库可能已经损坏，请保留它和以前的备份，联系维护人员"
    )
    exit_code = 6
