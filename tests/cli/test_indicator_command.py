"""``ckbx indicators``: each with 口径, numerator, denominator and the date known, in every form."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from ckbx.ledgers.catalogue import INDICATORS
from tests.imports.intake_store import OTHER, SCHOOL
from tests.support.terminal import Terminal


def figures(run: Terminal, *more: str) -> dict[tuple[str, str], tuple[object, object, object]]:
    rows = run("indicators", *more, "--format", "json").ok().json["rows"]
    return {
        (r["indicator"], r["stage"]): (r["numerator"], r["denominator"], r["value"]) for r in rows
    }


def test_json_has_every_indicator_with_rule_both_numbers_and_the_date_known(run: Terminal) -> None:
    found = run("indicators", "--format", "json").ok().json
    assert (found["ledger"], found["caliber"]) == ("indicators", "indicators-2026.1")
    for row in found["rows"]:
        assert set(INDICATORS.keys) == row.keys()
        assert row["caliber"].startswith(row["indicator"])
        assert (row["as_of"], row["known_at"]) == (found["as_of"], found["known_at"])
    no_data = {row["indicator"] for row in found["rows"] if not row["has_data"]}
    assert no_data == {"DR-两基", "CR3", "CR9"}


def test_the_command_and_the_ledger_of_that_name_say_the_same(run: Terminal) -> None:
    by_name = run("ledger", "indicators", "--format", "json").ok().json
    assert by_name["rows"] == run("indicators", "--format", "json").ok().json["rows"]


def test_a_day_an_instant_and_a_school_may_be_asked_for(run: Terminal) -> None:
    assert figures(run)["T-疑似", "all"] == (12, 2, 6.0)
    assert figures(run)["NER", "primary"] == (3, 5, 60.0)  # two of five are suspected
    assert figures(run, "--as-of", "2026-09-04")["NER", "primary"] == (5, 5, 100.0)
    assert figures(run, "--known-at", "2026-09-04")["NER", "primary"] == (0, 0, None)
    assert figures(run, "--school", SCHOOL)["DR-词典", "primary"] == (0, 3, 0.0)
    assert figures(run, "--school", OTHER)["DR-词典", "primary"] == (0, 2, 0.0)
    refused = run("indicators", "--school", "9999999999")
    assert (refused.code, refused.out) == (3, "")


def test_people_read_a_dash_where_there_is_no_figure(run: Terminal, tmp_path: Path) -> None:
    shown = run("indicators").ok().out
    assert "—" in shown
    assert "无数据" in shown
    text = run("indicators", "--format", "csv").ok().out
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    by_name = {(row["指标"], row["学段"]): row for row in rows}
    assert (by_name["CR9", "义务教育"]["分母"], by_name["CR9", "义务教育"]["数值"]) == ("—", "—")
    assert (by_name["NER", "小学"]["数值"], by_name["NER", "小学"]["单位"]) == ("60.00", "百分比")


@pytest.mark.parametrize("suffix", ["xlsx", "pdf"])
def test_the_printed_forms_hold_the_same_figures(
    run: Terminal, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"指标.{suffix}"
    run("indicators", "-o", file).ok()
    if suffix == "xlsx":
        rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        ner = next(row for row in rows if row[0] == "适龄人口入学率")
        assert ner[3:7] == [3, 5, 60, "百分比"]
        assert "适龄人口入学率 2026.1 版" in ner
        return
    with pypdfium2.PdfDocument(file) as document:
        said = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert "控辍保学指标" in said
    assert "实名辍学率 2026.1 版" in said
    assert "口径 2026.1 版" in said
    assert "-2026.1" not in said
