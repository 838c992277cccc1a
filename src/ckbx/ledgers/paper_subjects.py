"""Which child, and which case of it, is a paper about?"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from ckbx.domain.case.case import Case
from ckbx.domain.shared.errors import InputRefused
from ckbx.ledgers.case_find import CaseFinder, CaseNotFound
from ckbx.ledgers.child import find_child
from ckbx.store import Store


class PaperAboutNobody(InputRefused):
    code = "paper_about_nobody"
    message = "儿童 {child} 的个人信息已依法删除，不能再出具文书"


class Subject(NamedTuple):
    """The child a paper is about, and the case where there is one."""

    child: UUID
    case: UUID | None


class Subjects:
    """Finds what papers are about: what several keys share is read once."""

    def __init__(self, store: Store) -> None:
        self._store, self._cases = store, CaseFinder(store)

    def of(self, key: str) -> Subject:
        """The child of a case, or a child with its latest case. Raises what finding them raises."""
        store = self._store
        try:
            id_ = self._cases.find(key)
        except CaseNotFound:
            return Subject(find_child(store.vault, key), None)
        return Subject(Case(id_).replay(store.log.load([id_])[id_]).child, id_)
