"""What the program is made of is written down when it is built: every package with its hashes."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64encode
from pathlib import Path

import pytest

from ckbx.cli.doctor_commands import NoBill, bill_of_materials
from hatch_build import BILL, bill, make_bill

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements/run.lock", "package-lock.json")


def parts() -> dict[str, set[str]]:
    """The hashes by package and version, as the bill has them."""
    return {
        part["purl"]: {each["content"] for each in part["hashes"]}
        for part in bill(ROOT)["components"]
    }


def test_every_package_that_is_run_is_in_it_with_each_of_its_hashes() -> None:
    lock = (ROOT / LOCKS[0]).read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock, re.MULTILINE)
    assert len(pinned) > 30
    found = parts()
    assert {f"pkg:pypi/{name}@{version}" for name, version in pinned} <= set(found)
    of_lock = set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    assert set().union(*(found[url] for url in found if ":pypi/" in url)) == of_lock


def test_every_package_of_the_pages_is_in_it_with_its_hash() -> None:
    packages = json.loads((ROOT / LOCKS[1]).read_bytes())["packages"]
    found = {url: digests for url, digests in parts().items() if ":npm/" in url}
    wanted = {entry["integrity"] for path, entry in packages.items() if path}
    assert wanted
    shown = {
        "sha512-" + b64encode(bytes.fromhex(digest)).decode()
        for digests in found.values()
        for digest in digests
    }
    assert shown == wanted
    assert "pkg:npm/%40tabler/core@1.0.0" in found


def test_a_package_that_is_left_out_would_be_missed(tmp_path: Path) -> None:
    """The control: the bill says what the locks say."""
    for name in LOCKS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    lock = tmp_path / LOCKS[0]
    entries = re.split(r"\n(?=\S)", lock.read_text("utf-8"))
    lock.write_text("\n".join(entries[1:]), "utf-8")
    assert len(bill(tmp_path)["components"]) == len(bill(ROOT)["components"]) - 1


def test_doctor_shows_what_the_build_wrote(tmp_path: Path) -> None:
    for name in LOCKS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / BILL).parent.mkdir(parents=True)
    make_bill(tmp_path)
    assert json.loads(bill_of_materials(tmp_path / BILL)) == bill(ROOT)
    with pytest.raises(NoBill, match="hatch_build"):
        bill_of_materials(tmp_path / "none.json")
