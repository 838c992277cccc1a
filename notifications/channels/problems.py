"""How may a channel fail, and which of a receiver's words may be kept?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from ckbx.domain.shared.personal import mask_numbers
from notifications.message import NotSent

MOST_WORDS: Final = 200
HIDDEN: Final = "***"
LEAST_SECRET: Final = 4
"""Characters: what is shorter keeps nothing secret, and stands in many an innocent word."""


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
        text = text.decode("utf-8", "replace")
    for secret in sorted((s for s in hide if len(s) >= LEAST_SECRET), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = text[: MOST_WORDS * 16]  # only now: a secret cut in two would not be found
    shown = "".join(" " if unicodedata.category(c).startswith(("C", "Z")) else c for c in text)
    return mask_numbers(" ".join(shown.split()))[:MOST_WORDS]
