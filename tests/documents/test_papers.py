"""Letters and forms: every value on the paper, nothing in a value is markup, wording checked."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from docx.shared import Pt

from ckbx.documents.filling import BLANK, GlyphsMissing, fill_text, filled
from ckbx.documents.paper import (
    PaperTextRefused,
    PaperUnknown,
    load_paper,
    paper_names,
    texts_of,
)
from ckbx.documents.paper_docx import docx_template, fill_docx, paper_docx
from ckbx.documents.paper_pdf import paper_pdf
from ckbx.documents.placeholders import LISTS, samples
from ckbx.domain.shared.marked_text import MARK
from tests.support.pdf import page_sizes, pages

AT = datetime(2026, 11, 1, 0, 0, 0, 123456, tzinfo=UTC)  # as a clock tells it
WANTED = {
    "家访记录",
    "劝返通知书",
    "责令送被监护人接受义务教育通知书",
    "限期复学通知书",
    "送达回证",
    "承诺书",
    "延缓入学申请表",
    "关于协助核实学生就读情况的函",
    "致家长的一封信",
    "一生一案",
}


def text_of(content: bytes) -> str:
    """Everything a docx says, blanks left out."""
    document = docx.Document(io.BytesIO(content))
    found = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        found += [cell.text for row in table.rows for cell in row.cells]
    return "".join("".join(found).split())


def named(name: str) -> list[str]:
    """The placeholders a paper names."""
    return [mark for _, text in texts_of(load_paper(name)) for mark in MARK.findall(text)]


def test_every_paper_of_the_county_is_there() -> None:
    assert {load_paper(name).title for name in paper_names()} == WANTED


@pytest.mark.parametrize("name", paper_names())
def test_every_value_stands_on_the_pdf_and_on_the_docx(name: str) -> None:
    values = samples()
    pdf = "".join(pages(paper_pdf(load_paper(name), values, at=AT)))
    word = text_of(paper_docx(load_paper(name), values, at=AT))
    for mark in named(name):
        sample = "".join(str(values[mark]).split())
        assert sample in pdf, mark
        assert sample in word, mark
    for of, fields in LISTS.items():
        if f'of = "{of}"' in (Path("src/ckbx/documents/papers") / f"{name}.toml").read_text(
            "utf-8"
        ):
            assert all("".join(v.split()) in word for v in fields.values())
    assert "{{" not in pdf + word
    assert "{%" not in word


@pytest.mark.parametrize("name", paper_names())
def test_a_paper_is_a4(name: str) -> None:
    assert set(page_sizes(paper_pdf(load_paper(name), samples(), at=AT))) == {(210, 297)}


@pytest.mark.parametrize("name", paper_names())
def test_a_missing_value_leaves_room_to_write(name: str) -> None:
    pdf = "".join(pages(paper_pdf(load_paper(name), {}, at=AT)))
    word = text_of(paper_docx(load_paper(name), {}, at=AT))
    assert "None" not in pdf + word
    assert load_paper(name).title in pdf
    assert load_paper(name).title in word


HOSTILE = ("王<b>大</b>&山", "{{ 7*7 }}", "#strong[王]", "{% for x in y %}", "=1+1", "王\\u{4E00}")


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_text_and_never_executed(value: str) -> None:
    values = {**samples(), "监护人": value}
    wanted = "".join(value.split())
    assert wanted in "".join(pages(paper_pdf(load_paper("persuasion_notice"), values, at=AT)))
    assert wanted in text_of(paper_docx(load_paper("persuasion_notice"), values, at=AT))


def test_a_value_is_not_filled_a_second_time() -> None:
    assert fill_text("{{监护人}}", {"监护人": "{{身份证件号}}", "身份证件号": "5226"}) == (
        "{{身份证件号}}"
    )


def test_a_character_without_a_glyph_is_refused_and_named() -> None:
    with pytest.raises(GlyphsMissing, match=r"U\+20BB7"):
        paper_pdf(load_paper("commitment"), {**samples(), "学生姓名": "𠮷田"}, at=AT)
    word = text_of(paper_docx(load_paper("commitment"), {**samples(), "学生姓名": "𠮷田"}, at=AT))
    assert "𠮷田" in word


def test_the_same_paper_is_the_same_file() -> None:
    first = paper_pdf(load_paper("commitment"), samples(), at=AT)
    assert first == paper_pdf(load_paper("commitment"), samples(), at=AT)


def own(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    """The county's wording of a paper."""
    text = (Path("src/ckbx/documents/papers") / f"{name}.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_county_words_a_paper_its_own_way(tmp_path: Path) -> None:
    folder = own(tmp_path, "commitment", ("我承诺", "我郑重承诺"))
    assert any(
        "我郑重承诺" in str(block)
        for block in filled(load_paper("commitment", folder), {})["blocks"]
    )
    assert load_paper("home_visit", folder) == load_paper("home_visit")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("{{密码}}", "不认识的项目“密码”"),
        ("{{学生姓名.__class__}}", "不认识的项目"),
        ("{% if 1 %}", "花括号"),
        ("{{学生姓名", "花括号"),
        ("字" * 5000, "请拆成几段"),
    ],
)
def test_wording_that_cannot_be_used_is_refused_with_where_and_why(
    tmp_path: Path, new: str, said: str
) -> None:
    folder = own(tmp_path, "commitment", ("我承诺", new))
    with pytest.raises(PaperTextRefused, match="第 2 段") as refused:
        load_paper("commitment", folder)
    assert said in str(refused.value)


def test_a_file_that_is_no_paper_is_refused(tmp_path: Path) -> None:
    (tmp_path / "commitment.toml").write_text("不是模板", encoding="utf-8")
    with pytest.raises(PaperTextRefused, match=r"commitment\.toml"):
        load_paper("commitment", tmp_path)


def test_an_unknown_paper_names_those_there_are() -> None:
    with pytest.raises(PaperUnknown, match="home_visit"):
        load_paper("nothing")


def test_the_office_lays_out_its_own_docx(tmp_path: Path) -> None:
    document = docx.Document(io.BytesIO(docx_template(load_paper("commitment"))))
    document.add_paragraph("本县专用：{{ 学生姓名 }}")
    document.save(str(tmp_path / "commitment.docx"))
    made = text_of(paper_docx(load_paper("commitment"), samples(), at=AT, own=tmp_path))
    assert "本县专用：王小明" in made


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ 密码 }}",
        "{{ 学生姓名.__class__.__mro__ }}",
        "{% for x in 秘密 %}{{ x }}{% endfor %}",
        "{{ 学生姓名",
    ],
)
def test_an_office_template_cannot_reach_out_of_its_values(text: str) -> None:
    document = docx.Document()
    document.add_paragraph(text)
    made = io.BytesIO()
    document.save(made)
    with pytest.raises(PaperTextRefused):
        fill_docx(made.getvalue(), samples(), name="自制.docx", at=AT)


@pytest.mark.parametrize("content", [b"", b"no docx", b"PK\x03\x04"])
def test_a_template_that_is_no_docx_is_refused(content: bytes) -> None:
    with pytest.raises(PaperTextRefused, match="不是 docx"):
        fill_docx(content, samples(), name="坏.docx", at=AT)


def test_a_docx_says_nothing_of_who_made_it() -> None:
    made = paper_docx(load_paper("commitment"), samples(), at=AT)
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        core = packed.read("docProps/core.xml").decode()
    assert "python" not in core.lower()
    assert "2026-11-01" in core


def test_a_blank_is_a_line_to_write_on() -> None:
    assert fill_text("监护人：{{监护人}}", {}) == f"监护人：{BLANK}"


@pytest.mark.parametrize("name", sorted(paper_names()))
def test_the_grid_of_a_docx_table_is_as_wide_as_its_cells(name: str) -> None:
    """Some programs lay a table out by its grid, others by its cells."""
    for table in docx.Document(io.BytesIO(docx_template(load_paper(name)))).tables:
        grid = [column.width for column in table.columns]
        whole = [row for row in table.rows if len(set(row._tr.tc_lst)) == len(grid)]
        for row in whole:
            assert [cell.width for cell in row.cells] == grid


def test_a_blank_is_long_enough_for_a_date_written_by_hand() -> None:
    sixteen_points = 5.64  # mm a character
    assert len(BLANK) * sixteen_points > 30


def test_the_line_after_the_last_table_of_a_docx_begins_no_page() -> None:
    last = docx.Document(io.BytesIO(docx_template(load_paper("case_file")))).paragraphs[-1]
    assert last.text == ""
    assert last.paragraph_format.line_spacing == Pt(1)
    assert last.paragraph_format.space_after == 0


def test_a_list_of_nothing_says_so_on_the_pdf_and_on_the_docx() -> None:
    paper, empty = load_paper("case_file"), {**samples(), "帮扶措施": ()}
    assert text_of(paper_docx(paper, empty, at=AT)).count("（无）") == 1
    assert "".join(pages(paper_pdf(paper, empty, at=AT))).count("（无）") == 1
    assert "（无）" not in text_of(paper_docx(paper, samples(), at=AT))
    assert "（无）" not in "".join(pages(paper_pdf(paper, samples(), at=AT)))


@pytest.mark.parametrize("name", sorted(paper_names()))
def test_a_docx_is_chinese_and_one_with_lists_numbers_its_pages(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(docx_template(load_paper(name)))) as packed:
        styles = packed.read("word/styles.xml").decode()
        feet = [packed.read(n).decode() for n in packed.namelist() if "footer" in n]
    assert 'w:eastAsia="zh-CN"' in styles
    assert any('w:instr="PAGE"' in foot for foot in feet) == (name == "case_file")


def test_headings_of_a_docx_list_go_with_its_lines_and_stand_on_every_page() -> None:
    document = docx.Document(io.BytesIO(docx_template(load_paper("case_file"))))
    (title,) = [found for found in document.paragraphs if found.text == "帮扶措施"]
    assert title.paragraph_format.keep_with_next
    lists = [t for t in document.tables if "{%tr for" in t.rows[1].cells[0].text]
    assert len(lists) == 6
    for table in lists:
        assert "w:tblHeader" in table.rows[0]._tr.xml
        assert all(c.paragraphs[0].paragraph_format.keep_with_next for c in table.rows[0].cells)
