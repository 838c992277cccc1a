"""Which indicators are there? Each by its own name: there is no bare 辍学率 (domain §10).

Formulas: reference §5.3. Where a formula leaves a choice open, its words say what was chosen.
"""

from __future__ import annotations

from typing import Final

from ckbx.domain.indicators.model import Caliber, Unit

DR_NAMED: Final = Caliber(
    id="DR-实名",
    name="实名辍学率",
    formula="截至日就学状态为辍学（含劝返中、依法控辍中）的人数 ÷ 本学期初在校生数；休学、疑似不计",
)
DR_NET_FLOW: Final = Caliber(
    id="DR-两基",
    name="两基口径年辍学率",
    formula=(
        "学年内辍学学生总数 ÷ 上学年初在校生数；辍学学生总数 =（休学＋退学即辍学＋死亡＋转出＋其他减少）"
        "−（转入＋其他增加），逐校计算后相加，转入多于转出时为负"
    ),
)
DR_LEAVERS: Final = Caliber(
    id="DR-词典",
    name="词典口径在校生辍学率",
    formula=(
        "学年内离校学生数 ÷ 学年初在校生数；离校指毕业、升级、留级、转学、死亡以外的一切离开，"
        "含休学，每人只计一次，学年内已返校的仍计"
    ),
)
NER: Final = Caliber(
    id="NER",
    name="适龄人口入学率",
    formula=(
        "适龄人口中的在校生数（含已入高一级学段、外地就读已核实）÷ 适龄人口数；"
        "休学、缓学、免学未复学的不计在校；小学适龄为入学年起 6 年，初中为其后 3 年"
    ),
)
CR3: Final = Caliber(
    id="CR3",
    name="初中三年巩固率",
    formula=(
        "初中毕业班学生数（含本学年已毕业）÷（三年前七年级学年初在校生数＋该年级转入−转出）；"
        "县内转学一出一进"
    ),
)
CR9: Final = Caliber(
    id="CR9",
    name="九年义务教育巩固率",
    formula="初中毕业班学生数（含本学年已毕业）÷ 该年级入小学一年级时学年初在校生数",
)
CR_TERM: Final = Caliber(
    id="CR-学期",
    name="学期巩固率",
    formula="期末在校生数（含本学期毕业）÷（期初在校生数＋转入−转出−死亡）；学期未完时按截至日",
)
DISABLED: Final = Caliber(
    id="DIS",
    name="残疾儿童入学率",
    formula="已入学（含随班就读、特教、送教上门、外地就读已核实）÷ 适龄残疾儿童数（按个人信息库的残疾标记）",
)
PERSUADED: Final = Caliber(
    id="PR-劝返",
    name="劝返率",
    formula="本学年内劝返复学的人数 ÷ 本学年内曾处于辍学、或由疑似劝返的人数",
)
SECOND: Final = Caliber(
    id="PR-二次",
    name="二次辍学率",
    formula="劝返后本学年内再次辍学、或在巩固期内再次列为疑似的人数 ÷ 本学年内处于劝返复学的人数",
)
DAYS_TO_SUSPICION: Final = Caliber(
    id="T-疑似",
    name="首次缺勤到列为疑似的天数",
    formula="自缺勤首日到列入疑似之日的自然日之和 ÷ 本学年列入的疑似数（已更正撤销的不计）",
    unit=Unit.DAYS,
)
DAYS_TO_VISIT: Final = Caliber(
    id="T-家访",
    name="首次缺勤到首次家访的天数",
    formula="自缺勤首日到首次家访的自然日之和 ÷ 本学年列入且已家访的疑似数",
    unit=Unit.DAYS,
)
DAYS_TO_RETURN: Final = Caliber(
    id="T-返校",
    name="首次缺勤到劝返复学的天数",
    formula="自缺勤首日到劝返复学的自然日之和 ÷ 本学年列入且已劝返复学的疑似数",
    unit=Unit.DAYS,
)
DEADLINES: Final = Caliber(
    id="DL-期限",
    name="按期办结率",
    formula=(
        "按期办结的期限数 ÷（按期＋逾期）的期限数；只计到期日在本学年初至截至日之间的个案期限，"
        "逾期后补办的仍计逾期，事由已消失而免除的不计，按负责的岗位分列"
    ),
)
REPORTED: Final = Caliber(
    id="RC-点名",
    name="班级点名上报率",
    formula="已上报班级数 ÷（已上报＋未报班级数）；截至日或之前最近一个教学日，未到时限和停课的班级不计",
)

CALIBERS: Final = (
    DR_NAMED,
    DR_NET_FLOW,
    DR_LEAVERS,
    NER,
    CR3,
    CR9,
    CR_TERM,
    DISABLED,
    PERSUADED,
    SECOND,
    DAYS_TO_SUSPICION,
    DAYS_TO_VISIT,
    DAYS_TO_RETURN,
    DEADLINES,
    REPORTED,
)
"""In the order shown."""
