"""Which words on a page are the program's, not its readers'? The text that a person sees."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_UNSEEN: Final = frozenset({"script", "style", "template", "svg"})
_CODE: Final = frozenset({"code", "data"})
"""Where what the program calls a thing may stand: to be copied, or beside its words."""
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_SPOKEN: Final = ("placeholder", "aria-label", "title", "alt")
KNOWN: Final = frozenset(
    {"PDF", "Word", "Excel", "CSV", "MB", "KB", "TOTP", "xlsx", "xls", "csv", "yxy", "G", "A3"}
)
"""Words of people, though of Latin letters; ``yxy`` is how somebody's name begins."""
_ACCOUNT: Final = re.compile(
    r"(?:ct|g|principal|leader|town|village|liaison|registrar|case)\d+b?"
    r"|bureau|county|inspector|admin|demo|qingping-demo"
)
"""How people of the demo sign in; and with what."""
_FINDING: Final = re.compile(r"[A-K]")
"""核查结论, as the ministry letters them."""
_MASKED: Final = re.compile(r"\S*\*{3}\S*")
_DATE: Final = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_WORD: Final = re.compile(r"[0-9]*[A-Za-z][A-Za-z0-9_:.\-]*[A-Za-z0-9]|[A-Za-z]|--[a-z]+")


class _Seen(HTMLParser):
    """Collects what can be read: texts, and what stands in fields or is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += [value for name, value in attrs if name in _SPOKEN and value]
        if tag not in _VOID:
            names = {name for name, _ in attrs}
            self._open.append((tag, tag in _UNSEEN | _CODE or "hidden" in names))

    def handle_endtag(self, tag: str) -> None:
        while any(opened == tag for opened, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not any(unseen for _, unseen in self._open):
            self.text.append(data)


def seen_text(html: str) -> str:
    """What a person can read of a page, a line for each piece."""
    reader = _Seen()
    reader.feed(html)
    return "\n".join(piece for piece in map(str.strip, reader.text) if piece)


def program_words(html: str) -> list[str]:
    """The words on a page that only the program has: names of its parts, ids, dates of machines."""
    text = _MASKED.sub(" ", seen_text(html))
    found = _DATE.findall(text) + _WORD.findall(_DATE.sub(" ", text))
    return list(dict.fromkeys(word for word in found if not _is_peoples(word)))


def _is_peoples(word: str) -> bool:
    return word in KNOWN or bool(_ACCOUNT.fullmatch(word) or _FINDING.fullmatch(word))
