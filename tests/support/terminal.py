"""How do tests type commands? In this process with a clock that stands, or in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import typer
import typer.testing
from typer.testing import CliRunner

from ckbx.cli.app import build
from ckbx.cli.context import Wiring
from ckbx.clock import FixedClock
from ckbx.main import followers, overdue, permissions, run_due

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]


@cache
def _app() -> typer.Typer:
    """The command line, made once a process: its hundred commands take as long as many a test."""
    return build(Wiring(environ={}))


def command_tree() -> Any:
    """The commands as click has them; to look at, not to change."""
    return typer.testing._get_command(_app())  # type: ignore[attr-defined]


class Answer:
    """What a command said: exit code, stdout, stderr."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code = code
        self.raw = out
        self.err = err

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.raw)

    def ok(self) -> Answer:
        """Itself, when the command succeeded."""
        assert self.code == 0, f"{self.code}\n{self.out}\n{self.err}"
        return self


class Terminal:
    """A store that is worked on by commands at a time of the test's choosing."""

    def __init__(self, url: str, secrets: Path, at: datetime = START) -> None:
        self.environ = {"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": str(secrets)}
        self.at = at

    def later(self, **by: float) -> datetime:
        """Let time pass (``timedelta`` words); the new instant."""
        self.at += timedelta(**by)
        return self.at

    def wiring(self) -> Wiring:
        """What the composition root would hand in, with the test's time."""

        def clock(zone: ZoneInfo) -> FixedClock:
            return FixedClock(self.at, zone)

        return Wiring(
            environ=self.environ,
            clock=clock,
            run_due=run_due,
            followers=followers,
            overdue=overdue,
            permissions=permissions,
        )

    def __call__(self, *words: object) -> Answer:
        """Type a command."""
        app = _app()
        typer.testing._get_command(app).context_settings["obj"] = self.wiring()  # type: ignore[attr-defined]
        done = CliRunner().invoke(app, [str(word) for word in words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout_bytes, done.stderr)

    def process(
        self, *words: object, cwd: Path, stdout: IO[bytes] | int = subprocess.PIPE, **environ: str
    ) -> Answer:
        """Type a command in a process of its own, as people do (with the machine's time)."""
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
        done = subprocess.run(
            [sys.executable, "-m", "ckbx.main", *map(str, words)],
            cwd=cwd,
            env={**kept, "PYTHONPATH": path, **self.environ, **environ},
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
        return Answer(done.returncode, done.stdout or b"", done.stderr.decode())
