"""The forms of 函, 走访, 附件, and of who works one-to-one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ckbx.application import cases
from ckbx.application.cases import Act
from ckbx.domain.case import attaching, letters
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import LetterAnswer, Met
from ckbx.web.pages.cases.fields import Field, day, files, note, radios, select, text
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.step_forms import FACTS, PEOPLE, PLACES, TEACHERS, Here, StepForm
from ckbx.web.pages.cases.steps_work import met, today, who
from ckbx.web.pages.known_places import region_field


def _letter_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "发函日期"),
        text("to", "收函单位", hint="如榕江县教育局"),
        region_field(here.known, "region", "收函地"),
        text("document", "文号"),
        day("reply_by", "请对方最迟哪天回复", hint="到期没有回的会提醒"),
    )


def _letter(filled: Filled, _case: Case) -> Act:
    on, until = filled.day(), filled.day("reply_by", "请对方最迟哪天回复")
    number, region, ref = filled.document(), filled.region("region", "收函地"), filled.note("to")
    return lambda work: letters.send_letter(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        document=number,
        region=region,
        reply_by=until,
        addressee=ref,
    )


def unanswered(case: Case) -> list[tuple[str, str]]:
    """Letters without an answer."""
    return [
        (str(number), f"第 {number} 号，{letter.sent.on} 发，{letter.reply_by} 前回复")
        for number, letter in case.letters.items()
        if letter.answered is None
    ]


def _answer_fields(here: Here) -> Sequence[Field]:
    waiting = unanswered(here.case)
    start = waiting[0][0] if len(waiting) == 1 else ""
    return (
        today(here, "收到日期"),
        select("number", "哪一号函", waiting, start),
        radios("answer", "对方怎么答复", LetterAnswer),
        text("document", "复函文号", required=False),
        note(),
        files("复函的照片、扫描件"),
    )


def _answer(filled: Filled, _case: Case) -> Act:
    on, said = filled.day(), filled.code(LetterAnswer, "answer", "对方怎么答复")
    filled.needed("number", "哪一号函")
    number, paper = filled.number("number", "哪一号函"), filled.document()
    ref, attached = filled.note(), filled.files()
    return lambda work: letters.answer_letter(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        number=number or 0,
        answer=said,
        document=paper or None,
        note=ref,
        attachments=attached,
    )


def _walk_fields(here: Here) -> Sequence[Field]:
    return (
        today(here),
        who(here, "谁去的", "没有账号的在下面写姓名和身份"),
        met(),
        note("看到、听到的情况"),
        files(),
    )


def _walk(filled: Filled, _case: Case) -> Act:
    on = filled.day()
    people, seen = filled.people(on), filled.codes(Met, "met", "见到谁")
    ref, attached = filled.note(), filled.files()
    return lambda work: letters.visit(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        participants=people,
        met=seen,
        note=ref,
        attachments=attached,
    )


def _attach_fields(here: Here) -> Sequence[Field]:
    return (
        today(here),
        files("文件", required=True),
        select(
            "fact", "补在哪一条经过上", here.facts, hint="不选的算整个个案的附件", required=False
        ),
        note(),
    )


def _attach(filled: Filled, _case: Case) -> Act:
    on, fact = filled.day(), filled.number("fact", "补在哪一条经过上")
    ref, attached = filled.note(), filled.files()
    return lambda work: attaching.attach(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        fact=fact,
        attachments=attached,
        note=ref,
    )


def _teacher_fields(here: Here) -> Sequence[Field]:
    now = here.case.teacher.account if here.case.teacher else ""
    others = [each for each in here.teachers if each[0] != now]
    return (
        select("account", "帮扶教师", others, hint="须已在责任链上；已有的办交接"),
        day("first", "从哪天起", here.today.isoformat()),
    )


def _teacher(filled: Filled, _case: Case) -> Act:
    account, first = filled.needed("account", "帮扶教师"), filled.day("first", "从哪天起")
    holder = filled.holder(account, first) if account else None
    return cases.name_teacher(
        role=filled.role, account=account, holder=holder or _case.id, first_day=first
    )


def _release_fields(here: Here) -> Sequence[Field]:
    return (day("last", "最后一天", here.today.isoformat()),)


def _release(filled: Filled, _case: Case) -> Act:
    return cases.release_teacher(role=filled.role, last_day=filled.day("last", "最后一天"))


LETTERS: Final = (
    StepForm(
        path="walk",
        step="visit",
        title="登记走访",
        about="联络员、村（社区）或乡镇自己去看了一趟；不算劝返次数",
        fields=_walk_fields,
        act=_walk,
        needs=frozenset({PEOPLE}),
    ),
    StepForm(
        path="letter",
        step="send_letter",
        title="发函",
        about="听说孩子在外地上学，请对方核实",
        fields=_letter_fields,
        act=_letter,
        needs=frozenset({PLACES}),
    ),
    StepForm(
        path="answer",
        step="answer_letter",
        title="登记复函",
        about="在外地就读的由县教育局再核实",
        not_now="没有等复函的函；要请对方核实的，由校长、学籍管理员或县教育局先发函",
        fields=_answer_fields,
        act=_answer,
    ),
    StepForm(
        path="teacher",
        step="name_teacher",
        title="确定帮扶教师",
        about="岗位同时记入责任链",
        fields=_teacher_fields,
        act=_teacher,
        needs=frozenset({TEACHERS}),
    ),
    StepForm(
        path="release",
        step="release_teacher",
        title="登记帮扶教师离任",
        about="次日起由班主任负责，直到另定一人",
        not_now="现在没有帮扶教师；由校长或县教育局先确定一人",
        fields=_release_fields,
        act=_release,
    ),
    StepForm(
        path="attach",
        step="attach",
        title="补充附件",
        about="照片、回执后来才拿到的，补在这里",
        fields=_attach_fields,
        act=_attach,
        needs=frozenset({FACTS}),
    ),
)
