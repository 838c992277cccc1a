"""``ckbx`` as at an instant: ``python -m tests.web.on_a_day 2026-11-23T08:12:00+08:00 serve``."""

from __future__ import annotations

import sys
from datetime import datetime
from functools import partial

from ckbx import main
from ckbx.cli.context import Wiring
from ckbx.clock import FixedClock

if __name__ == "__main__":
    instant = datetime.fromisoformat(sys.argv.pop(1))
    setattr(main, "Wiring", partial(Wiring, clock=partial(FixedClock, instant)))  # noqa: B010
    main.main()
