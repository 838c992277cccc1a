"""What is the form of a step: its address, what it asks, and the act made of the answers?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec

from ckbx.domain.case.case import Case
from ckbx.domain.child.status import Finding
from ckbx.web.pages.cases.fields import Field, Options
from ckbx.web.pages.cases.filled import Filled


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of a step may offer about the case in hand. ``people``: of both chains
    (account, words); ``teachers``: who may be named; ``classes``: where a child may be placed;
    ``facts``: to which something may be attached; ``cause``: the kind of the deadline for
    which the form is open.
    """

    case: Case
    today: date
    account: str = ""
    people: Options = ()
    teachers: Options = ()
    classes: Options = ()
    own_class: str = ""
    facts: Options = ()
    cause: str = ""
    papers: Options = ()
    unserved: Options = ()
    issuer: str = ""
    place: str = ""


class StepForm(msgspec.Struct, frozen=True, kw_only=True):
    """``path``: the last part of its address; ``step``: its name in the domain's matrix;
    ``needs``: what :class:`Here` has to hold beside the case. ``act`` makes an Act of
    ``application.cases``, of a ``legal`` form a Decide of ``application.legal``.
    """

    path: str
    step: str
    title: str
    about: str
    fields: Callable[[Here], Sequence[Field]]
    act: Callable[[Filled, Case], Any]
    needs: frozenset[str] = frozenset()
    legal: bool = False


PEOPLE, TEACHERS, CLASSES, FACTS, LEGAL = "people", "teachers", "classes", "facts", "legal"


def may_clear(case: Case) -> Sequence[Finding]:
    """By which findings the suspicion may be cleared as the case stands."""
    able = (Finding.A, Finding.B, Finding.C, Finding.G)
    if case.ground_changed is not None or case.finding is None:
        return able
    return [case.finding] if case.finding in able else ()
