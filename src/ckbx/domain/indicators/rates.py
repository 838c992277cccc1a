"""The formulas of domain §10: pure, from counted facts to numerator and denominator.

A denominator of None: nothing is recorded for the day it is taken on; ``base_day`` is that
day. Sources: reference §5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from ckbx.domain.indicators import calibers as c
from ckbx.domain.indicators.flows import YearFlow
from ckbx.domain.indicators.model import Caliber, Indicator, Stage, no_data


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """A denominator taken on a local day; ``number`` None: nothing is recorded for it.

    ``name``: what the day is called (本学期初 …).
    """

    number: int | None
    day: date
    name: str

    @property
    def missing(self) -> str:
        """Why there is no number."""
        return f"系统里没有{self.name}（{self.day.isoformat()}）的在校记录"


class DeadlineFact(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines of one post that have come by the as-of day, and how many were kept."""

    post: str
    kept: int
    due: int


def named_dropout_rate(
    stage: Stage, dropped_out: int, base: Base, *, ungraded: int = 0
) -> Indicator:
    """DR-实名: confirmed dropouts of the day; ``ungraded``: those who were never in a grade."""
    said = f"另有 {ungraded} 名从未入学的辍学儿童没有年级，未计入" if ungraded else ""
    return _over(c.DR_NAMED, stage, dropped_out, base, said)


def net_flow_dropout_rate(stage: Stage, flow: YearFlow, base: Base) -> Indicator:
    """DR-两基: net of what left and came, over the stock at the beginning of the year before."""
    said = (
        f"休学 {flow.suspended}、辍学 {flow.dropped_out}、死亡 {flow.died}、转出 {flow.moved_out}、"
        f"其他减少 {flow.other_out}；转入 {flow.moved_in}、其他增加 {flow.other_in}。"
        "已批准的休学计为辍学，与实名口径不同"
    )
    if flow.net < 0:
        said += "。负值：转入和其他增加多于减少，净流入会掩盖真实辍学，请同时看 DR-实名"
    return _over(c.DR_NET_FLOW, stage, flow.net, base, said)


def leavers_dropout_rate(stage: Stage, leavers: int, suspended: int, base: Base) -> Indicator:
    """DR-词典: who left otherwise than by the moves a school year knows; ``suspended`` of them
    are on an approved leave.
    """
    said = f"其中已批准的休学 {suspended} 人计为辍学，与实名口径不同"
    return _over(c.DR_LEAVERS, stage, leavers, base, said)


def net_enrolment(stage: Stage, studying: int, of_age: int, unknown_age: int = 0) -> Indicator:
    """NER. ``unknown_age``: children without a birth cohort, in neither number."""
    said = "适龄人口按系统里已登记的儿童计，户籍人口没有全部导入时偏高"
    if unknown_age:
        said += f"；另有 {unknown_age} 名儿童没有出生学年，未计入"
    return _ratio(c.NER, stage, studying, of_age, said)


def three_year_retention(leaving: int, entered: Base, moved_in: int, moved_out: int) -> Indicator:
    """CR3: the leaving class over those who entered grade 7, adjusted for 正常流动."""
    number = None if entered.number is None else entered.number + moved_in - moved_out
    base = msgspec.structs.replace(entered, number=number)
    said = (
        f"入学时七年级 {entered.number}、转入 {moved_in}、转出 {moved_out}"
        if number is not None
        else ""
    )
    return _over(c.CR3, Stage.JUNIOR, leaving, base, said)


def nine_year_retention(leaving: int, entered: Base) -> Indicator:
    """CR9: the leaving class over those who entered grade 1 eight school years before."""
    return _over(c.CR9, Stage.ALL, leaving, entered)


def term_retention(
    stage: Stage, at_end: int, graduated: int, flow: YearFlow, base: Base
) -> Indicator:
    """CR-学期. ``at_end`` are in school at the end; ``graduated`` during the term are kept."""
    number = base.number
    if number is not None:
        number += flow.moved_in - flow.moved_out - flow.died
    said = (
        f"期初 {base.number or 0}、转入 {flow.moved_in}、转出 {flow.moved_out}、死亡 {flow.died}；"
        f"期末在校 {at_end}、本学期毕业 {graduated}"
    )
    adjusted = msgspec.structs.replace(base, number=number)
    return _over(c.CR_TERM, stage, at_end + graduated, adjusted, said)


def disabled_enrolment(studying: int, disabled: int) -> Indicator:
    """DIS: of the children of age who bear a disability mark."""
    return _ratio(
        c.DISABLED, Stage.ALL, studying, disabled, "" if disabled else "没有登记残疾标记的适龄儿童"
    )


def persuasion_rate(returned: int, owed: int) -> Indicator:
    """劝返率: of the children who were to be brought back."""
    return _ratio(c.PERSUADED, Stage.ALL, returned, owed, "" if owed else "本学年没有辍学学生")


def second_dropout_rate(again: int, returned: int) -> Indicator:
    """二次辍学率: of the children who had come back."""
    return _ratio(
        c.SECOND, Stage.ALL, again, returned, "" if returned else "本学年没有劝返复学学生"
    )


def mean_days(
    caliber: Caliber, spans: Sequence[tuple[date, date]] | None, missing: str = ""
) -> Indicator:
    """Calendar days from the first to the second day of each span, and how many spans.

    ``spans`` None: what ends them is not recorded; ``missing`` says so.
    """
    if spans is None:
        return no_data(caliber, missing)
    return _ratio(caliber, Stage.ALL, sum((b - a).days for a, b in spans), len(spans))


def deadlines_kept(facts: Sequence[DeadlineFact] | None) -> list[Indicator]:
    """按期办结率, one a post. None: deadlines are not recorded yet."""
    if facts is None:
        return [no_data(c.DEADLINES, "个案期限尚未投入使用")]
    if not facts:
        return [_ratio(c.DEADLINES, Stage.ALL, 0, 0, "没有已到期的期限")]
    made = (_ratio(c.DEADLINES, Stage.ALL, fact.kept, fact.due) for fact in facts)
    return [
        msgspec.structs.replace(one, post=fact.post) for one, fact in zip(made, facts, strict=True)
    ]


def classes_reported(reported: int, silent: int, waiting: int, day: date | None) -> Indicator:
    """班级点名上报率 of a school day; classes still 待报 are in neither number."""
    if day is None:
        return no_data(c.REPORTED, "截至日之前没有教学日")
    said = f"未报 {silent} 个班" + (f"，另有 {waiting} 个班未到时限" if waiting else "")
    found = _ratio(c.REPORTED, Stage.ALL, reported, reported + silent, said)
    return msgspec.structs.replace(found, base_day=day)


def _over(caliber: Caliber, stage: Stage, number: int, base: Base, note: str = "") -> Indicator:
    if base.number is None:
        return no_data(
            caliber, base.missing, stage=stage, numerator=number, base_day=base.day, note=note
        )
    made = _ratio(caliber, stage, number, base.number, note)
    return msgspec.structs.replace(made, base_day=base.day)


def _ratio(
    caliber: Caliber, stage: Stage, numerator: int, denominator: int, note: str = ""
) -> Indicator:
    if denominator <= 0:
        note = "；".join(part for part in (f"分母为 {denominator}，不作除法", note) if part)
    return Indicator(
        caliber=caliber, stage=stage, numerator=numerator, denominator=denominator, note=note
    )
