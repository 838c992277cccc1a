"""Do modules import only what their layer may, and would a violation be seen?"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN_MAY_IMPORT = {"__future__", "ckbx", "eventsourcing", "msgspec"} | sys.stdlib_module_names
PLANTED = [
    ("src/ckbx/application/planted.py", "import projections", "inner to outer"),
    ("projections/planted.py", "import notifications", "answer to effect"),
    ("projections/planted.py", "import ckbx.application", "answer to use case"),
    ("notifications/planted.py", "import ckbx.web", "effect to page"),
    ("src/ckbx/eventlog/planted.py", "import ckbx.vault", "event log to vault"),
    ("src/ckbx/domain/planted.py", "import sqlalchemy", "domain to database"),
    ("src/ckbx/domain/planted.py", "import ckbx.clock", "domain to clock"),
]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree at ``root``, without a cache."""
    path = os.pathsep.join([str(root / "src"), str(root)])
    command = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--config", str(root / "pyproject.toml")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def copy_tree(into: Path) -> Path:
    """The program's three folders and the contracts, without anything generated."""
    skip = shutil.ignore_patterns("__pycache__", "static", "templates")
    for folder in ("src", "projections", "notifications"):
        shutil.copytree(ROOT / folder, into / folder, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", into)
    return into


def test_every_import_contract_is_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize(("file", "line", "what"), PLANTED, ids=[w for _, _, w in PLANTED])
def test_a_planted_violation_is_reported(tmp_path: Path, file: str, line: str, what: str) -> None:
    tree = copy_tree(tmp_path)
    (tree / file).write_text(f'"""Planted: {what}."""\n\n{line}\n', encoding="utf-8")
    done = lint_imports(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "planted" in done.stdout


def imported_names(source: str) -> set[str]:
    """Every module a piece of source imports, by its full name."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def foreign_to_the_domain(name: str) -> bool:
    """Whether the domain may not import this module."""
    top = name.partition(".")[0]
    if top == "ckbx":
        return not f"{name}.".startswith("ckbx.domain.")
    if top == "eventsourcing":
        return name != "eventsourcing.domain"
    return top not in DOMAIN_MAY_IMPORT


def test_the_domain_imports_nothing_but_the_standard_library_msgspec_and_eventsourcing() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "src/ckbx/domain").rglob("*.py")
        for name in imported_names(path.read_text(encoding="utf-8"))
        if foreign_to_the_domain(name)
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    ["import stdnum", "from ckbx.eventlog import ports", "from eventsourcing.sqlite import x"],
)
def test_a_foreign_import_in_the_domain_would_be_seen(line: str) -> None:
    assert any(foreign_to_the_domain(name) for name in imported_names(line))
