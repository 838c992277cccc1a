"""How may a channel fail, and which of a receiver's words may be kept?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from ckbx.domain.shared.personal import mask_numbers
from notifications.message import NotSent

MOST_WORDS: Final = 200
HIDDEN: Final = "***"


class ChannelDown(NotSent):
    """The channel itself does not work now, whatever the message: nobody answers, too slow,
    refused, wrongly set up. Others of the same channel would fare no better.
    """

    code = "channel_down"


def told(text: str | bytes, hide: Iterable[str] = ()) -> str:
    """A receiver's own words on one line, at most 200 characters, without what it may have
    repeated of ours: secrets and addresses in ``hide``, numbers of persons.
    """
    if isinstance(text, bytes):
        text = text[: MOST_WORDS * 16].decode("utf-8", "replace")
    for secret in sorted(filter(None, hide), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    shown = "".join(" " if unicodedata.category(c).startswith(("C", "Z")) else c for c in text)
    return mask_numbers(" ".join(shown.split()))[:MOST_WORDS]
