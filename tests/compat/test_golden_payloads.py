"""Every released event version stays readable: one stored payload each, kept in a file.

A new event type (or version) is added with ``python -m tests.compat.golden``; a payload that
stands in the file is never changed.
"""

from __future__ import annotations

import inspect

import pytest

from ckbx.domain import catalogue
from ckbx.domain.shared.event import DomainEvent, all_event_types, event_type
from ckbx.eventlog.codec import EventUnreadable, decode_event, encode_event
from tests.compat.golden import load, sample

catalogue.load()
TYPES = [t for t in all_event_types() if t.__module__.startswith("ckbx.domain.")]
GOLDEN = load()


@pytest.mark.parametrize("event", TYPES, ids=lambda e: e.TOPIC)
def test_every_event_version_has_a_golden_payload(event: type[DomainEvent]) -> None:
    for version in range(1, event.VERSION + 1):
        assert str(version) in GOLDEN.get(event.TOPIC, {}), f"{event.TOPIC} v{version}"


@pytest.mark.parametrize("topic", GOLDEN)
def test_every_golden_payload_still_reads_as_its_event(topic: str) -> None:
    for version, payload in GOLDEN[topic].items():
        state = bytes.fromhex(payload)
        event = decode_event(topic, state)
        assert type(event) is event_type(topic)
        if int(version) == event.VERSION:
            assert encode_event(event) == state


@pytest.mark.parametrize("event", TYPES, ids=lambda e: e.TOPIC)
def test_every_event_has_a_past_tense_name_a_chinese_title_and_a_doc(
    event: type[DomainEvent],
) -> None:
    assert event.TITLE
    assert not event.TITLE.isascii()
    assert inspect.getdoc(event) != inspect.getdoc(DomainEvent)
    assert event.TOPIC.rsplit(".", 1)[1] == event.__name__
    assert decode_event(event.TOPIC, encode_event(sample(event))) == sample(event)


def test_a_payload_of_a_future_version_is_refused() -> None:
    topic, versions = next(iter(GOLDEN.items()))
    state = bytes.fromhex(next(iter(versions.values())))
    with pytest.raises(EventUnreadable, match="比本程序新"):
        decode_event(topic, bytes((99,)) + state[1:])


def test_an_unknown_topic_is_refused_and_imports_nothing() -> None:
    with pytest.raises(EventUnreadable, match="不认识"):
        decode_event("os.system", b"\x01\x80")
