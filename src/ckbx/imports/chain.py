"""How does a 责任链 come into the store: checked on copies, then register by register?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ckbx.application.intake import Lane
from ckbx.application.standing import RightsEnded
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.chain import naming_school_year
from ckbx.domain.responsibility.claims import apply_claims
from ckbx.domain.responsibility.errors import ChainRowRefused
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.responsibility.rows import SCOPE_WORDS, Claim, read_rows
from ckbx.domain.school.batch import ImportBatch
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.domain.shared.personal import mask_numbers
from ckbx.imports.chain_rows import (
    ChainReader,
    Draft,
    People,
    find_people,
    refuse_named_titles,
    refuse_two_names,
)
from ckbx.imports.job import Batch, ImportJob, judge_problems
from ckbx.imports.job_errors import KindOfCounty, StoreUnnamed
from ckbx.imports.problems import Problem
from ckbx.imports.sources import Handed, read_sources
from ckbx.imports.summary import ImportSummary, Written
from ckbx.imports.tables import Intake
from ckbx.vault.people import NewPerson

DONE = b"imported"


class _Plan(NamedTuple):
    """What the files would change. Row numbers are those of the drafts."""

    claims: list[Claim]
    changed: set[int]
    unchanged: int
    people: People


def import_chain(
    job: ImportJob,
    paths: Sequence[Handed],
    *,
    effective: date | None = None,  # noqa: ARG001 - a tenure names its own days
    dry_run: bool = False,
    accept_valid: bool = False,
    correct: str | None = None,
) -> ImportSummary:
    """Bring posts and their holders in. The same file again changes nothing.

    ``correct``: a reason; with it a row may go back to an earlier 止. Raises ImportRefused
    with every bad row, StoreUnnamed, KindOfCounty, a FileRefused.
    """
    if not job.office.log.county:
        raise StoreUnnamed(kind="责任链")
    if job.schools is not None:
        raise KindOfCounty(kind="责任链")
    return _Chain(job, correct).run(paths, dry_run=dry_run, accept_valid=accept_valid)


class _Chain:
    def __init__(self, job: ImportJob, correct: str | None) -> None:
        self.job, self.correct = job, correct
        self.lane = Lane(job.office)
        self.office = self.lane.office
        self.county = self.office.county
        self.unit = Unit(self.office.map, self.office.context(job.actor))
        self.drafts: dict[int, Draft] = {}
        self.intake: Intake

    def run(self, paths: Sequence[Handed], *, dry_run: bool, accept_valid: bool) -> ImportSummary:
        warnings: list[str] = []
        sources = read_sources(paths, warnings)
        batch = Batch.of("chain", sources, None, self.correct)
        self.intake = intake = Intake(sources, "chain", self.job.progress)
        intake.warnings = warnings
        plan = self._plan()
        good = len(plan.changed) + plan.unchanged
        judge_problems(intake.problems, accept_valid=accept_valid, good=good)
        summary = ImportSummary(
            kind="chain",
            batch=batch.id,
            files=[source.name for source in sources],
            rows=intake.rows_read,
            applied=len(plan.changed),
            unchanged=plan.unchanged,
            refused=intake.bad_rows,
            warnings=intake.all_warnings(),
            problems=list(intake.problems),
            dry_run=dry_run,
        )
        if self.job.lists_rows:
            summary.written = [
                _written(self.drafts[claim.row])
                for claim in sorted(plan.claims, key=lambda claim: claim.row)
                if claim.row in plan.changed
            ]
        if not dry_run:
            self._write(plan, batch, summary)
            self.job.office.forget_all()
        return summary

    def _plan(self) -> _Plan:
        intake = self.intake
        drafts = ChainReader(intake, self._school_year).drafts(intake.rows())
        refuse_two_names(drafts, intake)
        refuse_named_titles(drafts, intake)
        drafts = [draft for draft in drafts if not intake.is_bad(draft.at)]
        self._find_students(drafts)
        drafts = [draft for draft in drafts if not intake.is_bad(draft.at)]
        people = find_people(drafts, self.job.vault, self.job.access("chain"), intake)
        self.drafts = {draft.number: draft for draft in drafts}
        knows = self._knows if self.office.county_of(self.unit).schools else None
        read = read_rows(
            self.county,
            [draft.row() for draft in drafts],
            school_year=self._school_year,
            knows=knows,
        )
        for error in read.refused:
            self._refuse(error)
        for number in read.superseded:
            intake.warn(self.drafts[number].at, "同一任职另有一行写了“止”，本行从略")
        registers = self._load({claim.stream for claim in read.claims})
        ctx = self.office.context(self.job.actor)
        outcome = apply_claims(registers, read.claims, ctx, correct=bool(self.correct))
        for error in outcome.refused:
            self._refuse(error)
        for number in outcome.outdated:
            what = "内容是更早的版本，没有改动；确要改回请加 --correct 原因"
            intake.warn(self.drafts[number].at, what)
        refused = {int(error.ids["row"]) for error in outcome.refused}
        claims = [claim for claim in read.claims if claim.row not in refused]
        unchanged = len(outcome.unchanged) + len(outcome.outdated) + len(read.superseded)
        return _Plan(claims, set(outcome.applied), unchanged, people)

    def _load(self, streams: set[UUID]) -> dict[UUID, PostRegister]:
        loaded = self.lane.log.load(sorted(streams))
        return {
            stream: PostRegister(stream, self.county).replay(loaded.get(stream, []))
            for stream in sorted(streams)
        }

    def _school_year(self, day: date) -> int:
        """By which school year a class is named on a day: the new one after spring's end."""
        calendar = self.office.calendars(self.unit, None).for_school(None)
        ends = [
            term.last_day
            for term in calendar.terms
            if term.name == "spring" and term.school_year == day.year - 1
        ]
        return naming_school_year(day, ends[0] if ends else None)

    def _knows(self, scope: Scope) -> bool:
        school = scope.code.split("/", 1)[0]
        if scope.kind is ScopeKind.STUDENT:
            return True  # found in the vault, else refused before
        if school not in self.office.county_of(self.unit).schools:
            return False
        classes = self.office.school(self.unit, school).classes
        if scope.kind is ScopeKind.CLASS:
            return scope.code in classes
        if scope.kind is ScopeKind.GRADE:
            year = school_year_of(self.job.today())
            grade = int(scope.code.split("/")[1])
            around = {
                grade_of(split_class_key(key)[1], year + n) for key in classes for n in (0, 1)
            }
            return grade in around
        return True

    def _find_students(self, drafts: Sequence[Draft]) -> None:
        """学籍号 in 范围代码 becomes the child's internal id."""
        students = [d for d in drafts if SCOPE_WORDS.get(d.scope_kind) is ScopeKind.STUDENT]
        numbers = sorted({draft.scope_code for draft in students})
        found = self.job.vault.find_many("student_no", numbers) if numbers else {}
        for draft in students:
            children = found[draft.scope_code]
            if len(children) == 1:
                draft.scope_code = str(children[0])
                continue
            what = "几名学生都用这个学籍号" if children else "名册里没有这个学籍号"
            mend = "请核对学籍号，或先导入该校花名册"
            code = "child_ambiguous" if children else "student_unknown"
            self.intake.say(draft.at, "范围代码", what, mend, code, draft.scope_code)

    def _refuse(self, error: ChainRowRefused) -> None:
        draft = self.drafts[int(error.ids["row"])]
        said = self._in_words(str(error), draft, error.column)
        value = getattr(draft, _FIELDS.get(error.column, ""), "")
        self.intake.refuse(draft.at, error, error.column, value, what=said)

    def _in_words(self, sentence: str, draft: Draft, column: str) -> str:
        """The refusal without its own place, other rows named as a person sees them."""
        own = f"第 {draft.number} 行"
        sentence = sentence.removeprefix(own).removeprefix(f"“{column}”").lstrip("：")

        def named(found: re.Match[str]) -> str:
            other = self.drafts.get(int(found[1]))
            return other.at.name(draft.at) if other else found[0]

        return re.sub(r"第 (\d+) 行", named, sentence)

    # The second pass

    def _write(self, plan: _Plan, batch: Batch, summary: ImportSummary) -> None:
        stream = ImportBatch.stream(self.county, batch.id)
        record = ImportBatch(stream).replay(self.lane.log.load([stream]).get(stream, []))
        people = {**plan.people.new, **plan.people.changed}
        if not (plan.changed or plan.people.changed or record.is_open):
            return
        run = record.runs if record.is_open else record.runs + 1

        def context(*step: object) -> CommandContext:
            return batch.context(self.job, self.county, run, *step)

        def start(unit: Unit) -> bytes:
            changed = [plan.people.changed[id_] for id_ in sorted(plan.people.changed)]
            if changed:
                unit.writes.extend(self.job.vault.prepare_many(changed))
            unit.get(stream, ImportBatch).start(
                unit.ctx,
                batch=batch.id,
                kind="chain",
                digest=batch.digest,
                rows=summary.rows,
                schools=[],
                effective=None,
            )
            return DONE

        if plan.people.changed or not record.is_open:
            self.lane.run(context("start", *sorted(plan.people.changed)), start)
        by_stream: dict[UUID, list[Claim]] = {}
        for claim in plan.claims:
            if claim.row in plan.changed:
                by_stream.setdefault(claim.stream, []).append(claim)
        written: set[UUID] = set(plan.people.changed)
        last = self._own_posts()
        ordered = sorted(by_stream.items(), key=lambda each: each[0] in last)
        for number, (of, claims) in enumerate(ordered, 1):
            holders = {claim.holder for claim in claims} & people.keys() - written
            self._submit(context("posts", of), of, claims, [people[h] for h in holders], summary)
            written |= holders
            self.job.progress(number, len(by_stream), "写入责任链")
        self.lane.finish()
        if self.lane.stopped:
            summary.stopped = True
            return

        def finish(unit: Unit) -> bytes:
            unit.get(stream, ImportBatch).finish(
                unit.ctx, batch=batch.id, applied=summary.applied, refused=summary.refused
            )
            return DONE

        self.lane.run(context("finish"), finish)

    def _own_posts(self) -> set[UUID]:
        """Where the posts stand by which the actor was let in: handed over at the end, so that
        the rest of the chain is written.
        """
        held = self.job.standing.posts if self.job.standing else ()
        return {posts_stream(self.county, post.scope) for post in held}

    def _submit(
        self,
        ctx: CommandContext,
        stream: UUID,
        claims: list[Claim],
        people: list[NewPerson],
        summary: ImportSummary,
    ) -> None:
        """One register's claims, with the persons it names first."""

        def decide(unit: Unit) -> bytes:
            if people:
                unit.writes.extend(self.job.vault.prepare_many(people))
            register = unit.get(stream, lambda id_: PostRegister(id_, self.county))
            outcome = apply_claims({stream: register}, claims, unit.ctx, correct=bool(self.correct))
            for error in outcome.refused:
                raise error
            return DONE

        def done(error: CkbxError | None) -> None:
            if isinstance(error, RightsEnded):
                summary.leave(new=len(claims))
            elif error is not None:
                for claim in claims:
                    self._late(claim, error, summary)

        self.lane.submit(ctx, decide, done)

    def _late(self, claim: Claim, error: CkbxError, summary: ImportSummary) -> None:
        at = self.drafts[claim.row].at
        summary.problems.append(
            Problem(
                file=at.file,
                sheet=at.sheet,
                row=at.row,
                what=f"核对之后有人改动了这些岗位：{error}",
                mend="请核对后重新导入同一文件，其余各行不会重复",
                code=error.code,
            )
        )
        summary.not_written([at])
        summary.late += 1
        summary.refused += 1
        summary.applied -= 1


def _written(draft: Draft) -> Written:
    until = f"至 {draft.last_day}" if draft.last_day else "起"
    about = f"{draft.title}（{draft.scope_kind} {mask_numbers(draft.scope_code)}）"
    return Written(draft.at, "登记任职", about=f"{about}，{draft.first_day} {until}")


_FIELDS = {
    "线": "line",
    "层级": "level",
    "岗位": "title",
    "范围类型": "scope_kind",
    "范围代码": "scope_code",
    "账号": "account",
    "起": "first_day",
    "止": "last_day",
    "角色": "role",
}
