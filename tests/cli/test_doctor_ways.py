"""``doctor`` warns of what leaves the machine in the open."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ckbx.cli.health_line import OK, WARN, Check
from ckbx.cli.health_transport import ways
from ckbx.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")


def said(url: str, public: str = "", owner: str = "") -> list[Check]:
    settings = Settings(
        database_url=url,
        owner_url=owner or url,
        secret_dir=Path("x"),
        timezone=ZONE,
        public_url=public,
    )
    return list(ways(settings))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://app:pw@db.county.example/ckbx",
        "postgresql://app:pw@10.1.2.3:5432/ckbx?sslmode=require",
        "postgresql://app:pw@10.1.2.3/ckbx?sslmode=verify-ca",
        "postgresql://app@[2001:db8::1]:5432/ckbx",
        "postgresql:///ckbx?host=db.county.example",
        "postgresql://127.0.0.1,db.county.example/ckbx",
        "postgresql://app:pw@db/ckbx?sslmode=verify-full&sslmode=disable",
    ],
)
def test_a_database_elsewhere_without_its_certificate_checked_is_told(url: str) -> None:
    (line,) = said(url)
    assert (line.name, line.state) == ("数据库连接", WARN)
    assert "sslmode=verify-full" in line.mend
    assert "pw" not in line.detail + line.mend


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:pw@127.0.0.1:5432/ckbx",
        "postgresql://app:pw@localhost/ckbx",
        "postgresql://app@[::1]:5432/ckbx",
        "postgresql:///ckbx?host=/run/postgresql",
        "postgresql:///ckbx",
        "postgresql://app:pw@db.county.example/ckbx?sslmode=verify-full",
    ],
)
def test_one_on_this_machine_or_checked_is_in_order(url: str) -> None:
    assert [line.state for line in said(url)] == [OK]


def test_the_owners_way_counts_too_and_a_file_has_none() -> None:
    (line,) = said("postgresql:///ckbx", owner="postgresql://owner@db.county.example/ckbx")
    assert line.state == WARN
    assert "CKBX_OWNER_URL" in line.detail
    assert said("sqlite:///x.db") == []


def test_pages_in_the_open_are_told() -> None:
    (line,) = said("sqlite:///x.db", "http://kcbx.example.cn")
    assert (line.name, line.state) == ("网页网址", WARN)
    assert [c.state for c in said("sqlite:///x.db", "https://kcbx.example.cn")] == [OK]
