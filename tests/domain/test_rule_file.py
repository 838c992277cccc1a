"""A file of changed rules is read, or refused with what to do."""

from __future__ import annotations

import pytest

from ckbx.domain.rules.rule_file import RuleFileEmpty, RuleFileRefused, changes_in


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("本县.toml", b"warn_run = 4\n"),
        ("本县.TOML", b"\xef\xbb\xbfwarn_run = 4"),
        ("本县.json", b'{"warn_run": 4}'),
    ],
)
def test_a_file_names_the_rules_that_change(name: str, data: bytes) -> None:
    assert changes_in(name, data) == {"warn_run": 4}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.toml", b"warn_run is 4"),
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.toml", "连续=四".encode("gb18030")),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(RuleFileRefused, match="每行一项"):
        changes_in(name, data)


@pytest.mark.parametrize(("name", "data"), [("a.toml", b"# nothing"), ("a.json", b"[1]")])
def test_a_file_without_rules_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(RuleFileEmpty, match="没有规则"):
        changes_in(name, data)
