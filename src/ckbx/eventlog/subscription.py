"""How does a reader follow the log through the library's interface? By polling positions."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

PAGE = 500
WAIT_SECONDS = 0.2


class FollowedRecorder(Protocol):
    """What :class:`PollingSubscription` needs beside the library's recorder interface."""

    def wait_for_change(self, after: int, timeout: float) -> int: ...


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Yields notifications in order of position; waits after the last until ``stop``."""

    def __init__(
        self,
        recorder: ApplicationRecorder,
        followed: FollowedRecorder,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._followed = followed
        self._ready: deque[Notification] = deque()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._ready:
                notification = self._ready.popleft()
                self._last_notification_id = notification.id
                return notification
            self._fill()
        raise StopIteration

    def _fill(self) -> None:
        seen = self._recorder.max_notification_id() or 0
        self._ready.extend(
            self._recorder.select_notifications(
                start=self._last_notification_id,
                limit=PAGE,
                topics=self._topics,
                inclusive_of_start=False,
            )
        )
        if not self._ready:
            # Everything up to `seen` has been looked at and was of other topics.
            self._last_notification_id = max(seen, self._last_notification_id or 0)
            self._followed.wait_for_change(self._last_notification_id, WAIT_SECONDS)
