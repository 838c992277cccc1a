"""What is written about a person comes back, as known at any instant, and nowhere in clear."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import RowWrite
from ckbx.vault import Access, Contact, Guardian, Identity, Mark, Marks, NewPerson
from ckbx.vault.errors import (
    AccessUnexplained,
    FieldUnknown,
    LookupAmbiguous,
    LookupEmpty,
    SubjectKindDiffers,
)
from tests.vault.store import LOOK, NAME, NUMBER, PHONE, Store

ALL = ("identity", "contact", "marks", "notes")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def test_every_group_comes_back_as_written(store: Store) -> None:
    note, subject = uuid4(), uuid4()
    identity = Identity(
        name=NAME, id_type="1", id_number=NUMBER, student_no="G" + NUMBER, ethnic="06",
        birth_date=date(2015, 1, 1),
    )  # fmt: skip
    contact = Contact(home_address="三组 12 号", guardians=(Guardian(name="王五", phone=PHONE),))
    marks = Marks(entries=(Mark(code="脱贫户", since=date(2020, 1, 1)),))
    writes = store.vault.prepare(
        subject, "child", identity=identity, contact=contact, marks=marks, notes={note: "家访记录"}
    )
    store.append(writes)
    person = store.vault.read([subject], ALL, LOOK)[subject]
    assert (person.identity, person.contact, person.marks) == (identity, contact, marks)
    assert person.notes == {note: "家访记录"}
    assert person.name == NAME


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=texts, number=texts, born=st.none() | st.dates(), note=texts)
def test_any_text_survives_the_round_trip(
    sqlite_store: Store, name: str, number: str, born: date | None, note: str
) -> None:
    subject, note_id = uuid4(), uuid4()
    identity = Identity(name=name, id_number=number, birth_date=born)
    sqlite_store.append(
        sqlite_store.vault.prepare(subject, "child", identity=identity, notes={note_id: note})
    )
    person = sqlite_store.vault.read([subject], ("identity", f"note:{note_id}"), LOOK)[subject]
    assert person.identity == identity
    assert person.notes == {note_id: note}


def test_a_changed_value_is_a_new_row_and_the_old_one_is_still_known(store: Store) -> None:
    subject = store.child(name="杨秀英")
    first = store.clock.now()
    store.tick()
    store.append(store.vault.prepare(subject, "child", identity=Identity(name="杨秀瑛")))
    read = store.vault.read
    assert read([subject], ("identity",), LOOK)[subject].name == "杨秀瑛"
    assert read([subject], ("identity",), LOOK, known_at=first)[subject].name == "杨秀英"
    assert len(store.column("SELECT seq FROM vault_rows")) == 2


def test_before_anything_was_recorded_nothing_is_known(store: Store) -> None:
    early = store.clock.now()
    store.tick()
    subject = store.child()
    person = store.vault.read([subject], ("identity",), LOOK, known_at=early)[subject]
    assert (person.state, person.identity) == ("known", None)


def test_of_two_values_recorded_at_the_same_instant_the_later_row_holds(store: Store) -> None:
    subject = store.child(name="甲")
    for name in ("乙", "丙", "丁"):
        store.append(store.vault.prepare(subject, "child", identity=Identity(name=name)))
    assert store.vault.read([subject], ("identity",), LOOK)[subject].name == "丁"


def test_only_the_fields_asked_for_are_opened(store: Store) -> None:
    subject = store.child(contact=Contact(phone=PHONE))
    person = store.vault.read([subject], ("contact",), LOOK)[subject]
    assert person.identity is None
    assert person.contact == Contact(phone=PHONE)
    with pytest.raises(FieldUnknown, match="个人信息库没有字段 hobby"):
        store.vault.read([subject], ("hobby",), LOOK)


def test_marks_are_those_in_force_on_the_day_both_ends_included(store: Store) -> None:
    entries = (
        Mark(code="低保", since=date(2026, 3, 1), until=date(2026, 9, 1)),
        Mark(code="残疾", value="肢体三级"),
        Mark(code="监测户", since=date(2026, 9, 2)),
    )
    child, other = store.child(marks=Marks(entries=entries)), store.child(number="")
    on_first = store.vault.marks([child, other], date(2026, 9, 1), LOOK)
    assert on_first[child].marks == Marks(entries=entries[:2])
    assert on_first[other].marks is None
    assert store.vault.marks([child], date(2026, 9, 2), LOOK)[child].marks == Marks(
        entries=entries[1:]
    )


def test_a_subject_nobody_wrote_about_says_so(store: Store) -> None:
    stranger = uuid4()
    person = store.vault.read([stranger], ("identity",), LOOK)[stranger]
    assert (person.state, person.name) == ("absent", "无个人信息")


def test_a_batch_of_many_makes_one_write_a_table_and_reads_in_the_order_asked(
    store: Store,
) -> None:
    people = [
        NewPerson(subject=uuid4(), kind="child", identity=Identity(name=f"学生{n}"),
                  contact=Contact(phone=f"1380000{n:04}"), lookups={"student_no": f"G{n:018}"})
        for n in range(1203)
    ]  # fmt: skip
    writes = store.vault.prepare_many(people)
    assert [w.table for w in writes] == [
        "vault_keys", "vault_rows", "vault_lookup", "vault_numbers", "vault_search",
    ]  # fmt: skip
    store.append(writes)
    asked = [p.subject for p in reversed(people)]
    found = store.vault.read(asked, ("identity",), LOOK)
    assert list(found) == asked
    assert [p.name for p in found.values()] == [f"学生{n}" for n in reversed(range(1203))]
    sealed = [bytes(v) for v in store.column("SELECT sealed FROM vault_rows")]
    assert len({s[:12] for s in sealed}) == len(sealed) == 2406


def test_look_ups_ignore_width_case_and_blanks_and_never_merge_two_people(store: Store) -> None:
    one = store.child(number="52260120150101123x")
    assert store.vault.find("id_number", " ５２２６０１２０１５０１０１１２３Ｘ ") == one
    assert store.vault.find("student_no", NUMBER) is None
    two = store.child(number="2")
    filed = ("id_number", store.keys.digest("id_number", NUMBER), store.ref(two), 7)
    columns = ("kind", "digest", "subject", "recorded_at")  # as an earlier program filed it
    store.append([RowWrite("vault_lookup", columns, [filed])])
    found = store.vault.find_many("id_number", [NUMBER, "1"])
    assert {k: set(v) for k, v in found.items()} == {NUMBER: {one, two}, "1": set()}
    with pytest.raises(LookupAmbiguous) as caught:
        store.vault.find("id_number", NUMBER)
    assert NUMBER not in str(caught.value)
    with pytest.raises(LookupEmpty):
        store.vault.find("id_number", " 　")


def test_a_look_up_written_twice_is_one_and_a_second_number_finds_the_same_child(
    store: Store,
) -> None:
    subject = store.child()
    again = store.vault.prepare(subject, "child", lookups={"id_number": NUMBER.lower()})
    assert again == []
    numbers = {"student_no": ["L" + NUMBER, "G" + NUMBER]}
    store.append(store.vault.prepare(subject, "child", lookups=numbers))
    find = store.vault.find
    assert find("student_no", "G" + NUMBER) == find("student_no", "L" + NUMBER) == subject


def test_a_subject_stays_one_kind_of_person(store: Store) -> None:
    subject = store.child()
    with pytest.raises(SubjectKindDiffers, match="已登记为 child，不能改作 staff"):
        store.vault.prepare(subject, "staff", identity=Identity(name="张三"))


def test_every_read_leaves_exactly_one_record_of_who_when_what_and_why(store: Store) -> None:
    one, two = store.child(), store.child(number="")
    store.tick()
    store.vault.read([one, two, one], ("identity", "contact"), LOOK)
    store.vault.read([], ("identity",), LOOK)
    store.vault.marks([two], date(2026, 9, 1), LOOK)
    first, second, third = store.vault.access_records()
    assert first.subjects == (one, two)
    assert (first.actor, first.view, first.purpose) == ("officer", "ledger:roster", "核对名册")
    assert (second.subjects, third.subjects) == ((), (two,))
    assert store.vault.access_records_of(one) == [first]
    assert store.vault.access_records(after=first.id) == [second, third]


@pytest.mark.parametrize("blank", ["actor", "view", "purpose"])
def test_nobody_reads_without_saying_who_where_and_why(store: Store, blank: str) -> None:
    words = {"actor": "a", "view": "v", "purpose": "p"} | {blank: " "}
    with pytest.raises(AccessUnexplained):
        store.vault.read([store.child()], ("identity",), Access(**words))
    assert store.vault.access_records() == []


def test_where_the_record_cannot_be_written_nothing_is_shown(sqlite_store: Store) -> None:
    subject = sqlite_store.child()
    sqlite_store.as_owner("DROP TABLE vault_access")
    with pytest.raises(StoreUnavailable):
        sqlite_store.vault.read([subject], ("identity",), LOOK)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE vault_access SET purpose = 'x'",
        "DELETE FROM vault_access",
        "UPDATE vault_rows SET recorded_at = 0",
        "DELETE FROM vault_rows",
        "DELETE FROM vault_keys",
        "UPDATE vault_keys SET kind = 'staff'",
        "UPDATE vault_lookup SET recorded_at = 0",
        "DELETE FROM vault_lookup",
        "DELETE FROM vault_keyring",
    ],
)
def test_stored_rows_can_be_neither_changed_nor_removed(store: Store, sql: str) -> None:
    store.vault.read([store.child()], ("identity",), LOOK)
    with pytest.raises(DBAPIError, match=r"vault_\w+_(no_update|no_delete|kept|fixed)"):
        store.run(sql)


def test_an_access_record_cannot_be_replaced(sqlite_store: Store) -> None:
    sqlite_store.vault.read([], ("identity",), LOOK)
    with pytest.raises(DBAPIError, match="vault_access_no_replace"):
        sqlite_store.run("INSERT OR REPLACE INTO vault_access VALUES (1, 0, 'x', 'x', 'x', x'', 0)")


def test_the_database_holds_no_personal_text(sqlite_store: Store) -> None:
    note = "孩子说不想读书了"
    child = sqlite_store.child(contact=Contact(phone=PHONE), notes={uuid4(): note})
    sqlite_store.vault.read([child], ALL, LOOK)
    stored = sqlite_store.file.read_bytes()
    stored += Path(f"{sqlite_store.file}-wal").read_bytes()
    for secret in (NAME, NUMBER, PHONE, note):
        assert secret.encode() not in stored
    assert child.bytes in stored


def test_structs_print_without_their_content() -> None:
    private = NewPerson(
        subject=uuid4(),
        kind="child",
        identity=Identity(name=NAME, id_number=NUMBER),
        contact=Contact(phone=PHONE, guardians=(Guardian(name=NAME),)),
        lookups={"id_number": NUMBER},
    )
    for text in (repr(private), str(private), f"{[private]}", repr(private.identity)):
        assert not [secret for secret in (NAME, NUMBER, PHONE) if secret in text]


def test_who_was_opened_one_by_one_is_told_apart_by_view_and_time(store: Store) -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    began = store.clock.now()
    for child in (one, two, two):
        store.vault.note(Access(actor="a", view="page", purpose="x"), [child, three])
    store.vault.note(Access(actor="a", view="list", purpose="x"), [three])
    store.vault.note(Access(actor="b", view="page", purpose="x"), [three])
    store.vault.note(Access(actor="a", view="page", purpose="x"), [])
    before = began - timedelta(seconds=1)
    assert set(store.vault.opened("a", {"page"}, before, 10)) == {one, two}
    assert len(store.vault.opened("a", {"page"}, before, 1)) == 1
    assert store.vault.opened("a", {"page"}, began, 10) == []
    assert store.vault.was_noted("b", "page", before)
    assert not store.vault.was_noted("b", "list", before)
    found = store.vault.access_asked(views=("list",))
    assert [record.subjects for record in found] == [(three,)]
