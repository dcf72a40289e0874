"""Plain text in a cell of paper: what a paragraph does without its markup, at a fraction of the time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

#: A letter's foot stands this share of its size below the top of its line.
_ASCENT: Final = 0.85

# The same few thousand words make up every pack, and a table asks for the height of a cell three times.
_width = lru_cache(maxsize=1 << 15)(stringWidth)


class Words(Flowable):  # type: ignore[misc]
    """Breaks at blanks and line ends, and anywhere in a word that is wider than the cell."""

    def __init__(self, text: str, style: ParagraphStyle) -> None:
        super().__init__()
        self.text, self.style = text, style
        self._lines: dict[float, list[str]] = {}

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        if width not in self._lines:
            self._lines[width] = _broken(self.text, self.style, width)
        self.width, self.height = width, len(self._lines[width]) * self.style.leading
        return self.width, self.height

    def draw(self) -> None:
        canvas: Any = self.canv
        text = canvas.beginText(0, self.height - self.style.fontSize * _ASCENT)
        text.setFont(self.style.fontName, self.style.fontSize, self.style.leading)
        text.setFillColor(self.style.textColor)
        for line in self._lines[self.width]:
            text.textLine(line)
        canvas.drawText(text)


def _broken(text: str, style: ParagraphStyle, width: float) -> list[str]:
    return [line for part in text.split("\n") for line in _lines_of(part, style, width)]


def _lines_of(text: str, style: ParagraphStyle, width: float) -> list[str]:
    font, size = style.fontName, style.fontSize
    blank = _width(" ", font, size)
    lines: list[str] = []
    line, room = "", width
    for word in text.split(" "):
        needed = _width(word, font, size)
        if line and needed + blank <= room:
            line, room = f"{line} {word}", room - needed - blank
            continue
        if line:
            lines.append(line)
        *full, line = _chopped(word, font, size, width) if needed > width else [word]
        lines += full
        room = width - _width(line, font, size)
    return [*lines, line]


def _chopped(word: str, font: str, size: float, width: float) -> list[str]:
    pieces, piece, used = [], "", 0.0
    for letter in word:
        more = _width(letter, font, size)
        if piece and used + more > width:
            pieces.append(piece)
            piece, used = "", 0.0
        piece, used = piece + letter, used + more
    return [*pieces, piece]
