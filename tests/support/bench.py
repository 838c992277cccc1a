"""``make bench``: the measurements of docs/benchmarks.md on SQLite and on a PostgreSQL of its own.

Unlike the tests' server, this one waits for the disk at every commit, as a county's would.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.postgres import OPTIONS, PgDatabase, start_server, stop_server

DURABLE = {**OPTIONS, "fsync": "on", "full_page_writes": "on", "shared_buffers": "512MB"}


def main(arguments: list[str]) -> int:
    """Run ``ckbx bench`` with these arguments beside a durable server; its exit code."""
    base = Path(tempfile.mkdtemp(prefix="ckbx-pg-"))
    try:
        server = start_server(base, DURABLE)
        try:
            url = PgDatabase(server.socket_dir, "postgres").conninfo()
            command = [sys.executable, "-m", "ckbx.main", "bench", "--postgres", url, *arguments]
            return subprocess.run(command, check=False).returncode
        finally:
            stop_server(server)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
