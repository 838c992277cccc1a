"""A photo is kept without what it says beside the picture: no place, no time, no device."""

from __future__ import annotations

import struct
import zlib

import pytest

from ckbx.vault import PhotoDamaged, PhotoTooManyPixels, clean_photo
from tests.support.photos import chunk, exif, jpeg, png, segment

PLACE = b"N25.36 E101.54"
WRITTEN = {
    "exif": segment(0xE1, b"Exif\0\0" + exif(1)),
    "xmp": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + PLACE),
    "iptc": segment(0xED, b"Photoshop 3.0\0" + PLACE),
    "a comment": segment(0xFE, PLACE),
    "a maker's own": segment(0xE5, PLACE),
    "further pictures": segment(0xE2, b"MPF\0" + PLACE),
    "a thumbnail": segment(0xE0, b"JFXX\0\x10" + PLACE),
}
CHUNKS = {
    "exif": chunk(b"eXIf", exif(1)),
    "text": chunk(b"tEXt", b"Comment\0" + PLACE),
    "packed text": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(PLACE)),
    "xmp": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PLACE),
    "a time": chunk(b"tIME", bytes(7)),
    "a maker's own": chunk(b"prVt", PLACE),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_a_jpeg_is_kept_without_what_stands_beside_the_picture(what: str) -> None:
    assert clean_photo(jpeg(more=WRITTEN[what]), "jpg") == jpeg()


@pytest.mark.parametrize("what", CHUNKS)
def test_a_png_is_kept_without_what_stands_beside_the_picture(what: str) -> None:
    assert clean_photo(png(more=CHUNKS[what]), "png") == png()


def test_what_is_appended_behind_a_picture_is_cut() -> None:
    assert clean_photo(jpeg(behind=b"ftypmp42" + PLACE), "jpg") == jpeg()
    assert clean_photo(png() + PLACE, "png") == png()


def test_a_thumbnail_in_the_first_segment_is_cut() -> None:
    told = b"JFIF\0\1\1\0\0\1\0\1\1\1abc"
    whole = jpeg().replace(segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), segment(0xE0, told))
    assert b"abc" in whole
    assert clean_photo(whole, "jpg") == jpeg()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("way", range(2, 9))
def test_which_way_up_it_is_stays_and_nothing_else_of_the_block(way: int, order: str) -> None:
    alone = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1" + struct.pack(">HHI", way, 0, 0)
    told = segment(0xE1, b"Exif\0\0" + exif(way, order))
    found = clean_photo(jpeg(more=told), "jpg")
    assert found == jpeg(more=segment(0xE1, b"Exif\0\0" + alone))
    assert clean_photo(found, "jpg") == found, "cleaned again it is the same"
    found = clean_photo(png(more=chunk(b"eXIf", exif(way, order))), "png")
    assert found == png(more=chunk(b"eXIf", alone))
    assert clean_photo(found, "png") == found


@pytest.mark.parametrize(
    "block", [b"", b"II", b"II*\0\xff\xff\xff\xff", exif(99), exif(6)[:12], b"XX" + exif(6)[2:]]
)
def test_a_block_that_cannot_be_read_is_cut_and_the_picture_kept(block: bytes) -> None:
    assert clean_photo(jpeg(more=segment(0xE1, b"Exif\0\0" + block)), "jpg") == jpeg()
    assert clean_photo(png(more=chunk(b"eXIf", block)), "png") == png()


def test_colours_are_read_as_before() -> None:
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1profile")
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
    assert clean_photo(jpeg(more=profile + adobe), "jpg") == jpeg(more=profile + adobe)
    gamma = chunk(b"gAMA", bytes(4)) + chunk(b"sRGB", b"\0")
    assert clean_photo(png(more=gamma), "png") == png(more=gamma)


def test_several_scans_with_tables_between_stay_whole() -> None:
    whole = jpeg(b"\xff\x00\xff\xd0\x01" + segment(0xC4, b"t") + segment(0xDA, b"s") + b"\x02")
    assert clean_photo(whole, "jpg") == whole


@pytest.mark.parametrize("end", range(2, len(jpeg()) - 1, 7))
def test_a_jpeg_that_breaks_off_is_refused(end: int) -> None:
    with pytest.raises(PhotoDamaged, match="重新拍照"):
        clean_photo(jpeg()[:end], "jpg")


@pytest.mark.parametrize("end", range(8, len(png()), 5))
def test_a_png_that_breaks_off_is_refused(end: int) -> None:
    with pytest.raises(PhotoDamaged, match="重新拍照"):
        clean_photo(png()[:end], "png")


@pytest.mark.parametrize(
    "broken",
    [
        jpeg(more=b"stray"),
        jpeg(more=b"\xff\xe1\0\1"),
        jpeg(more=b"\xff\xd8"),
        jpeg(more=segment(0xC3, bytes(9))),
        jpeg(more=segment(0xC0, bytes(9))),
        jpeg(size=(0, 8)),
        b"\xff\xd8\xff\xd9",
    ],
)
def test_a_jpeg_that_keeps_to_no_rule_is_refused(broken: bytes) -> None:
    with pytest.raises(PhotoDamaged):
        clean_photo(broken, "jpg")


@pytest.mark.parametrize(
    "broken",
    [
        png(more=chunk(b"CgBI", b"")),
        png(more=chunk(b"tEXt", b"x")[:-1] + b"?"),
        png(size=(0, 1)),
        png()[:8] + png()[33:],
        png().replace(b"IDAT", b"IDOT"),
    ],
)
def test_a_png_that_keeps_to_no_rule_is_refused(broken: bytes) -> None:
    with pytest.raises(PhotoDamaged):
        clean_photo(broken, "png")


def test_a_picture_of_fifty_million_points_passes_and_more_do_not() -> None:
    clean_photo(jpeg(size=(10_000, 5_000)), "jpg")
    clean_photo(png(size=(10_000, 5_000)), "png")
    with pytest.raises(PhotoTooManyPixels, match="10000×5001"):
        clean_photo(jpeg(size=(10_000, 5_001)), "jpg")
    with pytest.raises(PhotoTooManyPixels, match="5000 万"):
        clean_photo(png(size=(2**31 - 1, 2**31 - 1)), "png")


def test_ten_megabytes_of_the_worst_are_read_in_one_pass() -> None:
    many = jpeg(b"\xff\x00" * 5_000_000)
    assert clean_photo(many, "jpg") == many


def test_more_parts_than_a_camera_makes_are_refused() -> None:
    assert clean_photo(jpeg(more=segment(0xFE, b"") * 9_000), "jpg") == jpeg()
    with pytest.raises(PhotoDamaged, match="太多"):
        clean_photo(jpeg(more=segment(0xFE, b"") * 11_000), "jpg")
    with pytest.raises(PhotoDamaged, match="太多"):
        clean_photo(png(more=chunk(b"tEXt", b"") * 11_000), "png")


def test_papers_and_documents_stay_as_they_are() -> None:
    assert clean_photo(b"%PDF-1.7", "pdf") == b"%PDF-1.7"
