"""The catalogue of events in the docs is the one in the code."""

from __future__ import annotations

from pathlib import Path

from ckbx.event_docs import render

ROOT = Path(__file__).parents[2]


def test_the_event_catalogue_is_up_to_date() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == render()


def test_no_event_field_can_hold_a_name_a_number_or_a_text_a_person_typed() -> None:
    fields = {line.split("`")[1] for line in render().splitlines() if line.startswith("- `")}
    forbidden = {
        "id_number",
        "student_no",
        "birth_date",
        "phone",
        "address",
        "guardian",
        "text",
        "note",
        "notes",
        "remark",
        "words",
    }
    assert not fields & forbidden
