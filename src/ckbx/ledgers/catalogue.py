"""Which ledgers are there, with which columns, headings and 口径?"""

from __future__ import annotations

from ckbx.domain.alert.kinds import KINDS
from ckbx.domain.child.status import Finding, RegisterStatus, SuspicionSource
from ckbx.domain.indicators.model import Stage, Unit
from ckbx.domain.responsibility.answer import State
from ckbx.domain.responsibility.post import Line, ScopeKind
from ckbx.ledgers.case_catalogue import CASE_LEDGERS
from ckbx.ledgers.columns import (
    CHILD_ID,
    CLASS,
    GRADE,
    NAME,
    ROLES,
    SCHOOL_CODE,
    SCHOOL_NAME,
    SHORT,
    SHORT_NOTE,
    STATUS,
    STUDENT_NO,
    day,
    number,
)
from ckbx.ledgers.model import Column, Grain, Kind, Ledger
from ckbx.ledgers.movement_catalogue import MOVEMENT_LEDGERS
from ckbx.ledgers.placement_catalogue import PLACEMENT_LEDGERS
from ckbx.ledgers.report_catalogue import REPORT_LEDGERS
from projections.deadlines import TO_DO
from projections.roll_call_completeness import DayState
from projections.school import CALIBER

_REGISTER = {each.value: each.label for each in RegisterStatus}
_SOURCE = {each.value: each.label for each in SuspicionSource}
_FINDING = {each.value: f"{each.value} {each.label}" for each in Finding}
_LINE = {each.value: each.zh for each in Line}
_SCOPE = {each.value: each.zh for each in ScopeKind}
_POST_STATE = {each.value: each.zh for each in State}
_ALERT_STATE = {
    "open": "待处理",
    "acknowledged": "已签收",
    "withdrawn": "已撤销",
    "closed": "已办结",
}
_DAY_STATE = {each.value: each.label for each in DayState}
GROUPS_NOTE = "特殊群体标记代码，来自个人信息库，取截至日有效的"


SUSPECTED = Ledger(
    name="suspected",
    title="疑似辍学学生台账",
    caliber="suspected-2026.2",
    about="截至某日处于疑似辍学的学生、依据和办理期限",
    rule=(
        "连续 5 个教学日无故或未核缺勤，自第 5 天起列入；病假事假、未报日既不计入也不中断；"
        "更正后不成立的视为从未列入。--all 另列此前已核销的。"
    ),
    columns=(
        STUDENT_NO,
        NAME,
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        Column(key="source", heading="线索来源", labels=_SOURCE),
        day("first_absent_on", "缺勤首日"),
        number("unexplained_days", "累计缺勤教学日", note="自缺勤首日至截至日的无故、未核教学日"),
        day("suspected_on", "列入日期"),
        Column(key="status", heading="就学状态", labels=STATUS),
        day("attending_since", "恢复到校起", note="连续到校满 3 个教学日起填写"),
        Column(key="case_id", heading="个案编号", brief=False, short=SHORT, note=SHORT_NOTE),
        Column(key="case_teacher", heading="帮扶教师", note="未确定帮扶教师时为班主任"),
        Column(key="case_teacher_account", printed=False, heading="帮扶教师账号", brief=False),
        Column(key="due", heading="最先要办", labels=TO_DO),
        day(
            "due_on",
            "最近期限",
            note="个案还没有办的事项中最早的期限，已过的为逾期未办；校历年份未知时为空",
        ),
        Column(key="ground_changed", heading="依据已变", labels={"True": "是", "False": ""}),
        day("closed_on", "核销日期", brief=False, ended=True, note="仅 --all"),
        Column(
            key="outcome",
            heading="核销去向",
            labels={**STATUS, "cleared": "核销"},
            brief=False,
            ended=True,
        ),
        Column(key="finding", heading="核查结论", labels=_FINDING, brief=False, ended=True),
        CHILD_ID,
    ),
    answers=("suspected", "cases", "roster", "responsibility", "roll_call_completeness"),
    by_township=True,
)

SCHOOL = Ledger(
    name="school",
    title="学校汇总台账",
    caliber=CALIBER,
    about="每校应入学、在校、各类状态人数和点名上报情况",
    rule=(
        "在校 = 在读 + 请假 + 缺勤 + 劝返复学 + 送教上门 + 疑似中已恢复到校；"
        "应入学 = 在校 + 未入学 +（疑似 − 已恢复到校）+ 辍学 + 休学 + 缓学 + 免学 + 转出在途 + 失联。"
        "已报、未报班级取截至日或此前最近的教学日，当日截止前为待报，两者都不计。"
    ),
    columns=(
        SCHOOL_CODE,
        SCHOOL_NAME,
        number("expected", "应入学"),
        number("attending", "在校"),
        number("enrolled", "在读", brief=False),
        number("not_enrolled", "未入学"),
        number("on_leave", "请假"),
        number("absent", "缺勤"),
        number("suspected", "疑似辍学"),
        number("suspected_attending", "其中已恢复到校"),
        number("dropped_out", "辍学"),
        number("persuaded_back", "劝返复学"),
        number("suspended", "休学"),
        number("deferred", "缓学"),
        number("exempted", "免学"),
        number("home_taught", "送教上门"),
        number("transferring", "转出在途"),
        number("missing", "失联"),
        number("classes", "班级数"),
        number("classes_reported", "已报班级"),
        number("classes_silent", "未报班级"),
        number("classes_waiting", "待报班级"),
        day("reports_day", "点名日期", note="班级上报情况所指的教学日"),
        number("silent_class_days", "本学期未报班次", note="学期初至截至日，班·日"),
        Column(key="incomplete", heading="不完整说明"),
    ),
    answers=("school", "roster", "roll_call_completeness"),
    grain=Grain.SCHOOL,
)

ROSTER = Ledger(
    name="roster",
    title="适龄儿童台账",
    caliber="roster-2026.1",
    about="截至某日每个儿童的学校、学籍状态和就学状态",
    rule="不含已转出、毕业、死亡、出国（境）、户籍问题（--all 一并列出）；就学状态为截至日当天的状态。",
    columns=(
        STUDENT_NO,
        NAME,
        Column(key="sex", heading="性别", note="男、女"),
        day("birth_date", "出生日期", brief=False),
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        Column(key="register_status", heading="学籍状态", labels=_REGISTER),
        Column(key="tracking_status", heading="就学状态", labels=STATUS),
        day("since", "状态起始日"),
        Column(key="village_code", heading="户籍村代码"),
        Column(key="residence_code", heading="现居住村代码", brief=False),
        Column(key="groups", heading="特殊群体", note=GROUPS_NOTE),
        CHILD_ID,
    ),
    answers=("roster",),
    by_township=True,
)

COMPLETENESS = Ledger(
    name="roll_call_completeness",
    title="点名上报台账",
    caliber="roll-call-2026.2",
    about="截至某日每个班级点名是否上报、何时由谁上报",
    rule=(
        "有全天或上下午两次点名为已报，只有半天为部分报；过了当日截止时刻没有点名为未报，"
        "停课不算未报。应到＝实到＋缺勤＋请假＋未核：缺勤是无故，请假是病假、事假，未核是原因没有查明的"
        "和没有确认到校的。--all 无作用。"
    ),
    columns=(
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        day("day", "日期"),
        Column(key="state", heading="上报情况", labels=_DAY_STATE),
        number("expected", "应到"),
        number("present", "实到", note="不含没有确认到校的"),
        number("absent", "缺勤", note="无故"),
        number("on_leave", "请假", note="病假、事假"),
        number("unverified", "未核", note="原因没有查明，或没有确认到校"),
        number("roll", "在册应到", brief=False),
        Column(key="submitted_by", heading="提交人"),
        Column(key="recorded_at", heading="记录时间", kind=Kind.INSTANT),
        Column(key="due_at", heading="应报时限", kind=Kind.INSTANT, brief=False),
        Column(key="class_key", heading="班级编号", brief=False, note="学校/入学年/班"),
    ),
    answers=("roll_call_completeness",),
    grain=Grain.CLASS,
)

RESPONSIBILITY = Ledger(
    name="responsibility",
    title="双线四包责任台账",
    caliber="responsibility-2026.1",
    about="截至某日政府线、教育线每个岗位由谁担任，哪些空岗",
    rule="起、止日期都含当天；曾有人担任而当日无人的为空岗。--all 另列以往和将来的任期。",
    columns=(
        Column(key="line", heading="线", labels=_LINE),
        number("level", "层级"),
        Column(key="post", heading="岗位"),
        Column(key="scope_kind", heading="范围类型", labels=_SCOPE),
        Column(key="scope_code", heading="范围代码"),
        Column(key="scope_name", heading="范围"),
        Column(key="role", heading="角色", labels={k.value: v for k, v in ROLES.items()}),
        Column(key="state", heading="情况", labels=_POST_STATE),
        NAME,
        Column(key="account", heading="账号"),
        day("first_day", "起"),
        day("last_day", "止"),
        Column(key="post_id", heading="岗位编号", brief=False, printed=False),
    ),
    answers=("responsibility",),
    by_township=True,
)

ALERTS = Ledger(
    name="alerts",
    title="预警与待办",
    caliber="alerts-2026.1",
    about="预警、期限和待办，发给谁、依据哪些记录、办到哪一步",
    rule="按期限先后排列；更正撤销的自原发出日起视为不成立。命令 ckbx alerts 输出。",
    columns=(
        Column(
            key="alert_id",
            heading="预警编号",
            printed=False,
            note="ckbx alerts ack、done 里写开头 6 位以上就够",
        ),
        Column(
            key="kind",
            heading="种类",
            labels={k.kind: k.title for k in KINDS.values()},
            brief=False,
            printed=False,
        ),
        Column(key="title", heading="事项", note="同一种类有几种事项的，写明是哪一种"),
        Column(key="level", heading="级别"),
        STUDENT_NO,
        NAME,
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        day("raised_on", "发出日期"),
        day("due_on", "期限"),
        Column(key="to", heading="责任人账号"),
        Column(key="posts", heading="责任岗位", brief=False),
        Column(key="via", heading="上报说明", brief=False),
        Column(key="rule", heading="规则", brief=False),
        number("rule_version", "规则版本", brief=False),
        Column(
            key="events",
            heading="依据记录",
            brief=False,
            printed=False,
            note="未报点名引开班记录；报表、开学汇总、校历和责任链未设、停课待确认依据的是“还没有”，为空",
        ),
        Column(key="state", heading="情况", labels=_ALERT_STATE),
        day("state_since", "情况起始日", brief=False),
        Column(key="reason", heading="撤销或办结原因", brief=False),
    ),
    answers=("alerts",),
)

INDICATORS = Ledger(
    name="indicators",
    title="控辍保学指标",
    caliber="indicators-2026.1",
    about="入学、巩固、各口径辍学、劝返、期限和点名上报指标，各带口径、分子、分母",
    rule=(
        "每个指标只用自己的名称和口径，没有笼统的“辍学率”；在校生数与学校汇总台账的在校一致；"
        "没有依据的写无数据和原因，不写 0；分母不大于 0 的不作除法，显示 —。"
        "--school 只计该校的情况。--all 无作用。也可用命令 ckbx indicators 输出。"
    ),
    columns=(
        Column(key="indicator", heading="指标", printed=False, note="代码；打印的只写名称"),
        Column(key="name", heading="名称"),
        Column(key="stage", heading="学段", labels={each.value: each.label for each in Stage}),
        Column(key="post", heading="岗位", note="仅按期办结率：负责该期限的岗位"),
        Column(key="numerator", heading="分子", kind=Kind.NUMBER, absent="—"),
        Column(key="denominator", heading="分母", kind=Kind.NUMBER, absent="—"),
        Column(
            key="value", heading="数值", kind=Kind.NUMBER, absent="—", note="保留两位小数，四舍五入"
        ),
        Column(key="unit", heading="单位", labels={each.value: each.label for each in Unit}),
        Column(
            key="has_data",
            heading="有无数据",
            labels={"True": "", "False": "无数据"},
            brief=False,
            note="JSON 为 true、false",
        ),
        Column(key="note", heading="说明"),
        day("base_day", "分母日期", note="分母取哪一天的人数；各校校历不同时为县校历的日期"),
        Column(key="caliber", heading="口径", kind=Kind.CALIBER),
        Column(key="as_of", heading="截至", kind=Kind.DAY, brief=False, printed=False),
        Column(key="known_at", heading="已记录至", kind=Kind.INSTANT, brief=False, printed=False),
    ),
    answers=("roster", "suspected", "roll_call_completeness", "cases"),
    grain=Grain.SCHOOL,
)

LEDGERS = {
    ledger.name: ledger
    for ledger in (
        ROSTER,
        SCHOOL,
        SUSPECTED,
        *CASE_LEDGERS,
        *MOVEMENT_LEDGERS,
        *PLACEMENT_LEDGERS,
        COMPLETENESS,
        RESPONSIBILITY,
        INDICATORS,
        *REPORT_LEDGERS,
    )
}
"""What ``ckbx ledger NAME`` knows, in the order listed."""
