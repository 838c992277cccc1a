"""双线责任: who answers for a child on a day, and who when a post is vacant or was never set."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid5

import msgspec
import pytest

from ckbx.domain.responsibility import errors
from ckbx.domain.responsibility.answer import State
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.events import PostHandedOver, PostHeld
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind, post_id, role_of
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.event import CommandContext, DomainEvent

COUNTY = "522699"
SCHOOL = "2152939972"
CLASS_ONE = f"{SCHOOL}/2026/1"
VILLAGE = "522699100200"
NAMESPACE = UUID("11111111-2222-5333-8444-555555555555")
START = date(2026, 8, 1)
TODAY = date(2026, 9, 1)
CTX = CommandContext(actor="officer", command_id=uuid5(NAMESPACE, "cmd"), today=TODAY)
EDU, GOV = Line.EDUCATION, Line.GOVERNMENT

LI = ChildPlace(
    child=str(uuid5(NAMESPACE, "li")),
    county=COUNTY,
    school=SCHOOL,
    class_key=CLASS_ONE,
    grade=1,
    village_code=VILLAGE,
    registered_code="522699101201",
)


def person(account: str) -> UUID:
    return uuid5(NAMESPACE, account)


class County:
    """Posts of a county written down in one line each."""

    def __init__(self) -> None:
        self.registers: dict[UUID, PostRegister] = {}

    def register(self, scope: Scope) -> PostRegister:
        stream = posts_stream(COUNTY, scope)
        return self.registers.setdefault(stream, PostRegister(stream, COUNTY))

    def post(
        self,
        line: Line,
        level: int,
        title: str,
        kind: ScopeKind,
        code: str,
        *accounts: str,
        role: Role | None = None,
        first_day: date = START,
        last_day: date | None = None,
    ) -> UUID:
        scope = Scope(kind, code)
        register = self.register(scope)
        id_ = post_id(COUNTY, line, scope, title)
        if id_ not in register.posts:
            found = role or role_of(line, kind, title)
            register.establish(
                CTX, line=line, scope=scope, title=title, level=level, role=found, since=first_day
            )
        for account in accounts:
            register.hold(
                CTX,
                id_,
                account=account,
                holder=person(account),
                first_day=first_day,
                last_day=last_day,
            )
        return id_

    def events(self) -> list[DomainEvent]:
        return [e for r in self.registers.values() for e in r._pending]

    def directory(self, **districts: str) -> Directory:
        return Directory.of(
            COUNTY, self.events(), {k.removeprefix("s"): v for k, v in districts.items()}
        )


@pytest.fixture
def county() -> County:
    """双线四包 for one class of one school and two villages."""
    county = County()
    county.post(EDU, 1, "控辍保学专干", ScopeKind.COUNTY, COUNTY, "officer")
    county.post(EDU, 2, "局领导包学校", ScopeKind.SCHOOL, SCHOOL, "leader")
    county.post(EDU, 2, "校长", ScopeKind.SCHOOL, SCHOOL, "principal")
    county.post(EDU, 3, "学校领导包年级", ScopeKind.GRADE, f"{SCHOOL}/1", "grade1")
    county.post(EDU, 4, "班主任", ScopeKind.CLASS, CLASS_ONE, "ct0")
    county.post(GOV, 1, "县长", ScopeKind.COUNTY, COUNTY, "mayor")
    county.post(GOV, 2, "乡镇长", ScopeKind.TOWNSHIP, VILLAGE[:9], "town0")
    county.post(GOV, 3, "村支书", ScopeKind.VILLAGE, VILLAGE, "vill0")
    county.post(GOV, 3, "村支书", ScopeKind.VILLAGE, "522699101201", "vill4")
    return county


def accounts(nodes: tuple[object, ...]) -> list[str]:
    return [h.account for n in nodes for h in n.holders]  # type: ignore[attr-defined]


def end(county: County, scope: Scope, title: str, last_day: date, line: Line = EDU) -> None:
    register = county.register(scope)
    id_ = post_id(COUNTY, line, scope, title)
    for tenure in register.post(id_).holders(last_day):
        register.vacate(CTX, id_, tenure=tenure.number, last_day=last_day)


def test_a_child_has_two_chains_from_the_county_down(county: County) -> None:
    chains = county.directory().chain_for(LI, TODAY)
    assert accounts(chains.government) == ["mayor", "town0", "vill0"]
    assert accounts(chains.education) == ["officer", "leader", "principal", "grade1", "ct0"]
    node = chains.education[-1]
    assert (node.state, node.level, node.title, node.role) == (
        State.HELD,
        4,
        "班主任",
        Role.CLASS_TEACHER,
    )
    assert node.scope == Scope(ScopeKind.CLASS, CLASS_ONE)
    assert node.holders[0].subject == person("ct0")


def test_the_class_teacher_answers_first_and_nothing_needs_explaining(county: County) -> None:
    answer = county.directory().answerable(EDU, LI, TODAY)
    assert (answer.accounts, answer.via, answer.at_top) == (("ct0",), None, False)


def test_a_handover_changes_who_answers_on_its_day(county: County) -> None:
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    id_ = post_id(COUNTY, EDU, scope, "班主任")
    register = county.register(scope)
    tenure = register.post(id_).holders(TODAY)[0].number
    day = date(2026, 10, 16)
    register.hand_over(CTX, id_, tenure=tenure, account="new", holder=person("new"), first_day=day)
    directory = county.directory()
    on = {d: [t.account for t in directory.holders(id_, d)] for d in (day - timedelta(1), day)}
    assert on == {date(2026, 10, 15): ["ct0"], day: ["new"]}


def test_two_posts_of_two_children_do_not_meddle(county: County) -> None:
    other = f"{SCHOOL}/2026/2"
    county.post(EDU, 4, "班主任", ScopeKind.CLASS, other, "ct1")
    end(county, Scope(ScopeKind.CLASS, CLASS_ONE), "班主任", date(2026, 9, 30))
    wang = msgspec.structs.replace(LI, child=str(person("wang")), class_key=other)
    directory, day = county.directory(), date(2026, 10, 1)
    assert directory.answerable(EDU, wang, day).accounts == ("ct1",)
    assert directory.answerable(EDU, LI, day).accounts == ("grade1",)


def test_a_vacant_post_is_shown_as_vacant_and_the_next_up_answers_and_says_why(
    county: County,
) -> None:
    end(county, Scope(ScopeKind.CLASS, CLASS_ONE), "班主任", date(2026, 9, 30))
    directory, day = county.directory(), date(2026, 10, 1)
    assert directory.chain_for(LI, day).education[-1].state is State.VACANT
    answer = directory.answerable(EDU, LI, day)
    assert answer.accounts == ("grade1",)
    assert answer.via == f"班主任（{CLASS_ONE}）空岗，由年级级“学校领导包年级”负责"
    assert [g.title for g in answer.vacant] == ["班主任"]
    vacancy = directory.vacant_posts(day)
    assert [(v.post.title, v.since) for v in vacancy] == [("班主任", day)]
    assert directory.vacant_posts(date(2026, 9, 30)) == []


def test_a_scope_never_imported_is_unset_and_not_vacant(county: County) -> None:
    other = f"{SCHOOL}/2025/1"
    wang = msgspec.structs.replace(LI, class_key=other, grade=2)
    directory = county.directory()
    answer = directory.answerable(EDU, wang, TODAY)
    assert answer.accounts == ("principal",)
    assert answer.vacant == ()
    assert [g.state for g in answer.gaps] == [State.UNSET, State.UNSET]
    assert [n.state for n in directory.chain_for(wang, TODAY).education[-2:]] == [State.UNSET] * 2
    assert directory.vacant_posts(TODAY) == []
    assert directory.unset_of_school(SCHOOL, [CLASS_ONE, other], TODAY) == [
        Scope(ScopeKind.CLASS, other),
        Scope(ScopeKind.GRADE, f"{SCHOOL}/2"),
    ]


def test_within_a_school_the_principal_answers_before_the_bureau_leader(county: County) -> None:
    at, school = Scope(ScopeKind.SCHOOL, SCHOOL), Scope(ScopeKind.SCHOOL, SCHOOL)
    assert county.directory().answerable(EDU, at, TODAY).accounts == ("principal",)
    end(county, school, "校长", date(2026, 9, 30))
    answer = county.directory().answerable(EDU, at, date(2026, 10, 1))
    assert answer.accounts == ("leader",)
    assert "校长" in (answer.via or "")


def test_above_the_top_of_either_line_every_bureau_officer_answers(county: County) -> None:
    county.post(EDU, 1, "县教育局局长", ScopeKind.COUNTY, COUNTY, "chief")
    end(county, Scope(ScopeKind.VILLAGE, VILLAGE), "村支书", TODAY, GOV)
    end(county, Scope(ScopeKind.TOWNSHIP, VILLAGE[:9]), "乡镇长", TODAY, GOV)
    directory, day = county.directory(), date(2026, 9, 2)
    up = directory.answerable(GOV, LI, day)
    assert set(up.accounts) == {"officer", "chief"}, "县长 is notified only"
    assert up.at_top
    assert [g.title for g in up.vacant] == ["村支书", "乡镇长"]
    stranger = ChildPlace(child=str(person("x")), county=COUNTY)
    assert set(directory.answerable(EDU, stranger, day).accounts) == {"officer", "chief"}


def test_officers_known_only_by_their_account_answer_at_the_top_too() -> None:
    answer = Directory(COUNTY).answerable(EDU, LI, TODAY, officers=["admin_li"])
    assert answer.accounts == ("admin_li",)
    nobody = Directory(COUNTY).answerable(EDU, LI, TODAY)
    assert nobody.to == ()
    assert "请立即设岗" in (nobody.via or "")


def test_a_missed_duty_climbs_the_line_one_step_a_time(county: County) -> None:
    directory = county.directory()
    missed: list[str] = []
    climbed = []
    for _ in range(5):
        answer = directory.answerable(EDU, LI, TODAY, beyond=missed)
        climbed.append(answer.accounts)
        missed += answer.accounts
    assert climbed == [("ct0",), ("grade1",), ("principal",), ("leader",), ("officer",)]
    assert directory.answerable(EDU, LI, TODAY, beyond=missed).accounts == ("officer",)


def test_two_holders_at_once_both_answer_the_later_first(county: County) -> None:
    county.post(EDU, 4, "班主任", ScopeKind.CLASS, CLASS_ONE, "young", first_day=date(2026, 8, 20))
    assert county.directory().answerable(EDU, LI, TODAY).accounts == ("young", "ct0")


def test_a_holder_without_an_account_cannot_be_told_so_the_next_up_is(county: County) -> None:
    end(county, Scope(ScopeKind.VILLAGE, VILLAGE), "村支书", TODAY, GOV)
    day = date(2026, 9, 2)
    scope = Scope(ScopeKind.VILLAGE, VILLAGE)
    id_ = post_id(COUNTY, GOV, scope, "村支书")
    county.register(scope).hold(CTX, id_, account="", holder=person("aunt"), first_day=day)
    directory = county.directory()
    answer = directory.answerable(GOV, LI, day)
    assert answer.accounts == ("town0",)
    assert "无账号" in (answer.via or "")
    assert answer.vacant == ()
    assert directory.chain_for(LI, day).government[-1].holders[0].subject == person("aunt")


@pytest.mark.parametrize(
    ("lives_in", "registered", "answers", "copies"),
    [
        (VILLAGE, "522699101201", "vill0", ("vill4",)),
        ("440305001001", "522699101201", "vill4", ()),
        ("", "522699101201", "vill4", ()),
        (VILLAGE, VILLAGE, "vill0", ()),
        (VILLAGE[:9], "522699101201", "town0", ("vill4",)),
    ],
)
def test_the_government_line_is_that_of_the_residence_in_the_county_else_of_the_household(
    county: County, lives_in: str, registered: str, answers: str, copies: tuple[str, ...]
) -> None:
    child = msgspec.structs.replace(LI, village_code=lives_in, registered_code=registered)
    directory = county.directory()
    assert directory.answerable(GOV, child, TODAY).accounts == (answers,)
    assert tuple(a.account for a in directory.copies_for(child, TODAY)) == copies


def test_the_class_teacher_moves_up_with_the_class_and_the_grade_leader_stays(
    county: County,
) -> None:
    county.post(EDU, 3, "学校领导包年级", ScopeKind.GRADE, f"{SCHOOL}/2", "grade2")
    directory, silent = county.directory(), Scope(ScopeKind.CLASS, CLASS_ONE)
    for day, leader in ((date(2027, 8, 31), "grade1"), (date(2027, 9, 1), "grade2")):
        first = directory.answerable(EDU, silent, day)
        assert first.accounts == ("ct0",)
        assert directory.answerable(EDU, silent, day, beyond=["ct0"]).accounts == (leader,)


def test_a_case_teacher_comes_before_the_class_teacher_until_the_case_is_over(
    county: County,
) -> None:
    id_ = county.post(EDU, 5, "科任教师包人", ScopeKind.STUDENT, LI.child, "wen")
    assert county.directory().answerable(EDU, LI, TODAY).accounts == ("wen",)
    county.register(Scope(ScopeKind.STUDENT, LI.child)).abolish(CTX, id_, last_day=TODAY)
    directory, after = county.directory(), date(2026, 9, 2)
    answer = directory.answerable(EDU, LI, after)
    assert (answer.accounts, answer.via) == (("ct0",), None)
    assert directory.vacant_posts(after) == []
    assert directory.answerable(EDU, LI, TODAY).accounts == ("wen",), "history stands"


def test_an_abolished_post_stands_again_from_its_next_holder(county: County) -> None:
    scope = Scope(ScopeKind.STUDENT, LI.child)
    id_ = county.post(EDU, 5, "科任教师包人", ScopeKind.STUDENT, LI.child, "wen")
    register = county.register(scope)
    register.abolish(CTX, id_, last_day=TODAY)
    again = date(2026, 11, 2)
    register.hold(CTX, id_, account="zhao", holder=person("zhao"), first_day=again)
    directory = county.directory()
    days = (TODAY, again - timedelta(1), again)
    assert [directory.answerable(EDU, LI, d).accounts for d in days] == [
        ("wen",),
        ("ct0",),
        ("zhao",),
    ]
    with pytest.raises(errors.AbolishedTooEarly, match="2026-11-02"):
        register.abolish(CTX, id_, last_day=date(2026, 10, 1))


def test_a_post_whose_first_holder_is_still_to_come_is_not_yet_there(county: County) -> None:
    day = date(2026, 9, 10)
    county.post(EDU, 4, "副班主任", ScopeKind.CLASS, CLASS_ONE, "later", first_day=day)
    directory = county.directory()
    assert "later" not in accounts(directory.chain_for(LI, TODAY).education)
    assert directory.vacant_posts(TODAY) == []
    assert "later" in accounts(directory.chain_for(LI, day).education)


def test_a_district_post_leads_the_schools_it_is_given_and_others_are_named(
    county: County,
) -> None:
    county.post(EDU, 2, "学区主任", ScopeKind.TOWNSHIP, "522699103", "district")
    given = county.directory(**{f"s{SCHOOL}": "522699103"})
    assert accounts(given.chain_for(LI, TODAY).education)[:2] == ["officer", "district"]
    missing = county.directory().unset_of_school(SCHOOL, [CLASS_ONE], TODAY)
    assert missing == [Scope(ScopeKind.TOWNSHIP, "")]


def test_what_an_account_holds_follows_the_day(county: County) -> None:
    end(county, Scope(ScopeKind.CLASS, CLASS_ONE), "班主任", TODAY)
    directory = county.directory()
    assert [p.scope.code for p in directory.posts_of("ct0", TODAY)] == [CLASS_ONE]
    assert directory.posts_of("ct0", date(2026, 9, 2)) == []


ARRANGEMENTS = {
    "双线四级": [
        (GOV, 1, "县长", ScopeKind.COUNTY, COUNTY),
        (GOV, 2, "乡长", ScopeKind.TOWNSHIP, VILLAGE[:9]),
        (GOV, 3, "村主任", ScopeKind.VILLAGE, VILLAGE),
        (GOV, 4, "组长", ScopeKind.VILLAGE, VILLAGE),
        (EDU, 1, "局长", ScopeKind.COUNTY, COUNTY),
        (EDU, 2, "校长", ScopeKind.SCHOOL, SCHOOL),
        (EDU, 3, "班主任", ScopeKind.CLASS, CLASS_ONE),
        (EDU, 4, "任课教师", ScopeKind.STUDENT, LI.child),
    ],
    "双线六长": [
        (GOV, 1, "县长", ScopeKind.COUNTY, COUNTY),
        (GOV, 2, "乡镇长", ScopeKind.TOWNSHIP, VILLAGE[:9]),
        (GOV, 3, "村长", ScopeKind.VILLAGE, VILLAGE),
        (GOV, 4, "家长", ScopeKind.STUDENT, LI.child),
        (EDU, 1, "教育局长", ScopeKind.COUNTY, COUNTY),
        (EDU, 2, "校长", ScopeKind.SCHOOL, SCHOOL),
    ],
    "七长": [
        (GOV, 1, "县长", ScopeKind.COUNTY, COUNTY),
        (GOV, 2, "乡(镇)长", ScopeKind.TOWNSHIP, VILLAGE[:9]),
        (GOV, 3, "村长", ScopeKind.VILLAGE, VILLAGE),
        (GOV, 4, "家长", ScopeKind.STUDENT, LI.child),
        (EDU, 1, "教育局长", ScopeKind.COUNTY, COUNTY),
        (EDU, 2, "校长", ScopeKind.SCHOOL, SCHOOL),
        (EDU, 3, "师长", ScopeKind.CLASS, CLASS_ONE),
    ],
}


@pytest.mark.parametrize(
    ("name", "first", "village"),
    [("双线四级", "任课教师", "组长"), ("双线六长", "校长", "村长"), ("七长", "师长", "村长")],
)
def test_other_arrangements_work_by_data_alone(name: str, first: str, village: str) -> None:
    county = County()
    for line, level, title, kind, code in ARRANGEMENTS[name]:
        county.post(line, level, title, kind, code, title.encode().hex())
    directory = county.directory()
    chains = directory.chain_for(LI, TODAY)
    for line, nodes in ((GOV, chains.government), (EDU, chains.education)):
        titles = [n.title for n in nodes if n.state is State.HELD]
        assert titles == [row[2] for row in ARRANGEMENTS[name] if row[0] is line]
    assert directory.answerable(EDU, LI, TODAY).to[0].title == first
    assert directory.answerable(GOV, LI, TODAY).to[0].title == village, "a parent never answers"
    assert not any(n.scope.kind is ScopeKind.GRADE for n in chains.education)


def test_a_wrong_tenure_can_be_corrected_and_voided(county: County) -> None:
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    id_ = post_id(COUNTY, EDU, scope, "班主任")
    register = county.register(scope)
    tenure = register.post(id_).tenures[0]
    register.correct(
        CTX,
        id_,
        tenure=tenure.number,
        account="ct9",
        holder=person("ct9"),
        first_day=START,
        last_day=None,
    )
    assert county.directory().answerable(EDU, LI, TODAY).accounts == ("ct9",)
    register.void(CTX, id_, tenure=tenure.number)
    answer = county.directory().answerable(EDU, LI, TODAY)
    assert answer.gaps[0].state is State.UNSET, "nobody ever was"
    with pytest.raises(errors.TenureUnknown, match="班主任"):
        register.void(CTX, id_, tenure=tenure.number)


def test_impossible_spans_and_handovers_are_refused_in_words(county: County) -> None:
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    id_ = post_id(COUNTY, EDU, scope, "班主任")
    register = county.register(scope)
    number = register.post(id_).tenures[0].number
    new = {"account": "new", "holder": person("new")}
    with pytest.raises(errors.TenureReversed, match="2026-07-31 早于起 2026-08-01"):
        register.vacate(CTX, id_, tenure=number, last_day=date(2026, 7, 31))
    with pytest.raises(errors.HandoverTooEarly):
        register.hand_over(CTX, id_, tenure=number, first_day=START, **new)  # type: ignore[arg-type]
    with pytest.raises(errors.AlreadyHeld):
        register.hold(CTX, id_, account="ct0", holder=person("ct0"), first_day=TODAY)
    register.vacate(CTX, id_, tenure=number, last_day=date(2026, 9, 30))
    with pytest.raises(errors.HandoverAfterEnd):
        register.hand_over(CTX, id_, tenure=number, first_day=date(2026, 12, 1), **new)  # type: ignore[arg-type]
    with pytest.raises(errors.PostUnknown):
        register.post(UUID(int=0))
    with pytest.raises(errors.PlaceNeeded):
        county.directory().answerable(EDU, Scope(ScopeKind.STUDENT, LI.child), TODAY)


def test_no_event_lies_in_the_future_and_the_day_it_takes_effect_is_kept(county: County) -> None:
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    id_ = post_id(COUNTY, EDU, scope, "班主任")
    register = county.register(scope)
    day = date(2026, 10, 16)
    number = register.post(id_).tenures[0].number
    register.hand_over(CTX, id_, tenure=number, account="new", holder=person("new"), first_day=day)
    event = register._pending[-1]
    assert isinstance(event, PostHandedOver)
    assert (event.occurred_on, event.first_day) == (TODAY, day)
    held = [e for e in county.events() if isinstance(e, PostHeld)]
    assert {e.occurred_on for e in held} == {START}


def test_a_register_replayed_from_its_events_is_the_same_register(county: County) -> None:
    for stream, register in county.registers.items():
        events = register.collect_events()
        assert PostRegister(stream, COUNTY).replay(events).posts == register.posts


def test_a_directory_that_has_answered_takes_in_what_happens_next(county: County) -> None:
    directory = county.directory()
    assert "ct0" in accounts(directory.chain_for(LI, TODAY).education)
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    register = county.register(scope)
    register.collect_events()
    register.void(CTX, post_id(COUNTY, EDU, scope, "班主任"), tenure=_first(register))
    for event in register.collect_events():
        directory.apply(event)  # type: ignore[arg-type]
    assert "ct0" not in accounts(directory.chain_for(LI, TODAY).education)


def _first(register: PostRegister) -> int:
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    return register.post(post_id(COUNTY, EDU, scope, "班主任")).tenures[0].number


def test_a_post_is_set_up_once(county: County) -> None:
    scope = Scope(ScopeKind.CLASS, CLASS_ONE)
    with pytest.raises(errors.PostAlreadyEstablished, match="班主任"):
        county.register(scope).establish(
            CTX,
            line=EDU,
            scope=scope,
            title="班主任",
            level=4,
            role=Role.CLASS_TEACHER,
            since=START,
        )
