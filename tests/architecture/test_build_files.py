"""Do the locks pin everything, name no host, and do the front-end files carry their licences?"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from hatch_build import (
    MAPPING,
    NODE_WHEEL,
    PLACES,
    VENDOR,
    AssetsNotMade,
    make_assets,
    stamp_of,
)

ROOT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
NPM_LOCKS = [
    ROOT / "package-lock.json",
    ROOT / "tests/support/browser_tools/package-lock.json",
]


def mapped_files(mapping: Path = MAPPING) -> list[str]:
    """Every file the folder of a mapping must hold."""
    packages = json.loads((ROOT / mapping).read_bytes())
    return sorted(to for files in packages.values() for to in files.values())


def locked(name: str) -> dict[str, set[str]]:
    """Package names and versions of one Python lock."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        pin = re.match(r"([a-z0-9-]+)==([^ ;\\]+)", line)
        if pin:
            found.setdefault(pin[1], set()).add(pin[2])
    return found


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_a_python_lock_pins_every_package_by_hash_and_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = [block for block in re.split(r"\n(?=\S)", text) if block.strip()]
    assert entries
    assert all(re.match(r"[a-z0-9-]+==\S+", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_an_npm_lock_pins_every_package_by_hash_and_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert installed
    assert all(entry["integrity"].startswith("sha512-") for entry in installed.values())
    assert "://" not in text
    assert "resolved" not in text


def test_what_is_tested_is_what_is_run() -> None:
    tested = locked("test.lock")
    assert {n: v for n, v in locked("run.lock").items() if tested.get(n) != v} == {}


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = locked("run.lock")
    names = {re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]}
    assert names - set(pinned) == set()


def test_the_fall_back_for_a_machine_without_node_is_locked_as_the_build_asks_for_it() -> None:
    name, _, version = NODE_WHEEL.partition("==")
    assert locked("node.lock")[name] == {version}


def test_the_front_end_files_are_made_with_a_licence_for_each_package() -> None:
    make_assets(ROOT)
    assert {"htmx.min.js", "tabler.min.css", "tabler.min.js"} <= set(mapped_files())
    for mapping, folder in PLACES:
        sizes = {name: (ROOT / folder / name).stat().st_size for name in mapped_files(mapping)}
        assert all(size > 500 for size in sizes.values()), sizes
        packages = json.loads((ROOT / mapping).read_bytes())
        assert all(any("LICENSE" in name for name in files) for files in packages.values())


def test_the_front_end_files_need_no_other_host() -> None:
    make_assets(ROOT)
    loads = re.compile(r"""(@import|url\()\s*["']?(https?:)?//""")
    style = (ROOT / VENDOR / "tabler.min.css").read_text(encoding="utf-8")
    assert loads.search(style) is None


def lone_copy(tmp_path: Path, text: str) -> Path:
    """A tree with a mapping, a lock, and one front-end file made from them."""
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    for mapping, folder in PLACES:
        (tmp_path / mapping).parent.mkdir(parents=True)
        (tmp_path / mapping).write_text('{"a": {"x.js": "x.js"}}', encoding="utf-8")
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.js").write_text(text, encoding="utf-8")
        (tmp_path / folder / ".stamp").write_text(stamp_of(tmp_path, mapping), encoding="ascii")
    return tmp_path


@pytest.fixture
def npm_must_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> list[str]:
        raise AssetsNotMade("npm")

    monkeypatch.setattr("hatch_build.npm_command", refuse)


@pytest.mark.usefixtures("npm_must_not_start")
def test_npm_is_not_started_while_the_stamp_fits(tmp_path: Path) -> None:
    assert make_assets(lone_copy(tmp_path, "//")) is False


@pytest.mark.usefixtures("npm_must_not_start")
def test_an_empty_front_end_file_is_made_again(tmp_path: Path) -> None:
    with pytest.raises(AssetsNotMade):
        make_assets(lone_copy(tmp_path, ""))


@pytest.mark.usefixtures("npm_must_not_start")
def test_a_changed_lock_makes_the_front_end_files_again(tmp_path: Path) -> None:
    tree = lone_copy(tmp_path, "//")
    (tree / "package-lock.json").write_text('{"lockfileVersion": 3}', encoding="utf-8")
    with pytest.raises(AssetsNotMade):
        make_assets(tree)
