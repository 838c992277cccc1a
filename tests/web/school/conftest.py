"""In a test nobody folds the log in the background: the page itself does before it goes on."""

from __future__ import annotations

import pytest

from ckbx.web.desk import WebDesk


@pytest.fixture(autouse=True)
def folded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page waits for is folded by the one who waits."""

    def settled(self: WebDesk, _position: int) -> None:
        self.store.catch_up()

    monkeypatch.setattr(WebDesk, "settled", settled)
