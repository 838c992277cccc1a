"""Who sends the messages while the process leads? The dispatcher, as the channels stand now.

A mistake in ``channels.toml`` stops the sending, never the due work: it is told in the log and
by ``ckbx doctor``, and looked at again every minute.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from ckbx.domain.shared.errors import CkbxError

_log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 60.0


class Dispatching(Protocol):
    """What sends until told to stop."""

    def run(self, stop: threading.Event) -> None:
        """Send what falls due."""


class Sender:
    """Sends over the channels that are set up, as soon as they are set up rightly."""

    def __init__(
        self, make: Callable[[], Dispatching], again_seconds: float = AGAIN_SECONDS
    ) -> None:
        self._make = make
        self._again = again_seconds

    def run(self, stop: threading.Event) -> None:
        """Send until ``stop``."""
        while not stop.is_set():
            try:
                dispatching = self._make()
            except CkbxError as error:
                _log.warning("messages_not_sent %s", error.code)
                stop.wait(self._again)
            else:
                dispatching.run(stop)
