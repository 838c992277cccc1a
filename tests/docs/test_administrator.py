"""The administrator's guide can be followed: its commands are typed, its codes are the program's."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from ckbx.cli.health import _TITLES
from tests.docs.guide_calls import GUIDES, Words, follow, sections
from tests.health.test_readiness import ILL
from tests.imports.intake_store import SCHOOL
from tests.support.paper_county import FIRST, paper_county, run
from tests.support.terminal import Terminal

__all__ = ["paper_county", "run"]
GUIDE = "administrator.md"
TEXT = (GUIDES / GUIDE).read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]
CALLS = sections(GUIDE)
INSTEAD = {
    "学籍号": FIRST,
    "理由": "误录",
    "批准人": "局长",
    "学校标识码": SCHOOL,
    "账号": "xueji1",
    "编号": "sub-1",
}
UNIFIED = {
    "CKBX_PUBLIC_URL": "https://kcbx.example.cn",
    "CKBX_OIDC_ISSUER": "https://id.example.cn",
    "CKBX_OIDC_CLIENT_ID": "ckbx",
    "CKBX_OIDC_CLIENT_SECRET": "guide",
}
"""A county with a unified sign-in; the guide says what it gives."""
REFUSED = {"user reset 账号 --factor": "没有登记动态口令"}
"""The person of the guide's example has set nothing up."""
SECONDS = 60


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
def test_every_command_of_the_guide_does_what_it_says(
    run: Terminal, calls: list[Words], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run.environ |= UNIFIED
    follow(run, calls, refused=REFUSED, instead=INSTEAD)


def block(kind: str) -> str:
    """The block of that kind in the guide."""
    found = re.search(rf"^```{kind}\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_every_code_of_readyz_stands_in_the_guide() -> None:
    codes = {code for _, code, _ in ILL} | {"database_slow"}
    told = re.search(r"^\| 代码 \|.*?\n\n", TEXT, flags=re.DOTALL | re.MULTILINE)
    assert told
    named = {
        word
        for row in told[0].strip().splitlines()[2:]
        for word in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert named == codes


def test_every_line_of_doctor_stands_in_the_guide(run: Terminal) -> None:
    run.environ |= UNIFIED
    rows = run("doctor", "--format", "json").ok().json["rows"]
    names = {row["check"] for row in rows} | set(_TITLES.values())
    away = {"版本", "责任岗位", "消息"}  # never wrong by themselves
    assert {name for name in names - away if name not in TEXT} == set()


def test_the_channels_of_the_guide_are_read(run: Terminal) -> None:
    path = Path(run.environ["CKBX_SECRET_DIR"]) / "channels.toml"
    path.write_text(block("toml"), encoding="utf-8")
    path.chmod(0o600)
    assert tomllib.loads(block("toml"))["channel"][0]["name"] == "bureau"
    rows = run("doctor", "--format", "json").ok().json["rows"]
    (line,) = (row for row in rows if row["check"] == "通知通道")
    assert (line["state"], "bureau" in line["detail"]) == ("ok", True)


def units() -> list[Words]:
    """What the guide has systemd start, with ports of this machine's choosing."""
    serve = re.search(r"^ExecStart=(.*)$", block("ini"), flags=re.MULTILINE)
    worker = re.search(r"`(/opt/\S+/ckbx worker [^`]+)`", TEXT.replace("\n", " "))
    assert serve
    assert worker
    calls = [shlex.split(found[1])[1:] for found in (serve, worker)]
    return [["0" if word.isdigit() else word for word in call] for call in calls]


@pytest.mark.parametrize("call", units(), ids=lambda call: call[0])
def test_what_systemd_starts_answers_and_stops_cleanly(
    run: Terminal, call: Words, tmp_path: Path
) -> None:
    port = ["--port", "0"] if call[0] == "serve" else []
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")} | run.environ
    env["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    command = [sys.executable, "-m", "ckbx.main", *call, *port]
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "健康检查和指标" in line)
            address = line.split("：", 1)[1].split("/readyz")[0]
            if call[0] == "serve":
                assert any("请用浏览器打开" in line for line in process.stderr)
            for path in ("healthz", "metrics"):
                with urllib.request.urlopen(f"{address}/{path}", timeout=SECONDS) as answer:
                    body = answer.read().decode()
            assert "ckbx_log_position" in body
            assert "ckbx_ticks_total" in body
            assert FIRST not in body
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=SECONDS)[1]
        finally:
            process.kill()
    assert process.returncode == 0, said


def test_the_unit_names_nothing_unknown_to_systemd() -> None:
    keys = re.findall(r"^(\w+)=", block("ini"), flags=re.MULTILINE)
    assert {"ExecStart", "Restart", "TimeoutStopSec", "User", "EnvironmentFile"} <= set(keys)
    assert re.findall(r"^\[(\w+)\]", block("ini"), flags=re.MULTILINE) == [
        "Unit",
        "Service",
        "Install",
    ]
