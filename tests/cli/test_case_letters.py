"""函 and their answers, 走访, who helps, and 附件 of a case at the command line."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ckbx.domain.case.errors import FactUnknown, FilesMissing
from tests.cli.test_case_commands import show
from tests.cli.test_erase_command import opened
from tests.support.paper_county import FIRST
from tests.support.photos import jpeg, png
from tests.support.refusing import refused
from tests.support.terminal import Terminal

JPG = jpeg(b"photo of a child" * 20)
PDF = b"%PDF-1.7\nanswer"
LETTER = (
    "--to", "遵义市第九小学", "--region", "520300", "--document", "青教函〔2026〕1号",
    "--reply-by", "2026-12-10",
)  # fmt: skip


def docx() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml"):
            archive.writestr(name, "<x/>")
    return made.getvalue()


def kept(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def listed(run: Terminal) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = run("case", "files", FIRST, "--format", "json").ok().json["rows"]
    return rows


def told(run: Terminal) -> list[tuple[str, str]]:
    return [(fact["title"], fact["about"]) for fact in show(run)["facts"]]


def test_a_letter_and_its_answer_are_told_with_the_case(run: Terminal, tmp_path: Path) -> None:
    run("case", "letter", FIRST, *LETTER).ok()
    assert ("发函", "第 1 号；青教函〔2026〕1号；请于 2026-12-10 前回复；遵义市第九小学") in told(
        run
    )
    due = {each["kind"]: each["outcome"] for each in show(run)["deadlines"]}
    assert due["letter_reply"] == "open"
    reply = kept(tmp_path, "reply.pdf", PDF)
    run("case", "answer", FIRST, 1, "--answer", "在该校就读", "--file", reply).ok()
    assert ("收到复函", "第 1 号；在该校就读；附件 1 个") in told(run)
    due = {each["kind"]: each["outcome"] for each in show(run)["deadlines"]}
    assert due["letter_reply"] == "kept"
    again = run("case", "answer", FIRST, 1, "--answer", "不在该校")
    assert again.code == 5
    assert "已于" in again.err


def test_a_walk_is_told_by_the_village_and_is_no_persuasion(run: Terminal, tmp_path: Path) -> None:
    photo = kept(tmp_path, "door.jpg", JPG)
    words = (
        "--with",
        "李村长=村（社区）责任人",
        "--met",
        "亲属",
        "--note",
        "奶奶在家",
        "--file",
        photo,
    )
    run("case", "walk", FIRST, *words).ok()
    assert ("联络员走访", "见到亲属；附件 1 个；奶奶在家") in told(run)
    case = show(run)
    assert [fact["title"] for fact in case["facts"]].count("劝返") == 0
    school = run("case", "walk", FIRST, *words, "--as", "校长")
    assert school.code == 5
    assert "由村（社区）责任人、联络员、乡镇责任人办理" in school.err


def test_a_teacher_leaves_and_another_takes_over(run: Terminal) -> None:
    nobody = run("case", "release", FIRST, "--as", "校长")
    assert nobody.code == 5
    assert "还没有帮扶教师" in nobody.err
    run("case", "teacher", FIRST, "--account", "ct2", "--from", "2026-10-20", "--as", "校长").ok()
    run("case", "release", FIRST, "--until", "2026-11-20", "--as", "校长").ok()
    assert show(run)["teacher"] is None
    assert ("帮扶教师离任", "ct2；至 2026-11-20") in told(run)
    run("case", "teacher", FIRST, "--account", "head1", "--as", "校长").ok()
    assert show(run)["teacher_account"] == "head1"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", JPG, "jpg"),
        ("b.bin", png(), "png"),
        ("c.pdf", PDF, "pdf"),
        ("d.docx", docx(), "docx"),
    ],
)
def test_a_file_is_known_by_its_content_and_comes_back_as_it_was(
    run: Terminal, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    run("case", "attach", FIRST, "--file", kept(tmp_path, name, content), "--to", 1).ok()
    (row,) = listed(run)
    assert (row["format"], row["size"], row["fact"]) == (kind, len(content), 1)
    with opened(run) as store:
        stored = b"".join(each.state for each in store.log.read_rows(0, 10**6))
        before = len(store.vault.access_records())
    assert content not in stored
    assert row["digest"].encode() in stored
    out = tmp_path / "back"
    run("case", "file", FIRST, row["file"][:8], "-o", out, "--why", "核对照片").ok()
    assert out.read_bytes() == content
    assert out.stat().st_mode & 0o777 == 0o600
    with opened(run) as store:
        records = store.vault.access_records()[before:]
    assert [(r.view, r.purpose) for r in records] == [("ckbx case file", "核对照片")]


def test_the_same_photo_has_the_same_mark_and_no_other(run: Terminal, tmp_path: Path) -> None:
    one, two = kept(tmp_path, "1.jpg", JPG), kept(tmp_path, "2.jpg", JPG)
    other = kept(tmp_path, "3.jpg", jpeg(b"x"))
    run("case", "attach", FIRST, "--file", one, "--file", two, "--file", other).ok()
    marks = [row["digest"] for row in listed(run)]
    assert marks[0] == marks[1] != marks[2]
    assert run("case", "files", FIRST).ok().out.count(marks[0][:12]) == 2


def test_files_are_attached_to_the_step_they_belong_to(run: Terminal, tmp_path: Path) -> None:
    photo = kept(tmp_path, "visit.jpg", JPG)
    people = ("--with", "head1", "--with", "ct1", "--on", "2026-09-08")
    usual = ("--at", "10:00", "--outcome", "仍在犹豫", "--met", "母亲")
    run("case", "visit", FIRST, *people, *usual, "--file", photo).ok()
    run("case", "support", FIRST, "资助", "--file", photo).ok()
    evidence = ("--evidence", photo, "--file", kept(tmp_path, "paper.pdf", PDF))
    run("case", "verify", FIRST, "--finding", "K", *evidence).ok()
    found = [(row["title"], row["format"]) for row in listed(run)]
    assert found == [
        ("劝返", "jpg"),
        ("落实帮扶措施", "jpg"),
        ("核查结论", "jpg"),
        ("核查结论", "pdf"),
    ]
    facts = {fact["number"]: fact["files"] for fact in show(run)["facts"]}
    assert {row["fact"] for row in listed(run)} == {n for n, files in facts.items() if files}


def test_an_erased_child_s_file_is_gone(run: Terminal, tmp_path: Path) -> None:
    run("case", "attach", FIRST, "--file", kept(tmp_path, "a.jpg", JPG)).ok()
    (row,) = listed(run)
    case = show(run)["case_id"]
    run("erase", FIRST, "--ground", "监护人申请", "--approver", "bureau").ok()
    done = run("case", "file", case, row["file"], "-o", tmp_path / "x")
    assert done.code == 3
    assert "依法删除" in done.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("letter", "--to", "某校", "--region", "52", *LETTER[4:]), 3, "区划代码"),
        (("letter", *LETTER[:4], "--document", "", *LETTER[6:]), 5, "须写明文号"),
        (("letter", *LETTER[:6], "--reply-by", "2026-01-01"), 5, "早于发函日期"),
        (("letter", *LETTER, "--as", "班主任"), 5, "办理"),
        (("answer", "7", "--answer", "不在该校"), 5, "没有第 7 号发函"),
        (("answer", "1", "--answer", "也许"), 2, "在该校就读"),
        (("walk", "--met", "母亲"), 5, "走访人"),
        (("walk", "--with", "李村长=村（社区）责任人"), 5, "见到了谁"),
        (("attach",), 5, str(FilesMissing())),
        (("attach", "--file", "没有.jpg"), 2, "没有文件"),
        (("file", "00000000"), 3, "没有编号"),
    ],
)
def test_what_is_missing_is_named(
    run: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("case", words[0], FIRST, *words[1:])
    assert done.code == code, done.err
    assert said in done.err
    assert show(run)["version"] == 1


def test_a_file_of_another_kind_or_size_is_refused(run: Terminal, tmp_path: Path) -> None:
    disguised = kept(tmp_path, "photo.jpg", b"MZ" + bytes(50))
    done = run("case", "attach", FIRST, "--file", disguised)
    assert done.code == 3
    assert "JPG、PNG、PDF 或 DOCX" in done.err
    large = kept(tmp_path, "large.jpg", JPG[:3] + bytes(10 * 1024 * 1024))
    done = run("case", "attach", FIRST, "--file", large)
    assert done.code == 3
    assert "超过 10 MB" in done.err
    good = kept(tmp_path, "good.jpg", JPG)
    attach = ("case", "attach", FIRST, "--file", good, "--to")
    for number in (0, 9):
        refused(run, FactUnknown(number=number, last=1), run, *attach, number)
    assert listed(run) == []
