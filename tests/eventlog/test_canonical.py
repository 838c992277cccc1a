"""Do the canonical bytes follow the page that others write their verifier from?"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.domain.case.work_events import RiskAssessed
from ckbx.eventlog.canonical import canonical_bytes
from ckbx.eventlog.codec import decode_event, encode_event
from ckbx.eventlog.ports import StoredRow
from tests.compat.golden import sample

PAGE = Path(__file__).resolve().parents[2] / "docs" / "canonical-bytes.md"

number = st.integers(0, 2**63 - 1)
rows = st.builds(
    StoredRow, number, st.uuids(), number, st.text(max_size=9), number, st.binary(max_size=9)
)


def worked_example() -> tuple[str, StoredRow, bytes, str]:
    """County, row, bytes and leaf hash as they stand on the page."""
    text = PAGE.read_text(encoding="utf-8")
    cell = dict(re.findall(r"^\| (\w+) \| `?([^`|（ ]+)`?", text.split("## 算例")[1], re.MULTILINE))
    row = StoredRow(
        int(cell["position"]),
        UUID(cell["stream"]),
        int(cell["version"]),
        cell["topic"],
        int(cell["recorded_at"]),
        bytes.fromhex(cell["state"]),
    )
    (block,) = re.findall(r"```\n([0-9a-f \n]+)```", text)
    (leaf,) = re.findall(r"叶散列：`([0-9a-f]{64})`", text)
    return cell["county"], row, bytes.fromhex(block), leaf


def decoded(data: bytes) -> tuple[str, StoredRow]:
    """What a reader of the page takes the bytes for."""
    fields = []
    while data:
        length = int.from_bytes(data[:4], "big")
        fields.append(data[4 : 4 + length])
        data = data[4 + length :]
    county, position, stream, version, topic, recorded_at, state = fields
    row = StoredRow(
        int.from_bytes(position, "big"),
        UUID(bytes=stream),
        int.from_bytes(version, "big"),
        topic.decode(),
        int.from_bytes(recorded_at, "big"),
        state,
    )
    return county.decode(), row


def test_the_worked_example_of_the_page_holds() -> None:
    county, row, expected, leaf = worked_example()
    assert canonical_bytes(county, row) == expected
    assert len(expected) == 122
    assert hashlib.sha256(b"\x00" + expected).hexdigest() == leaf


@given(st.text(max_size=9), rows)
def test_the_bytes_can_be_taken_apart_again(county: str, row: StoredRow) -> None:
    assert decoded(canonical_bytes(county, row)) == (county, row)


@pytest.mark.parametrize(
    "change",
    [
        {"position": 43},
        {"stream": UUID(int=1)},
        {"version": 4},
        {"topic": "ckbx.class_roll.RollCallAmended"},
        {"recorded_at": 0},
        {"state": b""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_any_field_changes_the_bytes(change: dict[str, Any]) -> None:
    county, row, expected, _ = worked_example()
    assert canonical_bytes(county, row._replace(**change)) != expected


def test_the_county_stands_in_the_bytes() -> None:
    _, row, expected, _ = worked_example()
    assert canonical_bytes("110101", row) != expected


def test_a_role_is_stored_only_where_somebody_acted_in_one() -> None:
    without = msgspec.structs.replace(sample(RiskAssessed), acted_as=None)
    acted = msgspec.structs.replace(without, acted_as="principal")
    assert len(encode_event(acted)) - len(encode_event(without)) == len(b"\xa2as\xa9principal")
    assert decode_event(without.TOPIC, encode_event(acted)) == acted
