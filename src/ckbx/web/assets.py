"""Are the front-end files there that a page needs? Without them nothing is served."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from ckbx.domain.shared.errors import CkbxError

STATIC: Final = Path(__file__).with_name("static")
NEEDED: Final = ("vendor/.stamp", "vendor/tabler.min.css", "ckbx.css")


class AssetsMissing(CkbxError):
    """The stamp of the front-end files, or one of them, is not there."""

    code = "assets_missing"
    message = (
        "缺少网页的前端文件（{missing}），网页没有启动。"
        "请在项目目录运行 make assets，或重新安装 ckbx 的安装包（wheel）"
    )


def require_assets(folder: Path = STATIC) -> None:
    """Raises AssetsMissing unless every file a page needs is there and not empty."""
    missing = [n for n in NEEDED if not (folder / n).is_file() or not (folder / n).stat().st_size]
    if missing:
        raise AssetsMissing(missing="、".join(missing))


def asset(name: str) -> str:
    """The address of a static file with a mark of its content, so that a new one is fetched."""
    return f"/static/{name}?v={_mark(name)}"


def mark_of(name: str) -> str | None:
    """The mark of a static file; None where there is none of that name. Whichever process made
    the address, this one knows it again.
    """
    return _mark(name) if name in _names() else None


@cache
def _names() -> frozenset[str]:
    """Read once: what is served does not change while it is."""
    files = (each for each in STATIC.rglob("*") if each.is_file())
    return frozenset(each.relative_to(STATIC).as_posix() for each in files)


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
