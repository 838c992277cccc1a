"""The form of a step as a template draws it: on the page of the case or on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ckbx.web.forms import Draft
from ckbx.web.pages.cases.fields import Field, Kind
from ckbx.web.pages.cases.filled import others, role_options
from ckbx.web.pages.cases.step_forms import Here, StepForm

ACCEPTED: Final = "image/*,application/pdf,.docx"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A form with what stands in it. ``seen``: the version of the case that the page shows;
    ``between``: what others did since the version that was sent; ``again``: so many files have
    to be chosen again, which no browser keeps.
    """

    form: Any
    fields: Sequence[Field]
    draft: Draft
    seen: int
    others: Sequence[tuple[str, str]]
    roles: Sequence[tuple[str, str]]
    between: Sequence[tuple[str, str, str]] = ()
    again: int = 0
    accept: str = ACCEPTED


def shown(form: StepForm, here: Here, seen: int, draft: Draft | None = None, **more: Any) -> Shown:
    """A new form of a step, or one that was refused."""
    return shown_of(form, form.fields(here), seen, draft, **more)


def shown_of(
    form: Any, fields: Sequence[Field], seen: int, draft: Draft | None = None, **more: Any
) -> Shown:
    """As :func:`shown`, of any form that has a title and a path."""
    starts = {field.name: list(field.start) for field in fields if field.start}
    draft = draft or Draft(starts)
    return Shown(
        form=form,
        fields=fields,
        draft=draft,
        seen=seen,
        others=others(draft.values),
        roles=role_options(),
        **more,
    )


def has_files(fields: Sequence[Field]) -> bool:
    """Whether files are handed in with a form."""
    return any(field.kind is Kind.FILES for field in fields)
