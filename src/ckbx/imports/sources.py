"""Which files were handed in, what do they hold, and by what name is each of them known?

The name of a source is its identity in an import: rows, sheets and problems of two files
never mix, because two sources never have one name. It is the file's name, with as many of
its folders as it takes to tell it from the others.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from ckbx.domain.shared.errors import InputRefused
from ckbx.imports.problems import FileRefused

MAX_SIZE: Final = 50 * 1024 * 1024


class NoFiles(InputRefused):
    code = "no_files"
    message = "没有给出要导入的文件。请在命令后面写上文件名"


class FileMissing(FileRefused):
    code = "file_missing"
    message = "{file}：找不到或打不开这个文件。请检查路径和文件名，并先关闭正在使用它的程序"


class FileTooLarge(FileRefused):
    code = "file_too_large"
    message = "{file}：文件超过 {limit} MB，没有读取。请按学校拆成几个文件再导入"


class NotRegularFile(FileRefused):
    """A folder, a pipe, a device: reading it might never end."""

    code = "not_regular_file"
    message = "{file}：这是{what}，不是普通文件，没有读取。请写明 xlsx、xls 或 csv 文件的路径"


class Source(msgspec.Struct, frozen=True):
    """One file handed in: the name to show, which no other source has, and its content."""

    name: str
    data: bytes


Handed = Path | Source
"""A file of this machine, or one that was handed in and is in memory."""


def read_sources(files: Sequence[Handed], warnings: list[str]) -> list[Source]:
    """The files, one of equal content once.

    Raises NoFiles, FileMissing, FileTooLarge, NotRegularFile.
    """
    if not files:
        raise NoFiles
    paths = [each if isinstance(each, Path) else Path(each.name) for each in files]
    found: dict[bytes, Source] = {}
    for name, each in zip(names_of(paths), files, strict=True):
        data = each.data if isinstance(each, Source) else read_file(each, name)
        if len(data) > MAX_SIZE:
            raise FileTooLarge(file=name, limit=MAX_SIZE // 1024**2)
        first = found.setdefault(hashlib.sha256(data).digest(), Source(name, data))
        if first.name != name:
            warnings.append(f"{name} 与 {first.name} 内容完全相同，只读一次")
    return list(found.values())


def names_of(paths: Sequence[Path]) -> list[str]:
    """A name for each path that no other has: the end of the path, as short as it can be."""
    known = {path: path.name or str(path) for path in paths}
    depth = 1
    while (shared := _shared(known.values())) and depth < max(len(p.parts) for p in known):
        depth += 1
        known |= {p: str(Path(*p.parts[-depth:])) for p, name in known.items() if name in shared}
    return list(_numbered(known[path] for path in paths))


def _shared(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _numbered(names: Iterable[str]) -> Iterator[str]:
    """One path written twice is two sources all the same: it may have changed in between."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}（第 {seen[name]} 次）"


def read_file(path: Path, name: str) -> bytes:
    """The content of a regular file of at most :data:`MAX_SIZE`; never waits for a writer.

    Raises FileMissing, FileTooLarge, NotRegularFile.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise FileMissing(file=name) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise NotRegularFile(file=name, what=_kind(found.st_mode))
        if found.st_size > MAX_SIZE:
            raise FileTooLarge(file=name, limit=MAX_SIZE // 1024**2)
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise FileMissing(file=name) from error
    finally:
        os.close(handle)
    if len(data) > MAX_SIZE:  # it grew meanwhile
        raise FileTooLarge(file=name, limit=MAX_SIZE // 1024**2)
    return data


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "管道"
    return "文件夹" if stat.S_ISDIR(mode) else "设备或套接字"
