"""``ckbx rules``: numbers looked at, tried on history, adopted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckbx.store import open_store
from tests.support.paper_county import SUSPECTED_ON
from tests.support.terminal import Terminal

PERIOD = ("--from", "2026-09-01", "--to", "2026-09-30")


def rules(
    folder: Path, text: str = "suspect_run = 4\nwarn_run = 2\n", name: str = "r.toml"
) -> Path:
    """A file of changed rules."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def facts(run: Terminal) -> tuple[int, int]:
    """The last position of the log, and how many reads the vault has recorded."""
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock, wired.followers())
    try:
        return store.log.head(), len(store.vault.access_records())
    finally:
        store.close()


def tried(run: Terminal, file: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = run("rules", "try", file, *PERIOD, "--format", "json", *more).ok().json
    return found


def test_the_list_names_every_rule_with_its_number_unit_and_source(run: Terminal) -> None:
    found = run("rules", "list", "--format", "json").ok().json
    (warn,) = [r for r in found["rules"] if r["name"] == "warn_run"]
    assert (found["version"], warn["value"], warn["unit"]) == (0, 3, "教学日")
    assert all(r["title"] and r["source"] for r in found["rules"])
    assert "连续无故缺勤预警" in run("rules", "list").ok().out


def test_a_try_out_says_how_many_and_for_whom_and_writes_nothing(
    run: Terminal, tmp_path: Path
) -> None:
    """Two children, away on the first six days: one warning each by the run, one by the count;
    suspected on the 7th, and with four days on the 4th.
    """
    before = facts(run)
    found = tried(run, rules(tmp_path))
    assert facts(run) == before
    counts = {
        key: [found[key][k] for k in ("warning", "suspicion", "long_leave")]
        for key in ("in_force", "tried")
    }
    assert counts == {"in_force": [4, 2, 0], "tried": [4, 2, 0]}
    suspicions = [d for c in found["children"] for d in c["rules"] if d["rule"] == "absence_run_5"]
    assert (
        suspicions
        == [
            {
                "rule": "absence_run_5",
                "change": "moved",
                "in_force": [SUSPECTED_ON],
                "tried": ["2026-09-04"],
            }
        ]
        * 2
    )
    assert not [c for c in found["children"] if "name" in c]


def test_names_are_shown_masked_only_for_a_purpose_and_the_look_is_recorded(
    run: Terminal, tmp_path: Path
) -> None:
    head, looks = facts(run)
    found = tried(run, rules(tmp_path), "--why", "讨论预警天数")
    assert {len(c["name"]) for c in found["children"]} == {3}
    assert all(c["name"].endswith("**") for c in found["children"])
    assert facts(run) == (head, looks + 1)
    table = run("rules", "try", rules(tmp_path), *PERIOD, "--why", "讨论").ok()
    assert "**" in table.out
    assert "没有写入任何记录" in table.err
    assert "日期变动" in table.out
    assert "逾期的期限" in table.out
    assert (found["in_force"]["missed_deadlines"], found["tried"]["missed_deadlines"]) == tuple(
        sum(len(d[side]) for d in found["deadlines"]) for side in ("in_force", "tried")
    )


def test_a_json_file_says_the_same_as_a_toml_file(run: Terminal, tmp_path: Path) -> None:
    text = json.dumps({"suspect_run": 4, "warn_run": 2})
    one = tried(run, rules(tmp_path))
    assert tried(run, rules(tmp_path, text, "r.json")) == one


@pytest.mark.parametrize(
    ("text", "name", "code", "word"),
    [
        ("warn_run = ", "r.toml", 2, "warn_run = 4"),
        ("[]", "r.json", 2, "没有规则"),
        ("", "r.toml", 2, "没有规则"),
        ("nothing = 1", "r.toml", 5, "没有“nothing”这一项"),
        ("warn_run = 99", "r.toml", 5, "1 到 20"),
        ("warn_run = 3", "r.toml", 3, "相同"),
    ],
)
def test_a_file_that_is_no_rule_pack_is_refused_in_chinese(
    run: Terminal, tmp_path: Path, text: str, name: str, code: int, word: str
) -> None:
    done = run("rules", "try", rules(tmp_path, text, name), *PERIOD)
    assert (done.code, done.out) == (code, "")
    assert word in done.err


def test_missing_files_and_reversed_days_are_refused(run: Terminal, tmp_path: Path) -> None:
    assert run("rules", "try", tmp_path / "none.toml", *PERIOD).code == 2
    reversed_ = ("--from", "2026-09-30", "--to", "2026-09-01")
    done = run("rules", "try", rules(tmp_path), *reversed_)
    assert (done.code, "颠倒" in done.err) == (3, True)


def test_a_pack_is_adopted_from_a_day_on_and_listed_then(run: Terminal, tmp_path: Path) -> None:
    file = rules(tmp_path)
    refused = run("rules", "adopt", file, "--effective", "2026-09-01")
    assert (refused.code, "最早为今天" in refused.err) == (5, True)
    done = run("rules", "adopt", file, "--effective", "2026-12-01").ok()
    assert "第 1 版" in done.err
    assert "没有改动" in run("rules", "adopt", file, "--effective", "2026-12-01").ok().err
    later = run("rules", "list", "--on", "2026-12-01", "--format", "json").ok().json
    assert later["version"] == 1
    assert run("rules", "list", "--format", "json").ok().json["version"] == 0
