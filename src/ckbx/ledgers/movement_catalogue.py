"""The ledgers of leaves, placements and transfers."""

from __future__ import annotations

from ckbx.domain.child.status import TrackingStatus
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
)
from ckbx.ledgers.model import Column, Ledger
from projections.leave import LeaveState
from projections.transfers import Direction, TransferState

_YES = {"True": "是", "False": ""}
_KINDS = {
    each.value: each.label
    for each in (
        TrackingStatus.SUSPENDED,
        TrackingStatus.DEFERRED,
        TrackingStatus.EXEMPTED,
        TrackingStatus.HOME_TAUGHT,
    )
}
_ENDED_BY = {
    **STATUS,
    "resumed": "复学",
    "attended": "到校上课",
    "enrolled": "入学",
    "replaced": "改批其他",
}
_ANSWERS = ("movements", "roster")
_WHO = (STUDENT_NO, NAME, SCHOOL_CODE, SCHOOL_NAME, GRADE, CLASS)
_DECISION = (
    Column(key="kind", heading="类别", labels=_KINDS),
    day("decided_on", "批准日期"),
    day("effective_from", "起始日期"),
    day("until", "截止日期", note="最后一天；已延长的为延长后的"),
    day("extended_on", "最近延长日期", brief=False),
    Column(key="approver", heading="审批人"),
    Column(key="document", heading="文号"),
)
_COURSE = (
    Column(key="state", heading="情况", labels={k.value: k.label for k in LeaveState}),
    day("ended_on", "结束日期", brief=False, ended=True, note="仅 --all"),
    Column(
        key="ended_by",
        heading="结束方式",
        labels=_ENDED_BY,
        brief=False,
        ended=True,
        note="仅 --all",
    ),
    CHILD_ID,
)
_COMMITTEE = Column(key="committee", heading="专家委员会意见", labels=_YES)

LEAVE = Ledger(
    name="leave",
    title="免学缓学休学台账",
    caliber="leave-2026.2",
    about="截至某日已批准、尚未结束的休学、缓学、免学，含期满未复学的",
    rule=(
        "一次批准一行，自批准日列入；期满而未复学、未入学、未另作处理的仍列，情况为“期满未复学”。"
        "疑似后补办：批准前已列为疑似辍学。--all 另列已结束的。"
    ),
    columns=(
        *_WHO,
        day("applied_on", "申请日期", note="没有登记申请的为空"),
        day("opinion_on", "学校意见日期", brief=False),
        day("proof_on", "证明日期", note="医院证明或专家委员会意见的登记日期"),
        *_DECISION,
        day("review_on", "复核日期", note="下一次"),
        Column(key="legal_basis", heading="法律依据", brief=False, note="仅免学"),
        _COMMITTEE,
        Column(key="after_suspicion", heading="疑似后补办", labels=_YES),
        *_COURSE,
    ),
    answers=("applications", *_ANSWERS),
    by_township=True,
)

TRANSFERS = Ledger(
    name="transfers",
    title="转入转出台账",
    caliber="transfers-2026.2",
    about="截至某日在途和逾期未确认的转学；--all 为全部转学和县外转入",
    rule=(
        "一次转学一行；转出校和转入校都能看到。转入校确认以前不算转出。年级、班级为转出时所在。"
        "县外转入一次一行，登记了来处的才列，年级、班级为转入的班；--all 另列县外转入和已确认、"
        "已入学、已取消、改作其他处理的。"
    ),
    columns=(
        STUDENT_NO,
        NAME,
        Column(key="direction", heading="类别", labels={k.value: k.label for k in Direction}),
        Column(key="from_region", heading="来自区划", brief=False, note="仅县外转入"),
        Column(key="school_code", heading="转出学校标识码", brief=False),
        Column(key="school_name", heading="转出学校"),
        GRADE,
        CLASS,
        Column(key="receiving_school", heading="转入学校标识码"),
        Column(
            key="receiving_name", heading="转入学校", note="本县学校的名称；县外的为办理时写的名称"
        ),
        day("started_on", "办理日期"),
        Column(key="document", heading="文号"),
        day("confirm_by", "应确认日期"),
        Column(key="state", heading="情况", labels={k.value: k.label for k in TransferState}),
        day("state_since", "情况起始日"),
        day("confirmed_on", "确认日期"),
        day("arrived_on", "入学日期"),
        Column(key="arrived_at", heading="入学学校标识码", brief=False),
        CHILD_ID,
    ),
    answers=_ANSWERS,
    by_township=True,
)

MOVEMENT_LEDGERS = (LEAVE, TRANSFERS)
