"""The text of a message as groups and phones get it: whole, or cut at a line with the link kept."""

from __future__ import annotations

from typing import Final

from notifications.message import Message

CUT: Final = "……（内容较长，其余请看系统）"


def whole(message: Message, most: int, *, bare: bool = False) -> str:
    """Subject, body, link and mark in at most ``most`` bytes of UTF-8; ``bare``: body and link.

    The mark (first eight figures of the message's id) lets people see that one they got twice
    is the same.
    """
    foot = [message.link] if message.link and message.link not in message.body else []
    if not bare:
        foot.append(f"（编号 {str(message.id)[:8]}）")
    head = "\n".join(part for part in ("" if bare else message.subject, message.body) if part)
    text = "\n".join([head, *foot])
    if len(text.encode()) <= most:
        return text
    rest = "\n".join(["", CUT, *foot])
    kept = head.encode()[: most - len(rest.encode())].decode("utf-8", "ignore")
    return (kept.rpartition("\n")[0] or kept) + rest
