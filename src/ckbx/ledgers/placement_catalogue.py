"""The ledgers of disabled children's placement and of children exempted from schooling."""

from __future__ import annotations

from ckbx.domain.leave.codes import Proof
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.placement.home_teaching import Outcome
from ckbx.ledgers.columns import (
    CHILD_ID,
    CLASS,
    GRADE,
    NAME,
    SCHOOL_CODE,
    SCHOOL_NAME,
    STATUS,
    STUDENT_NO,
    day,
    number,
)
from ckbx.ledgers.model import Column, Ledger
from projections.leave import LeaveState

_WHO = (STUDENT_NO, NAME, SCHOOL_CODE, SCHOOL_NAME, GRADE, CLASS)
_VAULT = "来自个人信息库"
_STATE = Column(key="state", heading="情况", labels={k.value: k.label for k in LeaveState})
_ENDED_BY = {
    **STATUS,
    "resumed": "复学",
    "attended": "到校上课",
    "enrolled": "入学",
    "replaced": "改批其他",
}
_ENDED = (
    day("ended_on", "结束日期", brief=False, ended=True, note="仅 --all"),
    Column(
        key="ended_by",
        heading="结束方式",
        labels=_ENDED_BY,
        brief=False,
        ended=True,
        note="仅 --all",
    ),
)
_KINDS = {**STATUS, **{each.value: each.label for each in PlacementKind}}

PLACEMENT = Ledger(
    name="placement",
    title="残疾儿童安置台账",
    caliber="placement-2026.2",
    about="截至某日经专家委员会评估后的安置：随班就读、特教班、特教学校、送教上门、缓学、免学",
    rule=(
        "一名儿童一项现行安置一行；有专家委员会意见的休学也列。随班就读和特教的自县教育局决定之日列入，"
        "转出、毕业等离开后不列；送教上门、缓学、免学同免学缓学休学台账。本月送教数按截至日所在月，"
        "应送次数按校历：上课日不足该月工作日三分之二的月份按比例折减、舍去小数，校历年份未知的不计。"
        "--all 另列已结束的休学、缓学、免学和送教上门。"
    ),
    columns=(
        *_WHO,
        Column(key="kind", heading="安置方式", labels=_KINDS),
        Column(key="certificate", heading="残疾证号", masked=True, brief=False, note=_VAULT),
        Column(key="category", heading="残疾类别", note=_VAULT),
        Column(key="level", heading="残疾等级", note=_VAULT),
        day("assessed_on", "评估日期"),
        Column(key="assessment", heading="评估意见书", brief=False),
        day("decided_on", "决定日期"),
        Column(key="document", heading="文号"),
        Column(key="plan_no", heading="一人一案编号"),
        Column(key="teacher", heading="责任教师", note="账号"),
        day("effective_from", "起始日期", brief=False, note="仅休学、缓学、免学、送教上门"),
        day("until", "截止日期", note="仅休学、缓学、免学、送教上门"),
        day("review_on", "复核日期", note="下一次"),
        number("visits_per_month", "每月送教次数", brief=False, note="计划"),
        number("lessons_per_visit", "每次课时", brief=False, note="计划"),
        number("visits_planned", "本月应送次数"),
        number("visits_done", "本月已送次数"),
        number("lessons_done", "本月已送课时", brief=False),
        Column(key="visits", heading="本月送教", labels={k.value: k.label for k in Outcome}),
        _STATE,
        *_ENDED,
        CHILD_ID,
    ),
    answers=("applications", "movements", "roster", "roll_call_completeness"),
    by_township=True,
)

EXEMPTIONS = Ledger(
    name="exemptions",
    title="免学名册",
    caliber="exemptions-2026.1",
    about="截至某日已批准免学的儿童、理由、证明、法律依据和复核日期",
    rule=(
        "一次批准一行，自批准日列入；期满而没有入学的仍列，情况为“期满未复学”。"
        "免学须有县教育局登记的法律依据，以及专家委员会意见或县指定医院的证明。--all 另列已结束的。"
    ),
    columns=(
        STUDENT_NO,
        NAME,
        Column(key="sex", heading="性别"),
        day("birth_date", "出生日期"),
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        Column(key="village_code", heading="户籍村代码", brief=False),
        day("applied_on", "申请日期"),
        Column(key="reason", heading="免学理由", note=_VAULT),
        Column(key="proof", heading="证明", labels={each.value: each.label for each in Proof}),
        Column(key="proof_from", heading="证明单位", note=_VAULT),
        Column(key="proof_document", heading="证明编号"),
        day("proof_on", "证明日期", note="登记日期"),
        Column(key="legal_basis", heading="法律依据"),
        day("decided_on", "批准日期"),
        Column(key="approver", heading="审批人"),
        Column(key="document", heading="文号"),
        day("effective_from", "起始日期"),
        day("until", "截止日期"),
        day("review_on", "复核日期", note="下一次"),
        day("reviewed_on", "最近复核", brief=False),
        Column(key="after_suspicion", heading="疑似后补办", labels={"True": "是", "False": ""}),
        _STATE,
        *_ENDED,
        CHILD_ID,
    ),
    answers=("applications", "movements", "roster"),
    by_township=True,
)

PLACEMENT_LEDGERS = (PLACEMENT, EXEMPTIONS)
