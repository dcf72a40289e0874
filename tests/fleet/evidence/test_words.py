"""Text on paper: no line is wider than its cell, and nothing of the text is lost."""

from __future__ import annotations

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth

from fleet.evidence.words import Words

STYLE = ParagraphStyle("cell", fontName="Helvetica", fontSize=8, leading=10)


def lines(text: str, width: float) -> list[str]:
    words = Words(text, STYLE)
    _, height = words.wrap(width, 1000)
    assert height == 10 * len(words._lines[width])
    return words._lines[width]


@pytest.mark.parametrize("width", [20.0, 61.5, 300.0])
@pytest.mark.parametrize(
    "text", ["", "short", "a few words that need some lines", "sha256:" + "f" * 64, "one\ntwo three\n\nfour", "  a  b "]
)
def test_no_line_is_wider_than_the_cell_and_every_letter_is_there(text: str, width: float) -> None:
    broken = lines(text, width)
    assert all(stringWidth(line, "Helvetica", 8) <= width + 0.01 for line in broken)
    assert "".join("".join(broken).split()) == "".join(text.split())


def test_words_stay_whole_where_they_fit() -> None:
    assert lines("checkout on prod-01", stringWidth("checkout on", "Helvetica", 8) + 1) == ["checkout on", "prod-01"]


def test_a_line_ends_where_the_text_says() -> None:
    assert lines("a\nb", 300) == ["a", "b"]
