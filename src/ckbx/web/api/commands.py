"""How does a program record something exactly once, however often it sends it?

The key that comes with it is the id of the command. With the first answer is kept which request
it was the answer to: another request under the same key is refused, not taken for the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ckbx.application.unit import Unit
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended
from ckbx.ledgers.model import instant_text
from ckbx.vault import note_ref
from ckbx.web.api.routing import answered
from ckbx.web.desk import WebDesk

_SHORT: Final = 16


class KeyUsedOtherwise(InputRefused):
    code = "idempotency_key_reused"
    message = "这个 Idempotency-Key 已经用在另一件事上，这一次没有记录：新的事请换一个新的 UUID"


class Written(BaseModel):
    """What became of it."""

    position: int = Field(description="记录位置；读的答复的 position 不小于它就已包含这次写入")
    recorded_at: str | None = Field(description="记录时刻（UTC）；没有新的记录时为空")
    changed: bool = Field(description="是否有新的记录；早已如此的为 false")
    version: int | None = Field(description="个案的版本；与个案无关的为空")


class _Kept(msgspec.Struct, frozen=True):
    """The reply kept with the command. ``asked`` digests who asked for what."""

    asked: str
    version: int | None = None


Decide = Callable[[Unit], int | bool]
"""Decides; the version of the case, True where there is none, False: nothing changes."""


def carry_out(
    desk: WebDesk, request: Request, command: UUID, body: BaseModel, decide: Decide, **acts: Any
) -> Response:
    """Carry out a command once, and say where it is recorded. ``acts``: the role acted in.

    Raises KeyUsedOtherwise, and what ``decide`` refuses.
    """
    ctx: CommandContext = desk.context(command, **acts)
    asked = _digest(desk, request, body)

    def keeping(unit: Unit) -> bytes | None:
        found = decide(unit)
        if found is False:
            return None
        version = None if found is True else found
        return msgspec.json.encode(_Kept(asked, version))

    office = desk.store.office
    done = office.log.find_command(command) or office.run(ctx, keeping)
    if _nothing(done):
        return written(desk, done)
    kept = _read(done.reply)
    if kept is None or kept.asked != asked:
        raise KeyUsedOtherwise
    return written(desk, done, kept.version)


def written(desk: WebDesk, done: Appended, version: int | None = None) -> Response:
    """The answer of a write; where nothing had to be recorded, the place up to which it is so."""
    nothing = _nothing(done)
    return answered(
        {
            "position": int(desk.store.log.head()) if nothing else done.position,
            "recorded_at": None if nothing else instant_text(done.recorded_at),
            "changed": not nothing,
            "version": version,
        }
    )


def _nothing(done: Appended) -> bool:
    """Whether no command was stored: it was so before."""
    return done.replayed and done.position == 0 and not done.reply


def _read(reply: bytes) -> _Kept | None:
    try:
        return msgspec.json.decode(reply, type=_Kept)
    except msgspec.DecodeError:
        return None


def _digest(desk: WebDesk, request: Request, body: BaseModel) -> str:
    """Keyed: what a person typed cannot be guessed from it."""
    parts = (desk.viewer.actor, request.url.path, body.model_dump_json())
    plain = hashlib.sha256(json.dumps(parts).encode()).digest()
    return note_ref(desk.store.vault.store_key, plain)[:_SHORT].hex()
