"""Key files are made once, kept private, missed loudly, and replaced in order."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import uuid4

import pytest

from ckbx.domain.shared.errors import CkbxError
from ckbx.vault import Identity, Vault, VaultKeys, init_keys, note_ref
from ckbx.vault.errors import (
    SecretDamaged,
    SecretExposed,
    SecretMismatch,
    SecretMissing,
    SecretUnregistered,
)
from tests.vault.store import LOOK, NAME, NUMBER, Store

FILES = ["index.key", "kek-1.key", "store.key"]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_private_files_and_leaves_standing_ones_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "secrets"
    first = VaultKeys.open(folder, create=True)
    assert sorted(p.name for p in folder.iterdir()) == FILES
    assert _mode(folder) == 0o700
    assert {_mode(folder / name) for name in FILES} == {0o600}
    again = VaultKeys.open(folder, create=True)
    assert again.fingerprints() == first.fingerprints()
    assert len({(folder / name).read_bytes() for name in FILES}) == 3


def test_without_init_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing):
        VaultKeys.open(tmp_path / "secrets")
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    VaultKeys.open(tmp_path / "s", create=True)
    (tmp_path / "s" / name).chmod(mode)
    with pytest.raises(SecretExposed, match=f"{name} 不安全（其他账户可以访问）：请改为"):
        VaultKeys.open(tmp_path / "s")


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    VaultKeys.open(tmp_path / "s", create=True)
    (tmp_path / "s").chmod(0o755)
    for create in (False, True):
        with pytest.raises(SecretExposed):
            VaultKeys.open(tmp_path / "s", create=create)


def test_a_link_in_place_of_a_key_is_refused(tmp_path: Path) -> None:
    VaultKeys.open(tmp_path / "s", create=True)
    key = tmp_path / "s" / "index.key"
    key.symlink_to(key.rename(tmp_path / "elsewhere"))
    with pytest.raises(SecretExposed):
        VaultKeys.open(tmp_path / "s")


@pytest.mark.parametrize("content", [b"", b"ab" * 31, b"ab" * 33, b"zz" * 32, b"\0" * 32])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    VaultKeys.open(tmp_path / "s", create=True)
    (tmp_path / "s" / "store.key").write_bytes(content)
    with pytest.raises(SecretDamaged, match=r"store\.key"):
        VaultKeys.open(tmp_path / "s")


@pytest.mark.parametrize("name", FILES)
def test_a_file_gone_from_a_store_in_use_is_missed_and_not_made_anew(
    store: Store, name: str
) -> None:
    path = store.keys.folder / name
    path.unlink()
    with pytest.raises(SecretMissing, match=f"缺少密钥文件 {name}"):
        init_keys(store.engine, store.keys.folder, store.clock)
    assert not path.exists()


@pytest.mark.parametrize("name", FILES)
def test_the_keys_of_another_store_are_refused(store: Store, name: str) -> None:
    (store.keys.folder / name).write_text("ab" * 32)
    with pytest.raises(SecretMismatch, match=name.removesuffix(".key")):
        init_keys(store.engine, store.keys.folder, store.clock)
    wrong = Vault(store.engine, VaultKeys.open(store.keys.folder), store.clock)
    with pytest.raises(SecretMismatch):
        wrong.check_keys()


def test_init_may_run_again(store: Store) -> None:
    subject = store.child()
    keys = init_keys(store.engine, store.keys.folder, store.clock)
    vault = Vault(store.engine, keys, store.clock)
    assert vault.find("id_number", NUMBER) == subject


def test_after_rotation_old_and_new_people_are_read_and_the_old_file_may_go(store: Store) -> None:
    before = [store.child(name=f"学生{n}", number="") for n in range(3)]
    wrapped = {bytes(v) for v in store.column("SELECT wrapped FROM vault_keys")}
    assert store.vault.rotate_kek() == 3
    assert store.vault.rewrap_all() == 0
    after = store.child(name="新生")
    assert set(store.column("SELECT key_id FROM vault_keys")) == {"kek-2"}
    assert not wrapped & {bytes(v) for v in store.column("SELECT wrapped FROM vault_keys")}
    people = store.vault.read([*before, after], ("identity",), LOOK).values()
    assert [p.name for p in people] == ["学生0", "学生1", "学生2", "新生"]
    assert _mode(store.keys.folder / "kek-2.key") == 0o600


def test_another_process_meets_a_rotated_key_without_a_restart(store: Store) -> None:
    other = Vault(store.engine, VaultKeys.open(store.keys.folder), store.clock)
    subject = store.child()
    store.vault.rotate_kek()
    assert other.read([subject], ("identity",), LOOK)[subject].identity is not None
    late = store.vault.find("id_number", NUMBER)
    assert late == subject
    store.append(other.prepare(subject, "child", identity=Identity(name="改名")))
    assert other.check_keys() == {"kek-1", "kek-2", "index", "store"}


def test_a_wrapping_key_file_the_store_does_not_know_is_refused_and_wraps_nothing(
    store: Store,
) -> None:
    subject = store.child(number="")
    stray = store.keys.folder / "kek-9.key"
    stray.write_text("ab" * 32)
    stray.chmod(0o600)
    found = Vault(store.engine, VaultKeys.open(store.keys.folder), store.clock)
    for act in (
        found.check_keys,
        found.register_keys,
        found.rotate_kek,
        found.rewrap_all,
        lambda: found.prepare(uuid4(), "child", identity=Identity(name="甲")),
        lambda: init_keys(store.engine, store.keys.folder, store.clock),
    ):
        with pytest.raises(SecretUnregistered, match=r"kek-9\.key 没有在本数据库登记.*请管理员"):
            act()
    assert found.read([subject], ("identity",), LOOK)[subject].name == NAME
    assert set(store.column("SELECT key_id FROM vault_keys")) == {"kek-1"}
    assert sorted(store.column("SELECT key_id FROM vault_keyring")) == ["index", "kek-1", "store"]
    stray.unlink()
    assert init_keys(store.engine, store.keys.folder, store.clock).current == "kek-1"


def test_a_new_store_takes_over_every_key_file_it_is_given(store: Store) -> None:
    store.as_owner(f"DROP TRIGGER vault_keyring_no_delete{store.on('vault_keyring')}")
    store.as_owner("DELETE FROM vault_keyring")
    store.keys.new_kek()
    assert init_keys(store.engine, store.keys.folder, store.clock).current == "kek-2"
    assert len(store.column("SELECT key_id FROM vault_keyring")) == 4


def test_without_its_wrapping_key_a_person_is_refused_by_name(store: Store) -> None:
    subject = store.child()
    store.vault.rotate_kek()
    (store.keys.folder / "kek-2.key").unlink()
    with pytest.raises(SecretMissing, match=r"kek-2\.key"):
        Vault(store.engine, VaultKeys.open(store.keys.folder), store.clock).read(
            [subject], ("identity",), LOOK
        )


def test_a_key_id_in_the_database_cannot_name_another_file(store: Store) -> None:
    subject = store.child()
    store.run("UPDATE vault_keys SET key_id = '../store'")
    with pytest.raises(SecretMismatch):
        store.vault.read([subject], ("identity",), LOOK)


def test_content_is_referred_to_by_a_keyed_digest(store: Store) -> None:
    key = store.vault.store_key
    assert note_ref(key, "家访") == note_ref(key, "家访".encode())
    assert note_ref(key, "家访") != note_ref(key, "家访。")
    assert note_ref(b"\1" * 32, "家访") != note_ref(b"\2" * 32, "家访")
    assert len(note_ref(key, "")) == 32
    known = "9bdc9c41a8064ea81afaedb64e949e33fb58256f0819727a9c0ec2b6ecd10994"
    assert note_ref(b"k" * 32, "家访").hex() == known


def test_every_refusal_says_what_to_do() -> None:
    refusals = (SecretMissing, SecretExposed, SecretDamaged, SecretMismatch, SecretUnregistered)
    for kind in refusals:
        assert issubclass(kind, CkbxError)
        assert "：" in kind.message
        assert "请" in kind.message
