"""Files handed in with any step on a child are listed and come back as they were, on both stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckbx.ledgers.case_files import FileErased
from ckbx.ledgers.child import ChildUnknown
from ckbx.ledgers.child_files import KeptFileUnknown
from tests.cli.test_erase_command import opened
from tests.imports.intake_store import student_no
from tests.support.paper_county import FIRST, hand_in
from tests.support.refusing import refused
from tests.support.terminal import Terminal

CHILD, OTHER = student_no(2), student_no(3)
OUTSIDE, NOBODY = "3152699999", "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Terminal:
    """The county of two small schools, on either store."""
    made = Terminal(store_url, tmp_path / "keys")
    hand_in(made, tmp_path)
    return made


class Papers:
    """Files to hand in, each of its own content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[bytes] = []

    def __call__(self, size: int = 40) -> Path:
        content = b"%PDF-1.7\n" + str(len(self.made)).encode() + b"x" * size
        self.made.append(content)
        path = self.folder / f"paper{len(self.made)}.pdf"
        path.write_bytes(content)
        return path


@pytest.fixture
def paper(tmp_path: Path) -> Papers:
    return Papers(tmp_path)


def listed(run: Terminal, child: str = CHILD) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        run("evidence", "list", child, "--format", "json").ok().json["rows"]
    )
    return rows


def fetched(run: Terminal, folder: Path, child: str, file: str) -> bytes:
    out = folder / f"back-{file[:8]}"
    run("evidence", "get", child, file[:8], "-o", out, "--why", "核对").ok()
    assert out.stat().st_mode & 0o777 == 0o600
    return out.read_bytes()


def test_the_paper_of_every_step_is_listed_with_its_step_and_comes_back(
    county: Terminal, paper: Papers, tmp_path: Path
) -> None:
    run = county
    moved = ("transfer", "start", CHILD, "--to", OUTSIDE, "--document", "转1")
    run(*moved).ok()
    run("transfer", "confirm", CHILD, "--to", OUTSIDE, "--evidence", paper(300)).ok()
    run("decide", "missing", OTHER, "--evidence", paper()).ok()
    run("decide", "recheck", OTHER, "--evidence", paper(70_000), "--review-on", "2027-03-20").ok()
    run("case", "verify", FIRST, "--finding", "A", "--evidence", paper()).ok()
    run("case", "clear", FIRST, "--finding", "A", "--evidence", paper()).ok()
    run("case", "close", FIRST, "--kind", "cleared", "--evidence", paper()).ok()
    run.later(days=60)  # the quarter is over
    quarter = ("--quarter", "2026-Q4")
    run("recheck", "draw", *quarter, "--seed", "2027").ok()
    (drawn,) = run("recheck", "list", "--format", "json").ok().json["rows"]
    done = ("--result", "相符", "--evidence", paper())
    run("recheck", "record", drawn["item"], *quarter, *done).ok()
    everybody = (CHILD, OTHER, FIRST)
    titles = {child: [row["title"] for row in listed(run, child)] for child in everybody}
    assert titles == {
        CHILD: ["转入校确认"],
        OTHER: ["失联", "失联复核"],
        FIRST: ["核查结论", "疑似辍学排除", "销号", "登记复核结果"],
    }
    found = [
        (fetched(run, tmp_path, child, row["file"]), row["size"])
        for child in everybody
        for row in listed(run, child)
    ]
    assert [content for content, _ in found] == paper.made
    assert [len(content) for content, _ in found] == [size for _, size in found]


def test_the_papers_of_leaves_and_placements_are_listed(
    county: Terminal, paper: Papers, tmp_path: Path
) -> None:
    run = county
    asked = ("--kind", "免学", "--applicant", "王大山", "--reason", "患病", "--evidence", paper())
    run("leave", "apply", CHILD, *asked).ok()
    said = ("--hospital", "县医院", "--document", "诊9", "--evidence", paper())
    run("leave", "hospital", CHILD, *said).ok()
    advice = ("--advises", "随班就读", "--document", "评1", "--evidence", paper())
    run("placement", "assess", CHILD, *advice).ok()
    rows = listed(run)
    assert [row["title"] for row in rows] == [
        "申请休学、缓学、免学或送教上门",
        "收到医院证明",
        "专家委员会评估",
    ]
    assert {row["format"] for row in rows} == {"pdf"}
    assert [fetched(run, tmp_path, CHILD, row["file"]) for row in rows] == paper.made


def test_looking_at_files_is_recorded(county: Terminal, paper: Papers, tmp_path: Path) -> None:
    county("decide", "missing", CHILD, "--evidence", paper()).ok()
    with opened(county) as store:
        before = len(store.vault.access_records())
    (row,) = listed(county)
    fetched(county, tmp_path, CHILD, row["file"])
    assert row["file"][:8] in county("evidence", "list", CHILD).ok().out
    with opened(county) as store:
        records = store.vault.access_records()[before:]
    assert [(r.view, r.purpose) for r in records] == [
        ("ckbx evidence list", "命令行查询"),
        ("ckbx evidence get", "核对"),
        ("ckbx evidence list", "命令行查询"),
    ]


def test_what_is_not_there_or_was_erased_is_said_so(county: Terminal, paper: Papers) -> None:
    run = county
    run("decide", "missing", CHILD, "--evidence", paper()).ok()
    (row,) = listed(run)
    refused(run, KeptFileUnknown(file="00000000"), run, "evidence", "get", CHILD, "00000000")
    refused(run, KeptFileUnknown(file=row["file"]), run, "evidence", "get", OTHER, row["file"])
    refused(run, ChildUnknown(key=NOBODY), run, "evidence", "list", NOBODY)
    child = run("student", CHILD, "--format", "json").ok().json["child_id"]
    run("erase", CHILD, "--ground", "监护人申请", "--approver", "bureau").ok()
    assert listed(run, child) == []
    assert "已依法删除" in run("evidence", "list", child).ok().err
    refused(run, FileErased(file=row["file"]), run, "evidence", "get", child, row["file"])


def test_evidence_that_was_written_is_listed_and_comes_back(
    county: Terminal, paper: Papers, tmp_path: Path
) -> None:
    county("decide", "missing", CHILD, "--evidence", "派出所回执12号").ok()
    again = ("--evidence", paper(), "--review-on", "2027-03-20")
    county("decide", "recheck", CHILD, *again).ok()
    written, file = listed(county)
    assert (written["title"], written["format"], written["size"]) == ("失联", "text", None)
    assert file["title"] == "失联复核"
    assert "文字" in county("evidence", "list", CHILD).ok().out
    assert fetched(county, tmp_path, CHILD, written["file"]).decode() == "派出所回执12号"


def test_words_that_prove_nothing_are_no_evidence(county: Terminal) -> None:
    county("focus", "add", CHILD, "--reason", "学校研究决定", "--note", "跟奶奶住").ok()
    assert listed(county) == []


def test_a_check_that_came_long_after_its_quarter_is_named_too(
    county: Terminal, paper: Papers
) -> None:
    run = county
    run("case", "verify", FIRST, "--finding", "A", "--evidence", "家访记录").ok()
    run("case", "clear", FIRST, "--finding", "A", "--evidence", "家访记录").ok()
    run("case", "close", FIRST, "--kind", "cleared", "--evidence", "家访记录").ok()
    run.later(days=60)
    quarter = ("--quarter", "2026-Q4")
    run("recheck", "draw", *quarter, "--seed", "2027").ok()
    (drawn,) = run("recheck", "list", "--format", "json").ok().json["rows"]
    run.later(days=300)
    done = ("--result", "相符", "--evidence", paper())
    run("recheck", "record", drawn["item"], *quarter, *done).ok()
    assert listed(run, FIRST)[-1]["title"] == "登记复核结果"
