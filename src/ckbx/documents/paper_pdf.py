"""A paper as pdf, on A4 with the margins of official papers (GB/T 9704-2012)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ckbx.documents.filling import Values, check_glyphs, filled
from ckbx.documents.paper import Paper
from ckbx.documents.typesetting import set_pdf


def paper_pdf(
    paper: Paper, values: Values, *, at: datetime, own_fonts: Path | None = None
) -> bytes:
    """The same bytes for the same paper, values and UTC instant. Raises GlyphsMissing."""
    check_glyphs(paper, values, own_fonts)
    return set_pdf("paper", filled(paper, values), at=at, own_fonts=own_fonts)
