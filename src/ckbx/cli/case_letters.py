"""``case letter``, ``answer``, ``walk``, ``attach``, ``files``, ``file``: 函, 走访 and 附件."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli import papers_given
from ckbx.cli.case_desk import CaseDesk
from ckbx.cli.case_options import (
    LIAISON,
    AddresseeOption,
    AnswerOption,
    CaseArgument,
    DocumentOption,
    FactOption,
    FilesOption,
    LetterArgument,
    MetOption,
    NoteOption,
    PeopleOption,
    RegionOption,
    ReplyByOption,
)
from ckbx.cli.case_step import Call, Make, add, step
from ckbx.cli.chinese import Command
from ckbx.cli.codes import pick, pick_all
from ckbx.cli.context import DEFAULT_PURPOSE, UsageRefused, put, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, WhyOption, day
from ckbx.domain.case.codes import LetterAnswer, Met

if TYPE_CHECKING:
    from ckbx.application.cases import Act


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    steps = {
        "letter": step(letter),
        "answer": step(answer),
        "walk": step(walk, as_=LIAISON),
        "attach": step(attach),
    }
    add(group, steps)
    group.command("files", cls=Command)(files)
    group.command("file", cls=Command)(file)


def letter(
    call: Call,
    to: AddresseeOption,
    region: RegionOption,
    document: DocumentOption,
    reply_by: ReplyByOption,
) -> Make:
    """向县外的学校或部门发函（学校或县教育局），请对方最迟某日回复。"""
    number, until = papers_given.document(document), day(reply_by, "--reply-by")
    if until is None:
        raise UsageRefused(what="--reply-by 须写日期，如 2026-12-20")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import letters

        addressee = desk.papers.note(to)
        return lambda work: letters.send_letter(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            document=number,
            region=region,
            reply_by=until,
            addressee=addressee,
        )

    return make


def answer(
    call: Call,
    number: LetterArgument,
    said: AnswerOption,
    document: DocumentOption = "",
    note: NoteOption = None,
    file: FilesOption = None,
) -> Make:
    """登记复函：对方说该生在不在、回函附件。在外地就读的由县教育局再核实。"""
    what, paper = pick(LetterAnswer, said, "--answer"), papers_given.document(document)

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import letters

        ref, attached = desk.papers.note(note), papers_given.files(desk.papers, file)
        return lambda work: letters.answer_letter(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            number=number,
            answer=what,
            document=paper or None,
            note=ref,
            attachments=attached,
        )

    return make


def walk(
    call: Call,
    people: PeopleOption = None,
    met: MetOption = None,
    note: NoteOption = None,
    file: FilesOption = None,
) -> Make:
    """登记联络员、村（社区）或乡镇的走访：谁去的、见到谁；不算劝返。"""
    seen = pick_all(Met, met or [], "--met")

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import letters

        who = desk.participants(people or [], call.when)
        ref, attached = desk.papers.note(note), papers_given.files(desk.papers, file)
        return lambda work: letters.visit(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            participants=who,
            met=seen,
            note=ref,
            attachments=attached,
        )

    return make


def attach(
    call: Call, file: FilesOption = None, to: FactOption = None, note: NoteOption = None
) -> Make:
    """补充附件：照片、回执、证明等，补在某一条经过上或整个个案上。"""

    def make(desk: CaseDesk) -> Act:
        from ckbx.domain.case import attaching

        ref, attached = desk.papers.note(note), papers_given.files(desk.papers, file)
        return lambda work: attaching.attach(
            work.case,
            work.ctx,
            role=call.role,
            on=call.when,
            fact=to,
            attachments=attached,
            note=ref,
        )

    return make


def files(ctx: typer.Context, key: CaseArgument, form: PlainFormatOption = Plain.TABLE) -> None:
    """一个个案的附件清单；内容用 ckbx case file 取回。"""
    from ckbx.ledgers.case_files import files_json
    from ckbx.ledgers.case_find import find_case
    from ckbx.ledgers.output import json_bytes

    with wiring(ctx).store() as store:
        found = files_json(store.log, find_case(store, key))
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
        return
    from rich.table import Table

    table = Table("附件", "经过", "事项", "日期", "格式", "字节", "指纹")
    for row in found["rows"]:
        shown = (row["file"][:8], row["fact"], row["title"], row["occurred_on"])
        table.add_row(*map(str, (*shown, row["format"], row["size"], row["digest"][:12])))
    screen().print(table)


def file(
    ctx: typer.Context,
    key: CaseArgument,
    number: Annotated[str, typer.Argument(metavar="附件", help="附件编号，可只写前 8 位")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="文件", help="存到哪个文件")
    ] = None,
    why: WhyOption = None,
) -> None:
    """取回一个附件的内容；谁、何时、为什么取的记入查阅记录。"""
    from ckbx.ledgers.case_files import fetch_file
    from ckbx.ledgers.case_find import find_case
    from ckbx.vault import Access

    wired = wiring(ctx)
    access = Access(actor=wired.actor, view="ckbx case file", purpose=why or DEFAULT_PURPOSE)
    with wired.store() as store:
        content = fetch_file(store.log, store.vault, find_case(store, key), number, access)
    put(content, output, binary=True)
