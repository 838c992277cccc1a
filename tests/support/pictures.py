"""How are screenshots made small? Reduced to a palette in the browser that took them."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

from playwright.sync_api import Page

COLOURS: Final = 64
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TO_PALETTE: Final = """
async ([url, most]) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width; canvas.height = image.height;
  const ink = canvas.getContext('2d');
  ink.drawImage(image, 0, 0);
  const data = ink.getImageData(0, 0, image.width, image.height).data;
  const counts = new Map();
  const cell = i => (data[i] >> 3) << 10 | (data[i + 1] >> 3) << 5 | data[i + 2] >> 3;
  for (let i = 0; i < data.length; i += 4) {
    const key = cell(i);
    let at = counts.get(key);
    if (!at) counts.set(key, at = [0, 0, 0, 0, key]);
    at[0] += 1; at[1] += data[i]; at[2] += data[i + 1]; at[3] += data[i + 2];
  }
  const hue = c => (Math.max(c[1], c[2], c[3]) - Math.min(c[1], c[2], c[3])) / c[0];
  const vivid = c => hue(c) > 60 ? 10 : hue(c) > 12 ? 5 : 1;
  const weight = c => c[0] * vivid(c);
  const cells = [...counts.values()].sort((a, b) => weight(b) - weight(a) || a[4] - b[4]);
  const mean = c => [1, 2, 3].map(part => c[part] / c[0]);
  const off = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
  const palette = [];
  for (const c of cells) { c.mean = mean(c); c.off = Infinity; }
  const add = c => {
    const made = c.mean.map(Math.round), index = palette.push(made) - 1;
    for (const each of cells) {
      const there = off(made, each.mean);
      if (there < each.off) { each.off = there; each.best = index; }
    }
  };
  cells.slice(0, most * 3 / 4).forEach(add); // the rest for what these miss most
  const miss = c => c[0] * vivid(c) * c.off;
  while (palette.length < Math.min(most, cells.length)) {
    add(cells.reduce((worst, c) => miss(c) > miss(worst) ? c : worst));
  }
  const nearest = new Map(cells.map(c => [c[4], c.best]));
  let dots = '';
  for (let i = 0; i < data.length; i += 4) dots += String.fromCharCode(nearest.get(cell(i)));
  return [image.width, image.height, palette.flat(), btoa(dots)];
}
"""


class Quantiser:
    """An empty page in which pictures are reduced to a few colours."""

    def __init__(self, page: Page, colours: int = COLOURS) -> None:
        self._page, self._colours = page, colours

    def small(self, png: bytes) -> bytes:
        """The same picture with a palette; the same bytes for the same picture."""
        url = "data:image/png;base64," + base64.b64encode(png).decode()
        width, height, palette, dots = self._page.evaluate(_TO_PALETTE, [url, self._colours])
        return indexed(width, height, bytes(palette), base64.b64decode(dots))


def indexed(width: int, height: int, palette: bytes, dots: bytes) -> bytes:
    """A PNG file of one byte a dot; ``palette`` is red, green, blue of each colour."""
    lines = b"".join(b"\0" + dots[y * width : (y + 1) * width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    packed = zlib.compress(lines, 9)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", packed), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checked = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checked)
