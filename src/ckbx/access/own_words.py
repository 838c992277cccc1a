"""Which words does everybody try first who knows the person of an account?"""

from __future__ import annotations

from collections.abc import Iterator

from ckbx.vault import Access, Vault

_ACCOUNT = "account"
"""Under what people of the responsibility chain are filed."""


def own_words(vault: Vault, account: str) -> Iterator[str]:
    """The person's name, its pinyin, day of birth and end of the number, as far
    as they are known; to look them up is recorded as a look of the person.
    """
    found = vault.find_many(_ACCOUNT, [account])[account]
    access = Access(actor=account, view="password", purpose="设密码时核对不含本人姓名、生日")
    for person in vault.read(found, ["identity"], access).values() if found else ():
        if person.identity is None:
            continue
        yield from _of_name(person.identity.name)
        yield person.identity.id_number[-6:]
        if day := person.identity.birth_date:
            yield from (day.strftime("%Y%m%d"), day.strftime("%y%m%d"))


def _of_name(name: str) -> Iterator[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - half a second, where a password is set

    yield name
    whole = "".join(lazy_pinyin(name))
    if whole != name:
        yield whole
