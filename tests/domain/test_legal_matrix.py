"""Every state of the four steps meets every command: accepted, or refused by a named error.

``legal_matrix.txt`` holds the expected outcome of each cell. It was read against domain §7
line by line; a cell changes only together with a rule.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ckbx.domain.legal.errors import LegalRefusal
from ckbx.domain.shared.errors import CkbxError
from tests.domain.legal_cells import COMMANDS, STATES, at

TABLE = Path(__file__).with_name("legal_matrix.txt")


def read_table() -> dict[str, dict[str, str]]:
    """State to command to outcome (``ok``, ``nothing`` or the name of an error)."""
    table: dict[str, dict[str, str]] = {}
    row: dict[str, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            row = table[line[3:]] = {}
        else:
            outcome, _, commands = line.strip().partition(" : ")
            row.update(dict.fromkeys(commands.split(", "), outcome))
    return table


EXPECTED = read_table()


def outcome(state: str, command: str) -> str:
    """What a command does in a state; a refusal leaves no event behind."""
    make, day = STATES[state]
    steps = make()
    steps.today = at(day)
    before = steps.state.version
    try:
        COMMANDS[command](steps, at(day))
    except CkbxError as error:
        refusal = error
    else:
        return "ok" if steps.state.version > before else "nothing"
    assert isinstance(refusal, LegalRefusal)
    assert type(refusal).code != LegalRefusal.code
    assert "请" in str(refusal)
    assert steps.state.version == before
    return type(refusal).__name__


@pytest.mark.parametrize("state", STATES)
def test_every_command_in_every_state_is_accepted_or_refused_by_name(state: str) -> None:
    assert {c: outcome(state, c) for c in COMMANDS} == EXPECTED[state]


def test_the_table_has_every_cell() -> None:
    assert list(EXPECTED) == list(STATES)
    assert all(set(row) == set(COMMANDS) for row in EXPECTED.values())


def test_a_paper_of_the_next_step_is_accepted_only_where_the_step_before_has_lapsed() -> None:
    """The accepting states of each step, named by hand: a control of the table."""
    accepting = {
        command: {state for state in STATES if EXPECTED[state][command] == "ok"}
        for command in ("issue fine_notice", "issue fine_decision", "issue reminder")
    }
    assert accepting == {
        "issue fine_notice": {"order lapsed", "away again"},
        "issue fine_decision": {"told, period over", "decision revoked"},
        "issue reminder": {"decision lapsed"},
    }
    applying = {s for s in STATES if EXPECTED[s]["issue enforcement_application"] == "ok"}
    assert applying == {"decision final", "mediation lapsed"}
    suing = {s for s in STATES if EXPECTED[s]["issue complaint"] == "ok"}
    assert suing == {
        "fine skipped",
        "decision lapsed",
        "appeal pending",
        "reminded, may appeal",
        "decision final",
        "window closed",
        "denied",
    }
