"""What of a receiver's words is kept."""

from __future__ import annotations

from notifications.channels.problems import HIDDEN, told


def test_secrets_and_numbers_of_persons_are_hidden() -> None:
    said = told("key geheim-10 and geheim-1, phone 13800138000", ("geheim-1", "geheim-10"))
    assert said == f"key {HIDDEN} and {HIDDEN}, phone 13*********"


def test_a_value_too_short_to_be_secret_garbles_nothing() -> None:
    assert told("code 1001", ("1", "", "100")) == "code 1001"


def test_it_is_one_short_line_of_text_whatever_was_said() -> None:
    assert told(b"a\r\nb\x00c\xff" + b"x" * 10**6)[:6] == "a b c\ufffd"
    assert len(told("x" * 10**6)) == 200
    assert told(b" " * 3_195 + b"geheim-1", ("geheim-1",)) == HIDDEN
    assert told("\u202e\u200b \n") == ""
