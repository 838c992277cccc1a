"""Who is away when in the demo county, and what do people decide? A script, made once.

Ordinary days are drawn at random (a cold, a family matter, a morning overslept). Above that
stand the stories that a county must be able to show: every stage of a suspicion, leaves,
transfers, silent classes, a closure, corrections. ``back`` counts school days from the last
reported one (0) backwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from random import Random
from typing import Final, NamedTuple

import msgspec

from ckbx.demo.care_script import CARES
from ckbx.demo.case_script import CASES, ORDERED, RETURNED, WAITING, Script
from ckbx.demo.county import SNOWY, MadeUp, Pupil, township_code
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child.status import Finding
from ckbx.domain.shared.ids import grade_of, split_class_key

_R = Reason
_SICK, _PERSONAL, _OVERSLEPT = 0.0045, 0.0028, 0.0012
_FORGOTTEN: Final = 0.006
"""The share of class-days that nobody reports, and of which half are sent in later."""


class Act(NamedTuple):
    """Something a person decides about a pupil at a local time."""

    day: date
    at: time
    kind: str
    pupil: Pupil
    more: Mapping[str, object] = {}


class Amendment(NamedTuple):
    """A class hands in some days again on ``on``, for one pupil: another reason, or present."""

    on: date
    pupil: Pupil
    days: tuple[date, ...]
    reason: Reason | None
    note: str


class Story(msgspec.Struct):
    """The whole script. Days are local school days of the county."""

    days: list[date]
    away: dict[str, dict[date, Reason]] = {}
    silent: set[tuple[str, date]] = set()
    late: dict[tuple[str, date], date] = {}
    extra: set[tuple[str, date]] = set()
    acts: list[Act] = []
    amendments: list[Amendment] = []
    cast: dict[str, list[Pupil]] = {}
    school: str = ""
    """Where a return and a closure wait, by 标识码."""
    township: str = ""
    """Where a paper waits to be served, by region code."""

    def has(self, back: int) -> bool:
        """Whether there are that many school days to go back."""
        return back + 1 < len(self.days)

    def day(self, back: int) -> date:
        """The school day ``back`` days before the last one."""
        return self.days[-1 - min(back, len(self.days) - 1)]


def write_story(county: MadeUp, days: Sequence[date], rng: Random) -> Story:
    """The script for these school days, the last of which is the day before today or earlier."""
    story = Story(days=list(days))
    used = _Casting(county, story, rng)
    _suspicions(story, used)
    _warnings(story, used)
    _leaves_and_moves(story, used)
    _cases(story, used)
    _cares(story, used)
    _ordinary_days(county, story, rng)
    _silence(county, story, rng)
    _waiting(county, story, used)
    return story


class _Casting:
    """Hands out pupils, each once, from classes that last; never two from one class first."""

    def __init__(self, county: MadeUp, story: Story, rng: Random) -> None:
        self.story = story
        self._year = county.school_year
        steady = [p for p in county.pupils if p.now and p.steady and not p.now.startswith(SNOWY)]
        rng.shuffle(steady)
        self._free = steady
        self._classes: dict[str, int] = {}

    def take(
        self, role: str, *, older: bool = True, fit: Callable[[Pupil], bool] | None = None
    ) -> Pupil:
        """A pupil for a role; ``older``: from grade 5 on, where dropping out happens. One that
        is ``fit``, if any is left.
        """
        free = [p for p in self._free if fit(p)] if fit is not None else []
        free = free or self._free
        least = min((self._classes.get(p.now, 0) for p in free), default=0)
        for wanted in (older, False):
            for pupil in free:
                grade = grade_of(split_class_key(pupil.now)[1], self._year)
                if self._classes.get(pupil.now, 0) <= least and (not wanted or grade >= 5):
                    self._free.remove(pupil)
                    self._classes[pupil.now] = self._classes.get(pupil.now, 0) + 1
                    self.story.cast.setdefault(role, []).append(pupil)
                    return pupil
        message = "the demo county is too small for its story"
        raise ValueError(message)


def _away(
    story: Story, pupil: Pupil, back: int, length: int, reason: Reason = _R.UNEXPLAINED
) -> tuple[date, ...]:
    """Away for ``length`` school days, the first ``back`` days ago; which days those are."""
    start = len(story.days) - 1 - back
    missed = tuple(story.days[max(start, 0) : max(start + length, 0)])
    story.away.setdefault(pupil.student_no, {}).update(dict.fromkeys(missed, reason))
    return missed


def _suspicions(story: Story, used: _Casting) -> None:
    for back in (4, 6, 8, 13, 21):  # open, longer and longer
        pupil = used.take("open")
        _away(story, pupil, back, back + 1)
        first = story.day(back)
        story.away[pupil.student_no][first] = _R.UNVERIFIED
    for back, length in ((14, 7), (9, 6), (9, 8)):  # attends again: long since, 3 days, 1 day
        _away(story, used.take("attending"), back, length)
    for back, reason, note in (
        (18, _R.SICK, "家长补交医院证明，原因改为病假"),
        (24, None, "核对后更正：当日在校，点名时漏看"),
    ):
        pupil = used.take("withdrawn")
        missed = _away(story, pupil, back, 6)
        on = story.day(back - 8)
        story.amendments.append(Amendment(on, pupil, missed, reason, note))
    for back, finding in ((27, Finding.A), (33, Finding.B), (40, Finding.C)):
        pupil = used.take(f"cleared_{finding.value}")
        _away(story, pupil, back, 7)
        _act(story, "clear", pupil, back - 8, finding=finding)
    for back, finding in ((80, Finding.A), (95, Finding.C)):
        if not story.has(back):
            continue
        pupil = used.take("cleared_earlier")
        _away(story, pupil, back, 6)
        _act(story, "clear", pupil, back - 8, finding=finding)
    pupil = used.take("person")
    _act(story, "suspect", pupil, 3, first_back=6)
    _away(story, pupil, 6, 7, _R.PERSONAL)


def _warnings(story: Story, used: _Casting) -> None:
    for back in filter(story.has, (2, 5, 9, 20, 60, 88)):  # three in a row
        _away(story, used.take("run_of_three", older=False), back, 3)
    for back in (16, 30):  # five in twenty, one by one
        pupil = used.take("five_in_twenty", older=False)
        for offset in range(0, 15, 3):
            _away(story, pupil, back - offset, 1)
    _away(story, used.take("long_sick", older=False), 11, 12, _R.SICK)
    _away(story, used.take("long_sick", older=False), 30, 12, _R.SICK)
    _away(story, used.take("long_personal"), 5, 6, _R.PERSONAL)


def _leaves_and_moves(story: Story, used: _Casting) -> None:
    for role, back, until in (
        ("leave_expiring", 35, 8),
        ("leave_expired", 60, -1),
        ("leave_overrun", 75, -11),
        ("leave", 20, 200),
        ("leave_resumed", 70, -20),
    ):
        _act(story, "suspend", used.take(role), back, until=until)
    _act(story, "resume", story.cast["leave_resumed"][0], 17)
    for back in (3, 6):
        _act(story, "transfer", used.take("in_transit", older=False), back)
    for back in (25, 38):
        pupil = used.take("transferred", older=False)
        _act(story, "transfer", pupil, back)
        _act(story, "receive", pupil, back - 5)
    pupil = used.take("transfer_cancelled", older=False)
    _act(story, "transfer", pupil, 19)
    _act(story, "cancel", pupil, 14)
    lapsed = used.take("transfer_lapsed")
    _act(story, "transfer", lapsed, 23)
    _away(story, lapsed, 22, 23, _R.UNVERIFIED)
    elsewhere = used.take("elsewhere")
    _away(story, elsewhere, 42, 9)
    _act(story, "elsewhere", elsewhere, 33)
    missing = used.take("missing")
    _away(story, missing, 47, 20)
    _act(story, "missing", missing, 27)
    _act(story, "recheck", missing, 6)
    _act(story, "abroad", used.take("abroad"), 31)
    _act(story, "arrive", used.take("arrived", older=False), 29)


def _cases(story: Story, used: _Casting) -> None:
    """Cases at every stage; each step is (school days back, what, more)."""
    for role, script in CASES.items():
        _case(story, used.take(role), script)


def _case(story: Story, pupil: Pupil, script: Script) -> None:
    _away(story, pupil, *script.away)
    for back, kind, more in script.steps:
        more_ = dict(more)
        if "promised_back" in more:
            promised = int(str(more["promised_back"]))
            more_["promised_on"] = story.day(promised) if promised >= 0 else None
        story.acts.append(Act(story.day(back), time(16, 30), kind, pupil, more_))


def _waiting(county: MadeUp, story: Story, used: _Casting) -> None:
    """What waits today, where most of the story is told: there people have most to do."""
    told = [pupil for pupils in story.cast.values() for pupil in pupils]
    schools = Counter(pupil.now.split("/")[0] for pupil in told)
    story.school = schools.most_common(1)[0][0]
    story.township = township_code(county.school(story.school).township)
    quiet = {key for key, day in story.silent if day >= story.day(WAITING[ORDERED].away[0])}
    fits: Mapping[str, Callable[[Pupil], bool]] = {
        RETURNED: lambda pupil: pupil.now.startswith(story.school) and pupil.now not in quiet,
        ORDERED: lambda pupil: home(pupil) == story.township and pupil.now not in quiet,
    }
    for role, script in WAITING.items():
        pupil = used.take(role, fit=fits[role])
        story.away.pop(pupil.student_no, None)
        _case(story, pupil, script)


def home(pupil: Pupil) -> str:
    """The township where a pupil lives, by region code."""
    return (pupil.residence or pupil.village)[:9]


def _cares(story: Story, used: _Casting) -> None:
    """Applications at every stage, a child taught at home, one in an ordinary class."""
    for role, steps in CARES.items():
        pupil = used.take(role, older=False)
        for back, kind, more in steps:
            story.acts.append(Act(story.day(back), time(16, 40), kind, pupil, more))


def _act(story: Story, kind: str, pupil: Pupil, back: int, **more: object) -> None:
    at = time(15, 10 + len(story.acts) % 40)
    if "first_back" in more:
        more = {"first": story.day(int(str(more["first_back"])))}
    if "until" in more:
        more = {"until": story.day(0) + timedelta(days=int(str(more["until"])))}
    story.acts.append(Act(story.day(back), at, kind, pupil, more))


def _ordinary_days(county: MadeUp, story: Story, rng: Random) -> None:
    cast = {pupil.student_no for pupils in story.cast.values() for pupil in pupils}
    starts: Sequence[tuple[float, Reason, Callable[[], int]]] = (
        (_SICK, _R.SICK, lambda: rng.choice((1, 1, 2, 3, 4))),
        (_PERSONAL, _R.PERSONAL, lambda: rng.choice((1, 1, 1, 2, 3))),
        (_OVERSLEPT, _R.UNEXPLAINED, lambda: rng.choice((1, 1, 1, 1, 2))),
    )
    for pupil in county.pupils:
        if pupil.student_no in cast:
            continue
        for back in range(len(story.days)):
            draw = rng.random()
            for share, reason, length in starts:
                if draw < share:
                    _away(story, pupil, back, min(length(), back + 1), reason)
                    break
                draw -= share


def _silence(county: MadeUp, story: Story, rng: Random) -> None:
    """Days that nobody reported; classes with a story are reported, so that it can be told."""
    told = {key for pupils in story.cast.values() for p in pupils for key in (p.then, p.now)}
    keys = sorted({p.now for p in county.pupils} | {p.then for p in county.pupils})
    free = [key for key in keys if key and key not in told] or [key for key in keys if key]
    for key in keys:
        for day in story.days if key else ():
            if rng.random() < _FORGOTTEN and (key not in told or day < story.day(60)):
                story.silent.add((key, day))
    current = sorted({p.now for p in county.pupils if p.now in free})
    for key in rng.sample(current, min(3, len(current))):
        story.silent.add((key, story.day(0)))
    for back in range(4):  # one class has gone quiet
        story.silent.add((current[-1], story.day(back)))
    for key, day in sorted(story.silent):
        if day < story.day(8) and rng.random() < 0.5:
            later = [d for d in story.days if d > day][: rng.choice((1, 2, 5))]
            story.late[key, day] = later[-1]
    for key, back in zip(rng.sample(current, min(3, len(current))), (2, 5, 0), strict=False):
        story.extra.add((key, story.day(back)))
