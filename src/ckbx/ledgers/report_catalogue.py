"""The ledgers of what is signed and looked at again: 月报, 县汇总, 季度复核."""

from __future__ import annotations

from ckbx.domain.child.status import TrackingStatus
from ckbx.ledgers.columns import (
    CHILD_ID,
    CLASS,
    GRADE,
    NAME,
    SCHOOL_CODE,
    SCHOOL_NAME,
    STUDENT_NO,
    day,
    number,
)
from ckbx.ledgers.model import Column, Grain, Kind, Ledger
from projections.rechecks import LEAVES

_YES = {"True": "是", "False": ""}
_STATE = {"signed": "已签", "unsigned": "未签"}
_FIGURE = (
    Column(key="figure", heading="项目代码", brief=False, printed=False),
    Column(key="title", heading="项目"),
    number("numerator", "分子"),
    number("denominator", "分母"),
    Column(key="over", heading="分母是"),
    Column(key="value", heading="百分比", kind=Kind.NUMBER, note="保留两位小数，四舍五入"),
    Column(key="figure_caliber", heading="口径", kind=Kind.CALIBER),
)
_SEAL = (
    day("figures_as_of", "数字截至", brief=False),
    Column(
        key="sealed_known_at",
        heading="封存时知晓至",
        kind=Kind.INSTANT,
        brief=False,
        printed=False,
        note="算出这些数字时已记录到的时刻",
    ),
    Column(
        key="sealed_position",
        heading="封存时记录位置",
        kind=Kind.NUMBER,
        brief=False,
        printed=False,
    ),
    Column(key="due_on", heading="签字期限", kind=Kind.DAY, brief=False, printed=False),
    day("signed_on", "签字日期"),
    Column(key="signed_by", heading="签字人", brief=False),
    Column(key="late", heading="逾期签字", labels=_YES, brief=False, printed=False),
    Column(
        key="zero",
        heading="零报告",
        labels=_YES,
        brief=False,
        printed=False,
        note="截至日没有辍学，本月也没有认定辍学",
    ),
    Column(
        key="beside",
        heading="与零报告并列",
        brief=False,
        printed=False,
        note="零报告同月未返校、疑似、转出在途、失联、新增疑似、未报点名中不为 0 的",
    ),
    Column(
        key="digest",
        heading="封存摘要",
        brief=False,
        printed=False,
        note="SHA-256；规范形式见 docs/ledgers.md 的口径说明",
    ),
)
_SIGNED = Column(key="state", heading="情况", labels=_STATE)

MONTHLY_REPORT = Ledger(
    name="monthly_report",
    title="学校月报",
    caliber="monthly-report-2026.1",
    about="校长签字封存的月报，每校每项一行，附封存摘要和知晓时刻",
    rule=(
        "数字由系统按签字时已记录的情况算出，签后不改；更正后再签是新的一版。人数取截至日，"
        "“本月”各项自 1 日至截至日，个案按儿童截至日所在学校计，期限计当月到期的。"
        "默认列截至日应报的月份的最新一版（每月报告日前 7 天起为当月，此前为上月），未签的学校也列一行；"
        "--all 列出所有月份和版本。封存摘要是紧凑 JSON 列表"
        "［ckbx-report-1，学校标识码，月份，截至日，各项［代码，口径，分子，分母］，"
        "缺漏［代码，个数］，［］］的 SHA-256。"
    ),
    columns=(
        Column(key="month", heading="月份"),
        SCHOOL_CODE,
        SCHOOL_NAME,
        number("version", "版"),
        _SIGNED,
        *_FIGURE,
        *_SEAL,
    ),
    answers=("reports", "school", "roster", "roll_call_completeness"),
    sealed=True,
    signatures=("校长（签字）", "学校（盖章）", "日期"),
    grain=Grain.SCHOOL,
)

COUNTY_SUMMARY = Ledger(
    name="county_summary",
    title="县月度汇总",
    caliber="county-summary-2026.1",
    about="县教育局签字封存的月度汇总，为各校已签月报之和，列出没有签的学校",
    rule=(
        "各校最新一版月报的分子、分母分别相加；没有签月报的学校不计，逐一列出。"
        "默认列截至日的上一个月的最新一版，--all 列出所有月份和版本。封存摘要同学校月报，"
        "学校标识码换为县代码，末项为［各校［学校标识码，版，摘要］，未签学校］。"
    ),
    columns=(
        Column(key="month", heading="月份"),
        number("version", "版"),
        _SIGNED,
        *_FIGURE,
        number("schools", "已汇入学校", brief=False),
        Column(key="unsigned", heading="未签学校", brief=False, printed=False),
        *_SEAL,
    ),
    answers=("reports", "school", "roster", "roll_call_completeness"),
    sealed=True,
    signatures=("县教育局负责人（签字）", "县教育局（盖章）", "日期"),
    grain=Grain.COUNTY,
)

_KINDS = {"closure": "销号", **{each.value: TrackingStatus(each).label for each in LEAVES}}

RECHECK = Ledger(
    name="recheck",
    title="县季度复核台账",
    caliber="recheck-2026.1",
    about="每季度抽取复核的销号个案和全部免学、送教、休学，复核结果",
    rule=(
        "销号按规则包的比例（不低于 10 %，向上取整）抽取，免学、送教上门、休学在季度内有效的全部列入。"
        "抽样算法 ckbx-recheck-1：以种子为密钥对“ckbx-recheck-1/季度/编号”作 HMAC-SHA-256，"
        "按十六进制值再按编号由小到大取前若干件，与记录先后和数据库无关。"
        "换种子再抽另列一次。默认列本季度和上季度，--all 列出全部。"
    ),
    columns=(
        Column(key="quarter", heading="季度"),
        number("draw", "第几次抽样"),
        Column(key="seed", heading="种子", brief=False),
        day("drawn_on", "抽样日期", brief=False),
        number("population", "总体", brief=False, note="同类（销号，或免学、送教、休学）的件数"),
        number("drawn", "抽取", brief=False),
        Column(key="kind", heading="类别", labels=_KINDS),
        STUDENT_NO,
        NAME,
        SCHOOL_CODE,
        SCHOOL_NAME,
        GRADE,
        CLASS,
        Column(
            key="agrees",
            heading="复核结果",
            labels={"True": "相符", "False": "不符"},
            absent="待复核",
        ),
        day("checked_on", "复核日期"),
        Column(key="checked_by", heading="复核人"),
        Column(key="evidence", heading="佐证", labels={"True": "有", "False": ""}, brief=False),
        number("earlier", "此前结果", brief=False, note="被后来的结果取代的次数，都保留"),
        Column(key="item", heading="抽样编号", brief=False, printed=False),
        CHILD_ID,
    ),
    answers=("rechecks", "roster"),
    signatures=("复核人（签字）", "县教育局（盖章）", "日期"),
)

REPORT_LEDGERS = (MONTHLY_REPORT, COUNTY_SUMMARY, RECHECK)
