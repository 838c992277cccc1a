"""How does a test fill in the page of a roll call? By the fields that stand in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.domain.attendance.marks import Session
from ckbx.domain.class_roll.class_roll import ClassRoll, Sheet
from tests.support.county import COUNTY
from tests.web.roll_call.conftest import MONDAY, PATH, Morning
from tests.web.signing import signed_in

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Page:
    """The page of a class as an account got it."""

    def __init__(self, morning: Morning, account: str, path: str = PATH, query: str = "") -> None:
        self.client: TestClient = signed_in(morning.store, account)
        self.path = path
        self.text = self.client.get(path + query).text
        self.hidden = hidden_of(self.text)

    def fields(
        self, absent: Mapping[UUID, str], **more: str | list[str]
    ) -> dict[str, str | list[str]]:
        """What is sent when these children are marked."""
        marks: dict[str, str | list[str]] = {"absent": [str(child) for child in absent]}
        marks |= {f"r-{child}": reason for child, reason in absent.items()}
        return {**self.hidden, **marks, **more}

    def send(self, absent: Mapping[UUID, str], **more: str | list[str]) -> Response:
        """Press 提交 as a browser without scripts does."""
        return self.client.post(self.path, data=self.fields(absent, **more))

    def send_short(self, absent: Mapping[UUID, str], **more: str | list[str]) -> Response:
        """What the page's own sender does."""
        headers = {"Accept": "application/json"}
        return self.client.post(self.path, data=self.fields(absent, **more), headers=headers)


def hidden_of(text: str) -> dict[str, str]:
    """The hidden fields of the form."""
    form = text.partition('id="roll-call"')[2].partition("</form>")[0]
    return dict(_HIDDEN.findall(form))


def marked(text: str) -> dict[str, str]:
    """Which children a page shows as absent, and why."""
    found = {}
    for child in re.findall(r'name="absent" value="([^"]+)" checked', text):
        reason = re.search(rf'name="r-{child}" value="(\w+)" checked', text)
        found[child] = reason.group(1) if reason else ""
    return found


def standing(
    morning: Morning, key: str, day: date = MONDAY, session: Session = Session.FULL
) -> Sheet | None:
    """The sheet that stands in the log."""
    stream = ClassRoll.stream(COUNTY, key, "2026-1")
    roll = ClassRoll(stream).replay(morning.store.log.load([stream])[stream])
    return roll.current(day.toordinal(), session)
