"""整班转学 (小升初): the children of a class, what is in the way of each, one act for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application import transfers
from ckbx.application.case_papers import Papers
from ckbx.application.child_status import ClassNotListed, ClassOver
from ckbx.application.transfers import CLASS_BYTES, Left, Who
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.errors import InTheFuture
from ckbx.domain.child.offices import MAY_DECIDE
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import LAST_GRADE, grade_of, split_class_key
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.cases.fields import Field, Kind, Options, proof_fields, select, text
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.forms_shown import shown_of
from ckbx.web.pages.frame import base
from ckbx.web.pages.known_places import known_places, school_fields
from ckbx.web.permissions import ROLE_ZH, Permission
from ckbx.web.words import class_name, receiver_name
from projections import responsibility, roll_call_completeness
from projections import transfers as ledger
from projections.scope import Scope


class Step(NamedTuple):
    """A step that a whole class takes: the last part of its address, its title, its fact."""

    path: str
    title: str
    event: type[DomainEvent]
    about: str
    day: str


START: Final = Step(
    "class",
    "整班办理转出",
    lv.TransferStarted,
    "如小升初：一个班的学生一起转到一所学校。转入学校确认以前不算转出；"
    "逾期没有确认的，按疑似辍学处理",
    "转出日期",
)
CONFIRM: Final = Step(
    "class-confirm",
    "整班确认转入",
    lv.TransferConfirmed,
    "一个班转来的学生一起到了转入学校，凭接收证明确认；确认以后原学校才算转出",
    "到校日期",
)
STEPS: Final = {each.path: each for each in (START, CONFIRM)}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which class is asked for, of which day. ``school``: of whose classes is to be chosen;
    ``to``: the school that receives it.
    """

    class_key: str = ""
    on: date
    school: str = ""
    to: str = ""


class Pupil(NamedTuple):
    """A child of the class; ``why``: what is in the way, empty where nothing is."""

    child: UUID
    name: str
    status: TrackingStatus
    why: str


class Whole(NamedTuple):
    """The class as it stands, and in which role the viewer acts on it."""

    role: str
    pupils: Sequence[Pupil]
    going: Sequence[UUID]


def class_page(desk: WebDesk, step: Step, given: Mapping[str, str], done: str = "") -> Response:
    """Choose a class; of a chosen one, who would go and who would not. Raises NotThere, BadDay."""
    return _page(desk, step, _asked(desk, given), done=done)


def take_class(desk: WebDesk, step: Step, posted: Posted) -> Response:
    """All those that were shown, in one act; refused, nothing is done. Raises NotThere, BadDay."""
    names = ("class_key", "on", "school", "to_school")
    given = {name: posted.text(name) for name in names}
    asked = _asked(desk, {**given, "to": given["to_school"]})
    with desk.look("web:transfer_class", step.title) as look:
        role = _role(desk, step, asked)
        known = known_places(look)
        chain = responsibility.directory(look.reading, look.position)
        papers = Papers(
            desk.store.vault, partial(desk.store.gate.uploads.take, desk.viewer.account)
        )
        filled = Filled(posted, papers, chain, role=role, today=desk.today, known=known)
    do = _start(filled, asked) if step is START else _confirm(filled, asked, papers)
    if not filled.fine:
        return _page(desk, step, asked, posted)
    office, ctx = desk.store.office, desk.context(posted.command, role=role)
    who = Who(class_key=asked.class_key, listed=posted.text("listed"))
    try:
        do(office, ctx, who, role=role, on=asked.on)
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return _page(desk, step, asked, posted, refused)
    query = {"class_key": asked.class_key, "on": asked.on.isoformat(), "done": step.path}
    query |= {"to": asked.to} if step is CONFIRM else {}
    return desk.done(f"/transfers/{step.path}?{urlencode(query)}", desk.store.log.head())


def _start(filled: Filled, _asked: Asked) -> Any:
    to, number = filled.school("to", "转入学校"), filled.document()
    return partial(transfers.start, receiving_school=to, document=number)


def _confirm(filled: Filled, asked: Asked, papers: Papers) -> Any:
    key, words, files = filled.text("into"), filled.note("evidence"), filled.files()
    if any(each.size > CLASS_BYTES for each in files):
        filled.refuse("file", "整班一起办的材料每人存一份，每个文件不超过 1 MB：请压缩，或写明材料")
    ref = words or (files[0].file if files else None)
    return partial(
        transfers.confirm,
        receiving_school=asked.to,
        evidence_ref=str(ref) if ref else "",
        class_key=key or None,
        papers=papers,
    )


def _asked(desk: WebDesk, given: Mapping[str, str]) -> Asked:
    found = {name: given.get(name, "") for name in ("class_key", "school", "to")}
    return Asked(on=desk.day(given.get("on", "")) or desk.today, **found)


def _role(desk: WebDesk, step: Step, asked: Asked) -> str:
    """In which role the viewer takes the step; raises NotThere where in none."""
    try:
        from_, _, _ = split_class_key(asked.class_key)
    except ValueError:
        raise NotThere from None
    school, key = (from_, asked.class_key) if step is START else (asked.to, None)
    roles = desk.viewer.roles_over(Permission.REGISTER, school=school, class_key=key)
    able = [role for role in roles if role in MAY_DECIDE[step.event]]
    if not able:
        raise NotThere
    return able[0]


def _page(
    desk: WebDesk,
    step: Step,
    asked: Asked,
    posted: Posted | None = None,
    refused: CkbxError | None = None,
    *,
    done: str = "",
) -> Response:
    with desk.look("web:transfer_class", step.title) as look:
        names, year = look.school_names(), school_year_of(asked.on)
        whole, said = _whole(desk, look, step, asked) if asked.class_key else (None, "")
        school = asked.class_key.split("/")[0] or asked.school
        draft = posted.draft(refused or "") if posted else None
        form = _form(look, step, asked, whole, draft) if whole and whole.going else None
        status = 422 if posted or said else 200
        return desk.html(
            "acts/transfer_class.html",
            status,
            **base(desk, look, step.title),
            step=step,
            asked=asked,
            whole=whole,
            said=said or (str(refused) if refused and form is None else ""),
            form=form,
            schools=desk.school_choices(look) if step is START else (),
            classes=_classes(look, names, school, year) if step is START else (),
            school=school,
            title_of=f"{names.get(school, school)} {class_name(asked.class_key, year)}"
            if whole
            else "",
            to_name=receiver_name(names, asked.to) if asked.to else "",
            acts_as=ROLE_ZH.get(whole.role, "") if whole else "",
            done=STEPS[done].title if done in STEPS else "",
        )


def _whole(desk: WebDesk, look: Look, step: Step, asked: Asked) -> tuple[Whole | None, str]:
    """The class as it stands on the day, or why there is none. Raises NotThere."""
    role = _role(desk, step, asked)
    try:
        found = transfers.foresee(
            desk.store.office,
            desk.context(),
            asked.class_key,
            step.event,
            on=asked.on,
            receiving_school=asked.to or None,
        )
    except ClassNotListed:
        raise NotThere from None
    except (ClassOver, InTheFuture) as refused:
        return None, str(refused)
    if step is CONFIRM:
        found = _coming(look, asked, found)
    people = look.people([each.child for each in found])
    pupils = [Pupil(each.child, people[each.child].name, each.status, each.why) for each in found]
    return Whole(role, pupils, [each.child for each in found if not each.why]), ""


def _coming(look: Look, asked: Asked, found: Sequence[Left]) -> list[Left]:
    """Only those that come to the school: the others of the class are not its business."""
    rows = ledger.transfers(look.reading, Scope.schools([asked.to]), **look.at)
    mine = {
        row.child
        for row in rows
        if row.receiving_school == asked.to and row.state is ledger.TransferState.UNDER_WAY
    }
    return [each for each in found if each.child in mine]


def _classes(look: Look, names: Mapping[str, str], school: str, year: int) -> Options:
    """The classes of a school that are in its grades, the highest in front; where the viewer
    has one school only, of that one.
    """
    scope = look.question.scope
    if not school and not scope.everything and len(scope.school_codes) == 1:
        (school,) = scope.school_codes
    if not school:
        return ()
    keys = roll_call_completeness.class_keys(look.reading, scope, position=look.position)
    mine = [key for key in keys if key.split("/")[0] == school]
    grades = {key: grade_of(split_class_key(key)[1], year) for key in mine}
    able = [key for key in mine if 1 <= grades[key] <= LAST_GRADE]
    able.sort(key=lambda key: (-grades[key], key))
    return [(key, f"{names.get(school, '')} {class_name(key, year)}".strip()) for key in able]


def _form(look: Look, step: Step, asked: Asked, whole: Whole, draft: Draft | None) -> Any:
    """With what was filled in, and always the list as it is shown now."""
    fields = (_start_fields if step is START else _confirm_fields)(look, asked)
    kept = {
        "class_key": asked.class_key,
        "on": asked.on.isoformat(),
        "listed": transfers.fingerprint(whole.going),
        "to_school": asked.to,
    }
    hidden = [Field(name=name, label="", kind=Kind.HIDDEN) for name in kept]
    shown = shown_of(step, [*hidden, *fields], 0, draft)
    values = {**shown.draft.values, **{name: [value] for name, value in kept.items()}}
    return msgspec.structs.replace(shown, draft=msgspec.structs.replace(shown.draft, values=values))


def _start_fields(look: Look, asked: Asked) -> Sequence[Field]:
    own = asked.class_key.split("/")[0]
    return (
        *school_fields(known_places(look), "to", "转入学校", own),
        text("document", "转学手续的文号"),
    )


def _confirm_fields(look: Look, asked: Asked) -> Sequence[Field]:
    year, names = school_year_of(asked.on), look.school_names()
    keys = roll_call_completeness.class_keys(
        look.reading, Scope.schools([asked.to]), position=look.position
    )
    grades = {key: grade_of(split_class_key(key)[1], year) for key in keys}
    able = [key for key in keys if 1 <= grades[key] <= LAST_GRADE]
    into = [(key, f"{names.get(asked.to, '')} {class_name(key, year)}".strip()) for key in able]
    hint = "全部编入这个班；要分到几个班的先不选，确认以后用花名册编班"
    classes = (select("into", "编入班级", into, hint=hint, required=False),) if into else ()
    proof, photos = proof_fields("接收证明", "接收证明的照片、扫描件")
    small = "照片、PDF 或 Word 文件；每人存一份，每个不超过 1\u00a0MB"
    return (*classes, proof, msgspec.structs.replace(photos, hint=small))
