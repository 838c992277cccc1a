"""``ckbx visited``: the home visit before there is a case, and who reads of it afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckbx.domain.case.errors import NobodySaidMet, PromiseUndated
from ckbx.domain.child.focus_errors import FocusNotTheirs
from ckbx.domain.child.visit_errors import NoAbsenceToVisit, VisitBelongsToCase
from tests.imports.intake_store import student_no
from tests.support.paper_county import FIRST
from tests.support.photos import jpeg
from tests.support.terminal import Terminal

VISIT = ("visited", FIRST, "--met", "母亲", "--outcome", "仍在犹豫")
DAY = ("--on", "2026-09-04")


def told(run: Terminal) -> list[str]:
    found = run("student", FIRST, "--format", "json").ok().json
    return [f["about"] for f in found["timeline"] if f["event"] == "ckbx.child.HomeVisited"]


def case(run: Terminal) -> dict[str, Any]:
    found: dict[str, Any] = run("case", "show", FIRST, "--format", "json").ok().json
    return found


def test_the_file_of_the_child_tells_of_it_and_what_was_typed_stands_in_the_vault(
    run: Terminal,
) -> None:
    from tests.cli.test_erase_command import opened

    more = ("--where", "随父母外出", "--note", "外婆说下周回来", "--as", "帮扶教师")
    assert "已登记缺勤家访：2026-09-04，仍在犹豫" in run(*VISIT, *DAY, *more).ok().err
    assert told(run) == ["见到母亲；仍在犹豫；学生去向：随父母外出；外婆说下周回来"]
    with opened(run) as store:
        stored = b"".join(row.state for row in store.log.read_rows(0, 10**6))
    assert "外婆".encode() not in stored
    assert b"with_parents" in stored, "control: the fact is there"


def test_nobody_met_is_said_once(run: Terminal) -> None:
    run("visited", FIRST, "--met", "未见到人", "--outcome", "未见到人", *DAY).ok()
    assert told(run) == ["未见到人"]


def test_the_case_that_followed_shows_it_with_its_file_and_without_a_number(
    run: Terminal, tmp_path: Path
) -> None:
    photo = tmp_path / "DSC1.jpg"
    photo.write_bytes(jpeg(b"a photo of a house" * 20))
    run(*VISIT, *DAY, "--file", photo).ok()
    run("called", FIRST, "--nobody", "--day", "2026-09-03").ok()
    visit, call = case(run)["before"]
    assert (visit["title"], visit["number"], visit["acted_as"]) == (
        "缺勤家访",
        None,
        "class_teacher",
    )
    assert [file["format"] for file in visit["files"]] == ["jpg"]
    assert call["title"] == "缺勤联系监护人"
    assert not {f["title"] for f in case(run)["facts"]} & {"缺勤家访", "缺勤联系监护人"}
    assert "缺勤家访" in run("case", "show", FIRST).ok().out
    kept = run("evidence", "list", FIRST, "--format", "json").ok().json["rows"]
    assert [row["title"] for row in kept] == ["缺勤家访"]


def test_a_call_about_an_absence_after_the_case_was_opened_did_not_lead_to_it(
    run: Terminal,
) -> None:
    run("called", FIRST, "--nobody", "--day", "2026-09-08").ok()
    assert case(run)["before"] == []


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        ((*VISIT, *DAY, "--as", "村（社区）责任人"), FocusNotTheirs),
        ((*VISIT, "--on", "2026-09-08"), VisitBelongsToCase),
        (("visited", student_no(2), *VISIT[2:], *DAY), NoAbsenceToVisit),
        (("visited", FIRST, "--outcome", "仍在犹豫", *DAY), NobodySaidMet),
        ((*VISIT[:-1], "承诺返校", *DAY), PromiseUndated),
    ],
)
def test_what_is_not_so_or_not_theirs_is_refused_with_what_to_do(
    run: Terminal, call: tuple[str, ...], refused: type[FocusNotTheirs]
) -> None:
    found = run(*call)
    assert found.code == 5
    assert refused.message[-6:] in found.err
    assert told(run) == []


def test_a_visit_registered_by_mistake_is_taken_back_by_its_day(run: Terminal) -> None:
    run(*VISIT, *DAY).ok()
    gone = ("unvisit", FIRST, "--visited-on", "2026-09-04", "--note", "登错了孩子")
    assert "已撤销 2026-09-04 的缺勤家访登记" in run(*gone).ok().err
    assert case(run)["before"] == []
    assert told(run) == ["见到母亲；仍在犹豫"], "what was registered is still there to be read"
    again = run(*gone)
    assert again.code == 5
    assert "已经撤销" in again.err
