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
