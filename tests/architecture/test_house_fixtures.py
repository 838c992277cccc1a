"""Do the databases and the browser that other tests stand on do what they promise?"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from tests.support.browser import find_browser
from tests.support.postgres import PgDatabase, PgServer


def test_a_store_url_opens_a_store_that_is_fresh(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (n INTEGER)"))
        connection.execute(text("INSERT INTO only_here VALUES (1)"))
    engine.dispose()


@pytest.mark.parametrize("number", [1, 2])
def test_two_tests_never_share_a_database(pg_url: str, number: int) -> None:
    engine = create_engine(pg_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE seen AS SELECT :n AS n"), {"n": number})
        assert connection.execute(text("SELECT n FROM seen")).scalars().all() == [number]
    engine.dispose()


def test_a_role_a_test_creates_can_log_in_and_is_no_superuser(pg_database: PgDatabase) -> None:
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as owner:
        owner.execute("CREATE ROLE house_reader LOGIN")
        owner.execute("CREATE TABLE facts_here (n INTEGER)")
    with (
        psycopg.connect(pg_database.conninfo("house_reader")) as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("SELECT * FROM facts_here")
    with psycopg.connect(pg_database.conninfo(), autocommit=True) as owner:
        owner.execute("DROP ROLE house_reader")


def test_a_database_is_dropped_although_a_connection_was_left_open(pg_server: PgServer) -> None:
    database = pg_server.create()
    left_open = psycopg.connect(database.conninfo())
    pg_server.drop(database)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.conninfo())
    left_open.close()


def test_the_browser_shows_chinese_text(page: Page) -> None:
    page.goto("data:text/html;charset=utf-8,<html lang=zh-CN><h1>控辍保学</h1>")
    assert page.inner_text("h1") == "控辍保学"
    assert page.evaluate("navigator.language") == "zh-CN"


def test_a_browser_named_by_the_environment_comes_first(tmp_path: Path) -> None:
    named = tmp_path / "my-browser"
    named.touch()
    found = find_browser({"CHROMIUM": str(named)}, tmp_path)
    assert found is not None
    assert found.path == named


def test_a_browser_named_wrongly_is_refused_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="CHROMIUM"):
        find_browser({"CHROMIUM": str(tmp_path / "absent")}, tmp_path)


def test_no_browser_is_found_where_none_was_made(tmp_path: Path) -> None:
    assert find_browser({"PATH": str(tmp_path)}, tmp_path) is None
