"""Making and reading the golden payloads (``tests/compat/golden.json``)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from ckbx.domain import catalogue
from ckbx.domain.shared.event import DomainEvent, all_event_types
from ckbx.eventlog.codec import encode_event

FILE = Path(__file__).with_name("golden.json")
ID = UUID(int=0x1234567890ABCDEF1234567890ABCDEF)


def load() -> dict[str, dict[str, str]]:
    """Topic to version to stored bytes in hexadecimal."""
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def sample(event: type[DomainEvent]) -> DomainEvent:
    """An event of this type with a plain value in every field."""
    hints = get_type_hints(event)
    values = {name: _value(hints[name]) for name in event.__struct_fields__}
    return event(**values)


def _value(kind: Any) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin is list:
        return [_value(args[0])]
    if origin is dict:
        return {_value(args[0]): _value(args[1])}
    if origin is tuple:
        return tuple(_value(a) for a in args if a is not Ellipsis)
    if str(origin) == "typing.Literal":
        return args[0]
    if args:
        return _value(args[0])
    plain: dict[Any, Any] = {
        UUID: ID,
        date: date(2026, 11, 20),
        str: "x",
        int: 2,
        bool: True,
        float: 1.0,
    }
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, str):
        return next(iter(kind))  # type: ignore[call-overload]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return kind(**{name: _value(hints[name]) for name in kind.__struct_fields__})
    msg = f"no sample value for {kind!r}"
    raise TypeError(msg)


def main() -> None:
    """Add what is missing; never change what stands."""
    catalogue.load()
    golden = load()
    for event in all_event_types():
        if event.__module__.startswith("ckbx.domain."):
            versions = golden.setdefault(event.TOPIC, {})
            versions.setdefault(str(event.VERSION), encode_event(sample(event)).hex())
    FILE.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
