"""What do the pages of a pdf say, and how large are they?"""

from __future__ import annotations

import pypdfium2


def pages(content: bytes) -> list[str]:
    """The text of each page, blanks and line ends left out."""
    document = pypdfium2.PdfDocument(content)
    try:
        texts = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    finally:
        document.close()
    return ["".join(text.split()) for text in texts]


def first_page(content: bytes) -> str:
    """The text of the first page, as it is broken into lines."""
    document = pypdfium2.PdfDocument(content)
    try:
        text: str = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    return text


def page_sizes(content: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in millimetres."""
    document = pypdfium2.PdfDocument(content)
    try:
        found = [document[n].get_size() for n in range(len(document))]
    finally:
        document.close()
    return [(round(w / 72 * 25.4), round(h / 72 * 25.4)) for w, h in found]
