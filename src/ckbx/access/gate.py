"""The one door of signing in: everything the web layer and the commands ask about credentials.

Thread-safe and synchronous. Every refusal to sign in is the same sentence and costs the same
one hash, whatever its cause.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple, Protocol

from ckbx.access import codes, factor, tries
from ckbx.access import credentials as kept
from ckbx.access.base import Tables
from ckbx.access.credentials import CredentialState
from ckbx.access.entry import Entry, NeedsFactor, entry_of
from ckbx.access.errors import (
    FactorCodeWrong,
    FactorEnrolledAlready,
    OldPasswordWrong,
    PasswordRefused,
    SignInRefused,
    TooManyTries,
)
from ckbx.access.handed_in import HandedIn
from ckbx.access.own_words import own_words
from ckbx.access.passwords import Hasher, check_own_words, check_password
from ckbx.access.run_records import RunRecords
from ckbx.access.sessions import Sessions
from ckbx.access.sign_ins import (
    Outcome,
    SignIn,
    Whence,
    is_known_address,
    read_last,
    read_sign_ins,
    write_sign_in,
)
from ckbx.access.tokens import Tokens
from ckbx.access.tries import Guard
from ckbx.access.unified import Unified
from ckbx.access.uploads import Uploads
from ckbx.clock import from_micros
from ckbx.vault import Vault

_KNOWN_FOR: Final = 30 * tries.DAY
_CODE_LIVES: Final = codes.HOURS * 3600 * tries.SECOND
_PASSWORD, _CODE, _FACTOR, _AGAIN = "password", "code", "factor", "again"


class Reserved(NamedTuple):
    """What is counted while somebody tries. ``known``: the account came in from there lately."""

    account: Guard
    address: Guard | None
    known: bool

    @property
    def held(self) -> list[Guard]:
        """Whose waits count, the address's last."""
        if self.address is None or self.known:
            return [self.account]
        return [self.account, self.address]


class Facts(Protocol):
    """What the log says of accounts, and where it is told; kept by the application."""

    def is_active(self, account: str) -> bool:
        """Whether an account was opened and is not disabled, as of now."""

    def password_changed(self, account: str, *, by_code: bool) -> None:
        """The person set a password."""

    def factor_enrolled(self, account: str) -> None:
        """The person set up a second factor."""


class Gate:
    """Passwords, one-time codes, the second factor and sessions of one store."""

    def __init__(self, tables: Tables, vault: Vault, facts: Facts) -> None:
        self._tables = tables
        self._vault = vault
        self._facts = facts
        self.sessions = Sessions(tables, facts.is_active)
        self.tokens = Tokens(tables, facts.is_active)
        self.uploads = Uploads(tables)
        self.runs = RunRecords(tables)
        self.handed_in = HandedIn(tables, vault)
        self.unified = Unified(tables, vault.store_key, facts.is_active)

    @cached_property
    def _hasher(self) -> Hasher:
        return Hasher()

    # ----------------------------------------------------------------- sign in

    def sign_in(
        self,
        account: str,
        password: str,
        *,
        address: str = "",
        device: str = "",
        needs_factor: NeedsFactor | None = None,
    ) -> Entry:
        """Whether this is the person of the account. Begins no session.

        A one-time code may stand in place of the password (``must_change``); it is not used
        up by that. ``needs_factor`` says which accounts must set up a second factor; one that
        has it is always asked. Raises SignInRefused, TooManyTries, StoreUnavailable.
        """
        name, whence = _named(account), Whence(address, device)
        guards = self._reserve(_PASSWORD, name, whence)
        with self._tables.read() as connection:
            row = kept.read_row(connection, name)
        right, fresh = self._verified(password, row, guards)
        by_code = not right and self._is_code(row, password)
        active = self._facts.is_active(name)
        if row is None or not active or not (right or by_code):
            raise self._refused(row, whence, Outcome.WRONG, active=active)
        now = self._tables.now()
        with self._tables.write() as connection:
            self._came(connection, guards, now)
            if by_code and guards.address is not None:
                tries.take_back(connection, guards.address)
            if fresh:
                kept.change(connection, name, now, password_hash=fresh)
            if not by_code:  # a code is written down when it is used
                write_sign_in(connection, now, name, whence, Outcome.OK)
        return entry_of(row, needs_factor, must_change=by_code)

    def use_code(
        self,
        account: str,
        code: str,
        new_password: str,
        *,
        address: str = "",
        device: str = "",
        words: Iterable[str] = (),
        needs_factor: NeedsFactor | None = None,
    ) -> Entry:
        """Set a password by a one-time code, which is used up; ends the account's sessions.

        ``words``: names that may not stand in the password. Raises PasswordRefused,
        SignInRefused, TooManyTries, StoreUnavailable.
        """
        name, whence = _named(account), Whence(address, device)
        check_password(new_password, name, words)
        guards = self._reserve(_CODE, name, whence)
        active = self._facts.is_active(name)
        self._check_own_words(name, code, new_password, guards)
        hashed = self._hasher.hash(new_password)
        now = self._tables.now()
        with self._tables.write() as connection:
            row = kept.read_row(connection, name)
            given = codes.hash_code(name, code)
            spent = active and kept.spend_code(connection, name, given, now)
            if spent:
                self._came(connection, guards, now)
                kept.change(connection, name, now, password_hash=hashed)
                write_sign_in(connection, now, name, whence, Outcome.CODE_OK)
        if not spent:
            with self._tables.write() as connection:
                self._failed(connection, guards, now)
            raise self._refused(row, whence, Outcome.CODE_WRONG, active=active)
        self.sessions.end_all(name)
        self._facts.password_changed(name, by_code=True)
        return entry_of(row, needs_factor, must_change=False)

    def _check_own_words(self, name: str, code: str, new: str, guards: Reserved) -> None:
        """Only of who has the code: what is refused would tell anybody else about the person.
        The right code costs no try. Raises PasswordRefused.
        """
        with self._tables.read() as connection:
            row = kept.read_row(connection, name)
        if not self._is_code(row, code) or not self._facts.is_active(name):
            return
        try:
            check_own_words(new, own_words(self._vault, name))
        except PasswordRefused:
            with self._tables.write() as connection:
                self._came(connection, guards, self._tables.now())
            raise

    def check_password(
        self, account: str, password: str, *, address: str = "", device: str = ""
    ) -> bool:
        """Whether the person signed in knows the password (to confirm something grave).

        Raises TooManyTries, StoreUnavailable.
        """
        name, whence = _named(account), Whence(address, device)
        guards = self._reserve(_AGAIN, name, whence)
        with self._tables.read() as connection:
            row = kept.read_row(connection, name)
        right, _ = self._verified(password, row, guards)
        if not right or not self._facts.is_active(name):
            return False
        with self._tables.write() as connection:
            self._came(connection, guards, self._tables.now())
        return True

    def change_password(
        self,
        account: str,
        old: str,
        new: str,
        *,
        address: str = "",
        device: str = "",
        words: Iterable[str] = (),
    ) -> None:
        """Set another password; ends every session of the account, the one in use too.

        Raises PasswordRefused, OldPasswordWrong, TooManyTries, StoreUnavailable.
        """
        name = _named(account)
        check_password(new, name, words)
        if not self.check_password(name, old, address=address, device=device):
            raise OldPasswordWrong
        check_own_words(new, own_words(self._vault, name))
        hashed = self._hasher.hash(new)
        with self._tables.write() as connection:
            kept.change(connection, name, self._tables.now(), password_hash=hashed)
        self.sessions.end_all(name)
        self._facts.password_changed(name, by_code=False)

    def is_active(self, account: str) -> bool:
        """Whether the account was opened and is not disabled."""
        return self._facts.is_active(_named(account))

    # ----------------------------------------------------------- second factor

    def check_factor(self, account: str, code: str, *, address: str = "", device: str = "") -> bool:
        """Whether these are the present six digits; each is taken once.

        Raises TooManyTries, SecretMismatch, StoreUnavailable.
        """
        name, whence = _named(account), Whence(address, device)
        guards = self._reserve(_FACTOR, name, whence)
        with self._tables.read() as connection:
            row = kept.read_row(connection, name)
        sealed = kept.sealed_factor(row)
        step = None
        if sealed is not None and self._facts.is_active(name):
            secret = self._vault.unseal(_about(name), sealed).decode()
            step = factor.step_of(secret, code, self._tables.now() // tries.SECOND)
        now = self._tables.now()
        with self._tables.write() as connection:
            taken = step is not None and kept.advance_step(connection, name, step)
            if taken:
                self._came(connection, guards, now)
            else:
                self._failed(connection, guards, now)
            outcome = Outcome.FACTOR_OK if taken else Outcome.FACTOR_WRONG
            write_sign_in(connection, now, name if row else "", whence, outcome)
        return taken

    def begin_factor(self, account: str) -> tuple[str, str]:
        """A new second factor: what the QR code says, and the secret to be typed instead.

        Nothing is kept; hand the secret to :meth:`enrol_factor`. Raises FactorEnrolledAlready.
        """
        name = _named(account)
        self._check_no_factor(name)
        secret = factor.new_secret()
        return factor.uri_of(secret, name), secret

    def enrol_factor(self, account: str, secret: str, code: str) -> None:
        """Keep a second factor whose device shows the right digits; they are used up.

        Raises FactorCodeWrong, FactorEnrolledAlready, TooManyTries, StoreUnavailable.
        """
        name = _named(account)
        guards = self._reserve(_FACTOR, name, Whence())
        self._check_no_factor(name)
        now = self._tables.now()
        step = factor.step_of(secret, code, now // tries.SECOND)
        if step is None or not self._facts.is_active(name):
            raise FactorCodeWrong
        sealed = self._vault.seal(_about(name), secret.encode())
        with self._tables.write() as connection:
            values = {"factor_key": sealed.key_id, "factor_sealed": sealed.content}
            kept.change(connection, name, now, factor_step=step, **values)
            self._came(connection, guards, now)
        self._facts.factor_enrolled(name)

    def remove_factor(self, account: str) -> None:
        """Take the second factor off and end the sessions; the use case records it."""
        name = _named(account)
        with self._tables.write() as connection:
            gone = {"factor_key": None, "factor_sealed": None, "factor_step": None}
            kept.change(connection, name, self._tables.now(), **gone)
        self.sessions.end_all(name)

    def _check_no_factor(self, name: str) -> None:
        with self._tables.read() as connection:
            if kept.sealed_factor(kept.read_row(connection, name)) is not None:
                raise FactorEnrolledAlready

    # -------------------------------------------------------------- management

    def issue_codes(self, accounts: Sequence[str]) -> dict[str, str]:
        """New one-time codes by account, shown once and kept nowhere; 72 hours.

        Their passwords stop working and their sessions end at once. That the accounts are
        open is for the use case to know, which records it. Raises StoreUnavailable.
        """
        made = {account: codes.new_code() for account in accounts}
        now = self._tables.now()
        hashes = {account: codes.hash_code(account, code) for account, code in made.items()}
        if made:
            with self._tables.write() as connection:
                kept.put_codes(connection, hashes, now + _CODE_LIVES, now)
                for account in made:
                    tries.clear(connection, tries.of_account(_CODE, account), now)
        for account in made:
            self.sessions.end_all(account)
        return made

    def code_expires(self) -> datetime:
        """When a code that is made now will lapse, UTC."""
        return from_micros(self._tables.now() + _CODE_LIVES)

    def states(self, accounts: Iterable[str] | None = None) -> list[CredentialState]:
        """What may be shown of everybody's credentials, or of these accounts'."""
        with self._tables.read() as connection:
            return kept.states(connection, self._tables.now(), accounts)

    def sign_ins(
        self, account: str | None = None, *, before: int | None = None, limit: int = 50
    ) -> list[SignIn]:
        """The log of sign-ins, the newest first, of one account or all; ``before``: an id."""
        with self._tables.read() as connection:
            return read_sign_ins(connection, account, before, limit)

    def last_sign_ins(self) -> dict[str, datetime]:
        """When each account came in last (UTC), of those that ever did."""
        with self._tables.read() as connection:
            return read_last(connection)

    def reseal(self) -> int:
        """Seal every second factor, and the keys of what was handed in, under the newest key
        file, after ``rotate_kek``; how many.
        """
        done = self.handed_in.reseal()
        for state in self.states():
            if state.has_factor:
                done += self._reseal(state.account)
        return done

    def _reseal(self, name: str) -> int:
        with self._tables.read() as connection:
            old = kept.sealed_factor(kept.read_row(connection, name))
        if old is None:
            return 0
        sealed = self._vault.seal(_about(name), self._vault.unseal(_about(name), old))
        with self._tables.write() as connection:
            if kept.sealed_factor(kept.read_row(connection, name)) != old:
                return 0
            values = {"factor_key": sealed.key_id, "factor_sealed": sealed.content}
            kept.change(connection, name, self._tables.now(), **values)
        return 1

    # ----------------------------------------------------------------- helpers

    def _reserve(self, what: str, name: str, whence: Whence) -> Reserved:
        """Count a try on the account before it is tested.

        An account that signed in from an address lately is counted apart there, and does not
        wait for what others did from it: strangers cannot keep it out. Raises TooManyTries.
        """
        now = self._tables.now()
        with self._tables.read() as connection:
            known = bool(whence.address) and is_known_address(
                connection, name, whence.address, now - _KNOWN_FOR
            )
            account = tries.of_account(what, name, whence.address if known else "")
            address = tries.of_address(whence.address) if whence.address else None
            reserved = Reserved(account, address, known)
            waits = [(guard, *tries.wait_of(connection, guard, now)) for guard in reserved.held]
        blocked = [(guard, first) for guard, seconds, first in waits if seconds]
        if blocked:
            self._log_blocked([guard for guard, first in blocked if first], name, whence, now)
            raise TooManyTries(seconds=max(seconds for _, seconds, _ in waits))
        with self._tables.write() as connection:
            seconds = tries.reserve(connection, [account], now)
        if seconds:
            raise TooManyTries(seconds=seconds)
        return reserved

    def _verified(self, password: str, row: Any, guards: Reserved) -> tuple[bool, str | None]:
        """Compare, unless so much went wrong from the address while this one waited its turn:
        then the account's try does not count. Raises TooManyTries.
        """

        def before() -> None:
            if guards.address not in guards.held:
                return
            with self._tables.read() as connection:
                seconds, _ = tries.wait_of(connection, guards.held[-1], self._tables.now())
            if seconds:
                with self._tables.write() as connection:
                    tries.take_back(connection, guards.account)
                raise TooManyTries(seconds=seconds)

        def after(right: bool) -> None:
            if not right:
                with self._tables.write() as connection:
                    self._failed(connection, guards, self._tables.now())

        return self._hasher.verify(password, row.password_hash if row else None, before, after)

    def _log_blocked(self, guards: Sequence[Guard], name: str, whence: Whence, now: int) -> None:
        if not guards:
            return
        with self._tables.write() as connection:
            for guard in guards:
                tries.said(connection, guard)
            known = kept.read_row(connection, name) is not None
            write_sign_in(connection, now, name if known else "", whence, Outcome.TOO_MANY)

    def _came(self, connection: Any, guards: Reserved, now: int) -> None:
        """The right person; at the address only what was wrong counts."""
        tries.clear(connection, guards.account, now)

    def _failed(self, connection: Any, guards: Reserved, now: int) -> None:
        """It was wrong: it counts for the address, too."""
        if guards.address is not None:
            tries.failed(connection, guards.address, now)

    def _refused(
        self, row: Any, whence: Whence, outcome: Outcome, *, active: bool
    ) -> SignInRefused:
        if row is None:
            outcome = Outcome.UNKNOWN
        elif not active:
            outcome = Outcome.DISABLED
        with self._tables.write() as connection:
            account = row.account if row is not None else ""
            write_sign_in(connection, self._tables.now(), account, whence, outcome)
        return SignInRefused()

    def _is_code(self, row: Any, given: str) -> bool:
        if row is None or row.code_hash is None or row.code_expires <= self._tables.now():
            return False
        return hmac.compare_digest(bytes(row.code_hash), codes.hash_code(row.account, given))


def _named(account: str) -> str:
    """An account as typed, in the form that is kept."""
    return unicodedata.normalize("NFKC", account).strip()[:128]


def _about(account: str) -> str:
    return f"second factor of {account}"
