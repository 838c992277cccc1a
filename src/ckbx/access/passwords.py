"""How is a password kept and compared, and which one is refused?

Argon2id with 19 MiB, two rounds, one lane (ASVS 5.0 11.4.2, OWASP's lowest row), at most two at
a time: at eight in the morning everybody signs in, and memory must not run out.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from ckbx.access.common_passwords import is_common
from ckbx.access.errors import PasswordRefused

SHORTEST: Final = 8
LONGEST: Final = 256
AT_A_TIME: Final = 2
MEMORY_KIB: Final = 19 * 1024
ROUNDS: Final = 2
_SHORTEST_WORD: Final = 3
_SHORTEST_CHINESE: Final = 2
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_APART: Final = re.compile(r"[\W_]+")
_ENDINGS: Final = re.compile(
    r"(?:（示例）|\(示例\)|县|区|市|镇|乡|初级中学|中心小学|九年一贯制学校|学校|小学|中学)+$"
)


class Hasher:
    """Hashes and compares; thread-safe, the third of three that come at once waits."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS) -> None:
        argon2 = Argon2Hasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._hash = PasswordHash((argon2,))
        self._turns = BoundedSemaphore(AT_A_TIME)
        self._nobody = self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash of a new password."""
        with self._turns:
            return self._hash.hash(_normal(password))

    def verify(
        self,
        password: str,
        kept: str | None,
        before: Callable[[], None] = lambda: None,
        after: Callable[[bool], None] = lambda _: None,
    ) -> tuple[bool, str | None]:
        """Whether it is the password, and a hash to keep instead where the old one is weaker.

        ``before`` is asked when it is this one's turn, and may raise; ``after`` is told what
        came of it before the next one has its turn. Without a hash the same work is done for
        nothing, so that time tells nobody which accounts there are.
        """
        given = _normal(password[: LONGEST + 1])
        with self._turns:
            before()
            try:
                right, fresh = self._hash.verify_and_update(given, kept or self._nobody)
            except PwdlibError:  # no hash of ours: nobody gets in by it
                right, fresh = False, None
            if kept is None or len(password) > LONGEST:
                right, fresh = False, None
            after(right)
        return right, fresh


def check_password(password: str, account: str, words: Iterable[str] = ()) -> None:
    """A new password. Raises PasswordRefused.

    ``words``: names that people near the account know (county, schools).
    """
    given = _normal(password)
    if len(given) < SHORTEST:
        raise PasswordRefused(why=f"至少要 {SHORTEST} 个字符")
    if len(password) > LONGEST:
        raise PasswordRefused(why=f"最多 {LONGEST} 个字符")
    plain = _plain(given)
    if is_common(given.casefold()) or is_common(plain):
        raise PasswordRefused(why="这是很常见、最先被人猜到的密码")
    if len(set(given.casefold())) < 4:
        raise PasswordRefused(why="只有两三种字符在重复")
    for word in _words(account, words):
        if word in plain:
            raise PasswordRefused(why="里面有账号、学校或县的名称")


def check_own_words(password: str, words: Iterable[str]) -> None:
    """A new password against what is known of its person. Raises PasswordRefused.

    To be asked only of who proved to be the person: the answer tells what the words are.
    """
    plain = _plain(_normal(password))
    if any(word in plain for word in _words("", words)):
        raise PasswordRefused(why="里面有您的姓名（或拼音）、生日或证件号的末几位")


def _words(account: str, names: Iterable[str]) -> set[str]:
    found = {account}
    for name in names:
        found |= {name, _ENDINGS.sub("", name)}
    return {plain for word in found if _long_enough(plain := _plain(_normal(word)))}


def _long_enough(word: str) -> bool:
    return len(word) >= (_SHORTEST_CHINESE if _CHINESE.search(word) else _SHORTEST_WORD)


def _normal(password: str) -> str:
    """The same characters however the keyboard composed them (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    return _APART.sub("", text).casefold()
