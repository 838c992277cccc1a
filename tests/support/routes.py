"""Tests make hundreds of apps, all of the same addresses: what their handlers ask for, read once.

FastAPI reads the signature of every handler of an app, and makes a validator of each parameter.
Handlers are functions inside functions, new ones in each app, of the same code: what one asks
for, the next one of that code on that path asks for too. A running program makes one app.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, replace
from functools import wraps
from typing import Any

import pytest
from fastapi import routing
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant

LISTS = tuple(each.name for each in fields(Dependant) if each.default_factory is list)
Reader = Callable[..., Dependant]


def remembering(read: Reader) -> Reader:
    """The same reader, which reads each code on each path once."""
    known: dict[Hashable, Dependant] = {}

    @wraps(read)
    def remember(*, path: str, call: Callable[..., Any], **more: Any) -> Dependant:
        try:
            key = _told_apart(path, call, more)
            found = known.get(key)
        except (AttributeError, TypeError):  # no plain function, or defaults without a hash
            return read(path=path, call=call, **more)
        if found is None:
            found = known[key] = read(path=path, call=call, **more)
        own: dict[str, Any] = {name: list(getattr(found, name)) for name in LISTS}
        return replace(found, call=call, **own)

    return remember


def _told_apart(path: str, call: Callable[..., Any], more: dict[str, Any]) -> Hashable:
    """Equal for handlers that ask for the same: what ``Depends`` on is told apart by itself."""
    named = tuple(sorted(call.__kwdefaults__.items())) if call.__kwdefaults__ else ()
    said = tuple((name, str(type_)) for name, type_ in call.__annotations__.items())
    scopes = tuple((name, repr(value)) for name, value in sorted(more.items()))
    return call.__module__, call.__code__, call.__defaults__, named, said, path, scopes


def remember_routes(patch: pytest.MonkeyPatch) -> None:
    """From now on, until the patch is undone."""
    reader = remembering(utils.get_dependant)
    patch.setattr(utils, "get_dependant", reader)
    patch.setattr(routing, "get_dependant", reader)
