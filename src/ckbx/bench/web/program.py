"""What serves the pages that are measured? The composition root hands it in, as to the commands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple


class Program(NamedTuple):
    """``serve`` and ``worker`` as ``ckbx.main`` has them; importable, for they run elsewhere."""

    serve: Callable[..., None]
    work: Callable[..., Callable[[threading.Event], None]]
