"""What is the form of a step: its address, what it asks, and the act made of the answers?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec

from ckbx.application.legal import LegalView
from ckbx.domain.case.case import Case
from ckbx.domain.child.status import Finding
from ckbx.web.pages.cases.fields import Field, Options
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.known_places import KnownPlaces


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of a step may offer about the case in hand. ``people``: of both chains
    (account, words); ``teachers``: who may be named; ``classes``: where a child may be placed;
    ``facts``: to which something may be attached; ``cause``: the kind of the deadline for
    which the form is open; ``issuers``: the bodies for which the viewer issues papers;
    ``homes``: the regions where the child is at home; ``known``: the county's schools and
    places; ``chosen``: what was chosen before the form; ``nearest``: the viewer's role
    that is nearest to the child.
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
    nearest: str = ""
    unserved: Options = ()
    issuers: Options = ()
    homes: Sequence[str] = ()
    known: KnownPlaces = KnownPlaces()
    chosen: str = ""
    law: LegalView | None = None
    role: str = ""
    approvers: Options = ()

    def choices(self, ready: Ready) -> Options:
        """On what a legal act may be done as the steps stand."""
        return ready(self.law, self.role, self.today) if self.law is not None else ()


Ready = Callable[[LegalView, str, date], Options]
"""On what a role may do a legal act on a day: papers, steps (value, words); none: not now."""
Choices = Callable[[LegalView, str, date], Sequence[tuple[str, str, str]]]


class StepForm(msgspec.Struct, frozen=True, kw_only=True):
    """``path``: the last part of its address; ``step``: its name in the domain's matrix;
    ``needs``: what :class:`Here` has to hold beside the case; ``choices``: on what it is done,
    where that is chosen before the form, with why not now (value, words, why). ``act`` makes an Act of
    ``application.cases``, of a ``legal`` form (one with ``ready``) a Decide of
    ``application.legal``; ``not_now`` says why there is nothing to do it on
    (empty: its form is there nevertheless, for what was done on an earlier day).
    """

    path: str
    step: str
    title: str
    about: str
    fields: Callable[[Here], Sequence[Field]]
    act: Callable[[Filled, Case], Any]
    needs: frozenset[str] = frozenset()
    ready: Ready | None = None
    not_now: str = ""
    choices: Choices | None = None

    @property
    def legal(self) -> bool:
        """Whether it is an act on the legal steps."""
        return self.ready is not None


PEOPLE, TEACHERS, CLASSES, FACTS, LEGAL = "people", "teachers", "classes", "facts", "legal"
APPROVERS, PLACES = "approvers", "places"


def may_clear(case: Case) -> Sequence[Finding]:
    """By which findings the suspicion may be cleared as the case stands."""
    able = (Finding.A, Finding.B, Finding.C, Finding.G)
    if case.ground_changed is not None or case.finding is None:
        return able
    return [case.finding] if case.finding in able else ()
