"""doctor and lag tell of the standing work: who does it, what is late, messages, channels, clocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from ckbx.pulse import Pulse
from ckbx.settings import read_settings
from ckbx.store import new_leadership
from tests.health.test_measures import put_messages
from tests.support.terminal import Terminal

CHANNEL = """
[[channel]]
name = "bureau"
kind = "wecom"
url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0a1b2c3d"
scope = "county"
"""


def lines(run: Terminal) -> dict[str, tuple[str, str, str]]:
    """State, detail and mend of each line, by its name."""
    rows = run("doctor", "--format", "json").json["rows"]
    return {row["check"]: (row["state"], row["detail"], row["mend"]) for row in rows}


@contextmanager
def led(run: Terminal, pulse: Pulse) -> Iterator[None]:
    """Another process leads and has told this."""
    leader = new_leadership(read_settings(run.environ))
    assert leader.try_lead()
    try:
        leader.tell(pulse)
        yield
    finally:
        leader.give_up()


def test_without_a_worker_doctor_says_how_to_start_one_and_what_is_late(run: Terminal) -> None:
    found = lines(run)
    state, detail, mend = found["日常工作"]
    assert (state, detail) == ("warn", "没有进程在做")
    assert "ckbx worker" in mend
    state, detail, mend = found["到期未办"]
    assert (state, "ckbx run-due" in mend) == ("warn", True)
    assert int(detail.split(" 条")[0]) > 0
    run("run-due").ok()
    assert lines(run)["到期未办"][:2] == ("ok", "没有")


@pytest.mark.parametrize(
    ("seconds", "code", "state", "said"),
    [
        (30, "", "ok", "30 秒前"),
        (30, "answers_behind", "warn", "answers_behind"),
        (900, "", "fail", "15 分钟没有动静"),
    ],
)
def test_doctor_tells_how_the_leading_worker_is(
    run: Terminal, seconds: int, code: str, state: str, said: str
) -> None:
    at = run.at - timedelta(seconds=seconds)
    with led(run, Pulse(at, at, code)):
        found = lines(run)["日常工作"]
    assert (found[0], said in found[1]) == (state, True)


def test_waiting_and_dead_messages_and_the_place_of_the_outbox_are_told(run: Terminal) -> None:
    with run.wiring().store() as store:
        put_messages(store, run.at - timedelta(minutes=20), run.at + timedelta(hours=1))
    found = lines(run)
    assert found["待发消息"][:2] == ("warn", "3 条，最早的一条已迟 20 分钟")
    state, detail, mend = found["发不出的消息"]
    assert (state, detail, "resend" in mend) == ("warn", "1 条", True)
    shown = run("lag", "--format", "json").ok().json
    (place,) = (row for row in shown["rows"] if row["name"] == "outbox")
    assert place["behind"] == shown["head"] - place["position"]
    assert shown["off"] == []
    assert "watch" in run("lag").ok().out


def test_channels_are_named_and_a_file_that_others_read_is_a_fault(run: Terminal) -> None:
    assert lines(run)["通知通道"][0] == "warn"
    path = Path(run.environ["CKBX_SECRET_DIR"]) / "channels.toml"
    path.write_text(CHANNEL, encoding="utf-8")
    path.chmod(0o644)
    state, _, mend = lines(run)["通知通道"]
    assert (state, "重新启动" in mend) == ("fail", True)
    path.chmod(0o600)
    assert lines(run)["通知通道"][:2] == ("ok", "1 个：bureau")
    path.write_text("[[channel", encoding="utf-8")
    assert lines(run)["通知通道"][0] == "fail"


def test_a_clock_before_the_last_record_is_a_fault_with_its_mend(run: Terminal) -> None:
    assert lines(run)["时钟"][0] == "ok"
    run.later(days=-10)
    state, detail, mend = lines(run)["时钟"]
    assert (state, "早 10 天" in detail, "timedatectl" in mend) == ("fail", True, True)


def test_the_disk_is_looked_at(run: Terminal) -> None:
    assert lines(run)["磁盘"][1].startswith("还有 ")
