"""Who answers for whom in the demo county? The rows of its 责任链, on both lines."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from ckbx.demo.county import TOWNSHIPS, MadeUp, Pupil, township_code
from ckbx.demo.names import REGION
from ckbx.domain.shared.ids import grade_of, split_class_key

HEADINGS: Final = ("线", "层级", "岗位", "范围类型", "范围代码", "姓名", "账号", "电话", "起", "止")
_GOVERNMENT, _EDUCATION = "政府线", "教育线"
Row = tuple[str, ...]


class ChainMaker:
    """Makes rows; a class keeps its teacher, whose account names the class."""

    def __init__(self, county: MadeUp, rng: Random) -> None:
        self._county = county
        self._rng = rng
        self._made: dict[str, Row] = {}

    def _row(
        self, line: str, level: int, post: tuple[str, str, str], account: str, day: date
    ) -> Row:
        """A tenure from a day on; ``post``: title, kind and code of what it covers."""
        people = self._county.people
        row = (
            line,
            str(level),
            *post,
            people.adult(),
            account,
            people.phone(),
            day.isoformat(),
            "",
        )
        self._made[account] = row
        return row

    def ends(self, account: str, last: date) -> Row:
        """The row that tells the end of a tenure."""
        return (*self._made[account][:-1], last.isoformat())

    def successor(self, account: str, code: str, day: date) -> list[Row]:
        """A hand-over: the old holder ends the day before, the new one begins."""
        line, level, title, kind = self._made[account][:4]
        new = self._row(line, int(level), (title, kind, code), f"{account}b", day)
        return [self.ends(account, day - timedelta(days=1)), new]

    def regions(self, first: date) -> list[Row]:
        """County, townships and villages."""
        bureau, county = ("县教育局控辍保学专干", "县", REGION), ("县长", "县", REGION)
        rows = [
            self._row(_EDUCATION, 1, bureau, "bureau", first),
            self._row(_GOVERNMENT, 1, county, "county", first),
        ]
        for index, name in enumerate(TOWNSHIPS):
            title = f"{name}{'镇长' if name.endswith('镇') else '乡长'}"
            post = (title, "乡镇", township_code(index))
            rows.append(self._row(_GOVERNMENT, 2, post, f"town{index}", first))
        for number, village in enumerate(self._county.villages):
            post = (f"{village.name}包村干部", "村", village.code)
            rows.append(self._row(_GOVERNMENT, 3, post, f"village{number}", first))
        return rows

    def schools(self, first: date) -> list[Row]:
        """Bureau leaders, principals and grade leaders."""
        rows = []
        for number, school in enumerate(self._county.schools):
            for title, account in (("局领导包学校", "leader"), ("校长", "principal")):
                post = (title, "学校", school.code)
                rows.append(self._row(_EDUCATION, 2, post, f"{account}{number}", first))
            for grade in school.grades:
                post = ("学校领导包年级", "年级", f"{school.code}/{grade}")
                rows.append(
                    self._row(_EDUCATION, 3, post, grade_account(school.code, grade), first)
                )
        return rows

    def classes(self, keys: list[str], school_year: int, first: date) -> list[Row]:
        """A 班主任 for each class."""
        return [
            self._row(
                _EDUCATION,
                4,
                ("班主任", "班级", class_code(key, school_year)),
                teacher_account(key),
                first,
            )
            for key in keys
        ]

    def pupils(self, pupils: list[Pupil], first: date) -> list[Row]:
        """帮扶教师 for children who need one."""
        return [
            self._row(_EDUCATION, 5, ("帮扶教师", "学生", p.student_no), f"case{n}", first)
            for n, p in enumerate(pupils)
        ]


def teacher_account(key: str) -> str:
    """The account of a class's 班主任."""
    school, entry, number = split_class_key(key)
    return f"ct{school[0]}{school[-2:]}{entry % 100:02d}{number}"


def grade_account(school: str, grade: int) -> str:
    """The account of the leader of a grade."""
    return f"g{school[0]}{school[-2:]}{grade}"


def class_code(key: str, school_year: int) -> str:
    """How a chain file names a class in a school year."""
    school, entry, number = split_class_key(key)
    return f"{school}/{grade_of(entry, school_year)}/{number}"
