"""How does a person write down changed rules? As TOML or JSON, one rule a line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from ckbx.cli.context import UsageRefused


def read_changes(file: Path) -> dict[str, Any]:
    """The rules a file names, by name. Raises UsageRefused."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix.lower() == ".toml":
            found: Any = tomllib.loads(text)
        else:
            found = json.loads(text)
    except OSError as error:
        raise UsageRefused(what=f"不能读文件 {file}（{error.strerror}）：请核对路径") from error
    except ValueError as error:
        what = f"文件 {file.name} 不是能读的 .toml 或 .json：请写成 warn_run = 4 这样，每行一项"
        raise UsageRefused(what=what) from error
    if not isinstance(found, dict) or not found:
        raise UsageRefused(what=f"文件 {file.name} 里没有规则：请写成 warn_run = 4 这样，每行一项")
    return found
