"""``docs/events.md``: every event type with its topic, version, Chinese name and fields."""

from __future__ import annotations

import inspect
from typing import Any

from ckbx.domain import catalogue
from ckbx.domain.shared.event import ActedEvent, DomainEvent, all_event_types

ENVELOPE = frozenset(ActedEvent.__struct_fields__)

HEAD = """# 事件目录（由代码生成）

每一件事实都是一个事件。事件名（topic）和版本一经发布不再更改；字段变化时升版本，并在类里写
`upcast_v1_v2`。所有事件都有公共字段：`originator_id`（事件流）、`originator_version`、
`occurred_on`（业务日期，本地日）、`actor`、`command_id`、`correlation_id`、`causation_id`；
`recorded_at`（UTC 时刻）由事件库写入。姓名、证件号、电话、住址和任何人手写的文字都不在事件里，
只在个人信息库里。个案和依法控辍步骤的事件另有 `acted_as`：经办人以什么角色办理，系统办的不写。

重新生成：`python -m ckbx.event_docs > docs/events.md`

"""


def fields_of(event: type[DomainEvent]) -> list[tuple[str, str]]:
    """The event's own fields with their types as written."""
    names = [name for name in event.__struct_fields__ if name not in ENVELOPE]
    hints: dict[str, Any] = {}
    for base in reversed(event.__mro__):
        hints.update(getattr(base, "__annotations__", {}))
    return [(name, str(hints.get(name, ""))) for name in names]


def render() -> str:
    """The whole page."""
    catalogue.load()
    parts = [HEAD]
    group = ""
    for event in all_event_types():
        if not event.__module__.startswith("ckbx.domain."):
            continue
        stream = event.TOPIC.rsplit(".", 1)[0]
        if stream != group:
            group = stream
            parts.append(f"## {stream}\n\n")
        summary = inspect.getdoc(event) or ""
        parts.append(f"### `{event.TOPIC}` · {event.TITLE}（v{event.VERSION}）\n\n{summary}\n\n")
        rows = [f"- `{name}`: `{kind}`\n" for name, kind in fields_of(event)]
        parts.append("".join(rows) + ("\n" if rows else ""))
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201 - the page goes to standard output
