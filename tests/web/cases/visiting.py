"""How does a test fill in the form of a step? As a browser sends it: what stands in the fields,
with what a person changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from urllib.parse import urlencode

from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.domain.case.case import Case
from ckbx.domain.shared.event import DomainEvent
from tests.support.case_county import CaseCounty
from tests.support.photos import jpeg
from tests.web.signing import signed_in

NAME = "王小五"
JPEG = jpeg(b"a photo of a house" * 20)
Fields = dict[str, list[str]]
Changed = Mapping[str, str | Sequence[str]]
Files = Sequence[tuple[str, bytes]]
NOTHING: Changed = {}


class Sent(HTMLParser):
    """What the form at a path would send."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.found = False
        self._action, self._inside = action, False
        self._area = self._select = ""
        self._first = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("action") == self._action
            self.found = self.found or self._inside
        if not self._inside:
            return
        name = said.get("name", "")
        if tag == "input" and name:
            ticked = said.get("type") not in ("checkbox", "radio") or "checked" in said
            if ticked and said.get("type") != "file":
                self.fields.setdefault(name, []).append(said.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self.fields[name] = [""]
        elif tag == "select":
            self._select, self._first = name, ""
            self.fields.setdefault(name, []).append("")
        elif tag == "option" and "selected" in said:
            self.fields[self._select][-1] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._area:
            self.fields[self._area][0] += data


def sent_by(html: str, action: str) -> dict[str, list[str]]:
    """The fields of a form as they would be sent."""
    reader = Sent(action)
    reader.feed(html)
    assert reader.found, f"no form for {action}"
    return reader.fields


class Visitor:
    """An account at its browser."""

    def __init__(self, county: CaseCounty, account: str) -> None:
        self.county = county
        self.account = account
        self._client: TestClient | None = None
        self._since = county.office.today()

    @property
    def client(self) -> TestClient:
        """Signed in anew each day: no session lasts longer."""
        today = self.county.office.today()
        if self._client is None or today != self._since:
            self._client, self._since = signed_in(self.county.store, self.account), today
        return self._client

    def path(self, step: str = "") -> str:
        """Of the case, or of one of its steps."""
        return f"/cases/{self.county.case_id()}" + (f"/{step}" if step else "")

    def get(self, path: str) -> Response:
        """A page as it is now."""
        store = self.county.store
        assert store.projector.wait_for(store.log.head(), 20)
        return self.client.get(path)

    def form(self, step: str, **asked: str) -> Fields:
        """What the form of a step would send."""
        page = self.get(self.path(step) + (f"?{urlencode(asked)}" if asked else ""))
        assert page.status_code == 200, page.text[-800:]
        return sent_by(page.text, self.path(step))

    def send(self, step: str, fields: Changed, files: Files = ()) -> Response:
        """Hand the form in."""
        data = {name: [v] if isinstance(v, str) else [*v] for name, v in fields.items()}
        attached = [("file", (name, content)) for name, content in files]
        return self.client.post(self.path(step), data=data, files=attached or None)

    def take(self, step: str, changed: Changed = NOTHING, files: Files = ()) -> Response:
        """Open the form of a step, change some of it, hand it in; which paper is chosen first."""
        paper = changed.get("paper") if step == "legal-issue" else None
        asked = {"paper": paper} if isinstance(paper, str) else {}
        return self.send(step, {**self.form(step, **asked), **changed}, files)

    def done(self, step: str, changed: Changed = NOTHING, files: Files = ()) -> list[DomainEvent]:
        """As :meth:`take`; it was carried out: the facts that were added to the case."""
        before = self.case().version
        answer = self.take(step, changed, files)
        assert answer.status_code == 303, said(answer)
        assert answer.headers["location"] == f"{self.path()}?done={step}"
        id_ = self.county.case_id()
        return list(self.county.store.log.load([id_])[id_])[before:]

    def refused(self, step: str, changed: Changed = NOTHING, files: Files = ()) -> str:
        """As :meth:`take`; it was refused: the page."""
        before = self.case().version
        answer = self.take(step, changed, files)
        assert answer.status_code == 422, answer.status_code
        assert self.case().version == before
        return answer.text

    def case(self) -> Case:
        """As the log has it."""
        return self.county.case()


def visiting(county: CaseCounty, account: str) -> Visitor:
    """An account of this county at its browser."""
    return Visitor(county, account)


def said(answer: Response) -> str:
    """What a refused form says."""
    found = re.search(r'id="refused".*?</div>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group(0)) if found else f"{answer.status_code}"


def words(html: str) -> str:
    """The text of a page without blanks."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html))
