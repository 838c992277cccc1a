"""How is a ledger filled: one look, at which position, and what do its figures miss?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from ckbx.clock import Clock, local_day
from ckbx.eventlog.ports import EventLog
from ckbx.ledgers.model import Grain, Ledger, Row, Sheet
from ckbx.ledgers.paging import Part, part_of
from ckbx.ledgers.question import Look, Question, SchoolUnknown
from ckbx.ledgers.report_rows import gaps_of, seals_of
from ckbx.ledgers.rows import PARTS, ROWS
from ckbx.vault import Access, Vault
from projections import school
from projections.kit.reading import Answers
from projections.scope import Scope
from projections.townships import place_words

_NAMED = frozenset(
    (
        "suspected",
        "responsibility",
        "alerts",
        "cases",
        "movements",
        "applications",
        "reports",
        "rechecks",
    )
)


class Desk:
    """Where ledgers are asked for: the answers, the log and the vault of one store."""

    def __init__(self, answers: Answers, log: EventLog, vault: Vault, clock: Clock) -> None:
        self.answers = answers
        self.log = log
        self.vault = vault
        self.clock = clock

    @property
    def zone(self) -> ZoneInfo:
        """The county's time zone."""
        return self.clock.zone

    @contextmanager
    def look(self, question: Question, access: Access, names: tuple[str, ...]) -> Iterator[Look]:
        """One consistent look at the answers ``names``.

        The position is the last one recorded by the instant asked about, else the last that
        all these answers have folded; the instant is never before that position's.
        """
        with self.answers.reading() as reading:
            folded = min(reading.position(name) for name in names)
            position = folded
            instant = question.known_at
            if instant is not None:
                position = min(self.log.position_at(instant), folded)
            else:
                now, last = self.clock.now(), self.log.recorded_at(position)
                instant = max(now, last) if last is not None else now
            yield Look(
                reading=reading,
                log=self.log,
                vault=self.vault,
                access=access,
                question=question,
                position=position,
                instant=instant,
            )

    def fill(
        self, ledger: Ledger, question: Question, access: Access, part: Part | None = None
    ) -> Sheet:
        """The ledger with its rows; ``part``: those of a page, and only its people are read.

        What the question's scope sees of the ledger only in part is left out. Raises
        SchoolUnknown, and what reading the vault raises.
        """
        question = msgspec.structs.replace(question, scope=ledger.grain.seen(question.scope))
        with self.look(question, access, (*ledger.answers, school.NAME)) as look:
            filters = self._filters(look, ledger)
            rows, total = self._rows(look, ledger, part)
            return Sheet(
                ledger=ledger,
                as_of=question.as_of,
                known_at=look.instant,
                position=look.position,
                rows=rows,
                zone=self.zone,
                missing=self._missing(look, ledger),
                remarks=self._remarks(look),
                filters=filters,
                seals=seals_of(look, ledger.name),
                total=total,
            )

    @staticmethod
    def _rows(look: Look, ledger: Ledger, part: Part | None) -> tuple[list[Row], int]:
        make = ROWS[ledger.name]
        if look.question.scope.empty:
            return [], 0
        if part is None or ledger.grain in (Grain.SCHOOL, Grain.COUNTY):
            rows = make(look)  # of whole schools: no names, and figures may rest on the vault
            return (rows[part.first : part.first + part.size] if part else rows), len(rows)
        own = PARTS.get(ledger.name)
        return own(look, part) if own else part_of(look, make, part)

    def _filters(self, look: Look, ledger: Ledger) -> list[str]:
        scope, said = look.question.scope, []
        names = look.school_names()
        for code in sorted(scope.school_codes):
            if code not in names:
                raise SchoolUnknown(school=code)
            said.append(f"仅 {names[code] or code}")
        said += [
            f"仅户籍或居住在 {place_words(look.reading, code, look.position)}"
            for code in sorted(scope.village_codes)
        ]
        own = [f"{len(scope.class_keys)} 个班"] if scope.class_keys else []
        own += [f"{len(scope.children)} 名帮扶的学生"] if scope.children else []
        said += ["仅 " + "和 ".join(own)] if own else []
        said += [f"仅在 {names.get(code) or code}" for code in sorted(scope.only)]
        if look.question.to:
            said.append(f"仅发给 {look.question.to}")
        if look.question.open_only and ledger.name == "alerts":
            said.append("仅未办结")
        return said

    def _missing(self, look: Look, ledger: Ledger) -> list[str]:
        """What the figures miss (导入中, 不完整), in the schools asked about."""
        if ledger.sealed:
            return gaps_of(look, ledger.name) + self._parked(look, ledger)
        scope = look.question.scope
        if scope.empty:
            return []
        shown = scope.of_schools() if scope.school_codes or scope.class_keys else Scope.county()
        found = school.gaps(look.reading, shown, instant=look.instant, **look.at)
        said = [f"{name or code}：{each}" for code, name, missing in found for each in missing]
        return said + self._parked(look, ledger)

    @staticmethod
    def _parked(look: Look, ledger: Ledger) -> list[str]:
        """Subjects that cannot be folded, beside those that the schools' totals tell of."""
        scope = look.question.scope
        rest = [name for name in ledger.answers if name in _NAMED]
        parked = look.reading.parked(*rest) if rest else []
        seen = [
            p
            for p in parked
            if p.school is None or scope.everything or p.school in scope.school_codes
        ]
        if not seen:
            return []
        return [f"有 {len(seen)} 个对象的事件无法计入，不完整；请运行 ckbx doctor 查看"]

    def _remarks(self, look: Look) -> list[str]:
        """Days and instants that have not come yet are answered, and it is said."""
        now = self.clock.now()
        said = []
        if look.question.as_of > local_day(now, self.zone):
            said.append("截至日在将来，只反映已经登记的起止日期")
        return [*said, *_not_yet(look.question.known_at, now, self.zone)]


def _not_yet(known_at: datetime | None, now: datetime, zone: ZoneInfo) -> list[str]:
    if known_at is None or local_day(known_at, zone) <= local_day(now, zone):
        return []
    return ["知晓时点在将来，按现在已经记录的情况作答"]
