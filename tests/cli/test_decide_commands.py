"""死亡, 出国, 失联, 户籍问题, 外地就读 and what follows, decided at the command line."""

from __future__ import annotations

from typing import Any

import pytest

from ckbx.application.child_status import ClassNotListed, ClassOver
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.domain.shared.errors import CkbxError
from tests.imports.intake_store import SCHOOL, student_no
from tests.support.paper_county import FIRST
from tests.support.refusing import refused
from tests.support.terminal import Terminal

CHILD = student_no(2)
KEY = f"{SCHOOL}/2024/1"
E = ("--evidence", "证明一份")
NOBODY = "00000000-0000-4000-8000-000000000000"


def status(run: Terminal, child: str = CHILD) -> str:
    found: str = run("transfer", "show", child, "--format", "json").ok().json["status"]
    return found


@pytest.mark.parametrize(
    ("what", "becomes"),
    [
        ("death", "deceased"),
        ("abroad", "abroad"),
        ("missing", "missing"),
        ("deregister", "deregistered"),
        ("elsewhere", "enrolled_elsewhere"),
    ],
)
def test_the_county_decides_on_a_paper_and_the_suspicion_is_concluded(
    run: Terminal, what: str, becomes: str
) -> None:
    bare = run("decide", what, FIRST)
    assert bare.code == 5
    assert "须附" in bare.err
    school = run("decide", what, FIRST, *E, "--as", "校长")
    assert school.code == 5
    assert "由县教育局办理" in school.err
    assert status(run, FIRST) == "suspected"
    run("decide", what, FIRST, *E, "--document", "证〔2026〕3号").ok()
    assert status(run, FIRST) == becomes
    case = run("case", "show", FIRST, "--format", "json").ok().json
    assert case["stage"] == "concluded"
    assert run("rebuild", "--check").ok().out == ""


def test_what_was_typed_as_evidence_stands_in_no_event(run: Terminal) -> None:
    from tests.cli.test_erase_command import opened

    run("decide", "missing", CHILD, "--evidence", "派出所张警官出具的回执").ok()
    with opened(run) as store:
        stored = b"".join(row.state for row in store.log.read_rows(0, 10**6))
    assert "张警官".encode() not in stored
    assert b"WentMissing" in stored or b"review_by" in stored, "control: the fact is there"


def test_a_missing_child_is_looked_for_again_and_enrolled_when_found(run: Terminal) -> None:
    early = run("decide", "recheck", CHILD, *E)
    assert early.code == 5
    assert "没有可复核的失联" in early.err
    run("decide", "missing", CHILD, *E).ok()
    run("decide", "recheck", CHILD, *E, "--review-on", "2027-03-20").ok()
    assert status(run) == "missing"
    late = run("decide", "recheck", CHILD, *E, "--review-on", "2028-03-20")
    assert late.code == 5
    assert "每学期复核一次" in late.err
    run("decide", "enrol", CHILD, "--class", KEY, "--as", "校长").ok()
    assert status(run) == "enrolled"


def test_a_paper_file_is_kept_and_a_wrong_one_refused(run: Terminal, tmp_path: Any) -> None:
    good, bad = tmp_path / "a.pdf", tmp_path / "b.pdf"
    good.write_bytes(b"%PDF-1.7 x")
    bad.write_bytes(b"MZ not a paper")
    refused = run("decide", "abroad", CHILD, "--evidence", bad)
    assert refused.code == 3
    assert "JPG、PNG、PDF 或 DOCX" in refused.err
    run("decide", "abroad", CHILD, "--evidence", good).ok()


def test_a_person_enters_a_suspicion_and_its_case_opens(run: Terminal) -> None:
    run("decide", "suspect", CHILD, "--since", "2026-11-02", "--as", "校长").ok()
    assert status(run) == "suspected"
    case = run("case", "show", CHILD, "--format", "json").ok().json
    assert (case["stage"], case["first_absent_on"]) == ("open", "2026-11-02")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("death", NOBODY, *E), ChildNeverRegistered(child=NOBODY)),
        (("enrol", NOBODY, "--class", KEY), ChildNeverRegistered(child=NOBODY)),
        (("enrol", CHILD, "--class", f"{SCHOOL}/2024/9"),
         ClassNotListed(class_key=f"{SCHOOL}/2024/9")),
        (("enrol", CHILD, "--class", "三年级1班"), ClassNotListed(class_key="三年级1班")),
        (("enrol", CHILD, "--class", KEY, "--on", "2023-09-04"),
         ClassOver(class_key=KEY, day="2023-09-04")),
    ],
)  # fmt: skip
def test_a_child_and_a_class_there_is_not_are_named(
    run: Terminal, words: tuple[str, ...], error: CkbxError
) -> None:
    refused(run, error, run, "decide", *words)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("enrol", CHILD, "--class", KEY), 5, "现为「在读」"),
        (("elsewhere", CHILD, *E, "--region", "1"), 3, "区划代码"),
        (("missing", CHILD, *E, "--review-on", "2026-01-01"), 5, "下次复核日期"),
        (("suspect", FIRST), 5, "已在疑似辍学台账中"),
        (("suspect", CHILD, "--as", "学籍管理员"), 5, "由校长或县教育局办理"),
        (("abroad", CHILD, *E, "--on", "2026-08-01"), 5, "早于入学日期"),
    ],
)
def test_what_is_wrong_is_named(
    run: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("decide", *words)
    assert done.code == code, done.err
    assert said in done.err
