"""``paper``: a letter or form filled for one child, or many, from what is recorded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.case_commands import looking
from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, Wiring, put, say, wiring, write_private
from ckbx.cli.options import WhyOption

if TYPE_CHECKING:
    from ckbx.documents.paper import Paper
    from ckbx.ledgers.question import Look
    from ckbx.store import Store


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("paper", cls=Command)(paper)


def paper(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="名称", help="文书名称，见 ckbx papers list")],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="文件",
            help="要写的 pdf 或 docx 文件；多份时为文件夹，一份一个文件",
        ),
    ],
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[个案]...", help="个案编号，或儿童的学籍号、身份证号、内部编号；可写多个"
        ),
    ] = None,
    listed: Annotated[
        Path | None,
        typer.Option("--list", metavar="名单", help="文本文件，一行一个个案编号或学籍号"),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="项目=值", help="自己填的项目，可写几次，如 --set 限期=2026年10月21日"
        ),
    ] = None,
    round_: Annotated[
        int | None,
        typer.Option("--round", metavar="次", help="家访记录填第几次劝返；默认最近一次"),
    ] = None,
    docx: Annotated[bool, typer.Option("--docx", help="多份时写 docx；默认 pdf")] = False,
    why: WhyOption = None,
) -> None:
    """为一个或多个儿童填文书。没有记录的项目留空，打印后手填。"""
    from ckbx.documents.paper import load_paper

    wired = wiring(ctx)
    wanted, own = load_paper(name, wired.settings.paper_dir), _own(given or [])
    asked = _asked(keys or [], listed)
    many = listed is not None or len(asked) > 1
    if not many and output.suffix not in (".pdf", ".docx"):
        raise UsageRefused(what=f"{output.name} 的后缀应为 .pdf 或 .docx")
    setter = _Setter(wired, wanted, docx=docx if many else output.suffix == ".docx")
    with looking(wired, f"paper {name}", why) as (store, look):
        if many:
            _fill_many(setter, store, look, asked, own, output, round_)
            return
        from ckbx.ledgers.paper_subjects import Subjects
        from ckbx.ledgers.papers import paper_values

        subject = Subjects(store).of(asked[0])
        values = paper_values(look, store.office, wanted, subject, round_=round_)
    put(setter.set({**values, **own}), output)


class _Setter:
    """Sets one paper after the other with the same fonts and at the same instant."""

    def __init__(self, wired: Wiring, wanted: Paper, *, docx: bool) -> None:
        self.paper, self.docx = wanted, docx
        self._at, self._settings = wired.clock.now(), wired.settings

    def set(self, values: dict[str, Any]) -> bytes:
        """The file's bytes. Raises GlyphsMissing."""
        if self.docx:
            from ckbx.documents.paper_docx import paper_docx

            return paper_docx(self.paper, values, at=self._at, own=self._settings.paper_dir)
        from ckbx.documents.paper_pdf import paper_pdf

        return paper_pdf(self.paper, values, at=self._at, own_fonts=self._settings.font_dir)


def _fill_many(
    setter: _Setter,
    store: Store,
    look: Look,
    asked: list[str],
    own: dict[str, str],
    folder: Path,
    round_: int | None,
) -> None:
    """One file each, named by its case; those that cannot be made are named in the end."""
    from ckbx.domain.shared.errors import InputRefused
    from ckbx.ledgers.columns import SHORT
    from ckbx.ledgers.paper_subjects import Subjects
    from ckbx.ledgers.papers import PapersNotMade, many_values

    found = Subjects(store)
    subjects, refused = {}, []
    for key in asked:
        try:
            subject = found.of(key)
        except InputRefused as error:
            refused.append(str(error))
        else:
            subjects[subject.case or subject.child] = subject
    folder = _new_folder(folder)
    suffix, written = "docx" if setter.docx else "pdf", 0
    of = list(subjects.values())
    shorts = Counter(id_.hex[:SHORT] for id_ in subjects)
    each = many_values(look, store.office, setter.paper, of, round_=round_)
    for id_, values in zip(subjects, each, strict=True):
        label = id_.hex if shorts[id_.hex[:SHORT]] > 1 else id_.hex[:SHORT]
        if isinstance(values, InputRefused):
            refused.append(f"{label}：{values}")
            continue
        try:
            content = setter.set({**values, **own})
        except InputRefused as error:
            refused.append(f"{label}：{error}")
            continue
        write_private(folder / f"{setter.paper.title}-{label}.{suffix}", content)
        written += 1
    say(f"已写入 {written} 份到 {folder}（内含未成年人信息，请妥善保管）")
    if refused:
        raise PapersNotMade(count=len(refused), why="；".join(refused))


def _new_folder(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"不能写文件夹 {folder}（{error.strerror}）：请换一个位置"
        raise UsageRefused(what=what) from error
    return folder


def _asked(keys: list[str], listed: Path | None) -> list[str]:
    """What was typed, then the lines of the list, each once. Raises UsageRefused."""
    asked = list(keys)
    if listed is not None:
        try:
            lines = listed.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            what = f"读不了名单 {listed}：请用 UTF-8 的文本文件，一行一个个案编号"
            raise UsageRefused(what=what) from error
        asked += [line.strip() for line in lines if line.strip()]
    if not asked:
        raise UsageRefused(what="没有写明是哪个个案：请写个案编号，或用 --list 名单")
    return list(dict.fromkeys(asked))


def _own(given: list[str]) -> dict[str, str]:
    """What was typed with ``--set``. Raises UsageRefused."""
    from ckbx.documents.placeholders import TEXTS

    own = {}
    for text in given:
        item, mark, value = text.partition("=")
        if not mark or item.strip() not in TEXTS:
            what = f"--set 写成“项目=值”，没有项目“{item}”；可用：{'、'.join(TEXTS)}"
            raise UsageRefused(what=what)
        own[item.strip()] = value.strip()
    return own
