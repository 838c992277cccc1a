"""How does a test decide on a child by the page? As a browser sends its form."""

from __future__ import annotations

from httpx2 import Response

from ckbx.domain.child.status import TrackingStatus
from tests.web.cases.visiting import NOTHING, Changed, Files, Visitor, words

THERE = "2152939973"
KEY_THERE = f"{THERE}/2023/1"


class ChildVisitor(Visitor):
    """An account at its browser, looking at the child."""

    def path(self, step: str = "") -> str:
        """Of the child, or of a decision on it."""
        return f"/children/{self.county.child}" + (f"/{step}" if step else "")

    def decided(self, step: str, changed: Changed = NOTHING, files: Files = ()) -> Response:
        """It was carried out: the page that comes next."""
        answer = self.take(step, changed, files)
        assert answer.status_code == 303, words(answer.text)[-900:]
        return self.get(answer.headers["location"])

    def offers(self, step: str) -> bool:
        """Whether the page of the child leads to a decision."""
        page = self.get(self.path())
        assert page.status_code == 200
        return f'href="{self.path(step)}"' in page.text

    @property
    def status(self) -> TrackingStatus:
        """The child's, as the log has it."""
        return self.county.state().status_on(self.county.office.today())
