"""A paper filled for one child says what is recorded of it, as pdf and as docx."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from tests.cli.test_erase_command import opened
from tests.support.paper_county import FIRST, SECOND
from tests.support.pdf import pages
from tests.support.terminal import Terminal

PEOPLE = ("--with", "head1", "--with", "ct1", "--with", "李村长=村（社区）责任人")


@pytest.fixture
def worked(run: Terminal) -> Terminal:
    """The first child's case with a teacher, a plan, a cause and two rounds."""
    run("case", "teacher", FIRST, "--account", "ct1", "--from", "2026-09-08").ok()
    run("case", "plan", FIRST, "--text", "每周补课两次", "--measure", "学业").ok()
    run("case", "cause", FIRST, "02").ok()
    one = ("--met", "母亲", "--outcome", "仍在犹豫", "--on", "2026-09-08")
    run("case", "visit", FIRST, "--at", "10:00", *PEOPLE, *one, "--tier", "校村联合").ok()
    two = ("--met", "父亲", "--outcome", "承诺返校", "--promised", "2026-09-14")
    words = ("--note", "爸爸说下周一送来", "--on", "2026-09-10")
    run("case", "visit", FIRST, "--at", "19:30", *PEOPLE, *two, *words).ok()
    return run


def pdf(run: Terminal, folder: Path, *words: object) -> str:
    """The text of a paper as pdf, blanks left out."""
    file = folder / "文书.pdf"
    run("paper", *words, "-o", file).ok()
    assert file.stat().st_mode & 0o777 == 0o600
    return "".join(pages(file.read_bytes()))


def word(run: Terminal, folder: Path, *words: object) -> str:
    """The text of a paper as docx, blanks left out."""
    file = folder / "文书.docx"
    run("paper", *words, "-o", file).ok()
    made = docx.Document(io.BytesIO(file.read_bytes()))
    cells = [c.text for table in made.tables for row in table.rows for c in row.cells]
    return "".join("".join([*(p.text for p in made.paragraphs), *cells]).split())


@pytest.mark.parametrize("read", [pdf, word])
def test_the_case_file_tells_the_whole_case(worked: Terminal, tmp_path: Path, read: object) -> None:
    text = read(worked, tmp_path, "case_file", FIRST)  # type: ignore[operator]
    for wanted in (
        "学生1", FIRST, "三年级1班", "测试小学72", "2026年9月1日", "2026年9月7日", "开学未报到",
        "外出务工", "每周补课两次", "班主任丁", "校长乙", "局长甲", "县长己", "李村长",
        "2026-09-0810:00", "2026-09-1019:30", "仍在犹豫", "承诺返校", "2026-09-14",
        "确定帮扶教师", "疑似辍学",
    ):  # fmt: skip
        assert wanted in text, wanted


@pytest.mark.parametrize("read", [pdf, word])
def test_the_notice_says_since_when_and_what_was_given_by_hand(
    worked: Terminal, tmp_path: Path, read: object
) -> None:
    own = ("--set", "文号=测小劝〔2026〕1号", "--set", "限期=2026年9月21日")
    text = read(worked, tmp_path, "persuasion_notice", FIRST, *own)  # type: ignore[operator]
    assert "学生1（测试小学72三年级1班学生）自2026年9月1日起没有到校，至今已有6个教学日" in text
    assert "测小劝〔2026〕1号" in text
    assert "在2026年9月21日以前" in text
    assert "联系人：班主任丁" in text
    assert "＿＿＿＿（印章）" in text  # who issues it is not recorded: left to be written


@pytest.mark.parametrize("read", [pdf, word])
def test_a_home_visit_is_that_of_the_last_round_or_of_the_one_named(
    worked: Terminal, tmp_path: Path, read: object
) -> None:
    last = read(worked, tmp_path, "home_visit", FIRST)  # type: ignore[operator]
    for wanted in ("2026年9月10日19时30分", "父亲", "爸爸说下周一送来", "2026年9月14日"):
        assert wanted in last
    first = read(worked, tmp_path, "home_visit", FIRST, "--round", "1")  # type: ignore[operator]
    assert "2026年9月8日10时00分" in first
    assert "爸爸说" not in first
    assert "校长乙、班主任丁、李村长" in first


def test_a_round_that_was_not_held_is_no_blank_form(worked: Terminal, tmp_path: Path) -> None:
    done = worked("paper", "home_visit", FIRST, "--round", "3", "-o", tmp_path / "x.pdf")
    assert done.code == 3
    assert "没有第 3 次劝返，现共 2 次" in done.err


def test_before_any_round_the_form_is_blank_but_for_the_child(
    run: Terminal, tmp_path: Path
) -> None:
    text = pdf(run, tmp_path, "home_visit", SECOND)
    assert "学生4" in text
    assert "时30分" not in text


def test_one_paper_leaves_one_record_of_who_looked_and_why(
    worked: Terminal, tmp_path: Path
) -> None:
    with opened(worked) as store:
        before = len(store.vault.access_records())
    pdf(worked, tmp_path, "case_file", FIRST, "--why", "会商")
    with opened(worked) as store:
        records = store.vault.access_records()
    assert len(records) == before + 1
    assert (records[-1].view, records[-1].purpose) == ("ckbx paper case_file", "会商")


def test_no_paper_is_made_out_to_an_erased_child(worked: Terminal, tmp_path: Path) -> None:
    child = worked("student", FIRST, "--format", "json").ok().json["child_id"]
    worked("erase", FIRST, "--ground", "保存期满", "--approver", "bureau").ok()
    done = worked("paper", "case_file", child, "-o", tmp_path / "x.pdf")
    assert done.code == 3
    assert "已依法删除" in done.err
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "密码=1", "-o", "x.pdf"), "没有项目“密码”"),
        (("--set", "文号", "-o", "x.pdf"), "项目=值"),
        (("-o", "x.txt"), "后缀应为 .pdf 或 .docx"),
    ],
)
def test_wrong_words_are_wrong_usage(run: Terminal, words: tuple[str, ...], said: str) -> None:
    done = run("paper", "case_file", FIRST, *words)
    assert done.code == 2
    assert said in done.err


def test_many_papers_are_written_at_once_and_say_what_each_says_alone(
    worked: Terminal, tmp_path: Path
) -> None:
    listed, folder = tmp_path / "名单.txt", tmp_path / "通知"
    listed.write_text(f"{SECOND}\n\n{FIRST}\n", encoding="utf-8")
    with opened(worked) as store:
        before = len(store.vault.access_records())
    done = worked("paper", "persuasion_notice", FIRST, "--list", listed, "-o", folder).ok()
    assert "已写入 2 份" in done.err + done.out
    with opened(worked) as store:
        assert len(store.vault.access_records()) == before + 1
    cases = {
        key: worked("case", "show", key, "--format", "json").ok().json["case"]
        for key in (FIRST, SECOND)
    }
    made = {file.name: file for file in folder.iterdir()}
    assert set(made) == {f"劝返通知书-{case}.pdf" for case in cases.values()}
    for key, case in cases.items():
        file = made[f"劝返通知书-{case}.pdf"]
        assert file.stat().st_mode & 0o777 == 0o600
        together = "".join(pages(file.read_bytes()))
        assert together == pdf(worked, tmp_path, "persuasion_notice", key)


def test_those_that_cannot_be_made_are_named_and_the_others_written(
    worked: Terminal, tmp_path: Path
) -> None:
    child = worked("student", FIRST, "--format", "json").ok().json["child_id"]
    worked("erase", FIRST, "--ground", "保存期满", "--approver", "bureau").ok()
    keys = (child, SECOND, "ffffffff")
    done = worked("paper", "persuasion_notice", *keys, "--docx", "-o", tmp_path / "通知")
    assert done.code == 3
    assert "有 2 份文书没有写" in done.err
    assert "已依法删除" in done.err
    assert "没有找到儿童 FF" in done.err
    assert [file.suffix for file in (tmp_path / "通知").iterdir()] == [".docx"]


def test_many_papers_need_somebody_to_be_about(run: Terminal, tmp_path: Path) -> None:
    done = run("paper", "persuasion_notice", "-o", tmp_path / "通知")
    assert (done.code, "--list 名单" in done.err) == (2, True)
