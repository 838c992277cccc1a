"""How does a person write down changed rules? As TOML or JSON, one rule a line."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from ckbx.domain.rules.rule_pack import RULE_FIELDS, RulePack, rules_as_map
from ckbx.domain.shared.errors import InputRefused


class RuleFileRefused(InputRefused):
    """ids: file."""

    code = "rule_file_refused"
    message = "文件 {file} 不是能读的 .toml 或 .json：请写成 warn_run = 4 这样，每行一项"


class RuleFileEmpty(InputRefused):
    """ids: file."""

    code = "rule_file_empty"
    message = "文件 {file} 里没有规则：请写成 warn_run = 4 这样，每行一项"


def changes_in(name: str, data: bytes) -> dict[str, Any]:
    """The rules a file names, by name, unchecked. ``name`` ends in .toml, else it is JSON.

    Raises RuleFileRefused, RuleFileEmpty.
    """
    try:
        text = data.decode("utf-8-sig")
        found: Any = tomllib.loads(text) if name.lower().endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RuleFileRefused(file=name) from error
    if not isinstance(found, dict) or not found:
        raise RuleFileEmpty(file=name)
    return found


def as_file(pack: RulePack) -> str:
    """A pack as TOML with what each rule means, to be changed by hand."""
    lines = []
    for name, value in rules_as_map(pack).items():
        field = RULE_FIELDS[name]
        bounds = f"，{field.low} 到 {field.high}" if field.low != field.high else ""
        lines += [f"# {field.title}（{field.unit}{bounds}；{field.source}）"]
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}", ""]
    return "\n".join(lines)
