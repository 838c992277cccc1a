"""A page that refuses a deed leads to the step that has to come first, where there is one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import ckbx.domain
from ckbx.application import case_people, child_status
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.errors import NoTeacher, StageRefuses
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.pages import first_steps
from ckbx.web.pages.acts.all import ACTS
from ckbx.web.pages.cases.steps import FORMS
from ckbx.web.pages.first_steps import BY_REFUSAL, BY_STAGE, NO_STEP, NOT_NOW, NOTHING_FIRST, PAGES
from tests.web.cases.visiting import Visitor

DEEDS = ("case", "child", "legal", "leave", "placement", "calendar")
"""The parts of the domain whose refusals come back to the pages of deeds on a child."""
BESIDE = (child_status.__name__, case_people.__name__)


def refusals() -> Iterator[type[CkbxError]]:
    """Every refusal of a deed on a case or a child."""
    for part in DEEDS:
        package = importlib.import_module(f"{ckbx.domain.__name__}.{part}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for each in _kinds(CkbxError):
        of = each.__module__
        if of in BESIDE or (of.split(".")[:2] == ["ckbx", "domain"] and of.split(".")[2] in DEEDS):
            yield each


def _kinds(of: type[CkbxError]) -> Iterator[type[CkbxError]]:
    for each in of.__subclasses__():
        yield each
        yield from _kinds(each)


def test_of_every_refusal_it_is_known_whether_another_step_comes_first() -> None:
    """A new refusal is entered into the table, or into the list of those without a step."""
    codes = {each.code for each in refusals()} - {CkbxError.code, StageRefuses.code}
    assert codes == BY_REFUSAL.keys() | NO_STEP
    assert not BY_REFUSAL.keys() & NO_STEP
    assert set(BY_STAGE) == set(Stage)


def test_of_every_form_it_is_known_what_comes_before_it() -> None:
    forms = {f"case:{path}" for path, form in FORMS.items() if form.not_now}
    forms |= {f"child:{act.path}" for act in ACTS} | {"case:clear"}
    assert forms == NOT_NOW.keys() | NOTHING_FIRST
    assert not NOT_NOW.keys() & NOTHING_FIRST


def test_every_place_it_leads_to_is_there() -> None:
    places = {f"case:{path}" for path in FORMS} | {f"child:{act.path}" for act in ACTS} | set(PAGES)
    led = [*BY_REFUSAL.values(), *BY_STAGE.values(), *NOT_NOW.values()]
    assert {place for each in led for place in each} <= places
    assert all(BY_REFUSAL.values())


def test_a_refusal_leads_by_its_code_and_that_of_a_stage_by_the_stage() -> None:
    assert first_steps.places_of(NoTeacher()) == ("case:teacher",)
    stage = StageRefuses(stage="待核查", action="销号", instead="请先核查")
    assert first_steps.places_of(stage, Stage.OPEN) == ("case:verify",)
    assert first_steps.places_of(stage) == ()


@pytest.mark.parametrize(("step", "first"), [("close", "verify"), ("settle", "verify")])
def test_a_step_that_is_not_its_turn_leads_to_the_one_that_is(
    bureau: Visitor, step: str, first: str
) -> None:
    page = bureau.get(bureau.path(step)).text
    assert "现在不能办" in page
    assert f'href="{bureau.path(first)}">先去：登记核查结论</a>' in page


def test_a_form_handed_in_and_refused_leads_there_too(bureau: Visitor) -> None:
    """Given a case that nobody has checked: the determination is refused and leads to the check."""
    today = bureau.county.office.today().isoformat()
    answer = bureau.send("determine", {"on": today, "whereabouts": "at_home", "document": "认1号"})
    assert answer.status_code == 422
    assert f'先办这一步：<a href="{bureau.path("verify")}">登记核查结论</a>' in answer.text


def test_who_may_not_take_the_first_step_is_not_led_there(teacher: Visitor) -> None:
    page = teacher.get(teacher.path("release")).text
    assert "现在不能办" in page
    assert "先去：" not in page
