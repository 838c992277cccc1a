"""The openings of autumn and spring in the sample county: who is told what, day by day.

In its own files nobody is away in the first week. Here one child of 2152939972 class 3/1 is, and
class 1/1 says nothing on the first day; all else is the county's. What must be told is written
down here, from the files and domain §11.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.terminal import Terminal

COUNTY = Path(__file__).parents[2] / "../shared/data/sample-county"
pytestmark = pytest.mark.skipif(
    not COUNTY.is_dir(), reason="the sample county's files are not beside the project"
)
CHILD = "G522699201712238236"
SCHOOL, OTHERS = "2152939972", ("3152354069", "2152630340")
LOOKS = ("10:00", "12:00", "18:00")
Row = Mapping[str, str]


class Told(NamedTuple):
    """An alert: its day, rule, what it is about (child, class or school), to whom."""

    day: str
    rule: str
    about: str
    to: tuple[str, ...]


def silent(day: str, after: str, *classes: str, opens: bool) -> set[Told]:
    """Classes of the county's files that say nothing on a day: each is told to its teacher, at
    two o'clock to whoever leads its grade (the opening's own noon stands in for that on day 1),
    and on the working day after to the bureau.
    """
    higher = {Told(day, "roll_call_silent_up", each, (leader(each),)) for each in classes}
    return {
        *(Told(day, "roll_call_silent", each, (teacher(each, day),)) for each in classes),
        *(set() if opens else higher),
        *({Told(after, "roll_call_silent_county", each, BUREAU) for each in classes if after}),
    }


def leader(key: str) -> str:
    """学校领导包年级, by the number of the school and the grade."""
    school, grade, _ = key.split("/")
    return f"g{school}{grade}"


def teacher(key: str, day: str) -> str:
    """That of class 1/1 was followed by another one on 16 October."""
    return "ct_new" if key == "2152939972/1/1" and day > "2026-10-15" else TEACHERS[key]


TEACHERS = {
    "2152939972/1/1": "ct0",
    "2152939972/3/2": "ct5",
    "2152939972/4/2": "ct7",
    "2152939972/6/1": "ct10",
    "2152630340/1/2": "ct19",
    "2152630340/2/1": "ct20",
    "2152630340/2/2": "ct21",
    "2152630340/4/1": "ct24",
    "2152630340/4/2": "ct25",
    "2152630340/5/1": "ct26",
    "3152354069/8/2": "ct15",
    "3152354069/9/2": "ct17",
}
VILLAGE, TOWN, BUREAU = "vill8", "town2", ("bureau",)
"""Of the child's 户籍地 522699102202; for the county answers its bureau, not the 县长 who leads."""


def opening(days: list[str]) -> set[Told]:
    """One child unseen for five days, one class silent at first, three schools (domain §11)."""
    first, third, fifth, seventh = days[0], days[2], days[4], days[6]
    return {
        Told(first, "opening_silent", "2152939972/1/1", ("principal0",)),
        Told(first, "opening_close_1", CHILD, ("ct4",)),
        Told(third, "absence_run_3", CHILD, ("ct4",)),
        Told(third, "opening_close_3", CHILD, ("principal0",)),
        Told(third, "opening_close_3_village", CHILD, (VILLAGE,)),
        Told(fifth, "absence_5_in_20", CHILD, ("ct4",)),
        Told(fifth, "opening_day_5", CHILD, ("ct4",)),
        Told(fifth, "opening_close_5_township", CHILD, (TOWN,)),
        Told(fifth, "opening_close_5_county", CHILD, BUREAU),
        Told(seventh, "opening_report_7_county", "522699", BUREAU),
        Told(seventh, "backup_overdue", "522699", BUREAU),  # a week and a day, and none made
        *(
            Told(seventh, "opening_report_7", school, (f"principal{n}",))
            for n, school in enumerate((SCHOOL, *OTHERS))
        ),
    }


def cared(days: list[str]) -> set[Told]:
    """What people owe the child day by day (domain §6), and what rises when nobody answers: the
    warning of day 3, due on day 4, the day after that; the red suspicion of half past nine, read
    by nobody for four hours, at four o'clock.
    """
    second, third, fourth, fifth, seventh = days[1], days[2], days[3], days[4], days[6]
    grade = leader("2152939972/3/1")
    overdue = str(date.fromisoformat(fourth) + timedelta(days=1))
    return {
        *(Told(day, "contact_same_day", "2152939972/3/1", ("ct4",)) for day in days[:5]),
        Told(seventh, "contact_same_day", "2152939972/4/2", ("ct7",)),
        Told(second, "visit_run_2", CHILD, ("ct4",)),
        Told(third, "absence_warning_village", CHILD, (VILLAGE,)),
        Told(fifth, "absence_warning_village", CHILD, (VILLAGE,)),
        Told(overdue, "absence_run_3_up", CHILD, (grade,)),
        Told(fifth, "opening_day_5_unread", CHILD, (grade,)),
        Told(fifth, "opening_day_5_unread_copy", CHILD, (VILLAGE,)),
    }


AUTUMN = [f"2026-09-{day:02d}" for day in (1, 2, 3, 4, 7, 8, 9)]
SPRING = [f"2027-03-{day:02d}" for day in (1, 2, 3, 4, 5, 8, 9)]
SILENT = (
    ("2152939972/1/1",),
    (
        "2152630340/1/2",
        "2152630340/4/2",
        "2152939972/1/1",
        "2152939972/6/1",
        "3152354069/8/2",
        "3152354069/9/2",
    ),
    ("2152630340/4/1", "2152630340/5/1"),
    (
        "2152630340/2/1",
        "2152630340/2/2",
        "2152630340/4/1",
        "2152630340/5/1",
        "2152939972/3/2",
        "2152939972/4/2",
    ),
    (),
    (),
    ("2152630340/5/1",),
)
"""Who says nothing on day 1 (here) and on the others (in the county's file)."""
CALENDAR = (
    "学年,学期,开始,结束,适用,日期,类型,说明",
    "2026-2027,秋季,2026-09-01,2027-01-22,522699,,,",
    "2026-2027,春季,2027-03-01,2027-07-02,522699,,,",
    ",,,,522699,2027-01-01,已核定,",
)


def test_the_autumn_opening_is_told_day_by_day(store_url: str, tmp_path: Path) -> None:
    run = Terminal(store_url, tmp_path / "keys", at(AUTUMN[0], "07:00"))
    begin(run, COUNTY / "calendar.csv")
    hold(run, tmp_path, AUTUMN)
    recheck = Told(AUTUMN[0], "quarter_recheck", "522699", BUREAU)  # of the quarter that ends
    assert told(run) == wanted(AUTUMN, recheck)


def test_the_spring_opening_is_told_as_the_autumn_one(store_url: str, tmp_path: Path) -> None:
    run = Terminal(store_url, tmp_path / "keys", at(SPRING[0], "07:00"))
    calendar = tmp_path / "calendar.csv"
    calendar.write_text("\n".join(CALENDAR), encoding="utf-8-sig")
    begin(run, calendar, "--effective", SPRING[0])
    hold(run, tmp_path, SPRING)
    recheck = Told(SPRING[0], "quarter_recheck", "522699", BUREAU)
    assert told(run) == wanted(SPRING, recheck)


def wanted(days: list[str], *besides: Told) -> set[Told]:
    found = opening(days) | cared(days) | set(besides)
    for number, (day, classes) in enumerate(zip(days, SILENT, strict=True)):
        after = days[number + 1] if number + 1 < len(days) else ""
        found |= silent(day, after, *classes, opens=number == 0)
    return found


def at(day: str, hour: str) -> datetime:
    """A local hour as a UTC instant."""
    return datetime.fromisoformat(f"{day}T{hour}+08:00").astimezone(UTC)


def begin(run: Terminal, calendar: Path, *more: str) -> None:
    """The county hands in its calendar, rosters and posts on the first morning."""
    run("init").ok()
    run("import", "calendar", calendar).ok()
    run("import", "roster", *sorted(COUNTY.glob("roster-*")), *more).ok()
    run("import", "chain", COUNTY / "chain.csv").ok()


def hold(run: Terminal, folder: Path, days: list[str]) -> None:
    """Seven days of school: the sheets at half past nine, then a look at each hour, twice."""
    for number, day in enumerate(days):
        sheets = folder / f"{day}.csv"
        write(sheets, [row | {"日期": day, "提交时间": f"{day} 08:30"} for row in of_day(number)])
        run.at = at(day, "09:30")
        run("import", "rollcalls", sheets).ok()
        for hour in LOOKS:
            run.at = at(day, hour)
            run("run-due").ok()
            again = run("run-due", "--format", "json").ok().json
            assert not any((again["raised"], again["withdrawn"], again["closed"]))


def of_day(number: int) -> Iterator[dict[str, str]]:
    """The county's sheets of the n-th day, the child away on the first five, one class silent."""
    with (COUNTY / "rollcalls-2026-09.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["日期"] == AUTUMN[number]]
    for row in rows:
        place = row["学校标识码"], row["年级"], row["班级"]
        if number == 0 and place == (SCHOOL, "1", "1"):
            continue
        if number < 5 and place == (SCHOOL, "3", "1"):
            there = str(int(row["实到"]) - 1)
            yield row | {"实到": there, "缺勤学籍号": CHILD, "原因": "无故"}
        else:
            yield row


def write(path: Path, rows: Iterable[Row]) -> None:
    found = list(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def told(run: Terminal) -> set[Told]:
    """Every alert there was, by what a person sees of it."""
    rows: list[Any] = run("alerts", "--format", "json").ok().json["rows"]
    found = [Told(r["raised_on"], r["rule"], _about(r), tuple(r["to"])) for r in rows]
    assert len(found) == len(set(found))
    assert "withdrawn" not in {row["state"] for row in rows}
    return set(found)


def _about(row: Any) -> str:
    if row["student_no"]:
        return str(row["student_no"])
    if row["class"]:
        return f"{row['school_code']}/{row['grade']}/{row['class']}"
    return str(row["school_code"] or "522699")
