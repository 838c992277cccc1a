"""Where do names, numbers, addresses and marks live? Here, and nowhere else.

Writing hands rows to the event log's append; reading goes through :meth:`Vault.read`, the
one function that decrypts, which records who looked before it shows anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from ckbx.clock import Clock, micros
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.domain.shared.system_actors import INIT
from ckbx.eventlog.checks import check_guards
from ckbx.eventlog.ports import RowDelete, RowWrite
from ckbx.vault import numbers, search
from ckbx.vault.access_log import (
    AccessRecord,
    access_of,
    asked_access,
    check_access,
    exported,
    has_access,
    opened_by,
    read_access,
    write_access,
)
from ckbx.vault.erasing import PurgeState, erase_rows, purge_files, waiting
from ckbx.vault.errors import LookupAmbiguous, SecretUnregistered
from ckbx.vault.kept_files import KeptFile, kept_files
from ckbx.vault.key_files import VaultKeys
from ckbx.vault.keyring import (
    add_kek,
    check_fingerprints,
    register_fingerprints,
    rewrap_some,
    store_has_keys,
)
from ckbx.vault.numbers import Number, read_numbers
from ckbx.vault.people import Access, Contact, Identity, Kind, Marks, NewPerson, Person
from ckbx.vault.reading import newest_row, read_people
from ckbx.vault.schema import missing_guards
from ckbx.vault.sealing import check_field
from ckbx.vault.seals import Sealed, open_secret, seal_secret
from ckbx.vault.writing import prepare_rows

WriteLock = Callable[[], AbstractContextManager[object]]
ALL_FIELDS = ("identity", "contact", "marks", "notes")
FILLING = Access(actor=INIT, view="ckbx init", purpose="为已有学生建立姓名检索")


class Vault:
    """The personal data of one store.

    ``engine`` writes to the event log's database; on SQLite ``write_lock`` gives the event
    log's writer lock, which is held around every write made here.
    """

    def __init__(
        self, engine: Engine, keys: VaultKeys, clock: Clock, *, write_lock: WriteLock = nullcontext
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._write_lock = write_lock

    @property
    def store_key(self) -> bytes:
        """What :func:`ckbx.vault.note_ref` takes."""
        return self._keys.store_key

    # ---------------------------------------------------------------- write

    def prepare(
        self,
        subject: UUID,
        kind: Kind,
        *,
        identity: Identity | None = None,
        contact: Contact | None = None,
        marks: Marks | None = None,
        notes: Mapping[UUID, str] | None = None,
        files: Mapping[UUID, bytes] | None = None,
        lookups: Mapping[str, str | Iterable[str]] | None = None,
        given_up: Mapping[str, str | Iterable[str]] | None = None,
    ) -> list[RowWrite]:
        """Rows that say something new about one person, for the append of its events.

        The append is refused with ConcurrencyConflict when another child took one of its
        numbers meanwhile. Raises SubjectErased, SubjectKindDiffers, LookupEmpty, NumberTaken,
        NumberErased, SecretMismatch, SecretUnregistered.
        """
        person = NewPerson(
            subject=subject,
            kind=kind,
            identity=identity,
            contact=contact,
            marks=marks,
            notes=notes or {},
            files=files or {},
            lookups=lookups or {},
            given_up=given_up or {},
        )
        return self.prepare_many([person])

    def prepare_many(self, people: Sequence[NewPerson]) -> list[RowWrite]:
        """:meth:`prepare` for a batch, at most five writes, one a table."""
        with self._connect() as connection:
            if connection.dialect.name == "postgresql":  # BEGIN and ROLLBACK are two round trips
                connection.execution_options(isolation_level="AUTOCOMMIT")
            return prepare_rows(connection, self._keys, people)

    # ----------------------------------------------------------------- find

    def find(self, kind: str, value: str) -> UUID | None:
        """The person filed under a value, or None. Raises LookupAmbiguous, LookupEmpty."""
        found = self.find_many(kind, [value])[value]
        if len(found) > 1:
            raise LookupAmbiguous(kind=kind, count=len(found))
        return found[0] if found else None

    def find_many(self, kind: str, values: Sequence[str]) -> dict[str, tuple[UUID, ...]]:
        """Everybody filed under each value, earliest first; an unknown value has nobody.

        Who gave a number up is not found by it.
        """
        return {value: number.held for value, number in self.numbers(kind, values).items()}

    def numbers(self, kind: str, values: Sequence[str]) -> dict[str, Number]:
        """Who is filed under each value, who gave it up, and whether it belonged to one erased.

        The last two are known of identity numbers and 学籍号 only. Raises LookupEmpty.
        """
        with self._connect() as connection:
            return read_numbers(connection, self._keys, kind, values)

    def search(self, typed: str) -> tuple[UUID, ...] | None:
        """The children whose name begins so, or whose pinyin initials do; in no order.

        Nobody is decrypted. None where too little was typed to look for. The caller keeps to
        the children its viewer may see.
        """
        digest = search.asked_for(self._keys, typed)
        if digest is None:
            return None
        with self._connect() as connection:
            return search.who_is(connection, digest)

    # ----------------------------------------------------------------- read

    def read(
        self,
        subjects: Sequence[UUID],
        fields: Sequence[str],
        access: Access,
        *,
        known_at: datetime | None = None,
    ) -> dict[UUID, Person]:
        """Decrypt groups of many people, as known at a UTC instant (None: now).

        ``fields``: ``identity``, ``contact``, ``marks``, ``notes`` (all), ``note:<uuid>``,
        ``file:<uuid>``.
        Exactly one access record is committed before anything is decrypted; where it
        cannot be written nothing is shown. Erased people come back as 已依法删除.
        Raises AccessUnexplained, FieldUnknown, VaultRowDamaged, SecretMismatch,
        StoreUnavailable.
        """
        check_access(access)
        wanted = [check_field(field) for field in fields]
        asked = list(dict.fromkeys(subjects))
        with self._write() as connection:
            write_access(connection, access, asked, micros(self._clock.now()))
        limit = None if known_at is None else micros(known_at)
        with self._connect() as connection:
            return read_people(connection, self._keys, asked, wanted, limit)

    def marks(
        self,
        children: Sequence[UUID],
        as_of: date,
        access: Access,
        *,
        known_at: datetime | None = None,
    ) -> dict[UUID, Person]:
        """People with the marks in force on a local date, as known at a UTC instant."""
        people = self.read(children, ("marks",), access, known_at=known_at)
        return {
            subject: msgspec.structs.replace(person, marks=person.marks.on(as_of))
            if person.marks
            else person
            for subject, person in people.items()
        }

    def newest(self, subject: UUID) -> int | None:
        """The number of what was written last about a person: another, once anything was written
        since; None of one of whom nothing is held, or not any more. Nothing is decrypted.
        """
        with self._connect() as connection:
            return newest_row(connection, subject)

    def files_of(self, subject: UUID) -> list[KeptFile]:
        """The files and texts kept for one person, in order of recording; none of it is read."""
        with self._connect() as connection:
            return kept_files(connection, subject)

    def access_records(self, after: int = 0, limit: int = 1000) -> list[AccessRecord]:
        """Access records with an id greater than ``after``, for audit and ``verify``."""
        with self._connect() as connection:
            return read_access(connection, after, limit)

    def access_records_of(self, subject: UUID) -> list[AccessRecord]:
        """Who ever looked at one person."""
        with self._connect() as connection:
            return access_of(connection, subject)

    def access_asked(
        self,
        *,
        actor: str | None = None,
        actors: Collection[str] | None = None,
        subject: UUID | None = None,
        span: tuple[datetime, datetime] | None = None,
        before: int | None = None,
        limit: int = 100,
        views: Collection[str] | None = None,
    ) -> list[AccessRecord]:
        """The newest access records of one actor or of several, through some views, about one
        person, in a span of UTC instants (both included), with an id below ``before``.
        """
        within = (micros(span[0]), micros(span[1])) if span else None
        with self._connect() as connection:
            return asked_access(
                connection,
                actors=[actor] if actor is not None else actors,
                subject=subject,
                span=within,
                before=before,
                limit=limit,
                views=views,
            )

    def opened(self, actor: str, views: Collection[str], since: datetime, most: int) -> list[UUID]:
        """The different people an actor opened one by one through views since a UTC instant,
        at most so many.
        """
        with self._connect() as connection:
            return opened_by(connection, actor, views, micros(since), most)

    def was_noted(self, actor: str, view: str, since: datetime) -> bool:
        """Whether an actor has an access record of a view since a UTC instant."""
        with self._connect() as connection:
            return has_access(connection, actor, view, micros(since))

    def exported(self, number: str) -> AccessRecord | None:
        """The record of the export that has a number (letters and digits), if there is one."""
        with self._connect() as connection:
            return exported(connection, number)

    def note(self, access: Access, subjects: Sequence[UUID]) -> None:
        """Write an access record though nothing is decrypted now. Raises AccessUnexplained."""
        check_access(access)
        with self._write() as connection:
            write_access(connection, access, subjects, micros(self._clock.now()))

    # ---------------------------------------------------------------- erase

    def erase(self, *subjects: UUID, free: bool = False) -> list[RowDelete | RowWrite]:
        """What the append of the erasing event must carry. Raises SubjectUnknown.

        An HMAC of each number stays, by which the same child is not registered again; not
        when ``free``, for people who were entered by mistake.
        """
        with self._connect() as connection:
            return erase_rows(connection, subjects, free=free)

    def waiting_for_purge(self) -> tuple[UUID, ...]:
        """The erased people whose bytes may still lie in the files (待清除)."""
        with self._connect() as connection:
            return waiting(connection)

    def purge(self, *, rebuild: bool = False, owner: Engine | None = None) -> PurgeState:
        """Try once to drive erased bytes out of the files; call again while not ``done``.

        ``rebuild`` writes the SQLite file anew; on PostgreSQL the ``owner`` is needed.
        """
        with self._unavailable(), self._write_lock():
            at = micros(self._clock.now())
            return purge_files(owner or self._engine, at, rebuild=rebuild)

    # ----------------------------------------------------------------- keys

    def register_keys(self) -> None:
        """Remember the fingerprints of the key files of a new store; for ``init``.

        Raises SecretMismatch when a file holds another key than before, SecretUnregistered
        when a wrapping key came to a store in use by any other way than :meth:`rotate_kek`.
        """
        with self._write() as connection:
            register_fingerprints(connection, self._keys, micros(self._clock.now()))

    def check_keys(self) -> frozenset[str]:
        """The ids of the keys this store knows (none: it is new).

        Raises SecretMismatch, SecretMissing, SecretUnregistered unless the key files are
        those of this store.
        """
        try:
            with self._connect() as connection:
                return check_fingerprints(connection, self._keys)
        except SecretUnregistered:  # another process may be making it just now
            with self._write() as connection:
                return check_fingerprints(connection, self._keys)

    def rotate_kek(self) -> int:
        """Make a new wrapping key and wrap every data key with it. Returns how many.

        Done in short transactions; when interrupted, :meth:`rewrap_all` finishes. The old
        file may go when no backup made before is kept any more.
        """
        with self._write() as connection:
            add_kek(connection, self._keys, micros(self._clock.now()))
        return self.rewrap_all()

    def rewrap_all(self) -> int:
        """Wrap data keys that are under an older key file with the current one."""
        done = 0
        while True:
            with self._write() as connection:
                count = rewrap_some(connection, self._keys)
            if not count:
                return done
            done += count

    def seal(self, about: str, secret: bytes) -> Sealed:
        """Seal a secret of the program (no person's) for the row it is about."""
        with self._connect() as connection:
            return seal_secret(connection, self._keys, about, secret)

    def unseal(self, about: str, sealed: Sealed) -> bytes:
        """What was sealed. Raises SecretMismatch when altered, moved, or under another key."""
        return open_secret(self._keys, about, sealed)

    # --------------------------------------------------------------- tables

    def check_tables(self) -> None:
        """Raises StoreUnavailable unless tables and guards are those of this program."""
        with self._connect() as connection:
            found = inspect(connection)
            tables = all(found.has_table(each.TABLE) for each in (numbers, search))
            if not tables or numbers.is_behind(connection) or search.is_behind(connection):
                raise StoreUnavailable(why="个人信息库比本程序旧；请先备份，再运行 ckbx init 升级")
            if connection.dialect.name == "sqlite":
                names = connection.exec_driver_sql("SELECT name FROM sqlite_master")
                check_guards(missing_guards(names.scalars()))

    def fill_numbers(self) -> None:
        """For ``init``: a store written before numbers were held by one child is brought up."""
        with self._write() as connection:
            numbers.fill(connection, self._keys)

    def fill_search(self) -> None:
        """For ``init``: a store written before names had search keys is brought up; the names
        are read with one access record.
        """
        with self._connect() as connection:
            if not search.is_behind(connection):
                return
            children = search.named_children(connection)
        people = self.read(children, ("identity",), FILLING)
        with self._write() as connection:
            if search.is_behind(connection):  # another process may have done it meanwhile
                search.fill(connection, self._keys, people.values())

    # -------------------------------------------------------------- helpers

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._unavailable(), self._write_lock(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._unavailable(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if isinstance(error, (IntegrityError, ProgrammingError)):
                raise
            why = f"个人信息库读写失败（{type(error.orig).__name__}：{error.orig}），请稍后重试"
            raise StoreUnavailable(why=why) from error


def init_keys(
    engine: Engine, folder: Path, clock: Clock, *, write_lock: WriteLock = nullcontext
) -> VaultKeys:
    """What ``init`` calls once the tables stand: make the key files, or check them.

    Brings up what an earlier program wrote. Raises SecretMissing when the store has keys and
    a file is gone, SecretMismatch, SecretUnregistered.
    """
    keys = VaultKeys.open(folder, create=not store_has_keys(engine))
    vault = Vault(engine, keys, clock, write_lock=write_lock)
    vault.register_keys()
    vault.fill_numbers()
    vault.fill_search()
    return keys
