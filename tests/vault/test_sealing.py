"""A ciphertext opens only where it was put, and only with the right key."""

from __future__ import annotations

import os
from uuid import UUID, uuid4

import pytest

from ckbx.vault import Contact, Identity, Marks, NewPerson
from ckbx.vault.errors import SecretMismatch, VaultRowDamaged
from tests.vault.store import LOOK, Store

UNLOCK = "vault_rows_no_update"


def _unlock(store: Store) -> None:
    """As the owner of the database could."""
    where = " ON vault_rows" if store.postgres else ""
    store.as_owner(f"DROP TRIGGER {UNLOCK}{where}")


def _two(store: Store) -> tuple[UUID, UUID]:
    return store.child(name="甲", number=""), store.child(name="乙", number="")


def test_a_value_moved_to_another_person_is_refused(store: Store) -> None:
    one, two = _two(store)
    _unlock(store)
    store.run(
        "UPDATE vault_rows SET sealed = (SELECT sealed FROM vault_rows WHERE subject = :one)"
        " WHERE subject = :two",
        one=store.ref(one),
        two=store.ref(two),
    )
    with pytest.raises(VaultRowDamaged) as caught:
        store.vault.read([two], ("identity",), LOOK)
    assert str(two) in str(caught.value)
    assert "identity" in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_row_moved_with_its_person_and_key_is_refused(store: Store) -> None:
    one, two = _two(store)
    _unlock(store)
    where = " ON vault_keys" if store.postgres else ""
    store.as_owner(f"DROP TRIGGER vault_keys_fixed{where}")
    store.run(
        "UPDATE vault_keys SET wrapped = (SELECT wrapped FROM vault_keys WHERE subject = :one)"
        " WHERE subject = :two",
        one=store.ref(one),
        two=store.ref(two),
    )
    with pytest.raises(SecretMismatch):
        store.vault.read([two], ("identity",), LOOK)


def test_a_value_moved_to_another_field_is_refused(store: Store) -> None:
    one, _ = _two(store)
    _unlock(store)
    store.run("UPDATE vault_rows SET field = 'contact' WHERE subject = :one", one=store.ref(one))
    with pytest.raises(VaultRowDamaged, match="字段 contact"):
        store.vault.read([one], ("contact",), LOOK)


def test_an_old_value_put_into_a_newer_row_is_refused(store: Store) -> None:
    one = store.child(name="甲", number="")
    store.tick()
    store.append(store.vault.prepare(one, "child", identity=Identity(name="乙")))
    _unlock(store)
    store.run(
        "UPDATE vault_rows SET sealed = (SELECT sealed FROM vault_rows ORDER BY seq LIMIT 1)"
        " WHERE seq = (SELECT max(seq) FROM vault_rows)"
    )
    with pytest.raises(VaultRowDamaged):
        store.vault.read([one], ("identity",), LOOK)


def test_one_flipped_bit_is_refused(store: Store) -> None:
    one = store.child(number="")
    _unlock(store)
    sealed = bytearray(store.column("SELECT sealed FROM vault_rows")[0])
    for place in (0, 12, len(sealed) - 1):
        broken = bytearray(sealed)
        broken[place] ^= 1
        store.run("UPDATE vault_rows SET sealed = :sealed", sealed=bytes(broken))
        with pytest.raises(VaultRowDamaged):
            store.vault.read([one], ("identity",), LOOK)


def test_a_damaged_person_hides_no_other(store: Store) -> None:
    one, two = _two(store)
    _unlock(store)
    store.run(
        "UPDATE vault_rows SET sealed = :bad WHERE subject = :one",
        bad=b"\0" * 40,
        one=store.ref(one),
    )
    assert store.vault.read([two], ("identity",), LOOK)[two].name == "乙"


def test_equal_values_have_unequal_ciphertexts(store: Store) -> None:
    subject = uuid4()
    for _ in range(3):
        store.append(store.vault.prepare(subject, "child", identity=Identity(name="甲")))
    sealed = [bytes(v) for v in store.column("SELECT sealed FROM vault_rows")]
    assert len(set(sealed)) == len({s[12:] for s in sealed}) == 3


def test_a_batch_asks_the_operating_system_for_randomness_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [
        NewPerson(
            subject=uuid4(),
            kind="child",
            identity=Identity(name="甲"),
            contact=Contact(),
            marks=Marks(),
        )
        for _ in range(50)
    ]
    asked: list[int] = []
    real = os.urandom

    def counting(size: int) -> bytes:
        asked.append(size)
        return real(size)

    monkeypatch.setattr(os, "urandom", counting)
    writes = store.vault.prepare_many(people)
    assert len(asked) == 1
    nonces = [row[3][:12] for row in writes[1].rows] + [row[2][:12] for row in writes[0].rows]
    assert len(set(nonces)) == len(nonces) == 200
