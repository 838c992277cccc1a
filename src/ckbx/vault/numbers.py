"""Whose is an identity number or 学籍号, and what keeps two children from having the same?

Every number is known by a mark, an HMAC of its look-up digest, and has turns: held by a child,
given up by it (a wrong number corrected), held by another. A turn is taken once, so of two
commands that register one child the append refuses the second. An erased child leaves the
mark alone behind: whoever has the key and the number learns that it was erased, nobody whose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

from ckbx.eventlog.ports import RowWrite
from ckbx.vault.errors import NumberErased, NumberRefused, NumberTaken
from ckbx.vault.key_files import VaultKeys
from ckbx.vault.people import NewPerson
from ckbx.vault.statements import raw_uuid, select_among

NUMBERS: Final = {"id_number": "身份证件号", "student_no": "学籍号"}
"""The kinds of look-up that one child has for itself, and their names."""
TABLE: Final = "vault_numbers"
COLUMNS: Final = ("mark", "turn", "subject", "standing")
HELD, GIVEN_UP, ERASED = "held", "given_up", "erased"

_WHO = (
    "SELECT digest, subject FROM vault_lookup WHERE kind = ? AND digest {among}"
    " ORDER BY recorded_at, subject"
)
_TURNS = (
    "SELECT mark, turn, subject, standing FROM vault_numbers WHERE mark {among} ORDER BY mark, turn"
)
_MARKS = "SELECT DISTINCT mark FROM vault_numbers WHERE subject {among}"
_FILED = text(
    "SELECT l.digest, l.subject FROM vault_lookup l JOIN vault_keys k ON k.subject = l.subject"
    " WHERE k.kind = 'child' AND l.kind IN ('id_number', 'student_no')"
    " ORDER BY l.recorded_at, l.subject"
)
_BEHIND = text(
    "SELECT EXISTS (SELECT 1 FROM vault_lookup l JOIN vault_keys k ON k.subject = l.subject"
    " WHERE k.kind = 'child' AND l.kind IN ('id_number', 'student_no'))"
    " AND NOT EXISTS (SELECT 1 FROM vault_numbers)"
)
_INSERT = text(
    "INSERT INTO vault_numbers (mark, turn, subject, standing)"
    " VALUES (:mark, 1, :subject, :standing)"
)


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """What the store knows of one number: who is filed under it, who once was, or neither.

    ``erased``: its holder's personal data were erased by law and nobody holds it since.
    """

    held: tuple[UUID, ...] = ()
    former: tuple[UUID, ...] = ()
    erased: bool = False


_UNKNOWN = Number()


class Standing:
    """The turns of one number. Subjects are the 16 bytes of their ids."""

    __slots__ = ("last", "of", "turn")

    def __init__(self) -> None:
        self.turn = 0
        self.last = ""
        self.of: dict[bytes, str] = {}

    def take(self, turn: int, subject: bytes | None, standing: str) -> None:
        """Take in the next turn."""
        self.turn, self.last = turn, standing
        if subject is not None:
            self.of[subject] = standing

    @property
    def holders(self) -> list[bytes]:
        """Who holds the number now."""
        return [subject for subject, standing in self.of.items() if standing == HELD]


def standings(connection: Connection, marks: Sequence[bytes]) -> dict[bytes, Standing]:
    """The standing of every mark that was ever held."""
    found: dict[bytes, Standing] = {}
    for mark, turn, subject, standing in select_among(connection, _TURNS, marks):
        now = found.get(mark)
        if now is None:
            now = found[mark] = Standing()
        now.take(turn, None if subject is None else raw_uuid(subject), standing)
    return found


def read_numbers(
    connection: Connection, keys: VaultKeys, kind: str, values: Sequence[str]
) -> dict[str, Number]:
    """What is known of each value of a kind of look-up. Raises LookupEmpty."""
    made = {value: keys.digest(kind, value) for value in values}
    asked = list(dict.fromkeys(made.values()))
    filed: dict[bytes, list[bytes]] = {}
    for digest, ref in select_among(connection, _WHO, asked, kind):
        filed.setdefault(digest, []).append(raw_uuid(ref))
    marks = {digest: keys.mark(digest) for digest in asked} if kind in NUMBERS else {}
    turns = standings(connection, list(marks.values()))
    return {
        value: _number(filed.get(digest, ()), turns.get(marks.get(digest, b"")))
        for value, digest in made.items()
    }


def _number(filed: Sequence[bytes], now: Standing | None) -> Number:
    if not filed and now is None:
        return _UNKNOWN
    gone = [raw for raw in filed if now is not None and now.of.get(raw) == GIVEN_UP]
    held = [raw for raw in filed if raw not in gone]
    return Number(
        held=tuple(UUID(bytes=raw) for raw in held),
        former=tuple(UUID(bytes=raw) for raw in gone),
        erased=now is not None and now.last == ERASED and not held,
    )


def claims(
    connection: Connection,
    keys: VaultKeys,
    people: Sequence[NewPerson],
    filed: Sequence[Sequence[tuple[str, bytes]]],
) -> list[tuple[Any, ...]]:
    """The turns that a batch takes: what each child gives up, then what it is filed under.

    ``filed`` has the (kind, digest) pairs of each person. Raises NumberTaken or NumberErased,
    with every refusal of the batch in ``refusals``.
    """
    wanted = [
        (person, kind, keys.mark(digest), standing)
        for person, pairs in zip(people, filed, strict=True)
        if person.kind == "child"
        for standing, chosen in (
            (GIVEN_UP, digests(keys, person.given_up)),
            (HELD, pairs),
        )
        for kind, digest in chosen
        if kind in NUMBERS
    ]
    known = standings(connection, list({mark for _, _, mark, _ in wanted}))
    postgres = connection.dialect.name == "postgresql"
    rows: list[tuple[Any, ...]] = []
    refusals: list[NumberRefused] = []
    for person, kind, mark, standing in wanted:
        raw = person.subject.bytes
        now = known.get(mark)
        if now is None:
            now = known[mark] = Standing()
        mine = now.of.get(raw) == HELD
        if mine is (standing == HELD):
            continue
        if standing == HELD and (refusal := _refusal(person.subject, kind, now)):
            refusals.append(refusal)
            continue
        now.take(now.turn + 1, raw, standing)
        rows.append((mark, now.turn, person.subject if postgres else raw, standing))
    if refusals:
        refusals[0].refusals = tuple(refusals)
        raise refusals[0]
    return rows


def _refusal(subject: UUID, kind: str, now: Standing) -> NumberRefused | None:
    """Why a child may not hold a number."""
    if now.holders:
        holder = UUID(bytes=now.holders[0])
        return NumberTaken(kind=NUMBERS[kind], subject=subject, holder=holder)
    if now.last == ERASED:
        return NumberErased(kind=NUMBERS[kind], subject=subject)
    return None


def digests(
    keys: VaultKeys, lookups: Mapping[str, str | Iterable[str]]
) -> Iterator[tuple[str, bytes]]:
    """(kind, digest) of every value of some look-ups. Raises LookupEmpty."""
    for kind, values in lookups.items():
        for value in (values,) if isinstance(values, str) else values:
            yield kind, keys.digest(kind, value)


def tombstones(connection: Connection, refs: Sequence[Any]) -> list[RowWrite]:
    """What stays of the numbers that the people of an erasure hold, and nobody beside them."""
    gone = {raw_uuid(ref) for ref in refs}
    marks = [bytes(mark) for (mark,) in select_among(connection, _MARKS, list(refs))]
    rows = [
        (mark, now.turn + 1, None, ERASED)
        for mark, now in standings(connection, marks).items()
        if now.holders and gone.issuperset(now.holders)
    ]
    return [RowWrite(TABLE, COLUMNS, rows)] if rows else []


def is_behind(connection: Connection) -> bool:
    """Whether children were registered before numbers had turns, and ``init`` is to be run."""
    return bool(connection.execute(_BEHIND).scalar())


def fill(connection: Connection, keys: VaultKeys) -> None:
    """Give the numbers of a store that was written without turns to whom they were filed first.

    Whoever was filed under the same number later is still found; a person must decide.
    """
    if not is_behind(connection):
        return
    first: dict[bytes, Any] = {}
    for digest, subject in connection.execute(_FILED):
        first.setdefault(keys.mark(bytes(digest)), subject)
    rows = [{"mark": mark, "subject": subject, "standing": HELD} for mark, subject in first.items()]
    connection.execute(_INSERT, rows)
