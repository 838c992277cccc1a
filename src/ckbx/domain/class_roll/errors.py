"""Why a roll call is refused."""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused


class NegativeCount(InputRefused):
    code = "negative_count"
    message = "{day} {class_name}：人数不能是负数（应到 {expected}，实到 {present}）"


class PresentExceedsExpected(InputRefused):
    code = "present_exceeds_expected"
    message = "{day} {class_name}：实到 {present} 多于应到 {expected}，请核对后重报"


class AbsenteesDoNotAddUp(InputRefused):
    code = "absentees_do_not_add_up"
    message = (
        "{day} {class_name}：应到 {expected} − 实到 {present} = {gap}，"
        "但列出了 {listed} 名缺勤学生，请补全或改正"
    )


class AbsenteeNotOnRoll(InputRefused):
    code = "absentee_not_on_roll"
    message = (
        "{day} {class_name}：缺勤学生 {child} 当天不在这个班的点名册上，"
        "请核对班级；刚转入的学生请先由学籍管理员编班"
    )


class FutureDay(InputRefused):
    code = "future_day"
    message = "{day} 还没有到（今天是 {today}），不能提前点名"


class NotATeachingDay(InputRefused):
    code = "not_a_teaching_day"
    message = "{day} {class_name}：这一天不是教学日（{kind}），不收点名；如需补课请先由教育局改校历"


class OutsideTerms(InputRefused):
    code = "outside_terms"
    message = "{day} 不在任何一个学期内，请先导入这一学期的校历"


class ClassUnknown(InputRefused):
    code = "class_unknown"
    message = "没有这个班：{class_name}，请先导入该校花名册"


class SchoolUnknown(InputRefused):
    """The school has no class at all: no roster came, or the code is wrong."""

    code = "school_unknown"
    message = "没有学校 {school} 的花名册，请核对学校标识码，或先导入该校花名册"


class BeforeClassBegan(InputRefused):
    code = "before_class_began"
    message = "{day} {class_name}：早于本班名册开始的日期 {began}，不能点名"
