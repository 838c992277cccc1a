"""How is an import worked at behind its page: tried, written, gone on with, taken back?

Files are fetched when their turn comes and are not held while they wait. What is written rests
on what let the person in who pressed the button; the files are erased as soon as nothing more
can be done with them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Self

import msgspec

from ckbx.access.errors import HandedInLost
from ckbx.access.run_records import RunRecord
from ckbx.application.standing import RightsEnded
from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.imports import intake
from ckbx.imports.intake import ImportJob, ImportSummary
from ckbx.imports.problems import ImportRefused
from ckbx.imports.sources import Source
from ckbx.web.desk import WebDesk
from ckbx.web.pages.imports.records import (
    APPLY,
    AREA,
    TRIAL,
    UNDO,
    Given,
    Outcome,
    given_of,
    keep,
    packed,
)
from ckbx.web.runs import Action, Progress, Runs, new_id

_RUN: Final[Mapping[str, Callable[..., ImportSummary]]] = {
    "roster": intake.import_roster,
    "calendar": intake.import_calendar,
    "chain": intake.import_chain,
    "rollcalls": intake.import_rollcalls,
    "checkin": intake.import_checkin,
    "register": intake.import_register,
}
_log = logging.getLogger(__name__)
_WAITING: Final = "waiting"


class Work:
    """What the viewer of a page has done, in this process."""

    def __init__(self, desk: WebDesk, runs: Runs) -> None:
        self._desk, self._runs = desk, runs
        self._store = desk.store
        self._handed_in = desk.store.gate.handed_in

    def hand_in(self, given: Given, contents: Sequence[bytes]) -> str:
        """Keep files and begin to try them; the id of the run. Raises StillRunning,
        TooMuchHandedIn, TooManyRuns, StoreUnavailable.
        """
        return self._begin(given, TRIAL, contents)

    def undo(self, given: Given) -> str:
        """Begin to take a batch back; the id of the run. Raises like :meth:`hand_in`."""
        return self._begin(given, UNDO, ())

    def apply(self, id_: str, given: Given) -> None:
        """Write what was tried, once, whoever presses the button how often; what is said of it
        by then stays with it.
        """

        def may(stands: RunRecord) -> bool:
            return stands.step == TRIAL and stands.state == "done"

        self._go_on(id_, given, APPLY, may)

    def again(self, id_: str, given: Given) -> None:
        """Begin anew what was broken off or came to nothing: the trial, or where it was being
        written the rest of that.
        """
        stands = self._store.gate.runs.find(id_, self._desk.viewer.account, AREA)
        writes = stands is not None and stands.step == APPLY and stands.broken

        def may(stands: RunRecord) -> bool:
            if writes:
                return stands.step == APPLY and stands.broken
            return stands.step != UNDO and not stands.is_busy

        self._go_on(id_, given, APPLY if writes else TRIAL, may)

    # ------------------------------------------------------------------ helpers

    def _begin(self, given: Given, step: str, contents: Sequence[bytes]) -> str:
        record = self._record(new_id(), given, step)
        turn = self._handed_in.begin(record, packed(given), contents)
        try:
            self._start(record, turn, given)
        except CkbxError:
            self._handed_in.drop(record.id, record.account, AREA, busy=True)
            raise
        return record.id

    def _go_on(self, id_: str, given: Given, step: str, may: Callable[[RunRecord], bool]) -> None:
        record = self._record(id_, given, step)
        turn = self._handed_in.go_on(record, may, packed(given))
        if turn is None:
            return
        try:
            self._start(record, turn, given)
        except CkbxError as error:
            ended = msgspec.structs.replace(record, state="refused", said=str(error))
            found = msgspec.json.encode(Outcome(refused=str(error)))
            self._handed_in.tell(ended, turn, found)

    def _record(self, id_: str, given: Given, step: str) -> RunRecord:
        account = self._desk.viewer.account
        return RunRecord(
            id=id_, account=account, area=AREA, kind=given.kind, step=step, state=_WAITING
        )

    def _start(self, record: RunRecord, turn: int, given: Given) -> None:
        action = self._action(record, turn, given)
        told = partial(keep, self._store.gate, turn)
        self._runs.begin(record.account, AREA, given, record.step, action, told, record.id)

    def _action(self, record: RunRecord, turn: int, given: Given) -> Action:
        job = job_of(self._desk)
        seat = self._desk.viewer.standing(partial(self._handed_in.is_turn, record.id, turn))
        seated = msgspec.structs.replace(job, standing=seat)

        def tried(tell: Progress) -> Outcome:
            with _Files(self._desk, record, turn) as files:
                found = _tried(job, given, files.sources, tell)
                files.are_needed = _is_of_use(found)
                return found

        def written(tell: Progress) -> ImportSummary:
            with _Files(self._desk, record, turn) as files:
                self._desk.require_standing()
                how = {"dry_run": False, "accept_valid": given.skips}
                done = _import(seated, given, files.sources, tell, **how)
                files.are_needed = False
                self._store.catch_up()
                return done

        def undone(tell: Progress) -> ImportSummary:
            self._desk.require_standing()
            done = intake.undo_import(_telling(seated, tell), given.batch)
            self._store.catch_up()
            return done

        return {TRIAL: tried, APPLY: written, UNDO: undone}[record.step]


class _Files:
    """The files of a run while it is worked at; erased after it unless they are needed."""

    def __init__(self, desk: WebDesk, record: RunRecord, turn: int) -> None:
        self._handed_in = desk.store.gate.handed_in
        self._record, self._turn = record, turn
        self.are_needed = True

    def __enter__(self) -> Self:
        """Raises HandedInLost, SecretMismatch, StoreUnavailable."""
        record = self._record
        handed = self._handed_in.find(record.id, record.account, AREA)
        if handed is None:
            raise HandedInLost
        names = given_of(handed).names
        contents = self._handed_in.files(handed)
        self.sources = [Source(*each) for each in zip(names, contents, strict=True)]
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        self.sources = []
        bad = isinstance(error, InputRefused) and not isinstance(error, ImportRefused)
        if not self.are_needed or bad or isinstance(error, RightsEnded):
            try:
                self._handed_in.erase_files(self._record.id, self._turn)
            except CkbxError as failed:  # they are forgotten after a day
                _log.warning("handed_in_not_erased %s %s", self._record.id, failed.code)


def job_of(desk: WebDesk) -> ImportJob:
    """An import by the viewer: of its schools alone, where it does not see the county."""
    scope, store = desk.scope, desk.store
    return ImportJob(
        office=store.office,
        vault=store.vault,
        actor=desk.viewer.actor,
        schools=None if scope.everything else frozenset(scope.school_codes),
        lists_rows=True,
    )


def _is_of_use(found: Outcome) -> bool:
    """Whether anything can be written of what was tried."""
    summary = found.summary
    return summary is not None and bool(summary.applied or summary.amended or found.problems)


def _telling(job: ImportJob, tell: Progress) -> ImportJob:
    return msgspec.structs.replace(job, progress=tell)


def _tried(job: ImportJob, given: Given, sources: Sequence[Source], tell: Progress) -> Outcome:
    """What would be taken over, the bad rows left out; nothing is written."""
    try:
        found = _import(job, given, sources, tell, dry_run=True, accept_valid=True)
    except ImportRefused as error:
        return Outcome(problems=error.problems.items)
    return Outcome(summary=found, problems=found.problems)


def _import(
    job: ImportJob, given: Given, sources: Sequence[Source], tell: Progress, **how: bool
) -> ImportSummary:
    more: dict[str, Any] = dict(how)
    if given.kind == "roster":
        more["effective"] = given.on
    elif given.kind == "checkin":
        more["on"] = given.on
    elif given.kind in ("chain", "rollcalls"):
        more["correct"] = given.correct or None
    elif given.kind == "register":
        more["source"] = given.source
    return _RUN[given.kind](_telling(job, tell), list(sources), **more)
