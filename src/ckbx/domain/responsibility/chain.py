"""Where does a child or a class stand, and which scopes enclose it on each line?"""

from __future__ import annotations

from datetime import date

import msgspec

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.domain.shared.ids import LAST_GRADE, grade_of, split_class_key

REGION_KIND = {6: ScopeKind.COUNTY, 9: ScopeKind.TOWNSHIP, 12: ScopeKind.VILLAGE}


def naming_school_year(day: date, spring_end: date | None = None) -> int:
    """By which school year a chain file names a class whose post begins on ``day`` (起).

    Posts for the coming year are filled in the summer holiday and name the coming year's
    grades, so the new year counts from the day after the spring term ends; where the
    calendar does not say when (``spring_end`` None), from 1 August.
    """
    coming = day > spring_end if spring_end else day.month >= 8
    return day.year if coming else day.year - 1


class ChildPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where one child learns and lives on a day.

    ``village_code`` is where it lives now, ``registered_code`` its 户籍; both region codes of
    6, 9 or 12 digits, or empty. ``grade`` is 1-9, None where it has no class.
    """

    child: str
    county: str
    school: str = ""
    class_key: str = ""
    grade: int | None = None
    village_code: str = ""
    registered_code: str = ""

    @property
    def home(self) -> str:
        """The region whose government line answers: 现居住地 in the county, else 户籍 in it."""
        for code in (self.village_code, self.registered_code):
            if code.startswith(self.county):
                return code
        return ""

    @property
    def other_home(self) -> str:
        """The other region of the county that sees the child and gets copies, or empty."""
        code = self.registered_code
        return code if code.startswith(self.county) and code != self.home else ""


def region_scopes(county: str, code: str) -> list[Scope]:
    """Village and township that enclose a region code, the nearest first; not the county."""
    if not code.startswith(county):
        return []
    return [Scope(REGION_KIND[length], code[:length]) for length in (12, 9) if len(code) >= length]


def school_scopes(school: str, class_key: str = "", grade: int | None = None) -> list[Scope]:
    """Class, grade and school, the nearest first."""
    found = [Scope(ScopeKind.CLASS, class_key)] if class_key else []
    if school and grade is not None:
        found.append(Scope(ScopeKind.GRADE, f"{school}/{grade}"))
    if school:
        found.append(Scope(ScopeKind.SCHOOL, school))
    return found


def class_scopes(class_key: str, day: date) -> list[Scope]:
    """Class, its grade in the school year of ``day``, school; no grade outside 1-9."""
    school, entry_year, _ = split_class_key(class_key)
    grade = grade_of(entry_year, school_year_of(day))
    return school_scopes(school, class_key, grade if 1 <= grade <= LAST_GRADE else None)


def child_path(place: ChildPlace, line: Line, district: str = "") -> list[Scope]:
    """Every scope that encloses a child, the nearest first; the county is last.

    Government: student, village, school's scopes, township. Education: student, class,
    grade, school, village, then ``district``, the township whose 学区 or 中心校 leads the
    school. A scope kind that a county does not use has no posts and drops out: depth is data.
    """
    home = region_scopes(place.county, place.home)
    learning = school_scopes(place.school, place.class_key, place.grade)
    village = home[:1] if home and home[0].kind is ScopeKind.VILLAGE else []
    if line is Line.GOVERNMENT:
        around = [*village, *learning, *home[len(village) :]]
    else:
        leading = [Scope(ScopeKind.TOWNSHIP, district)] if district else []
        around = [*learning, *village, *leading]
    child = Scope(ScopeKind.STUDENT, place.child)
    return [child, *around, Scope(ScopeKind.COUNTY, place.county)]
