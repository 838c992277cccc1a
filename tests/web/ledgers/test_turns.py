"""Twenty exports at once: a few work, a few wait, the rest are told when to come again."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.web import turns
from ckbx.web.turns import AT_A_TIME, IN_LINE, ExportsBusy, Turns

TWENTY = 20


def test_of_twenty_at_once_two_work_six_wait_and_twelve_are_sent_away() -> None:
    line, go_on = Turns(), threading.Event()
    lock, sent_away = threading.Lock(), threading.Semaphore(0)
    at_work, most, done = 0, 0, 0

    def export() -> None:
        nonlocal at_work, most, done
        try:
            with line.turn():
                with lock:
                    at_work += 1
                    most = max(most, at_work)
                assert go_on.wait(20)
                with lock:
                    at_work -= 1
                    done += 1
        except ExportsBusy:
            sent_away.release()

    threads = [threading.Thread(target=export) for _ in range(TWENTY)]
    for thread in threads:
        thread.start()
    for _ in range(TWENTY - AT_A_TIME - IN_LINE):
        assert sent_away.acquire(timeout=20)
    assert not sent_away.acquire(blocking=False)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert (most, done) == (AT_A_TIME, AT_A_TIME + IN_LINE)
    with line.turn():
        """There is room again."""


def test_a_failure_gives_its_turn_back() -> None:
    line = Turns(at_a_time=1, in_line=0)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), line.turn():
            raise ValueError("broken")
    with line.turn(), pytest.raises(ExportsBusy), line.turn():
        pytest.fail("two at a time")


def test_who_is_sent_away_is_told_when_to_come_and_other_work_goes_on(
    clients: Mapping[str, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Turns(at_a_time=1, in_line=0)
    monkeypatch.setattr(turns, "EXPORTS", full)
    form = {"form": "csv", "why": "工作例会"}
    head = clients[Role.PRINCIPAL]
    with full.turn():
        busy = head.post("/ledgers/roster/file", data=form)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "20")
        assert "请过半分钟再点一次" in busy.text
        assert clients[Role.CLASS_TEACHER].get("/roll-calls").status_code in (200, 303)
        assert head.get("/ledgers/roster").status_code == 200
    assert head.post("/ledgers/roster/file", data=form).status_code == 200
