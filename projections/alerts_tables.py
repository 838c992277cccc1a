"""Which tables hold the alerts: what each is, every change of its state, whom it named."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Text

from ckbx.vault.tables import SubjectId
from projections.kit.tables import PlainTable, Position, child

NAME = "alerts"
OPEN, ACKNOWLEDGED, WITHDRAWN, CLOSED = "open", "acknowledged", "withdrawn", "closed"
STANDING = (OPEN, ACKNOWLEDGED)
"""States in which something is still to be done."""


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


ALERTS = PlainTable(
    f"{NAME}_alerts",
    key=(child("alert"),),
    values=(
        _text("kind"),
        _text("level"),
        _text("subject"),
        Column("child", SubjectId),
        _text("school", nullable=True),
        _text("class_key", nullable=True),
        Column("raised_on", Integer, nullable=False),
        Column("due_on", Integer),
        _text("posts"),
        _text("via", nullable=True),
        _text("rule"),
        Column("rule_version", Integer, nullable=False),
        _text("detail"),
        Column("position", Position, nullable=False),
    ),
    indexes=(("school",), ("child",)),
)
"""What never changes about an alert. Days are ordinals; ``posts`` and ``detail`` are JSON."""

STATES = PlainTable(
    f"{NAME}_states",
    key=(child("alert"), Column("position", Position)),
    values=(
        _text("state"),
        Column("on_day", Integer, nullable=False),
        _text("reason", nullable=True),
        _text("because", nullable=True),
        _text("actor"),
        _text("recipients", nullable=True),
        _text("events", nullable=True),
    ),
)
"""Every change of state, held from ``on_day``; ``recipients`` and ``events`` (JSON) where it
was raised or reopened."""

RECIPIENTS = PlainTable(
    f"{NAME}_recipients",
    key=(_text("account"), child("alert")),
    values=(Column("position", Position, nullable=False),),
)
"""Which alerts ever named an account."""

TABLES = (ALERTS, STATES, RECIPIENTS)
