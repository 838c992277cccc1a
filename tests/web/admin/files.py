"""Small files of the demo county, and a person's way from a file to what came of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from starlette.testclient import TestClient

from tests.imports.intake_store import CHAIN_HEAD, ROSTER_HEAD, pupil
from tests.web.admin.conftest import command

OWN, OTHER = "3152697003", "2152697002"
NAMES = {OWN: "桐木乡九年一贯制学校", OTHER: "城关镇第二小学"}
REGISTRAR = f"registrar{OWN}"


def table(head: Sequence[str], *rows: Sequence[object]) -> bytes:
    """A csv file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([*row, *[""] * (len(head) - len(row))] for row in rows)
    return out.getvalue().encode()


def child(n: int, school: str = OWN, **other: object) -> list[object]:
    """A row of a roster: the n-th new child of the school's class 9 in grade 3."""
    return pupil(n, grade=3, number=9, school=school, 学校名称=NAMES[school], **other)


def roster(*rows: Sequence[object]) -> bytes:
    """A roster."""
    return table(ROSTER_HEAD, *rows)


def chain(*rows: Sequence[object]) -> bytes:
    """A responsibility chain."""
    return table(CHAIN_HEAD, *rows)


def hand_in(client: TestClient, kind: str, *files: bytes, **fields: str) -> str:
    """Hand files in and wait for what comes of the trial; the address of the run."""
    named = [("files", (f"名册{n}.csv", data, "text/csv")) for n, data in enumerate(files)]
    form = {"command": command(), "kind": kind, **fields}
    response = client.post("/imports", data=form, files=named)
    assert response.status_code == 303, response.text
    where = response.headers["location"]
    wait(client, where)
    return where


def wait(client: TestClient, where: str) -> str:
    """The page of a run once it is done."""
    for _ in range(2000):
        page = client.get(where)
        assert page.status_code == 200
        if "http-equiv" not in page.text:
            return page.text
    raise AssertionError(where)


def batches(text: str) -> list[str]:
    """The batches a page links to."""
    return re.findall(r"/imports/batches/([0-9a-f]{16})", text)
