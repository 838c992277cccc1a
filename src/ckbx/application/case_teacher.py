"""The 帮扶教师 of a case: a post over one child in the chain, and a fact of the case."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.case import plan
from ckbx.domain.case.case import Case
from ckbx.domain.responsibility.post import Line, Post, Role, Scope, ScopeKind, Tenure, post_id
from ckbx.domain.responsibility.register import PostRegister, posts_stream

TITLE, LEVEL = "帮扶教师", 5


def name(
    office: Office,
    unit: Unit,
    case: Case,
    *,
    role: str,
    account: str,
    holder: UUID,
    first_day: date,
) -> None:
    """Name a teacher from a day on; one who holds the post hands over.

    A post that a chain file set up is taken as it is. Raises what ``plan.name_teacher`` and
    the register refuse.
    """
    scope = Scope(ScopeKind.STUDENT, str(case.child))
    register = _register(office, unit, case)
    found = _standing(register, first_day)
    id_ = found.id if found else post_id(office.county, Line.EDUCATION, scope, TITLE)
    plan.name_teacher(
        case,
        unit.ctx,
        role=role,
        account=account,
        holder=holder,
        post=id_,
        first_day=first_day,
    )
    if id_ not in register.posts:
        register.establish(
            unit.ctx,
            line=Line.EDUCATION,
            scope=scope,
            title=TITLE,
            level=LEVEL,
            role=Role.CASE_TEACHER,
            since=first_day,
        )
    tenure = _holder(register.posts[id_], first_day)
    if tenure is None:
        register.hold(unit.ctx, id_, account=account, holder=holder, first_day=first_day)
    elif tenure.holder != holder:
        register.hand_over(
            unit.ctx,
            id_,
            tenure=tenure.number,
            account=account,
            holder=holder,
            first_day=first_day,
        )


def release(office: Office, unit: Unit, case: Case, *, role: str, last_day: date) -> None:
    """The teacher leaves; until another is named the next up on the line answers."""
    teacher = case.teacher
    plan.release_teacher(case, unit.ctx, role=role, last_day=last_day)
    register = _register(office, unit, case)
    post = register.posts.get(teacher.post) if teacher else None
    tenure = _holder(post, last_day) if post else None
    if post is not None and tenure is not None:
        register.vacate(unit.ctx, post.id, tenure=tenure.number, last_day=last_day)


def dismiss(office: Office, unit: Unit, case: Case, *, last_day: date) -> None:
    """The case is closed: its post is not needed any more."""
    if case.teacher is not None:
        register = _register(office, unit, case)
        if case.teacher.post in register.posts:
            register.abolish(unit.ctx, case.teacher.post, last_day=last_day)


def _register(office: Office, unit: Unit, case: Case) -> PostRegister:
    scope = Scope(ScopeKind.STUDENT, str(case.child))
    make = partial(PostRegister, county=office.county)
    return unit.get(posts_stream(office.county, scope), make)


def _standing(register: PostRegister, day: date) -> Post | None:
    """The child's one-to-one post that is held on a day."""
    posts = (p for p in register.posts.values() if p.role is Role.CASE_TEACHER)
    return next((post for post in posts if post.holders(day)), None)


def _holder(post: Post, day: date) -> Tenure | None:
    return next(iter(post.holders(day)), None)
