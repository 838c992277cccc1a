"""Which rules does a file on this machine change?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ckbx.cli.context import UsageRefused
from ckbx.domain.rules.rule_file import RuleFileEmpty, RuleFileRefused, changes_in


def read_changes(file: Path) -> dict[str, Any]:
    """The rules a file names, by name. Raises UsageRefused."""
    try:
        return changes_in(file.name, file.read_bytes())
    except OSError as error:
        raise UsageRefused(what=f"不能读文件 {file}（{error.strerror}）：请核对路径") from error
    except (RuleFileRefused, RuleFileEmpty) as error:
        raise UsageRefused(what=str(error)) from error
