"""The ledgers of cases: dropouts, visits, caseload, deadlines."""

from __future__ import annotations

from ckbx.domain.case.codes import (
    CAUSE_CODES,
    FollowUpKind,
    FollowUpResult,
    LetterAnswer,
    Means,
    Measure,
    Met,
    Place,
    RiskLevel,
    RoundOutcome,
    Stage,
    Tier,
)
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.legal.codes import STEP_TITLES, PaperKind
from ckbx.ledgers.columns import (
    CHILD_ID,
    CLASS,
    GRADE,
    ITS_SCHOOL,
    NAME,
    ROLES,
    SCHOOL_CODE,
    SCHOOL_NAME,
    STUDENT_NO,
    day,
    number,
)
from ckbx.ledgers.model import Column, Kind, Ledger
from projections.caseload import SOON_DAYS
from projections.deadlines import KINDS

_YES = {"True": "是", "False": ""}
_CASE_ID = Column(key="case_id", heading="个案编号", brief=False, printed=False)
_TEACHER = Column(key="case_teacher", heading="帮扶教师", note="未确定帮扶教师时为班主任")
_TEACHER_ACCOUNT = Column(
    key="case_teacher_account", printed=False, heading="帮扶教师账号", brief=False
)
_ANSWERS = ("cases", "roster", "responsibility", "suspected", "roll_call_completeness")
_OUTCOMES = {
    each.value: each.label for kind in (RoundOutcome, FollowUpResult, LetterAnswer) for each in kind
}
_ACTS = {
    "home_visit": "缺勤家访",
    "contact": "联系监护人",
    "round": "劝返",
    "liaison_visit": "联络员走访",
    "follow_up": "巩固期回访",
    "support": "帮扶",
    "written_report": "书面报告",
    "letter": "发函",
    "letter_answer": "复函",
}

DROPOUT = Ledger(
    name="dropout",
    title="辍学学生台账（劝返复学）",
    caliber="dropout-2026.1",
    about="已认定辍学或已劝返的学生，劝返、法律步骤、复学、巩固和销号",
    rule=(
        "县教育局已认定辍学，或已劝返复学，且截至日未销号的个案，一案一行；复辍的计入新案。"
        "各项次数只计截至日以前发生的。--all 另列已销号和已转新案的。"
    ),
    columns=(
        STUDENT_NO,
        NAME,
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        Column(key="stage", heading="办理阶段", labels={k.value: k.label for k in Stage}),
        day("suspected_on", "列入疑似日期", brief=False),
        day("confirmed_on", "辍学认定日", note="未认定即劝返的为空"),
        Column(
            key="causes",
            heading="辍学原因",
            labels=CAUSE_CODES,
            note="代码来自个人信息库，主要原因在前；已删除的不显示",
        ),
        Column(key="whereabouts", heading="去向", labels={k.value: k.label for k in Whereabouts}),
        Column(key="risk", heading="风险等级", labels={k.value: k.label for k in RiskLevel}),
        number("rounds", "劝返次数"),
        day("last_round_on", "最近劝返日期"),
        Column(
            key="last_outcome",
            heading="最近劝返结果",
            labels={k.value: k.label for k in RoundOutcome},
        ),
        day("promised_on", "承诺返校日期", note="最近一次承诺"),
        Column(
            key="legal_step",
            heading="法律步骤",
            kind=Kind.NUMBER,
            labels={str(step): f"{step} {title}" for step, title in STEP_TITLES.items()},
            note="最近一份未撤销的文书所在步骤",
        ),
        Column(
            key="legal_paper",
            heading="最近文书",
            labels={k.value: k.label for k in PaperKind},
            brief=False,
        ),
        Column(key="legal_document", heading="文书编号", brief=False),
        day("legal_issued_on", "文书出具日期", brief=False),
        day("legal_served_on", "文书送达日期", brief=False),
        day("returned_on", "复学日期"),
        Column(key="placement", heading="安置方式", labels={k.value: k.label for k in Placement}),
        day("consolidation_until", "巩固期至", note="返校后下一学期最后一天；校历未设时为空"),
        number("follow_ups", "回访次数"),
        day("closed_on", "销号日期", ended=True, note="仅 --all"),
        Column(
            key="closed_by", heading="销号审批人", brief=False, ended=True, note="账号；仅 --all"
        ),
        Column(
            key="second_time",
            heading="二次辍学",
            labels=_YES,
            note="此前的个案中曾返校，又列入新案",
        ),
        _TEACHER,
        _TEACHER_ACCOUNT,
        day("due_on", "最近期限", note="未到期的应办事项中最早的一项"),
        _CASE_ID,
        CHILD_ID,
    ),
    answers=_ANSWERS,
    by_township=True,
)

VISITS = Ledger(
    name="visits",
    title="家访劝返流水",
    caliber="visits-2026.2",
    about="截至某日未销号个案中每一次联系、劝返、走访、回访、帮扶、报告和函件，以及立案以前的缺勤家访",
    rule=(
        "一次一行，按学校、日期、时刻排列；只列截至日以前发生的。撤案的不列。"
        "立案以前的缺勤家访随个案列出，没有立案的列本学年的；撤销了的不列。"
        "--all 另列已销号、已转新案的和以前学年的。谈话内容保存在个人信息库，不在本台账。"
    ),
    columns=(
        day("on", "日期"),
        Column(key="hour", heading="时刻", note="当地时间；仅劝返"),
        Column(key="kind", heading="事项", labels=_ACTS),
        STUDENT_NO,
        NAME,
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        number("number", "次数", note="劝返的次数，函件的编号"),
        Column(key="tier", heading="层级", labels={k.value: k.label for k in Tier}),
        Column(
            key="means",
            heading="方式",
            labels={k.value: k.label for kind in (Means, FollowUpKind) for k in kind}
            | {"visit": "上门"},
        ),
        Column(key="place", heading="地点", labels={k.value: k.label for k in Place}, brief=False),
        Column(
            key="participants",
            heading="参与人",
            note="角色和账号；没有账号的人，姓名来自个人信息库",
        ),
        Column(key="met", heading="见到谁", labels={k.value: k.label for k in Met}),
        Column(
            key="measure",
            heading="帮扶措施",
            labels={k.value: k.label for k in Measure},
            brief=False,
        ),
        Column(key="outcome", heading="结果", labels=_OUTCOMES),
        day("promised_on", "承诺返校日期"),
        Column(key="document", heading="文号", brief=False),
        number("attachments", "附件数", brief=False),
        Column(key="note", heading="有文字记录", labels=_YES, brief=False),
        Column(key="recorded_by", heading="登记人"),
        Column(key="recorded_at", heading="登记时间", kind=Kind.INSTANT, brief=False),
        _CASE_ID,
        CHILD_ID,
    ),
    answers=("cases", "roster", "visits_before"),
    by_township=True,
)

CASELOAD = Ledger(
    name="caseload",
    title="帮扶教师个案台账",
    caliber="caseload-2026.1",
    about="截至某日每位帮扶教师负责的个案、逾期和即将到期",
    rule=(
        "负责人取截至日的帮扶教师，未确定时为班主任；无人负责的单列一行。在办：工作未结束；"
        f"逾期：有应办事项已过期且未补办的在办个案；即将到期：{SOON_DAYS} 个教学日内有事项到期的"
        "在办个案；待销号：已了结或巩固期满、尚未销号。--all 无作用。"
    ),
    columns=(
        SCHOOL_CODE,
        ITS_SCHOOL,
        Column(key="account", heading="账号", absent="无人负责"),
        NAME,
        number("open_cases", "在办个案"),
        number("overdue", "其中逾期"),
        number("due_soon", "其中即将到期"),
        day("next_due_on", "最近期限"),
        number("relapses", "其中复辍"),
        number("to_close", "待销号"),
    ),
    answers=_ANSWERS,
    by_township=True,
)

DEADLINES = Ledger(
    name="deadlines",
    title="办理期限台账",
    caliber="deadlines-2026.1",
    about="截至某日各岗位应办事项按期、逾期的次数",
    rule=(
        "每个期限在任何一天只有一种结果：按期、逾期（含逾期后补办）、未到期、不再需要。"
        "按期率 = 按期 ÷（按期 + 逾期），舍去小数。文书期限写“监护人”的，逾期是监护人没有履行；"
        "写“等候”的，期满或已行使即按期。只计截至日未销号个案；"
        "--all 另计已销号和已转新案的。"
    ),
    columns=(
        SCHOOL_CODE,
        ITS_SCHOOL,
        Column(key="role", heading="岗位", labels={k.value: v for k, v in ROLES.items()}),
        Column(key="kind", heading="应办事项", labels=KINDS),
        number("kept", "按期"),
        number("missed", "逾期"),
        number("made_up", "其中已补办"),
        number("open", "未到期"),
        number("void", "不再需要"),
        number("share", "按期率", note="百分数"),
    ),
    answers=_ANSWERS,
    by_township=True,
)

CASE_LEDGERS = (DROPOUT, VISITS, CASELOAD, DEADLINES)
