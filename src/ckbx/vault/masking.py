"""How is a number or a name shown to somebody who need not see the whole of it?"""

from __future__ import annotations

_MIN_ID = 12
_MOBILE = 11


def mask_id(number: str) -> str:
    """身份证号 ``5226**********001X``; 学籍号 keeps its letter; a short number keeps two ends."""
    number = number.strip()
    if len(number) < _MIN_ID:
        return _ends(number)
    head = 5 if number[0] in "GJLgjl" else 4
    return number[:head] + "*" * (len(number) - head - 4) + number[-4:]


def mask_phone(phone: str) -> str:
    """``138****5678``; anything shorter than a mobile number keeps its last two digits."""
    phone = phone.strip()
    if len(phone) < _MOBILE:
        return "*" * max(len(phone) - 2, 0) + phone[-2:] if len(phone) > 4 else "*" * len(phone)
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def short_name(name: str) -> str:
    """``王**``: first character and two stars whatever the length, so the length is hidden."""
    name = name.strip()
    return name[0] + "**" if name else ""


def _ends(text: str) -> str:
    if len(text) <= 4:
        return "*" * len(text)
    return text[0] + "*" * (len(text) - 2) + text[-1]
