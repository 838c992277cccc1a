"""双线四包: who holds which post on a day, as known at a position, and what is vacant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypedDict
from uuid import UUID, uuid4, uuid5

import pytest

from ckbx.domain.responsibility import events as re
from ckbx.domain.responsibility.answer import State
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Append
from projections import responsibility as module
from projections import roster
from projections.responsibility import (
    PostRow,
    case_teachers,
    chains,
    directory,
    holders,
    ledger,
    vacant,
)
from projections.scope import Scope
from tests.projections.suspected_store import (
    CLASS,
    COUNTY,
    LI,
    NAMES,
    OTHER_CLASS,
    OTHER_SCHOOL,
    SCHOOL,
    WANG,
    Facts,
    day,
)

EDU, GOV = Line.EDUCATION, Line.GOVERNMENT
VILLAGE = "522699100200"
CLASS_POST, OTHER_POST = Covers(ScopeKind.CLASS, CLASS), Covers(ScopeKind.CLASS, OTHER_CLASS)
LI_PLACE = ChildPlace(
    child=str(LI),
    county=COUNTY,
    school=SCHOOL,
    class_key=CLASS,
    grade=1,
    village_code=VILLAGE,
)
WANG_PLACE = ChildPlace(
    child=str(WANG), county=COUNTY, school=OTHER_SCHOOL, class_key=OTHER_CLASS, grade=7
)


def person(account: str) -> UUID:
    return uuid5(NAMES, account)


class At(TypedDict):
    as_of: date
    position: int


class Posts:
    """Decides on post registers and records what they decided."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.registers: dict[UUID, PostRegister] = {}

    def on(self, covers: Covers) -> PostRegister:
        stream = posts_stream(COUNTY, covers)
        return self.registers.setdefault(stream, PostRegister(stream, COUNTY))

    def establish(self, line: Line, title: str, covers: Covers, role: Role, level: int = 4) -> UUID:
        register = self.on(covers)
        made = register.establish(
            self.ctx(),
            line=line,
            scope=covers,
            title=title,
            level=level,
            role=role,
            since=START,
        )
        self.record(register)
        return made

    def do(self, covers: Covers, action: str, post: UUID, **fields: Any) -> int:
        register = self.on(covers)
        if "account" in fields:
            fields["holder"] = person(fields["account"])
        getattr(register, action)(self.ctx(), post, **fields)
        return self.record(register)

    def ctx(self) -> CommandContext:
        return CommandContext(actor="officer", command_id=uuid4(), today=date(2026, 9, 1))

    def record(self, register: PostRegister) -> int:
        events = register.collect_events()
        command = uuid4()
        return self.facts.log.append(Append(command_id=command, events=events)).position


START = date(2026, 8, 1)


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    told = Facts(tmp_path, [roster.PROJECTION, module.PROJECTION])
    yield told
    told.close()


@pytest.fixture
def posts(facts: Facts) -> Posts:
    return Posts(facts)


@pytest.fixture
def two(posts: Posts) -> tuple[UUID, UUID]:
    """One class teacher at each of two schools since 1 August."""
    made = []
    for covers, account in ((CLASS_POST, "teacher1"), (OTHER_POST, "teacher2")):
        post = posts.establish(EDU, "班主任", covers, Role.CLASS_TEACHER)
        posts.do(covers, "hold", post, account=account, first_day=START)
        made.append(post)
    return made[0], made[1]


def held(
    facts: Facts, covers: Covers, on: str, position: int | None = None, scope: Scope | None = None
) -> list[str]:
    facts.fold()
    known = facts.head() if position is None else position
    with facts.reading() as reading:
        found = holders(reading, scope or Scope.county(), covers, as_of=day(on), position=known)
    return [row.account for row in found]


def show(facts: Facts, on: str, **more: Any) -> list[PostRow]:
    facts.fold()
    scope = more.pop("scope", Scope.county())
    more.setdefault("position", facts.head())
    with facts.reading() as reading:
        return ledger(reading, scope, as_of=day(on), **more)


def test_a_post_is_held_from_its_first_day_on(facts: Facts, two: tuple[UUID, UUID]) -> None:
    assert held(facts, CLASS_POST, "07-31") == []
    assert held(facts, CLASS_POST, "08-01") == ["teacher1"]
    assert held(facts, OTHER_POST, "08-01") == ["teacher2"]


def test_after_a_hand_over_each_day_keeps_its_holder(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    before = facts.head()
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    change = {"tenure": number, "account": "teacher9", "first_day": day("10-16")}
    posts.do(CLASS_POST, "hand_over", two[0], **change)
    assert held(facts, CLASS_POST, "10-15") == ["teacher1"]
    assert held(facts, CLASS_POST, "10-16") == ["teacher9"]
    assert held(facts, OTHER_POST, "10-16") == ["teacher2"]
    assert held(facts, CLASS_POST, "10-16", before) == ["teacher1"]


def test_a_vacated_post_is_vacant_from_the_next_day_and_the_other_is_not(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    before = facts.head()
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    posts.do(CLASS_POST, "vacate", two[0], tenure=number, last_day=day("10-15"))
    facts.fold()
    with facts.reading() as reading:
        now = facts.head()
        [row] = vacant(reading, Scope.county(), as_of=day("10-20"), position=now)
        assert vacant(reading, Scope.county(), as_of=day("10-15"), position=now) == []
        assert vacant(reading, Scope.county(), as_of=day("10-20"), position=before) == []
        assert (
            vacant(reading, Scope.schools([OTHER_SCHOOL]), as_of=day("10-20"), position=now) == []
        )
    assert (row.covers, row.state, row.first_day) == (CLASS_POST, State.VACANT, day("10-16"))


def test_an_abolished_post_is_not_vacant(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    posts.do(CLASS_POST, "abolish", two[0], last_day=day("10-15"))
    assert [row.account for row in show(facts, "10-16")] == ["teacher2"]


def test_a_corrected_tenure_counts_from_its_corrected_day(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    before = facts.head()
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    change = {"tenure": number, "account": "teacher1", "last_day": None}
    posts.do(CLASS_POST, "correct", two[0], first_day=day("09-10"), **change)
    assert held(facts, CLASS_POST, "09-09") == []
    assert held(facts, CLASS_POST, "09-09", before) == ["teacher1"]
    assert held(facts, CLASS_POST, "09-10") == ["teacher1"]


def test_a_voided_tenure_never_was(facts: Facts, posts: Posts, two: tuple[UUID, UUID]) -> None:
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    posts.do(CLASS_POST, "void", two[0], tenure=number)
    assert held(facts, CLASS_POST, "09-10") == []
    assert held(facts, OTHER_POST, "09-10") == ["teacher2"]


def test_a_revised_post_shows_its_new_level_and_role(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    posts.do(CLASS_POST, "revise", two[0], level=5, role=Role.REGISTRAR)
    rows = {row.account: (row.level, row.role) for row in show(facts, "09-10")}
    assert rows == {
        "teacher1": (5, Role.REGISTRAR),
        "teacher2": (4, Role.CLASS_TEACHER),
    }


def test_the_ledger_names_line_title_scope_and_person(facts: Facts, two: tuple[UUID, UUID]) -> None:
    [row] = show(facts, "09-10", scope=Scope.schools([SCHOOL]))
    assert row == PostRow(
        line=EDU,
        level=4,
        title="班主任",
        covers=CLASS_POST,
        role=Role.CLASS_TEACHER,
        state=State.HELD,
        account="teacher1",
        holder=person("teacher1"),
        first_day=START,
        last_day=None,
        post=two[0],
    )


def test_all_adds_tenures_of_other_days(facts: Facts, posts: Posts, two: tuple[UUID, UUID]) -> None:
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    change = {"tenure": number, "account": "teacher9", "first_day": day("10-16")}
    posts.do(CLASS_POST, "hand_over", two[0], **change)
    seen = Scope.schools([SCHOOL])
    assert [row.account for row in show(facts, "10-20", scope=seen)] == ["teacher9"]
    rows = show(facts, "10-20", scope=seen, all_=True)
    assert [(row.account, row.last_day) for row in rows] == [
        ("teacher1", day("10-15")),
        ("teacher9", None),
    ]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.county(), ["officer1", "teacher1", "teacher2", "village1"]),
        (Scope.schools([SCHOOL]), ["teacher1"]),
        (Scope.classes([OTHER_CLASS]), ["teacher2"]),
        (Scope.villages([VILLAGE]), ["village1"]),
        (Scope.nothing(), []),
    ],
)
def test_a_scope_sees_the_posts_of_its_own_places(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID], scope: Scope, seen: list[str]
) -> None:
    covers = Covers(ScopeKind.VILLAGE, VILLAGE)
    village = posts.establish(GOV, "村责任人", covers, Role.VILLAGE_OFFICER)
    posts.do(covers, "hold", village, account="village1", first_day=START)
    county = Covers(ScopeKind.COUNTY, COUNTY)
    officer = posts.establish(EDU, "专干", county, Role.BUREAU_OFFICER, 1)
    posts.do(county, "hold", officer, account="officer1", first_day=START)
    assert sorted(row.account for row in show(facts, "09-10", scope=scope)) == seen
    asked = (held(facts, c, "09-10", scope=scope) for c in (CLASS_POST, OTHER_POST, covers, county))
    assert sorted(account for accounts in asked for account in accounts) == seen


def test_a_child_s_own_post_shows_to_whoever_sees_the_child(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    facts.child(LI, SCHOOL, CLASS, village=VILLAGE)
    facts.child(WANG, OTHER_SCHOOL, OTHER_CLASS)
    for child, account in ((LI, "helper1"), (WANG, "helper2")):
        covers = Covers(ScopeKind.STUDENT, str(child))
        post = posts.establish(EDU, "帮扶教师", covers, Role.CASE_TEACHER, 5)
        posts.do(covers, "hold", post, account=account, first_day=START)

    def seen(scope: Scope) -> set[str]:
        return {row.account for row in show(facts, "09-10", scope=scope)} & {"helper1", "helper2"}

    assert seen(Scope.schools([SCHOOL])) == {"helper1"}
    assert seen(Scope.classes([OTHER_CLASS])) == {"helper2"}
    assert seen(Scope.villages([VILLAGE])) == {"helper1"}
    assert seen(Scope.county()) == {"helper1", "helper2"}


def test_the_chains_of_two_children_are_their_own(facts: Facts, two: tuple[UUID, UUID]) -> None:
    facts.fold()
    with facts.reading() as reading:
        both = [LI_PLACE, WANG_PLACE]
        known = At(as_of=day("09-10"), position=facts.head())
        found = chains(reading, Scope.county(), both, **known)
        mine = chains(reading, Scope.classes([CLASS]), both, **known)
        lived = chains(reading, Scope.villages([VILLAGE]), both, **known)
    accounts = {
        child: [h.account for node in pair.education for h in node.holders]
        for child, pair in found.items()
    }
    assert accounts == {str(LI): ["teacher1"], str(WANG): ["teacher2"]}
    assert list(mine) == list(lived) == [str(LI)]
    assert [node.state for node in found[str(LI)].government] == [State.UNSET] * 3


def test_the_class_teacher_works_one_to_one_until_somebody_is_named(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    covers = Covers(ScopeKind.STUDENT, str(LI))
    post = posts.establish(EDU, "帮扶教师", covers, Role.CASE_TEACHER)
    posts.do(covers, "hold", post, account="helper", first_day=day("11-01"))
    facts.fold()

    def asked(on: str, scope: Scope) -> dict[str, str]:
        with facts.reading() as reading:
            places = [LI_PLACE, WANG_PLACE]
            known = At(as_of=day(on), position=facts.head())
            found = case_teachers(reading, scope, places, **known)
        return {child: holder.account for child, holder in found.items()}

    assert asked("10-31", Scope.county()) == {str(LI): "teacher1", str(WANG): "teacher2"}
    assert asked("11-01", Scope.county()) == {str(LI): "helper", str(WANG): "teacher2"}
    assert asked("11-01", Scope.schools([OTHER_SCHOOL])) == {str(WANG): "teacher2"}


def test_a_change_to_a_post_nobody_set_up_is_parked_and_named(
    facts: Facts, two: tuple[UUID, UUID]
) -> None:
    stream, post = uuid5(NAMES, "stray"), uuid5(NAMES, "post")
    facts.tell(re.PostVacated, stream, "09-10", post=post, tenure=2, last_day=day("09-10"))
    assert held(facts, CLASS_POST, "09-10") == ["teacher1"]
    with facts.reading() as reading:
        assert [p.subject for p in reading.parked("responsibility")] == [str(stream)]


@pytest.mark.parametrize("kind", [re.PostVacated, re.PostHandedOver])
@pytest.mark.parametrize("voided", [True, False])
def test_the_end_of_a_tenure_that_never_was_is_parked_and_named(
    facts: Facts, two: tuple[UUID, UUID], kind: type[Any], *, voided: bool
) -> None:
    stream, post = uuid5(NAMES, "later"), two[0]
    tenure = {"post": post, "account": "teacher8", "holder": person("teacher8")}
    facts.tell(re.PostHeld, stream, "09-01", first_day=day("09-01"), **tenure)
    if voided:
        facts.tell(re.TenureVoided, stream, "09-02", post=post, tenure=1)
    of = 1 if voided else 7
    if kind is re.PostVacated:
        facts.tell(kind, stream, "09-10", post=post, tenure=of, last_day=day("09-10"))
    else:
        ended = {"previous": of, "previous_last_day": day("09-09"), "first_day": day("09-10")}
        facts.tell(kind, stream, "09-10", **tenure, **ended)
    rest = ["teacher1"] if voided else ["teacher8", "teacher1"]
    assert held(facts, CLASS_POST, "09-20") == rest
    with facts.reading() as reading:
        assert [p.subject for p in reading.parked("responsibility")] == [str(stream)]


def test_rebuilt_posts_are_the_same_rows(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    facts.fold()
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    change = {"tenure": number, "account": "teacher9", "first_day": day("10-16")}
    posts.do(CLASS_POST, "hand_over", two[0], **change)
    posts.do(OTHER_POST, "abolish", two[1], last_day=day("10-15"))
    live = show(facts, "10-20", all_=True)
    assert facts.projector.check("responsibility").equal
    facts.projector.rebuild(["responsibility"])
    assert show(facts, "10-20", all_=True) == live


def test_the_directory_is_built_once_for_the_same_facts(
    facts: Facts, posts: Posts, two: tuple[UUID, UUID]
) -> None:
    facts.fold()
    before = facts.head()
    with facts.reading() as reading:
        first = directory(reading, before)
    number = posts.on(CLASS_POST).post(two[0]).tenures[0].number
    posts.do(CLASS_POST, "vacate", two[0], tenure=number, last_day=day("10-15"))
    facts.fold()
    with facts.reading() as reading:
        assert directory(reading, before) is first
        assert directory(reading, facts.head()) is not first


def test_every_event_it_handles_stands_in_a_test() -> None:
    told = {
        re.PostEstablished,
        re.PostRevised,
        re.PostHeld,
        re.PostHandedOver,
        re.PostVacated,
        re.PostAbolished,
        re.TenureCorrected,
        re.TenureVoided,
    }
    assert set(module.PROJECTION.handles) == told
