"""The manual of the ledgers says what the program does."""

from __future__ import annotations

from pathlib import Path

from ckbx.ledgers.catalogue import ALERTS, LEDGERS
from ckbx.ledgers.manual import manual
from ckbx.ledgers.rows import ROWS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/ledgers.md"


def test_the_manual_is_the_one_the_catalogue_makes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == manual()


def test_every_ledger_can_be_filled_and_is_in_the_manual() -> None:
    assert set(ROWS) == {*LEDGERS, ALERTS.name}
    for ledger in (*LEDGERS.values(), ALERTS):
        assert f"`{ledger.name}`" in manual()
        assert f"`{ledger.caliber}`" in manual()


def test_no_key_and_no_heading_stands_twice_in_a_ledger() -> None:
    for ledger in (*LEDGERS.values(), ALERTS):
        headings = [column.heading for column in ledger.columns]
        assert len(set(ledger.keys)) == len(ledger.keys)
        assert len(set(headings)) == len(headings)
