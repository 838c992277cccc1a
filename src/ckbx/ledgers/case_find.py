"""Which case does a person mean: by its id, its beginning, or its child?"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import Stage
from ckbx.domain.child.child import Child
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.identifiers import mask_number, normalise
from ckbx.ledgers.child import ChildUnknown, find_child
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.question import Look
from ckbx.store import Store
from projections import suspected
from projections.scope import Scope

ANSWERS: Final = ("suspected", "roster", "responsibility", "school")


_LONGEST_SHORT: Final = 32


class CaseNotFound(InputRefused):
    code = "case_not_found"
    message = "没有找到个案 {key}：请核对个案编号，或用学籍号、身份证号、内部编号；运行 ckbx case list 查看"


class CaseShortAmbiguous(InputRefused):
    code = "case_short_ambiguous"
    message = "编号 {key} 对应 {count} 个个案：请多写几位，运行 ckbx case list 查看完整编号"


def case_ids(look: Look, scope: Scope) -> list[UUID]:
    """Every case there ever was of the children in scope, as far as the answers have come."""
    county = look.reading.county
    found = suspected.suspected(look.reading, scope, all_=True, **look.at)
    gone = suspected.withdrawals(look.reading, scope, **look.at)
    rows = [(row.child, row.episode) for row in found] + [(row.child, row.episode) for row in gone]
    return [case_stream(county, child, episode) for child, episode in rows]


def find_case(store: Store, key: str) -> UUID:
    """The case of an id, of the beginning of one, or of a child (its latest).

    Raises CaseNotFound, CaseShortAmbiguous, LookupAmbiguous.
    """
    return CaseFinder(store).find(key)


class CaseFinder:
    """Finds the cases of several keys; the beginnings of ids are read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: set[UUID] | None = None

    def find(self, key: str) -> UUID:
        """As :func:`find_case`."""
        store, text = self._store, key.strip()
        known = _case_of_id(store, text)
        if known is None and _is_short(text):
            known = self._of_short(text.lower().replace("-", ""))
        if known is None:
            try:
                known = _latest(store, find_child(store.vault, text))
            except ChildUnknown:
                known = None
        if known is None:
            raise CaseNotFound(key=text if _is_short(text) else mask_number(normalise(text)))
        return known

    def _of_short(self, digits: str) -> UUID | None:
        if self._ids is None:
            self._ids = _every_case(self._store)
        found = [id_ for id_ in self._ids if id_.hex.startswith(digits)]
        if len(found) > 1:
            raise CaseShortAmbiguous(key=digits, count=len(found))
        return found[0] if found else None


def _case_of_id(store: Store, text: str) -> UUID | None:
    try:
        id_ = UUID(text)
    except ValueError:
        return None
    return id_ if Case(id_).replay(store.log.load([id_]).get(id_, [])).exists else None


def _is_short(text: str) -> bool:
    digits = text.lower().replace("-", "")
    return SHORT <= len(digits) < _LONGEST_SHORT and set(digits) <= set("0123456789abcdef")


def _every_case(store: Store) -> set[UUID]:
    store.catch_up()
    with store.answers.reading() as reading:
        position = min(reading.position(name) for name in ANSWERS)
        at: dict[str, Any] = {"as_of": store.office.today(), "position": position}
        rows: list[Any] = suspected.suspected(reading, Scope.county(), all_=True, **at)
        rows += suspected.withdrawals(reading, Scope.county(), **at)
    return {case_stream(store.office.county, row.child, row.episode) for row in rows}


def _latest(store: Store, child: UUID) -> UUID | None:
    episodes = Child(child).replay(store.log.load([child]).get(child, [])).episodes
    ids = [case_stream(store.office.county, child, n) for n in range(episodes, 0, -1)]
    loaded = store.log.load(ids) if ids else {}
    cases = [case for id_ in ids if (case := Case(id_).replay(loaded.get(id_, []))).exists]
    kept = [case for case in cases if case.stage is not Stage.WITHDRAWN] or cases
    return kept[0].id if kept else None
