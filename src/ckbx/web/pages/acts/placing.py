"""残疾儿童安置: the committee's assessment, the county's decision, lessons at home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ckbx.application import placement
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.placement import assessing, deciding, visits
from ckbx.domain.placement.codes import AT_SCHOOL, DISABILITIES, LEVELS, PlacementKind
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import normalise, parse_disability_number
from ckbx.web.pages.acts.child_act import ChildAct, Do, Of, on_day
from ckbx.web.pages.cases.fields import (
    KEPT,
    Field,
    Kind,
    day,
    files,
    note,
    proof_fields,
    radios,
    select,
    text,
)
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.permissions import Permission

_GONE: Final = (TrackingStatus.DECEASED, TrackingStatus.DEREGISTERED, TrackingStatus.TRANSFERRED)
_TEACH: Final = "帮扶教师、班主任、年级领导、校长或县教育局"


def _carried(act: Callable[..., Any]) -> Do:
    return lambda d: placement.work_on(d.office, d.ctx, d.child, act, seen=d.seen, papers=d.papers)


def _version(of: Of) -> int:
    return of.placement.version


def _assess_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "评估日期"),
        radios("advises", "建议怎样安置", PlacementKind),
        text("document", "意见书的文号"),
        Field(
            name="certificate",
            label="残疾证号",
            hint=f"20 位，有证的写证号，类别、等级从证号里来；{KEPT}",
            required=False,
            most=24,
        ),
        select(
            "category",
            "残疾类别",
            [(each, each) for each in DISABILITIES.values()],
            required=False,
            hint="没有残疾证的选",
        ),
        select(
            "level",
            "残疾等级",
            [(each, each) for each in LEVELS.values()],
            required=False,
            hint="没有残疾证的选",
        ),
        *proof_fields("评估意见", "意见书的照片、扫描件", what="写明意见的要点"),
    )


def _assess(filled: Filled, _of: Of) -> Do:
    on, role = filled.day("on", "评估日期"), filled.role
    advises = filled.code(PlacementKind, "advises", "建议怎样安置")
    kind, grade, number = filled.text("category"), filled.text("level"), None
    if filled.text("certificate"):
        try:
            number = normalise(filled.text("certificate"))
            parse_disability_number(number)
            kind, grade = kind or DISABILITIES[number[18]], grade or LEVELS[number[19]]
        except CkbxError as refused:
            filled.refuse("certificate", str(refused))
    document, words, attached = filled.document(), filled.note("evidence"), filled.files()
    found = assessing.Found(
        on=on,
        document=document,
        advises=advises,
        opinion=words or (attached[0].file if attached else None),
        certificate=filled.keep(number) if number else None,
        category=filled.keep(kind) if kind else None,
        level=filled.keep(grade) if grade else None,
        attachments=attached,
    )
    return _carried(lambda p: assessing.assess(p.placement, p.ctx, p.child.id, found, role=role))


def _place_fields(of: Of) -> Sequence[Field]:
    assessed = of.placement.assessed
    able = [kind for kind in PlacementKind if kind in AT_SCHOOL]
    return (
        on_day(of, "决定日期"),
        radios(
            "kind",
            "怎样安置",
            able,
            assessed.advises if assessed and assessed.advises in AT_SCHOOL else None,
            hint="送教上门、缓学、免学由监护人申请，用“登记休缓免学申请”",
        ),
        text("document", "决定的文号"),
        text("plan_no", "一人一案编号"),
        note("一人一案的内容", name="plan"),
        day("review_on", "哪一天复核"),
        select("teacher", "责任教师", of.people, required=False),
    )


def _place(filled: Filled, _of: Of) -> Do:
    on, role, teacher = filled.day("on", "决定日期"), filled.role, filled.text("teacher")
    if teacher:
        filled.holder(teacher, on, "teacher")
    given = deciding.Plan(
        on=on,
        kind=filled.code(PlacementKind, "kind", "怎样安置"),
        document=filled.document(),
        plan_no=filled.needed("plan_no", "一人一案编号"),
        review_on=filled.day("review_on", "哪一天复核"),
        teacher=teacher or None,
        plan=filled.note("plan"),
    )
    return _carried(lambda p: deciding.decide(p.placement, p.ctx, p.child, given, role=role))


def _review_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "复核日期"),
        note("复核情况", required=True),
        day("review_on", "下次哪一天复核"),
    )


def _review(filled: Filled, _of: Of) -> Do:
    on, role, words = filled.day("on", "复核日期"), filled.role, filled.note()
    again = filled.day("review_on", "下次哪一天复核")
    return _carried(
        lambda p: deciding.review(p.placement, p.ctx, role=role, on=on, review_on=again, note=words)
    )


def _visit_fields(of: Of) -> Sequence[Field]:
    mine = (of.account,) if of.account in dict(of.people) else ()
    return (
        on_day(of, "送教日期"),
        Field(name="lessons", label="上了几课时", inputmode="numeric", most=2),
        Field(
            name="who",
            label="送教教师",
            kind=Kind.PEOPLE,
            options=of.people,
            start=mine,
            hint="没有账号的写在下面",
        ),
        note("教学内容", name="content"),
        files("送教的照片"),
    )


def _visit(filled: Filled, _of: Of) -> Do:
    on, role = filled.day("on", "送教日期"), filled.role
    filled.needed("lessons", "上了几课时")
    lessons, teachers = filled.number("lessons", "上了几课时") or 0, filled.people(on)
    words, attached = filled.note("content"), filled.files()
    return _carried(
        lambda p: visits.visit(
            p.placement,
            p.ctx,
            p.child,
            role=role,
            on=on,
            lessons=lessons,
            teachers=teachers,
            content=words,
            attachments=attached,
        )
    )


def _end_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "结束日期"),
        text("document", "决定的文号"),
        note("为什么结束", required=True),
    )


def _end(filled: Filled, _of: Of) -> Do:
    on, role, document = filled.day("on", "结束日期"), filled.role, filled.document()
    words = filled.note()
    return _carried(
        lambda p: deciding.end_at_school(
            p.placement, p.ctx, role=role, on=on, document=document, note=words
        )
    )


def _void_fields(of: Of) -> Sequence[Field]:
    made = [
        (str(number), f"第 {number} 次，{each.on}，{each.lessons} 课时")
        for number, each in reversed(of.placement.visits.items())
    ]
    return (
        on_day(of, "更正日期"),
        select("number", "哪一次送教", made, made[0][0] if len(made) == 1 else ""),
        note("为什么更正", required=True),
    )


def _void(filled: Filled, _of: Of) -> Do:
    on, role, words = filled.day("on", "更正日期"), filled.role, filled.note()
    filled.needed("number", "哪一次送教")
    number = filled.number("number", "哪一次送教") or 0
    return _carried(
        lambda p: visits.void_visit(
            p.placement, p.ctx, role=role, on=on, number=number, reason=words
        )
    )


def _act(path: str, **more: Any) -> ChildAct:
    return ChildAct(path=path, seen=_version, **more)


_COUNTY: Final[dict[str, Any]] = {
    "permission": Permission.DECIDE_COUNTY,
    "roles": (Role.BUREAU_OFFICER,),
    "who": "县教育局",
}
_TEACHERS: Final[dict[str, Any]] = {
    "permission": Permission.WORK_CASE,
    "roles": visits.ROLES,
    "who": _TEACH,
}
PLACING: Final = (
    _act(
        "home-lesson",
        title="登记送教上门",
        about="每去一次登记一次：哪天、谁去、几课时、教了什么",
        **_TEACHERS,
        fits=lambda of: of.status is TrackingStatus.HOME_TAUGHT,
        not_now="该生现在不是送教上门；要送教的，先登记监护人的申请",
        fields=_visit_fields,
        act=_visit,
        people=True,
    ),
    _act(
        "home-lesson-void",
        title="更正送教登记",
        about="误登的一次送教，写明理由；原来的登记仍看得到",
        **_TEACHERS,
        fits=lambda of: bool(of.placement.visits),
        not_now="该生没有登记过送教，没有要更正的",
        fields=_void_fields,
        act=_void,
    ),
    _act(
        "assessment",
        title="登记残疾评估",
        about="县残疾人教育专家委员会的评估意见；证号、类别、等级和意见按个人信息保密",
        **_COUNTY,
        fits=lambda of: of.status not in _GONE,
        not_now="该生已转出、死亡或登记为户籍问题，不再在本县评估",
        fields=_assess_fields,
        act=_assess,
    ),
    _act(
        "placement",
        title="确定安置",
        about="随班就读、特教班、特教学校；须先有专家委员会的评估",
        **_COUNTY,
        fits=lambda of: of.placement.assessed is not None and of.status not in _GONE,
        not_now="还没有专家委员会的评估，请先登记评估",
        fields=_place_fields,
        act=_place,
        people=True,
    ),
    _act(
        "placement-review",
        title="复核安置",
        about="随班就读、特教安置是否仍合适",
        **_COUNTY,
        fits=lambda of: of.placement.current is not None and of.placement.current.kind in AT_SCHOOL,
        not_now="该生没有随班就读、特教班或特教学校的安置，没有要复核的；先确定安置",
        fields=_review_fields,
        act=_review,
    ),
    _act(
        "placement-end",
        title="结束安置",
        about="随班就读、特教安置不再需要的；改作别的安置的，先登记新的评估，再确定安置",
        **_COUNTY,
        fits=lambda of: of.placement.current is not None and of.placement.current.kind in AT_SCHOOL,
        not_now=(
            "该生没有随班就读、特教班或特教学校的安置，没有要结束的；"
            "送教上门、缓学、免学随入学、复学结束"
        ),
        fields=_end_fields,
        act=_end,
    ),
)
