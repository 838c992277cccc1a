"""The columns that several ledgers share, and the words for their codes."""

from __future__ import annotations

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.model import Column, Kind

STATUS = {each.value: each.label for each in TrackingStatus}
SHORT = 8
"""How many characters of its id name a case, on paper and in a command."""
SHORT_NOTE = f"xlsx、pdf 只印前 {SHORT} 位，命令里写前 {SHORT} 位就够"
ROLES = {
    Role.CASE_TEACHER: "帮扶教师",
    Role.CLASS_TEACHER: "班主任",
    Role.GRADE_LEADER: "包年级领导",
    Role.PRINCIPAL: "校长",
    Role.BUREAU_LEADER: "包学校局领导",
    Role.VILLAGE_OFFICER: "村责任人",
    Role.LIAISON: "联络员",
    Role.TOWNSHIP_OFFICER: "乡镇责任人",
    Role.BUREAU_OFFICER: "县局专干",
    Role.REGISTRAR: "学籍管理员",
    Role.NOTIFIED: "知会",
}


def number(key: str, heading: str, *, brief: bool = True, note: str = "") -> Column:
    """A column of whole numbers."""
    return Column(key=key, heading=heading, kind=Kind.NUMBER, brief=brief, note=note)


def day(
    key: str, heading: str, *, brief: bool = True, ended: bool = False, note: str = ""
) -> Column:
    """A column of local days."""
    return Column(key=key, heading=heading, kind=Kind.DAY, brief=brief, ended=ended, note=note)


STUDENT_NO = Column(
    key="student_no", heading="学籍号", masked=True, note="JSON、csv、xlsx 为全号，屏幕表格遮盖中段"
)
NAME = Column(key="name", heading="姓名", note="来自个人信息库；已删除的显示“已依法删除”")
SCHOOL_CODE = Column(key="school_code", heading="学校标识码", brief=False)
SCHOOL_NAME = Column(key="school_name", heading="学校")
ITS_SCHOOL = Column(
    key="school_name", heading="学校", absent="不在本县学校", note="不在本县学校就读的，代码为空"
)
"""For totals by school: a row of those who are at none."""
GRADE = number("grade", "年级", note="按截至日所在学年，1 至 9")
CLASS = number("class", "班级")
CHILD_ID = Column(
    key="child_id",
    heading="内部编号",
    brief=False,
    printed=False,
    note="系统内的编号，不含身份信息",
)
