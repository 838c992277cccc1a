"""The papers of the legal steps at the command line: issued, served, what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_erase_command import opened
from tests.cli.test_paper_command import pdf
from tests.support.paper_county import FIRST
from tests.support.terminal import Terminal

NOTICE = ("--paper", "劝返通知书", "--document", "测小劝〔2026〕1号", "--as", "校长")
SERVED = ("--to", "父亲=王大山", "--by", "head1", "--evidence", "送达回证", "--as", "校长")


def steps(run: Terminal) -> dict[str, Any]:
    found: dict[str, Any] = run("legal", "next", FIRST, "--format", "json").ok().json
    return found


def test_a_notice_is_issued_served_and_then_its_term_is_waited_for(run: Terminal) -> None:
    first = steps(run)["next"][0]
    assert (first["title"], first["open"]) == ("出具：劝返通知书", True)
    run("legal", "issue", FIRST, *NOTICE, "--due", "2026-11-30").ok()
    assert steps(run)["next"][0]["title"] == "送达：劝返通知书"
    run("legal", "serve", FIRST, "--paper", "1", *SERVED).ok()
    found = steps(run)
    assert found["papers"][0]["served"] == "直接送达 2026-11-21"
    assert found["next"][0]["title"] == "等待期满：劝返通知书"
    assert found["next"][0]["opens_on"] == "2026-12-01"
    assert "劝返通知书" in run("legal", "next", FIRST).ok().out


def test_names_on_a_receipt_stand_in_the_vault_and_on_its_paper(
    run: Terminal, tmp_path: Path
) -> None:
    run("legal", "issue", FIRST, *NOTICE, "--due", "10").ok()
    run("legal", "serve", FIRST, "--paper", "1", *SERVED, "--by", "刘某某").ok()
    with opened(run) as store:
        stored = b"".join(row.state for row in store.log.read_rows(0, 10**6))
    assert "王大山".encode() not in stored
    assert "刘某某".encode() not in stored
    text = pdf(run, tmp_path, "service_receipt", FIRST)
    for wanted in ("王大山", "校长乙、刘某某", "劝返通知书", "测小劝〔2026〕1号", "直接送达"):
        assert wanted in text


def test_a_legal_act_is_an_act_on_the_case(run: Terminal) -> None:
    run("legal", "issue", FIRST, *NOTICE, "--due", "10").ok()
    told = run("student", FIRST, "--format", "json").ok().json["timeline"]
    events = [entry["event"] for entry in told]
    assert {"ckbx.child.EpisodeActedOn", "ckbx.legal.PaperIssued"} <= set(events)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("issue", *NOTICE[:4], "--due", "10"), 5, "学校、村（社区）或乡镇"),
        (("issue", *NOTICE), 5, "期限"),
        (("issue", *NOTICE, "--due", "2027-11-30"), 5, "期限"),
        (("issue", *NOTICE[:4], "--as", "乡镇责任人", "--due", "10"), 2, "--issuer"),
        (("issue", "--paper", "传票", "--document", "1"), 2, "劝返通知书"),
        (("issue", "--paper", "劝返通知书", "--document", "13800138000"), 2, "只写文号"),
        (("serve", "--paper", "1", *SERVED), 5, "没有"),
    ],
)
def test_what_a_legal_step_lacks_is_named(
    run: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("legal", words[0], FIRST, *words[1:])
    assert done.code == code, done.err
    assert said in done.err
    assert steps(run)["papers"] == []


def test_who_saw_older_steps_is_told_what_happened_since(run: Terminal) -> None:
    run("legal", "issue", FIRST, *NOTICE, "--due", "10").ok()
    done = run("legal", "serve", FIRST, "--paper", "1", *SERVED, "--seen", "1")
    assert done.code == 5
    assert "出具文书" in done.err
