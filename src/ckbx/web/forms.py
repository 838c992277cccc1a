"""What did a person hand in? Read by name, kept as typed when it is refused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID, uuid4, uuid5

import msgspec
from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from ckbx.domain.shared.errors import CkbxError, InputRefused

if TYPE_CHECKING:
    from ckbx.web.desk import WebDesk

MOST_FIELDS: Final = 2_000
MOST_FILES: Final = 10
MOST_TEXT: Final = 100_000
SECRET: Final = frozenset({"password", "approval", "old", "new", "again", "code"})
"""Fields that are never shown again."""
COMMAND: Final = "command"
"""The hidden field with the id a form was made with, see :attr:`Posted.command`."""


class FieldMissing(InputRefused):
    code = "field_missing"
    message = "“{label}”没有填"


class FieldWrong(InputRefused):
    code = "field_wrong"
    message = "“{label}”不能用：{why}"


class Draft(msgspec.Struct, frozen=True):
    """A form as it is shown: what stands in its fields, what is wrong with which, and the
    sentence of the refusal. An empty one is a new form.
    """

    values: Mapping[str, Sequence[str]] = {}
    errors: Mapping[str, str] = {}
    refused: str = ""
    command: UUID = msgspec.field(default_factory=uuid4)

    def value(self, name: str, otherwise: str = "") -> str:
        """What stands in a field; of several the last, as :meth:`Posted.text` reads it."""
        found = self.values.get(name)
        return found[-1] if found else otherwise

    def has(self, name: str, value: str) -> bool:
        """Whether a box of a field is ticked."""
        return value in self.values.get(name, ())


class Posted:
    """The fields of a form that was handed in; a field is read by its name and by no other.

    ``by``: who handed it in, and where.
    """

    def __init__(self, data: FormData, by: tuple[str, ...] = ()) -> None:
        self._data = data
        self._by = by
        self._errors: dict[str, str] = {}

    @cached_property
    def command(self) -> UUID:
        """Under which id what it asks for is stored: pressed twice, or sent again after a lost
        answer, it is carried out once. Filled in otherwise, by another, or handed in elsewhere
        it is something else: it must not get the first one's answer.
        """
        digest = hashlib.sha256(repr((self._by, self._content())).encode("utf-8", "surrogatepass"))
        return uuid5(self._made_with, digest.hexdigest())

    @cached_property
    def _made_with(self) -> UUID:
        """The id the form was made with; a new one where it has none that can be read."""
        try:
            return UUID(self.text(COMMAND))
        except ValueError:
            return uuid4()

    def _content(self) -> list[tuple[str, str]]:
        """All that was filled in, but for passwords and codes; of files a digest."""
        return [
            (name, value if isinstance(value, str) else _digest(value))
            for name, value in self._data.multi_items()
            if name != COMMAND and name not in SECRET
        ]

    def text(self, name: str, *, most: int = 4_000) -> str:
        """What was typed, without blanks around it; cut at ``most`` characters."""
        return self.raw(name).strip()[:most]

    def raw(self, name: str) -> str:
        """What was typed, blanks and all."""
        found = self._data.get(name)
        return _typed(found) if isinstance(found, str) else ""

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may stand several times (boxes, rows)."""
        found = self._data.getlist(name)
        return [_typed(each).strip() for each in found if isinstance(each, str)]

    def needed(self, name: str, label: str) -> str:
        """As :meth:`text`; noted as missing where nothing was typed."""
        found = self.text(name)
        if not found:
            self.wrong(name, str(FieldMissing(label=label)))
        return found

    def day(self, name: str, label: str, *, needed: bool = True) -> date | None:
        """A local date; noted as wrong where it is none."""
        found = self.needed(name, label) if needed else self.text(name)
        try:
            return date.fromisoformat(found) if found else None
        except ValueError:
            self.wrong(name, str(FieldWrong(label=label, why="请写成 2026-11-20 这样")))
            return None

    def files(self, name: str) -> list[UploadFile]:
        """Files that were chosen; a field left empty gives none."""
        found = self._data.getlist(name)
        return [each for each in found if isinstance(each, UploadFile) and each.filename]

    def wrong(self, name: str, said: str) -> None:
        """Note what is wrong with a field; the first thing said of it stays."""
        self._errors.setdefault(name, said)

    @property
    def fine(self) -> bool:
        """Whether nothing was noted."""
        return not self._errors

    def draft(self, refused: CkbxError | str = "") -> Draft:
        """The form again, as typed, with what is wrong; the id it was made with stays."""
        values = {
            name: [_typed(each) for each in self._data.getlist(name) if isinstance(each, str)]
            for name in self._data
            if name not in SECRET
        }
        return Draft(values, dict(self._errors), str(refused), self._made_with)


def _typed(text: str) -> str:
    """Without null characters: nobody types them, and PostgreSQL keeps none."""
    return text.replace("\x00", "")


def _digest(file: UploadFile) -> str:
    found = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.file.seek(0)
    return f"{file.filename}:{found}"


async def _posted(request: Request) -> AsyncIterator[Posted]:
    """The form, whose files are put away once the request was answered."""
    limits = {"max_files": MOST_FILES, "max_fields": MOST_FIELDS, "max_part_size": MOST_TEXT}
    async with request.form(**limits) as form:
        desk: WebDesk | None = getattr(request.state, "desk", None)
        yield Posted(form, (desk.viewer.account if desk else "", request.url.path))


Form = Annotated[Posted, Depends(_posted)]
"""The form of a request, for a handler."""
