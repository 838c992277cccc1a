"""What does the clock's run remember? The tables of the watch, private to this package."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, Text

from projections.kit.tables import Partial, PlainTable, Position, child

CLASSES = PlainTable(
    "watch_classes",
    key=(Column("class_key", Text),),
    values=(Column("school", Text), Column("opened", Integer)),
)
SIZES = PlainTable(
    "watch_sizes",
    key=(Column("class_key", Text), Column("day", Integer)),
    values=(Column("change", Integer),),
)
"""By how many children a class grew (shrank) on a day, so that its size is known for any day."""

STAYS = PlainTable(
    "watch_stays",
    key=(child(), Column("class_key", Text), Column("first", Integer)),
    values=(Column("last", Integer), Column("away", Text)),
    load_by=2,
)
"""Who belonged to a class from ``first`` to ``last`` (exclusive, None: still), and when it was
off the roll meanwhile: ``from-until`` ordinals joined by commas, empty for never."""

DAYS = PlainTable(
    "watch_days",
    key=(Column("class_key", Text), Column("month", Integer)),
    values=(Column("whole", Integer), Column("am", Integer), Column("pm", Integer)),
)
"""Which days of a month a class reported: bit n − 1 stands for day n, a number a session."""

MARKS = PlainTable(
    "watch_marks",
    key=(Column("day", Integer), Column("class_key", Text)),
    values=(Column("marks", LargeBinary),),
)
"""Who was absent on a class-day and why, as the children's own facts say (see ``packed``)."""

CHECKED_IN = PlainTable(
    "watch_checked_in",
    key=(child(), Column("term", Text)),
    values=(Column("day", Integer),),
)
SPELLS = PlainTable(
    "watch_spells",
    key=(child(), Column("kind", Text), Column("began", Integer)),
    values=(
        Column("status", Text),
        Column("until", Integer),
        Column("ended", Integer),
        Column("version", Integer),
    ),
    load_by=1,
)
"""Leaves (kind ``leave``), transfers (``transfer``), children to be looked for again
(``missing``, ``elsewhere``) and to arrive (``arrival``): decided on ``began``, last day ``until``,
``ended`` when something else was decided (None: stands). ``status`` says what was noticed, of
an arrival the receiving school;
``version`` is that of the event which granted, extended or started it."""

OPENING = PlainTable(
    "watch_opening",
    key=(child(),),
    values=(Column("suspected_on", Integer),),
)
"""Open suspicions with the source 开学未报到."""

EPISODES = PlainTable(
    "watch_episodes",
    key=(child(),),
    values=(Column("suspected_on", Integer),),
)
"""Children with an open suspicion, of whatever source, or a dropout."""

STUDENT_POSTS = PlainTable(
    "watch_student_posts",
    key=(child(),),
    values=(Column("posts", Integer),),
)
"""Children with posts of their own (包人), whose streams a run has to load."""

ALERTS = PlainTable(
    "watch_alerts",
    key=(child("alert"),),
    values=(
        Column("kind", Text),
        Column("rule", Text),
        Column("day", Integer),
        Column("state", Text),
        Column("since", Integer),
        Column("school", Text),
        Column("seen", Position),
    ),
    indexes=(Partial(("day",), "state IN ('open', 'acknowledged')"),),
)
"""Alerts that only the clock raises. ``day`` is that of their key, ``since`` the day on which
they came into their state, ``seen`` the instant (microseconds since 1970) at which somebody
acknowledged them, None while nobody has."""

TOLD = PlainTable(
    "watch_told",
    key=(child("alert"),),
    values=(
        Column("kind", Text),
        Column("rule", Text),
        Column("day", Integer),
        child("pupil"),
        Column("school", Text),
        Column("class_key", Text),
        Column("due_on", Integer),
        Column("raised_at", Position),
        Column("state", Text),
        Column("since", Integer),
        Column("seen", Position),
    ),
)
"""Alerts that go with somebody's act and ask for action; ``raised_at`` and ``seen`` are
instants (microseconds since 1970)."""

WARNED = PlainTable(
    "watch_warned",
    key=(child(), Column("day", Integer)),
    values=(Column("over", Integer),),
    load_by=1,
)
"""Early warnings by day, and the day on which the child came under suspicion."""

IMPORTS = PlainTable(
    "watch_imports",
    key=(Column("batch", Text),),
    values=(Column("kind", Text), Column("schools", Text), Column("began", Integer)),
)
"""Imports that are not finished: their schools, joined by blanks (empty: the county's)."""

TABLES = (
    CLASSES,
    SIZES,
    STAYS,
    DAYS,
    MARKS,
    CHECKED_IN,
    SPELLS,
    OPENING,
    EPISODES,
    STUDENT_POSTS,
    ALERTS,
    TOLD,
    WARNED,
    IMPORTS,
)
STANDING, NOTICED, TRANSFERRING, LAPSED = "standing", "noticed", "transferring", "lapsed"
OPEN, ACKNOWLEDGED, WITHDRAWN, CLOSED, DONE = (
    "open",
    "acknowledged",
    "withdrawn",
    "closed",
    "done",
)
"""States of an alert. ``closed``: its cause was over; ``done``: a person closed it."""
RESOLVED = "resolved"
"""The reason with which the clock closes."""
