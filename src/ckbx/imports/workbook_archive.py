"""Is an xlsx, which is a zip, safe to unpack and a workbook at all?"""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Final

from ckbx.imports.workbook_errors import (
    NotASpreadsheet,
    NotATable,
    WorkbookDamaged,
    WorkbookTooLarge,
    WorkbookTooWide,
    WorkbookUnaddressed,
)
from ckbx.imports.workbook_extent import Extent

if TYPE_CHECKING:
    from collections.abc import Iterable


ZIP_SIGNATURE: Final = b"PK\x03\x04"
MAX_UNPACKED: Final = 512 * 1024 * 1024
MAX_RATIO: Final = 100  # a roster of 100,000 equal rows packs about 30:1
RATIO_FROM: Final = 8 * 1024 * 1024
MAX_PARTS: Final = 4096
MAX_DIRECTORY: Final = 1024 * 1024
MAX_CELLS: Final = 32 * 1024 * 1024  # 32 bytes each in the parser: one gigabyte
_CHUNK: Final = 1024 * 1024
_PACKED_CHUNK: Final = 64 * 1024
UNPACK: Final = "请先解压，再导入里面的 xlsx、xls 或 csv 文件"


def inspect_archive(file: str, data: bytes) -> None:
    """Refuse an xlsx that is too large, too wide, lies about its sizes, or is something else."""
    if _directory_size(data) > MAX_DIRECTORY:
        raise WorkbookTooLarge(file=file, why=f"内部文件超过 {MAX_PARTS} 个")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        raise WorkbookDamaged(file=file) from error
    _check_sizes(file, parts)
    _check_contents(file, [part.filename.replace("\\", "/").lower() for part in parts])
    extent = Extent()
    for part in parts:
        extent.new_part()
        for chunk in _inflate(file, data, part):
            extent.feed(chunk)
            if extent.unaddressed:
                raise WorkbookUnaddressed(file=file)
            if extent.cells > MAX_CELLS:
                raise WorkbookTooWide(file=file, rows=extent.last_row, columns=extent.last_column)


def _directory_size(data: bytes) -> int:
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if at < 0 or at + 16 > len(data):
        return 0
    return int(struct.unpack_from("<I", data, at + 12)[0])


def _check_sizes(file: str, parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise WorkbookTooLarge(file=file, why=f"内部文件超过 {MAX_PARTS} 个")
    total = sum(part.file_size for part in parts)
    if total > MAX_UNPACKED:
        raise WorkbookTooLarge(file=file, why=f"约 {total // 1024**2} MB")
    for part in parts:
        if part.file_size > max(RATIO_FROM, MAX_RATIO * part.compress_size):
            ratio = part.file_size // max(part.compress_size, 1)
            raise WorkbookTooLarge(file=file, why=f"压缩比 {ratio} 倍，不像正常的表格")


def _check_contents(file: str, names: list[str]) -> None:
    if any(name.endswith(("workbook.xml", "workbook2.xml")) for name in names):
        return
    if any(name.endswith("workbook.bin") for name in names):
        raise NotASpreadsheet(file=file, what=" xlsb 二进制工作簿")
    if "content.xml" in names:
        raise NotASpreadsheet(file=file, what=" OpenDocument 文档（ods）")
    if any(name.startswith("word/") for name in names):
        raise NotASpreadsheet(file=file, what=" Word 文档")
    raise NotATable(file=file, what="压缩包", mend=UNPACK)


def _inflate(file: str, data: bytes, part: zipfile.ZipInfo) -> Iterable[bytes]:
    """The part in chunks, never more than it declares."""
    at = part.header_offset
    if data[at : at + 4] != ZIP_SIGNATURE or part.flag_bits & 1:
        raise WorkbookDamaged(file=file)
    names = struct.unpack_from("<HH", data, at + 26)
    start = at + 30 + sum(names)
    packed = memoryview(data)[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise WorkbookDamaged(file=file)
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), part.file_size
    try:
        for begin in range(0, len(packed), _PACKED_CHUNK):
            rest: bytes | memoryview = packed[begin : begin + _PACKED_CHUNK]
            while rest:
                chunk = inflate.decompress(rest, _CHUNK)
                rest, left = inflate.unconsumed_tail, left - len(chunk)
                if left < 0:
                    raise WorkbookTooLarge(file=file, why="实际内容比标明的大")
                yield chunk
        yield inflate.flush()  # at most one match that the limit had cut
    except zlib.error as error:
        raise WorkbookDamaged(file=file) from error
