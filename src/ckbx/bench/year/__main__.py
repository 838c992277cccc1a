"""``python -m ckbx.bench.year > docs/alerts-year.md``: play the year and write its page."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ckbx.bench.year.page import page
from ckbx.bench.year.stage import play_out, stage
from ckbx.bench.year.told import difference


def main() -> int:
    """Print the page; 1, with the differences, where the year was not told as expected."""
    with tempfile.TemporaryDirectory(prefix="ckbx-year-") as name:
        folder = Path(name)
        with stage(f"sqlite:///{folder / 'year.db'}", folder) as world:
            play_out(world)
            sys.stdout.write(page(world))
            found = difference(world)
    if found:
        sys.stderr.write(f"{found}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
