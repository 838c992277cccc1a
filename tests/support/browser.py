"""Which browser do the page tests drive, and how is it made where none is installed?

Order: ``$CHROMIUM``, an installed Chromium or Chrome, then the one under ``.tools/browser``
that ``python -m tests.support.browser`` (``make browser``) unpacks from npm, with a Chinese
font. Nothing is ever skipped: a test that needs a browser fails when there is none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from hatch_build import AssetsNotMade, install, npm_command

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "browser"
PACKAGES = Path(__file__).with_name("browser_tools")
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
UNPACK = """
const fs = require('fs'), zlib = require('zlib');
const [from, to] = process.argv.slice(1);
require('stream').pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(),
  fs.createWriteStream(to), error => { if (error) throw error; });
"""


@dataclass(frozen=True)
class FoundBrowser:
    """An executable and the environment variables it needs on top of the present ones."""

    path: Path
    env: Mapping[str, str] = field(default_factory=dict)


def find_browser(
    environ: Mapping[str, str] = os.environ, tools: Path = TOOLS
) -> FoundBrowser | None:
    """The browser to drive, or None. Raises FileNotFoundError for a wrong ``$CHROMIUM``."""
    wanted = environ.get("CHROMIUM")
    if wanted:
        if not Path(wanted).is_file():
            message = f"环境变量 CHROMIUM 指向的文件不存在：{wanted}"
            raise FileNotFoundError(message)
        return FoundBrowser(Path(wanted))
    for name in INSTALLED:
        found = shutil.which(name, path=environ.get("PATH", ""))
        if found:
            return FoundBrowser(Path(found))
    if not (tools / ".stamp").is_file():
        return None
    libraries = [str(tools / "lib"), environ.get("LD_LIBRARY_PATH", "")]
    env = {
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, libraries)),
        "FONTCONFIG_FILE": str(tools / "fonts.conf"),
        "XDG_CACHE_HOME": str(tools / "cache"),
    }
    return FoundBrowser(tools / "chromium", env)


def make_browser(tools: Path = TOOLS) -> FoundBrowser:
    """Find a browser, or unpack one into ``tools``. Raises AssetsNotMade when that fails."""
    lock = (PACKAGES / "package-lock.json").read_bytes()
    stamp = hashlib.sha256(lock + FONTS_CONF.encode()).hexdigest()
    mark = tools / ".stamp"
    if mark.is_file() and mark.read_text(encoding="ascii") != stamp:
        mark.unlink()
    found = find_browser(tools=tools)
    if found is None:
        _unpack_all(tools)
        mark.write_text(stamp, encoding="ascii")
        found = find_browser(tools=tools)
    if found is None:
        message = "浏览器没有准备好"
        raise AssetsNotMade(message)
    return found


def _unpack_all(tools: Path) -> None:
    shutil.rmtree(tools, ignore_errors=True)
    (tools / "fonts").mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="ckbx-browser-") as temp:
        modules = install(PACKAGES, Path(temp))
        packed = modules / "@sparticuz/chromium/bin"
        _unbrotli(packed / "chromium.br", tools / "chromium")
        for name, folder in (("al2023", tools / "lib"), ("swiftshader", tools)):
            tar = Path(temp) / f"{name}.tar"
            _unbrotli(packed / f"{name}.tar.br", tar)
            _untar(tar, folder)
        for weight in ("400Regular", "700Bold"):
            font = f"NotoSansSC_{weight}.ttf"
            shutil.copy(
                modules / "@expo-google-fonts/noto-sans-sc" / weight / font, tools / "fonts"
            )
    (tools / "chromium").chmod(0o755)
    (tools / "fonts.conf").write_text(FONTS_CONF, encoding="utf-8")


def _untar(source: Path, folder: Path) -> None:
    """Put the archive's files, without their folders, into one folder."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(source) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                target = folder / Path(member.name).name
                target.write_bytes(content.read())
                target.chmod(0o755)


def _unbrotli(source: Path, target: Path) -> None:
    beside_npm = npm_command()[0]
    node = shutil.which("node") or beside_npm
    subprocess.run([node, "-e", UNPACK, str(source), str(target)], check=True)


def launch(playwright: Playwright, found: FoundBrowser, *more: str) -> Browser:
    """Start the browser headless, with ``more`` arguments. The caller closes it."""
    env: dict[str, str | float | bool] = {**os.environ, **found.env}
    args = [*ARGS, *more]
    return playwright.chromium.launch(executable_path=found.path, args=args, env=env)


def new_context(browser: Browser) -> BrowserContext:
    """A fresh profile of a person in China: language and time zone, nothing stored."""
    return browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")


@pytest.fixture(scope="session")
def found_browser() -> FoundBrowser:
    """The browser with its environment."""
    found = find_browser()
    if found is None:
        pytest.fail("没有可用的浏览器：请执行 make browser，或用环境变量 CHROMIUM 指明")
    return found


@pytest.fixture(scope="session")
def browser_path(found_browser: FoundBrowser) -> Path:
    """The executable of the browser."""
    return found_browser.path


@pytest.fixture(scope="module")
def browser(found_browser: FoundBrowser) -> Iterator[Browser]:
    """A running browser. One a module: its event loop must not stay in other tests' thread."""
    with sync_playwright() as playwright:
        running = launch(playwright, found_browser)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a fresh profile."""
    context = new_context(browser)
    yield context.new_page()
    context.close()


if __name__ == "__main__":
    try:
        print("浏览器：", make_browser().path)  # noqa: T201 - for the person who runs make
    except (AssetsNotMade, FileNotFoundError, subprocess.CalledProcessError) as problem:
        sys.exit(f"浏览器没有准备好：{problem}")
