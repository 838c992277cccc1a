"""The measurement of messages comes to an end, with every message sent."""

from __future__ import annotations

from pathlib import Path

from ckbx.bench import messages
from ckbx.bench.world import new_store


def test_messages_are_sent_and_measured_against_the_same_posts(
    store_url: str, tmp_path: Path
) -> None:
    store = new_store(store_url, tmp_path / "store")
    try:
        ours, beside = messages.sending(store, 40, tmp_path / "receiver", "x")
    finally:
        store.close()
    assert (ours.aim, ours.unit, ours.ours > 0) == (200, "条/秒", True)
    assert beside.limit is not None
    assert beside.ours == ours.ours
