"""What the administrator's guide says stands on the screen of ``ckbx serve`` does stand there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

from ckbx.clock import FixedClock
from ckbx.web.reading_quota import ALARM
from tests.demo import making
from tests.web.ledgers.kit import places
from tests.web.signing import COOKIE, token_for
from tests.web.test_serving import ROOT, demo_copy

__all__ = ["demo_copy"]

LATER = timedelta(hours=1, seconds=1)
"""What others looked at in the county before it was copied no longer counts."""
SERVES = f"""
import sys
from datetime import timedelta
from pathlib import Path
from ckbx import main
from ckbx.web import reading_quota
from tests.demo import making

reading_quota.ALARM_AT = 2
main.log_to_screen()
store = making.opened(Path(sys.argv[1]))
store.clock.at += timedelta(seconds={LATER.total_seconds()})
main.serve(store, "127.0.0.1", 0, lambda said: print(said, file=sys.stderr, flush=True))
"""


def test_an_account_that_opens_too_many_children_is_named_on_the_screen(demo_copy: Path) -> None:
    store = making.opened(demo_copy)
    try:
        assert isinstance(store.clock, FixedClock)
        store.clock.at += LATER
        cookie = f"{COOKIE}={token_for(store, 'bureau')}"
        children = sorted(places(store))[:3]
    finally:
        store.close()
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    command = [sys.executable, "-c", SERVES, str(demo_copy)]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = (re.search(r"打开 (http://\S+)", line) for line in process.stderr)
        address = next(match.group(1) for match in found if match)
        try:
            for child in children:
                page = urllib.request.Request(
                    f"{address}children/{child}", headers={"Cookie": cookie}
                )
                with urllib.request.urlopen(page, timeout=60) as answer:
                    assert answer.status == 200
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    assert f"reading_alarm {ALARM} bureau 2" in rest.splitlines()
